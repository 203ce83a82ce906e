"""The window: its pages, and how one goes from one to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QByteArray, QRect, QSize, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from app.ui.look.focus_ring import BY_KEYBOARD
from app.ui.look.style import paint_on
from app.ui.look.tokens import Scheme, Size
from app.ui.window import shortcuts
from app.ui.window.lazy_page import LazyPage
from app.ui.window.notice_bar import NoticeBar
from app.ui.window.opening import openable
from app.ui.window.rail import Place, Rail
from app.ui.window.screen_place import ScreenPlace
from app.ui.window.wiring import Core, Parts

if TYPE_CHECKING:  # see wiring
    from app.core.domain.patient import Patient
    from app.ui.comparison.comparison_page import ComparisonPage
    from app.ui.folder.folder_page import FolderPage
    from app.ui.help.help_page import HelpPage
    from app.ui.history.history_page import HistoryPage
    from app.ui.history.own_cases_page import OwnCasesPage
    from app.ui.patients.patients_page import PatientsPage
    from app.ui.screen.screen_page import ScreenPage
    from app.ui.settings.settings_page import SettingsPage

FIRST_SIZE, LEAST_SIZE = QSize(1366, 768), QSize(1008, 540)
FRAME = QSize(16, 48)
"""Pixels that a window's frame takes, at most; it is not known before the window is shown."""


class MainWindow(QMainWindow):
    """Everything on one screen: a rail, the pages, notices below. Pages but the first are built when they are shown."""

    def __init__(self, core: Core) -> None:
        super().__init__()
        self.setWindowTitle("MelaScreen")
        self.setAcceptDrops(True)
        self.setMinimumSize(LEAST_SIZE)
        self.setProperty(BY_KEYBOARD, False)
        self.workers = core.workers
        self.settings = core.settings
        self.appearance = core.appearance
        self.appearance.set_scheme(Scheme(core.settings.current.scheme))
        self.appearance.set_for_touch(core.settings.current.touch)
        self._parts = parts = Parts(core, self)
        self.notices = parts.notices
        self.exports = parts.exports
        self.current_model = parts.current_model
        self.models = parts.models
        self.program = parts.program
        self.patient = parts.patient
        self.session = parts.session
        self.batch_session = parts.batch_session
        self.maintenance = parts.maintenance
        self.autosave = parts.autosave
        self.opening = parts.opening
        self.watched = parts.watched
        self.cards = parts.cards
        self.size_class = Size.MEDIUM
        self._screen = parts.screen_place()
        self.empty = self._screen.empty
        self.patient_header = self._screen.header
        self._folder = LazyPage(parts.folder_page)
        self._patients = LazyPage(parts.patients.patients_page)
        self._comparison = LazyPage(parts.patients.comparison_page)
        self._history = LazyPage(parts.history_page)
        self._own_cases = LazyPage(parts.own_cases_page)
        self._help = LazyPage(parts.help_page)
        self._settings_page = LazyPage(parts.settings_page)
        self.notice = NoticeBar()
        self.pages = QStackedWidget()
        self.rail = self._lay_out()
        self._screen.setFocus()
        self.notices.posted.connect(self.notice.show_notice)
        self.pages.currentChanged.connect(self._on_page_changed)
        self._page_before_drag = 0
        parts.connect_all()
        shortcuts.install(self)
        self._place()

    def start(self) -> None:
        """Load the model, check the user's folder and the history, in the background.

        The page of the pictures is built before: beside the threads it would take twice as long.
        """
        self._screen.page()
        self._parts.start()

    @property
    def screen_page(self) -> ScreenPage:
        return self._screen.page()

    @property
    def folder_page(self) -> FolderPage:
        return self._folder.page()

    @property
    def patients_page(self) -> PatientsPage:
        return self._patients.page()

    @property
    def comparison_page(self) -> ComparisonPage:
        return self._comparison.page()

    @property
    def history_page(self) -> HistoryPage:
        return self._history.page()

    @property
    def own_cases_page(self) -> OwnCasesPage:
        return self._own_cases.page()

    @property
    def help_page(self) -> HelpPage:
        return self._help.page()

    @property
    def settings_page(self) -> SettingsPage:
        return self._settings_page.page()

    def current_page(self) -> QWidget:
        """The page that is shown; its first show builds it."""
        shown = cast(ScreenPlace | LazyPage[QWidget], self.pages.currentWidget())
        return shown.page()

    def go_to(self, page: QWidget) -> None:
        """Show a page."""
        place: QWidget | None = page
        while place is not None and self.pages.indexOf(place) < 0:
            place = place.parentWidget()
        self.pages.setCurrentWidget(place or self._screen)

    def come_to_front(self) -> None:
        """Show the window before others, at the size that it had before it was minimised."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def open_patient(self, patient: Patient) -> None:
        """Open a patient whom another program handed over, and say so: new pictures are noted there."""
        self.patient.open(patient)
        self.go_to(self._screen)
        text = self.tr("{0} is open: new pictures are noted under this patient.")
        self.notices.info(text.format(patient.identifier))

    def refresh(self) -> None:
        """Read what the current page shows again, and give it the focus."""
        self._tell_size(self.current_page())
        self.current_page().setFocus()
        for place in (self._patients, self._history, self._own_cases):
            if self.pages.currentWidget() is place:
                place.page().refresh()

    def show_arrived(self) -> None:
        """Show on the rail how many pictures arrived."""
        self.rail.show_new(self.pages.indexOf(self._folder), self.watched.new_count())

    def explain_answer(self) -> None:
        """Show the help on what a result means."""
        from app.ui.help.help_page import Section

        self.go_to(self.help_page)
        self.help_page.show_section(Section.ANSWER)

    def show_keys(self) -> None:
        self._show_settings("keyboard")

    def show_settings(self) -> None:
        self.go_to(self.settings_page)

    def show_about(self) -> None:
        self._show_settings("about")

    def _show_settings(self, category: str) -> None:
        self.go_to(self.settings_page)
        self.settings_page.show_category(category)

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        size = Size.of(self.width())
        if size is not self.size_class:
            self.size_class = size
            for page in self._built():
                self._tell_size(page)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._parts.save_records()
        self.workers.close()
        self.settings.update(window_geometry=_base64(self.saveGeometry()))
        if (folder := self._folder.built) is not None:
            self.settings.update(batch_columns=_base64(folder.columns()))
        super().closeEvent(event)

    def _lay_out(self) -> Rail:
        places = (
            (self._screen, Place(self.tr("Screen"), "scan-search")),
            (self._folder, Place(self.tr("Folder"), "folder")),
            (self._patients, Place(self.tr("Patients"), "users")),
            (self._history, Place(self.tr("History"), "history")),
            (self._own_cases, Place(self.tr("Our cases"), "chart-column")),
            (self._help, Place(self.tr("Help"), "circle-question-mark", at_foot=True)),
            (self._settings_page, Place(self.tr("Settings"), "settings", at_foot=True)),
        )
        rail = Rail(tuple(place for _, place in places))
        for page, _ in places:
            self.pages.addWidget(page)
        self.pages.addWidget(self._comparison)  # behind the patients, without a place of its own on the rail
        rail.show_current(0)
        rail.chosen.connect(self.pages.setCurrentIndex)
        central = QWidget()
        paint_on(central, QPalette.ColorRole.Window)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.pages, stretch=1)
        column.addWidget(self.notice)
        row = QHBoxLayout(central)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(rail)
        row.addLayout(column, stretch=1)
        self.setCentralWidget(central)
        return rail

    def _place(self) -> None:
        """Take the kept place, or the first one, within the screen."""
        self.restoreGeometry(QByteArray.fromBase64(self.settings.current.window_geometry.encode()))
        free = self.screen().availableGeometry()
        if not self.settings.current.window_geometry:
            self.resize(FIRST_SIZE.boundedTo(free.size() - FRAME))
        elif not self.isMaximized() and not free.contains(self.geometry()):
            size = self.size().boundedTo(free.size() - FRAME)
            place = QRect(self.pos(), size)
            place.moveLeft(max(free.left(), min(place.left(), free.right() - size.width())))
            place.moveTop(max(free.top(), min(place.top(), free.bottom() - size.height())))
            self.setGeometry(place)

    def _on_page_changed(self, number: int) -> None:
        shown = self.pages.widget(number)
        self.rail.show_current(self.pages.indexOf(self._patients) if shown is self._comparison else number)
        self.refresh()

    def _built(self) -> list[QWidget]:
        """The pages that were shown once."""
        places = [self.pages.widget(number) for number in range(self.pages.count())]
        pages = [place.built if isinstance(place, LazyPage) else place for place in places]
        return [page for page in pages if page is not None]

    def _tell_size(self, page: QWidget) -> None:
        """Let a page that cares lay itself out for the window's width."""
        if hasattr(page, "set_size_class"):
            page.set_size_class(self.size_class)

    def _light(self, lit: bool) -> None:
        """Light the page's drop target up while something that can be opened is dragged over the window."""
        in_folder = self.pages.currentWidget() is self._folder
        if not in_folder:
            self.pages.setCurrentWidget(self._screen)
        (self.folder_page if in_folder else self._screen).set_lit(lit)


def _base64(state: QByteArray) -> str:
    return state.toBase64().toStdString()
