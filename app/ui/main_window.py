"""The window: its pages, what may be dropped and pasted on it, and its keys. Navigation only."""

from __future__ import annotations

import datetime as dt
import os.path
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMessageBox,
    QTabWidget,
    QToolButton,
    QWidget,
)

from app.core.card import Card
from app.core.history import History
from app.core.imaging import SUFFIXES
from app.core.screener import Screener
from app.core.settings import Settings
from app.ui.history_page import HistoryPage
from app.ui.jobs import URGENT, Jobs
from app.ui.screen_page import ScreenPage
from app.ui.session import Session
from app.ui.style import GRID


class MainWindow(QMainWindow):
    """Everything on one screen. `jobs` is closed with the window."""

    closed = Signal()

    def __init__(self, screener: Screener, history: History, jobs: Jobs, settings: Settings) -> None:
        super().__init__()
        self.setWindowTitle("MelaScreen")
        self.setAcceptDrops(True)
        self._jobs = jobs
        self.session = Session(screener, jobs, self)
        self.screen_page = ScreenPage(self.session, jobs)
        self.history_page = HistoryPage(history, jobs)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.pages.addTab(self.screen_page, self.tr("Screen"))
        self.pages.addTab(self.history_page, self.tr("History"))
        self.pages.setCornerWidget(self._corner())
        self.pages.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click on it goes to the page
        self.setCentralWidget(self.pages)
        self.screen_page.setFocus()

        self.screen_page.open_asked.connect(self.ask_for_files)
        self.screen_page.folder_asked.connect(self.ask_for_folder)
        self.session.opened.connect(lambda _: self.pages.setCurrentWidget(self.screen_page))
        self.session.nothing_found.connect(lambda: self.pages.setCurrentWidget(self.screen_page))
        self.history_page.entry_opened.connect(self.session.open_entry)
        self.history_page.entry_deleted.connect(self.session.forget_entry)
        self.pages.currentChanged.connect(self._on_page_changed)
        for keys, call in (
            (QKeySequence.StandardKey.Open, self.ask_for_files),
            ("Ctrl+Shift+O", self.ask_for_folder),
            (QKeySequence.StandardKey.Paste, self.paste),
            ("Ctrl+1", partial(self.pages.setCurrentIndex, 0)),
            ("Ctrl+2", partial(self.pages.setCurrentIndex, 1)),
            ("?", self.show_keys),
            (QKeySequence.StandardKey.Quit, self.close),
        ):
            QShortcut(QKeySequence(keys), self, call)
        jobs.failed.connect(self._on_job_failed)
        jobs.run(screener.card, on_result=self._on_card, on_error=self._on_no_model, priority=URGENT)
        self.resize(1100, 740)
        self.restoreGeometry(QByteArray.fromBase64(settings.window_geometry.encode()))
        self.screen_page.splitter.restoreState(QByteArray.fromBase64(settings.splitter_state.encode()))

    def settings(self) -> Settings:
        """What is to be remembered of the window."""
        return Settings(
            window_geometry=self.saveGeometry().toBase64().toStdString(),
            splitter_state=self.screen_page.splitter.saveState().toBase64().toStdString(),
        )

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open images and folders."""
        if paths:
            self.session.open_paths(paths)

    def ask_for_files(self) -> None:
        endings = " ".join(f"*{suffix}" for suffix in sorted(SUFFIXES))
        filters = ";;".join((self.tr("Images ({0})").format(endings), self.tr("All files (*)")))
        files, _ = QFileDialog.getOpenFileNames(self, self.tr("Open images"), "", filters)
        self.open_paths([Path(file) for file in files])

    def ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Open a folder of images"))
        self.open_paths([Path(folder)] if folder else [])

    def paste(self) -> None:
        """Open what is on the clipboard: copied files, or a picture."""
        mime = QGuiApplication.clipboard().mimeData()
        files = _openable(mime)
        if files:
            self.open_paths(files)
        elif mime.hasImage():
            image = QImage(mime.imageData())
            name = self.tr("Pasted {0}.png").format(f"{dt.datetime.now():%Y-%m-%d %H.%M.%S}")
            self._jobs.run(partial(_as_png, image), on_result=partial(self._on_pasted, name))
        else:
            self.screen_page.show_problem(
                self.tr("Nothing to paste"), self.tr("There is no image and no image file on the clipboard.")
            )

    def show_keys(self) -> None:
        keys = (
            (self.tr("Ctrl+O"), self.tr("open images")),
            (self.tr("Ctrl+Shift+O"), self.tr("open a folder")),
            (self.tr("Ctrl+V"), self.tr("paste an image or copied files")),
            (self.tr("← →"), self.tr("previous, next")),
            (self.tr("Home, End"), self.tr("first, last")),
            (self.tr("wheel, drag, 0"), self.tr("zoom, move, whole picture")),
            (self.tr("Ctrl+1, Ctrl+2"), self.tr("screen, history")),
            (self.tr("Enter, Delete"), self.tr("open, delete an entry of the history")),
        )
        rows = "".join(
            f"<tr><td style='padding-right: 24px'><b>{key}</b></td><td>{text}</td></tr>" for key, text in keys
        )
        QMessageBox.information(self, self.tr("Keys"), f"<table>{rows}</table>")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _openable(event.mimeData()):
            self.screen_page.view.set_lit(True)
            self.pages.setCurrentWidget(self.screen_page)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.screen_page.view.set_lit(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.screen_page.view.set_lit(False)
        self.open_paths(_openable(event.mimeData()))
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._jobs.close()
        self.closed.emit()
        super().closeEvent(event)

    def _corner(self) -> QWidget:
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, GRID, 0)
        self.model_label = QLabel()
        help_button = QToolButton()
        help_button.setText("?")
        help_button.setAutoRaise(True)
        help_button.setAccessibleName(self.tr("Keys"))
        help_button.clicked.connect(self.show_keys)
        row.addWidget(self.model_label)
        row.addWidget(help_button)
        return corner

    def _on_card(self, card: Card) -> None:
        self.model_label.setText(str(card.model_id))
        self.model_label.setToolTip(card.intended_use)
        self.screen_page.set_card(card)

    def _on_no_model(self, error: Exception) -> None:
        self.model_label.setText(self.tr("no model"))
        self.screen_page.show_problem(self.tr("No model: nothing can be classified"), str(error))

    def _on_pasted(self, name: str, content: bytes) -> None:
        self.session.open_content(content, name)

    def _on_page_changed(self, _index: int) -> None:
        self.pages.currentWidget().setFocus()
        if self.pages.currentWidget() is self.history_page:
            self.history_page.refresh()

    @staticmethod
    def _on_job_failed(error: Exception) -> None:
        raise error  # to the excepthook, as any other mistake of ours


def _openable(mime: QMimeData) -> list[Path]:
    """Local folders, and files that may be images by their ending or have none."""
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    return [path for path in paths if os.path.isdir(path) or path.suffix.lower() in SUFFIXES or not path.suffix]


def _as_png(image: QImage) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(data.data())
