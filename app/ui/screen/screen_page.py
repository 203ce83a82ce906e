"""The page of the opened pictures: one of them, its result beside it, and the others below."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.domain.entry import Mark
from app.ui.image.image_pane import ImagePane
from app.ui.image.tool_row import ToolRow
from app.ui.look.style import Line, bar_row, paint_on
from app.ui.look.tokens import FILM_STRIP, GRID, PANEL, TOOL, Size, scaled
from app.ui.result.result_panel import ResultPanel
from app.ui.screen.film_strip import FilmStrip
from app.ui.screen.session import OpenedImagesModel
from app.ui.services.current_model import CurrentModel
from app.ui.services.wording import date_text, day_text
from app.ui.widgets.buttons import Button


class ScreenPage(QWidget):
    """Shows the session's current item: `image_pane` its image, `panel` its result. The session does the screening."""

    open_asked = Signal()
    folder_asked = Signal()
    start_page_asked = Signal()
    """To show what can be opened: pictures that arrived, recent folders, what is due."""
    owner_asked = Signal(str)
    """To ask whose picture it is (`patient`) or which lesion it shows (`lesion`), or to compare it (`compare`)."""
    item_shown = Signal(object)
    """With the item that is shown, `None` for none; again when it changed."""

    def __init__(
        self,
        session: OpenedImagesModel,
        current: CurrentModel,
        image_pane: ImagePane,
        panel: ResultPanel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._current = current
        self._size = Size.MEDIUM
        self.image_pane = image_pane
        self.view = image_pane.view
        self.panel = panel
        self.tools = ToolRow(self.view)
        self.strip = FilmStrip(session)
        self.start_button = Button(self.tr("Start page"), "image-plus", height=TOOL)
        self.start_button.setToolTip(self.tr("Pictures that arrived, recent folders, what is due"))
        self.start_button.clicked.connect(self.start_page_asked)
        self.open_button = Button(self.tr("Open…"), "folder-open")
        self.open_button.setToolTip(self.tr("Open pictures (Ctrl+O)"))
        self.open_button.clicked.connect(self.open_asked)
        self._lay_out()
        self._connect()
        self.set_size_class(Size.MEDIUM)

    def _connect(self) -> None:
        saliency, lesion = self.panel.explanation.saliency_map, self.panel.explanation.lesion
        self.tools.heat_map.clicked.connect(saliency.toggle)
        self.tools.outline.clicked.connect(lesion.toggle)
        self.tools.compare.clicked.connect(self.ask_to_compare)
        self.allow_comparison(False)
        saliency.toggled.connect(lambda _: self._show_tools())
        lesion.box.toggled.connect(lambda _: self._show_tools())
        self.tools.add(self.tr("Open picture…"), "image", self.open_asked.emit)
        self.tools.add(self.tr("Open folder…"), "folder-open", self.folder_asked.emit)
        self.tools.menu.addSeparator()
        self.tools.add(self.tr("What does the result mean?"), "circle-question-mark", self.panel.help_asked.emit)
        self.panel.open_asked.connect(self.open_asked)
        self.panel.mark_chosen.connect(self.choose)
        self.strip.selectionModel().currentChanged.connect(self._on_current_changed)
        self._session.item_changed.connect(self._on_item_changed)

    @property
    def current_row(self) -> int:
        """The row that is shown, -1 for none."""
        return self.strip.currentIndex().row()

    def set_size_class(self, size: Size) -> None:
        """Lay the page out for the window's width."""
        self._size = size
        narrow = size is Size.SMALL
        self.panel.setFixedWidth(PANEL[size])
        self.panel.set_narrow(narrow)
        self.tools.set_narrow(narrow)
        self.open_button.set_compact(narrow)
        self.start_button.set_compact(narrow)
        self._show_strip()

    def go_to(self, row: int) -> None:
        """Show an item; a row that does not exist is ignored."""
        if 0 <= row < self._session.rowCount():
            self.strip.setCurrentIndex(self._session.index(row))

    def show_model(self) -> None:
        """Show the answer again beside the figures of the model in use, or why there is none."""
        if self._current.card is not None:
            self._show_answer()
        else:
            self.panel.show_item(None)
            self.panel.show_problem(self.tr("No model: no picture can be assessed"), self._current.problem)

    def choose(self, mark: Mark) -> None:
        """Give the shown item's entry a mark, or take it back."""
        self.panel.record.choose(mark)

    def allow_comparison(self, allowed: bool) -> None:
        """Whether there is another picture of the shown lesion."""
        self.tools.compare.setEnabled(allowed)

    def ask_to_compare(self) -> None:
        """Ask for the comparison with an earlier picture, where there is one."""
        if self.tools.compare.isEnabled():
            self.owner_asked.emit("compare")

    def go_to_last(self) -> None:
        """Show the item that was opened last."""
        self.go_to(self._session.rowCount() - 1)

    def step(self, step: int) -> None:
        """Show the item that many rows on."""
        self.go_to(self.current_row + step)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self.tools)
        left.addWidget(self.image_pane, stretch=1)
        self._strip_row = self._make_strip_row()
        left.addWidget(self._strip_row)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, stretch=1)
        row.addWidget(Line(Qt.Orientation.Vertical))
        row.addWidget(self.panel)
        self.setFocusProxy(self.view)

    def _make_strip_row(self) -> QWidget:
        made = QWidget()
        paint_on(made, QPalette.ColorRole.Window)
        made.setFixedHeight(scaled(FILM_STRIP))
        row = bar_row(made, spacing=GRID, line_above=True)
        row.addWidget(self.strip, stretch=1)
        row.addWidget(self.start_button)
        row.addWidget(self.open_button)
        return made

    def _show_strip(self) -> None:
        """In a small window the strip of a single picture gives way."""
        self._strip_row.setVisible(self._size is not Size.SMALL or self._session.rowCount() > 1)

    def _show_tools(self) -> None:
        explanation = self.panel.explanation
        self.tools.heat_map.setChecked(explanation.saliency_map.is_on)
        self.tools.heat_map.setEnabled(explanation.saliency_map.box.isEnabled() and self.panel.item is not None)
        self.tools.outline.setChecked(explanation.lesion.box.isChecked())
        self.tools.outline.setEnabled(explanation.lesion.box.isEnabled())

    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self._show_answer()
        if not current.isValid():
            self.image_pane.show_item(None)
            return
        self._show_strip()
        self._session.prioritize(current.row())
        self.image_pane.show_item(self._session.item(current.row()))

    def _on_item_changed(self, row: int) -> None:
        if row == self.current_row:
            self._show_answer()
            self.image_pane.check()

    def _show_answer(self) -> None:
        row = self.current_row
        item = self._session.item(row) if row >= 0 else None
        self.panel.show_item(item)
        self.item_shown.emit(item)
        self._show_tools()
        screening = item.screening if item is not None else None
        day = ""
        if screening is not None:
            taken = screening.captured_at
            day = date_text(taken.date()) if taken is not None else day_text(screening.screened_at)
        self.tools.show_name("  ".join(filter(None, (item.source.path.name if item is not None else "", day))))
