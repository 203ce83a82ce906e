"""The first page's place: what can be opened while no picture is, then the page of the opened pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedLayout, QVBoxLayout, QWidget

from app.ui.look.tokens import Size
from app.ui.patient.patient_header import PatientHeader
from app.ui.screen.empty_state import EmptyState
from app.ui.screen.session import OpenedImagesModel
from app.ui.services.current_model import CurrentModel
from app.ui.window.lazy_page import LazyPage

if TYPE_CHECKING:  # see wiring
    from app.ui.screen.screen_page import ScreenPage


class ScreenPlace(QWidget):
    """Shows `empty` until a picture is opened, below the patient's header. The page is built when it is first asked
    for."""

    def __init__(
        self,
        session: OpenedImagesModel,
        current: CurrentModel,
        build: Callable[[], ScreenPage],
        empty: EmptyState,
        header: PatientHeader,
    ) -> None:
        super().__init__()
        self.empty = empty
        self._current = current
        self._build = build
        self._lazy = LazyPage(self._make)
        self.header = header
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(header)
        self._stack = QStackedLayout()
        column.addLayout(self._stack, stretch=1)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self._lazy)
        self.set_size_class(Size.MEDIUM)
        self.setFocusProxy(empty.open_button)
        empty.back.clicked.connect(self.show_pictures)
        session.opened.connect(self._on_opened)
        current.changed.connect(self._show_model)

    def page(self) -> ScreenPage:
        """The page of the opened pictures, whether or not it is shown."""
        return self._lazy.page()

    def set_size_class(self, size: Size) -> None:
        """Lay the page out for the window's width."""
        self._size = size
        self.empty.set_size_class(size)
        self.header.set_compact(size is Size.SMALL)
        if self._lazy.built is not None:
            self._lazy.built.set_size_class(size)

    def set_lit(self, lit: bool) -> None:
        """Light up while something that can be opened is dragged over the window."""
        self.empty.target.set_lit(lit)
        if self._lazy.built is not None:
            self._lazy.built.view.set_lit(lit)

    def _make(self) -> ScreenPage:
        made = self._build()
        made.set_size_class(self._size)
        made.start_page_asked.connect(self.show_start)
        return made

    def show_start(self) -> None:
        """Show what can be opened while pictures are open, and the way back to them."""
        self._show(self.empty)
        self.empty.back.show()

    def show_pictures(self) -> None:
        """Show the opened pictures again."""
        self._show(self._lazy)

    def _show(self, widget: QWidget) -> None:
        self._stack.setCurrentWidget(widget)
        self.setFocusProxy(self.empty.open_button if widget is self.empty else self._lazy)
        self.setFocus()

    def _on_opened(self, row: int) -> None:
        page = self.page()
        if self._stack.currentWidget() is self.empty:
            self.show_pictures()
        page.go_to(row)

    def _show_model(self) -> None:
        """Show why no picture can be assessed, or the answer again beside the figures of another model."""
        problem = ""
        if self._current.card is None:
            problem = self.tr("No model: no picture can be assessed. {0}").format(self._current.problem)
        self.empty.show_problem(problem)
        self.page().show_model()
