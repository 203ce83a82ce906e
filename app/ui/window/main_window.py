"""The window: its pages, and how one goes from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QTabWidget, QVBoxLayout, QWidget

from app.ui.window import shortcuts
from app.ui.window.lazy_page import LazyPage
from app.ui.window.menus import Corner
from app.ui.window.notice_bar import NoticeBar
from app.ui.window.opening import openable
from app.ui.window.wiring import Core, Parts

if TYPE_CHECKING:  # see wiring
    from app.ui.folder.folder_page import FolderPage
    from app.ui.help.help_page import HelpPage
    from app.ui.history.history_page import HistoryPage
    from app.ui.history.own_cases_page import OwnCasesPage


class MainWindow(QMainWindow):
    """Everything on one screen: pages in tabs, notices below. The first page is built at once, others when shown."""

    def __init__(self, core: Core) -> None:
        super().__init__()
        self.setWindowTitle("MelaScreen")
        self.setAcceptDrops(True)
        self.workers = core.workers
        self.settings = core.settings
        self._parts = parts = Parts(core, self)
        self.notices = parts.notices
        self.current_model = parts.current_model
        self.models = parts.models
        self.program = parts.program
        self.session = parts.session
        self.batch_session = parts.batch_session
        self.maintenance = parts.maintenance
        self.autosave = parts.autosave
        self.opening = parts.opening
        self.screen_page = parts.screen_page()
        self._folder = LazyPage(parts.folder_page)
        self._history = LazyPage(parts.history_page)
        self._own_cases = LazyPage(parts.own_cases_page)
        self._help = LazyPage(parts.help_page)
        self.menu_corner = Corner(self.current_model, parts.menu(), self.show_keys)
        self.pages = self._tabs()
        self.notice = NoticeBar()
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages)
        column.addWidget(self.notice)
        self.setCentralWidget(central)
        self.screen_page.setFocus()
        self.notices.posted.connect(self.notice.show_notice)
        self.pages.currentChanged.connect(lambda _: self.refresh())
        self._page_before_drag = 0
        parts.connect_all()
        shortcuts.install(self)
        self.resize(1100, 740)
        self.restoreGeometry(QByteArray.fromBase64(self.settings.current.window_geometry.encode()))
        parts.start()

    @property
    def folder_page(self) -> FolderPage:
        return self._folder.page()

    @property
    def history_page(self) -> HistoryPage:
        return self._history.page()

    @property
    def own_cases_page(self) -> OwnCasesPage:
        return self._own_cases.page()

    @property
    def help_page(self) -> HelpPage:
        return self._help.page()

    def current_page(self) -> QWidget:
        """The page that is shown; its first show builds it."""
        shown = self.pages.currentWidget()
        return shown.page() if isinstance(shown, LazyPage) else shown

    def go_to(self, page: QWidget) -> None:
        """Show a page."""
        place = page.parentWidget()
        self.pages.setCurrentWidget(place if isinstance(place, LazyPage) else page)

    def refresh(self) -> None:
        """Read what the current page shows again, and give it the focus."""
        self.current_page().setFocus()
        for place in (self._history, self._own_cases):
            if self.pages.currentWidget() is place:
                place.page().refresh()

    def explain_answer(self) -> None:
        """Show the help on what a result means."""
        from app.ui.help.help_page import Section

        self.go_to(self.help_page)
        self.help_page.show_section(Section.ANSWER)

    def show_keys(self) -> None:
        from app.ui.help.shortcuts_dialog import KeysBox

        KeysBox(shortcuts.shown(), self).open()

    def show_settings(self) -> None:
        from app.ui.settings.settings_dialog import SettingsDialog

        dialog = SettingsDialog(self.settings, self.models, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if openable(event.mimeData()):
            self._page_before_drag = self.pages.currentIndex()
            self._light(True)
            event.acceptProposedAction()
        else:
            self.opening.tell_refused(event.mimeData())

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._light(False)
        self.pages.setCurrentIndex(self._page_before_drag)

    def dropEvent(self, event: QDropEvent) -> None:
        self._light(False)
        self.opening.open_dropped(event.mimeData())
        event.acceptProposedAction()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._parts.save_records()
        self.workers.close()
        self.settings.update(
            window_geometry=_base64(self.saveGeometry()),
            splitter_state=_base64(self.screen_page.splitter.saveState()),
        )
        if (folder := self._folder.built) is not None:
            self.settings.update(batch_splitter_state=_base64(folder.splitter.saveState()))
        super().closeEvent(event)

    def _tabs(self) -> QTabWidget:
        tabs = QTabWidget()
        tabs.setDocumentMode(True)
        for page, title in (
            (self.screen_page, self.tr("Screen")),
            (self._folder, self.tr("Folder")),
            (self._history, self.tr("History")),
            (self._own_cases, self.tr("Our cases")),
            (self._help, self.tr("Help")),
        ):
            tabs.addTab(page, title)
        tabs.setCornerWidget(self.menu_corner)
        tabs.tabBar().setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click on it goes to the page
        return tabs

    def _light(self, lit: bool) -> None:
        """Light the page's image up while something that can be opened is dragged over the window."""
        in_folder = self.pages.currentWidget() is self._folder
        if not in_folder:
            self.go_to(self.screen_page)
        page = self.folder_page if in_folder else self.screen_page
        page.image_pane.view.set_lit(lit)


def _base64(state: QByteArray) -> str:
    return state.toBase64().toStdString()
