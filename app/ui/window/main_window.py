"""The window: its pages, what may be dropped and pasted on it, and its keys. Navigation only."""

from __future__ import annotations

import datetime as dt
import os.path
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
    QMouseEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QMessageBox,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.core.domain.errors import HistoryError
from app.core.history.batches import BatchRepository
from app.core.history.entries import storable
from app.core.history.image_store import ImageStore
from app.core.history.repository import EntryRepository
from app.core.imaging import archive
from app.core.imaging.archive import is_archive
from app.core.imaging.find import SUFFIXES
from app.core.model.library import ModelLibrary, holds_bundle
from app.core.screening.service import ScreeningService
from app.core.system.paths import UserData
from app.core.system.settings import Settings
from app.ui.folder.batch_session import BatchSession
from app.ui.folder.exports import BatchExports
from app.ui.folder.folder_page import FolderPage
from app.ui.help.help_page import Section
from app.ui.help.program_dialogs import ProgramDialogs
from app.ui.help.shortcuts_dialog import KeysBox
from app.ui.history.history_page import HistoryPage
from app.ui.history.maintenance import HistoryMaintenance
from app.ui.history.own_cases_page import OwnCasesPage
from app.ui.image.image_pane import ImagePane
from app.ui.report.image_report import ImageReports
from app.ui.result.explanation_panel import ExplanationPanel
from app.ui.result.record_form import RecordForm
from app.ui.result.result_panel import ResultPanel
from app.ui.screen.screen_page import ScreenPage
from app.ui.screen.session import OpenedImagesModel
from app.ui.services.autosave import Autosave
from app.ui.services.current_model import CurrentModel
from app.ui.services.notices import Level, Notice, Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Workers
from app.ui.settings.model_switch import ModelPresenter
from app.ui.settings.settings_dialog import SettingsDialog
from app.ui.widgets.style import GRID, label
from app.ui.window.lazy_page import LazyPage

NOTICE_TIME = 12_000
"""Milliseconds."""
TAKEN = SUFFIXES | {archive.SUFFIX}
"""Endings of the files that may be dropped."""


MANY = 24
"""More files than this at once are a batch: a filmstrip is for a few."""


class MainWindow(QMainWindow):
    """Everything on one screen. Its `workers` are closed with it."""

    def __init__(
        self,
        service: ScreeningService,
        history: EntryRepository,
        images: ImageStore,
        models: ModelLibrary,
        data: UserData,
        *,
        workers: Workers,
        settings: SettingsStore,
    ) -> None:
        super().__init__()
        self.setWindowTitle("MelaScreen")
        self.setAcceptDrops(True)
        self.workers = workers
        self.settings = settings
        self.notices = Notices(self)
        self.current_model = CurrentModel(self)
        self.models = ModelPresenter(models, service, self.current_model, settings, self.notices, workers, self)
        self.program = ProgramDialogs(data, self.current_model, self.notices, workers, self)
        self.session = OpenedImagesModel(service, settings, workers, self)
        self.batch_session = BatchSession(BatchRepository(history.database), models, images, settings, workers, self)
        self.exports = BatchExports(history, self.current_model, settings, self.notices, workers)
        self.image_reports = ImageReports(
            service, history, images, self.current_model, settings, self.notices, workers, self
        )
        self.maintenance = HistoryMaintenance(history, settings, self.notices, workers, self)
        self.autosave = Autosave(history, self.notices, workers, self)
        forms = [RecordForm(history, workers, self.autosave, self.notices) for _ in range(2)]
        panes = [
            ImagePane(hint, workers, images)
            for hint in (
                self.tr("Drop a dermoscopy image or a folder here"),
                self.tr("Drop a folder, a ZIP or many images here"),
            )
        ]
        self._explanations = [
            ExplanationPanel(pane.view, service, history, images, workers, self.autosave, self.notices)
            for pane in panes
        ]
        panels = [
            ResultPanel(form, panel, self.current_model) for form, panel in zip(forms, self._explanations, strict=True)
        ]
        self.screen_page = ScreenPage(self.session, self.current_model, panes[0], panels[0])
        self.folder_page = FolderPage(
            self.batch_session,
            history,
            workers,
            image_pane=panes[1],
            panel=panels[1],
            exports=self.exports,
        )
        self.history_page = HistoryPage(history, self.notices, workers)
        self.own_cases_page = OwnCasesPage(history, workers)
        self.help_place = LazyPage(self.current_model)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        for page, title in (
            (self.screen_page, self.tr("Screen")),
            (self.folder_page, self.tr("Folder")),
            (self.history_page, self.tr("History")),
            (self.own_cases_page, self.tr("Our cases")),
            (self.help_place, self.tr("Help")),
        ):
            self.pages.addTab(page, title)
        self.pages.setCornerWidget(self._corner())
        self.pages.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click on it goes to the page
        self.notice = label()
        self.notice.setMargin(GRID)
        self.notice.hide()
        self._notice_time = QTimer(self)
        self._notice_time.setSingleShot(True)
        self._notice_time.timeout.connect(self.notice.hide)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages)
        column.addWidget(self.notice)
        self.setCentralWidget(central)
        self.screen_page.setFocus()
        self._connect(history)
        self._restore(settings.current)
        self.models.start()
        self.program.start()
        self.maintenance.start()

    def _remember(self) -> None:
        self.settings.update(
            window_geometry=self.saveGeometry().toBase64().toStdString(),
            splitter_state=self.screen_page.splitter.saveState().toBase64().toStdString(),
            batch_splitter_state=self.folder_page.splitter.saveState().toBase64().toStdString(),
            subfolders=self.folder_page.subfolders.isChecked(),
        )

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open images, one by one or, where there are folders, ZIPs or many, as a batch; install ZIPs with a model."""
        bundles = [path for path in paths if holds_bundle(path)]
        for bundle in bundles:
            self.models.install(bundle)
        paths = [path for path in paths if path not in bundles]
        if not paths:
            return
        if len(paths) > MANY or any(os.path.isdir(path) or is_archive(path) for path in paths):
            self.pages.setCurrentWidget(self.folder_page)
            self.batch_session.open_paths(paths, subfolders=self.folder_page.subfolders.isChecked())
        else:
            self.session.open_files(paths)

    def ask_for_files(self) -> None:
        endings = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        filters = ";;".join((self.tr("Images ({0})").format(endings), self.tr("All files (*)")))
        files, _ = QFileDialog.getOpenFileNames(
            self, self.tr("Open images"), self.settings.current.last_folder, filters
        )
        self._opened_from([Path(file) for file in files])

    def ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, self.tr("Open a folder of images"), self.settings.current.last_folder
        )
        self._opened_from([Path(folder)] if folder else [])

    def paste(self) -> None:
        """Open what is on the clipboard: copied files, or a picture."""
        mime = QGuiApplication.clipboard().mimeData()
        files = _openable(mime)
        if files:
            self.open_paths(files)
        elif mime.hasImage():
            image = QImage(mime.imageData())
            name = self.tr("Pasted {0}.png").format(f"{dt.datetime.now():%Y-%m-%d %H.%M.%S}")
            self.workers.run(partial(_as_png, image), on_result=partial(self._on_pasted, name))
        else:
            self.screen_page.show_problem(
                self.tr("Nothing to paste"), self.tr("There is no image and no image file on the clipboard.")
            )

    def show_help(self, section: Section) -> None:
        self.pages.setCurrentWidget(self.help_place)
        self.help_place.page().show_section(section)

    def show_keys(self) -> None:
        KeysBox(self).open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _openable(event.mimeData()):
            self._lit(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._lit(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._lit(False)
        self.open_paths(_openable(event.mimeData()))
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._save_records()
        self.workers.close()
        self._remember()
        super().closeEvent(event)

    def show_settings(self) -> None:
        dialog = SettingsDialog(self.settings, self.models, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _show_notice(self, notice: Notice) -> None:
        """Say something that concerns no picture, below the pages: for a while, a warning until it is clicked away."""
        self.notice.setText(notice.shown())
        self.notice.show()
        if notice.level is Level.WARNING:
            self._notice_time.stop()
        else:
            self._notice_time.start(NOTICE_TIME)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.notice.isVisible() and self.notice.geometry().contains(event.position().toPoint()):
            self.notice.hide()
        super().mousePressEvent(event)

    def _connect(self, history: EntryRepository) -> None:
        self.screen_page.open_asked.connect(self.ask_for_files)
        for page in (self.screen_page, self.folder_page):
            page.folder_asked.connect(self.ask_for_folder)
            page.panel.report_asked.connect(self.image_reports.ask)
            page.panel.prediction_forced.connect(self.session.force_prediction)
            page.panel.help_asked.connect(lambda: self.show_help(Section.ANSWER))
        for explanation in self._explanations:
            explanation.case_opened.connect(self.session.open_entry)
        self.batch_session.unfinished_found.connect(self._on_left_off)
        self.session.opened.connect(lambda _: self.pages.setCurrentWidget(self.screen_page))
        for entries in (self.history_page, self.own_cases_page):
            entries.entry_opened.connect(self.session.open_entry)
        self.history_page.deleted.connect(lambda: self._check_entries(history))
        self.notices.posted.connect(self._show_notice)
        self.program.welcomed.connect(lambda: self.settings.update(welcomed=True))
        self.current_model.changed.connect(self._show_model)
        self.models.switched.connect(self.batch_session.restart)
        self.maintenance.checked.connect(self.batch_session.find_unfinished)
        self.maintenance.imported.connect(self._show_page_anew)
        self.maintenance.about_to_replace.connect(self._save_records)
        self.maintenance.replaced.connect(self._on_history_replaced)
        self.pages.currentChanged.connect(self._on_page_changed)
        for keys, call in (
            (QKeySequence.StandardKey.Open, self.ask_for_files),
            ("Ctrl+Shift+O", self.ask_for_folder),
            (QKeySequence.StandardKey.Paste, self.paste),
            ("?", self.show_keys),
            (QKeySequence.StandardKey.HelpContents, lambda: self.pages.setCurrentWidget(self.help_place)),
            (QKeySequence.StandardKey.Quit, self.close),
        ):
            QShortcut(QKeySequence(keys), self, call)
        for number in range(self.pages.count()):
            QShortcut(QKeySequence(f"Ctrl+{number + 1}"), self, partial(self.pages.setCurrentIndex, number))
        self.workers.failed.connect(self._on_job_failed)

    def _restore(self, settings: Settings) -> None:
        self.resize(1100, 740)
        self.restoreGeometry(QByteArray.fromBase64(settings.window_geometry.encode()))
        self.screen_page.splitter.restoreState(QByteArray.fromBase64(settings.splitter_state.encode()))
        self.folder_page.splitter.restoreState(QByteArray.fromBase64(settings.batch_splitter_state.encode()))
        self.folder_page.subfolders.setChecked(settings.subfolders)

    def _opened_from(self, paths: list[Path]) -> None:
        """Open what was chosen; the next dialog begins beside it."""
        if paths:
            self.settings.update(last_folder=storable(paths[0].parent))
        self.open_paths(paths)

    def _lit(self, lit: bool) -> None:
        """Light the page's picture up while something that can be taken is dragged over the window."""
        if self.pages.currentWidget() is not self.folder_page:
            self.pages.setCurrentWidget(self.screen_page)
        page = self.folder_page if self.pages.currentWidget() is self.folder_page else self.screen_page
        page.image_pane.view.set_lit(lit)

    def _corner(self) -> QWidget:
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, GRID, 0)
        self.model_label = QLabel()
        menu = QMenu(self)
        menu.addAction(self.tr("&Settings…"), self.show_settings)
        menu.addSeparator()
        menu.addAction(self.tr("&Export the history…"), self.maintenance.ask_for_export)
        menu.addAction(self.tr("&Import a history…"), self.maintenance.ask_for_import)
        menu.addAction(self.tr("&Restore a backup…"), self.maintenance.ask_for_restore)
        menu.addSeparator()
        menu.addAction(self.tr("&About MelaScreen"), self.program.show_about)
        settings_button = _corner_button("⚙", self.tr("Settings and the whole history"))
        settings_button.setMenu(menu)
        settings_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        help_button = _corner_button("?", self.tr("Keys"))
        help_button.clicked.connect(self.show_keys)
        for widget in (self.model_label, settings_button, help_button):
            row.addWidget(widget)
        return corner

    def _save_records(self) -> None:
        try:
            self.autosave.save_now()
        except HistoryError as error:
            QMessageBox.warning(self, self.tr("Not saved"), str(error))

    def _check_entries(self, history: EntryRepository) -> None:
        """Something was deleted: it is shown as saved nowhere any more."""
        asked = self.session.entry_ids()
        self.workers.run(
            lambda: set(asked) - history.by_id(asked).keys(),
            on_result=self.session.forget_entries,
            on_error=self.notices.warn,
        )
        self.batch_session.read_again()

    def _on_left_off(self) -> None:
        """An earlier window did not finish a folder: show the offer, unless something was opened already."""
        if not self.session.rowCount():
            self.pages.setCurrentWidget(self.folder_page)

    def _on_history_replaced(self) -> None:
        """Numbers of entries that are shown belong to other entries now, or to none."""
        self.session.forget_entries(self.session.entry_ids())
        self.folder_page.thumbnails.forget()
        self.batch_session.forget()
        self._show_page_anew()

    def _show_page_anew(self) -> None:
        self._on_page_changed(self.pages.currentIndex())

    def _show_model(self) -> None:
        card = self.current_model.card
        self.model_label.setText(str(card.model_id) if card else self.tr("no model"))
        self.model_label.setToolTip(card.intended_use if card else "")

    def _on_pasted(self, name: str, content: bytes) -> None:
        self.session.open_content(content, name)

    def _on_page_changed(self, _index: int) -> None:
        self.pages.currentWidget().setFocus()
        for page in (self.history_page, self.own_cases_page):
            if self.pages.currentWidget() is page:
                page.refresh()

    @staticmethod
    def _on_job_failed(error: Exception) -> None:
        raise error  # to the excepthook, as any other mistake of ours


def _openable(mime: QMimeData) -> list[Path]:
    """Local folders, ZIPs, and files that may be images by their ending or have none."""
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    return [path for path in paths if os.path.isdir(path) or path.suffix.lower() in TAKEN or not path.suffix]


def _corner_button(text: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAutoRaise(True)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button


def _as_png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())
