"""The row of filters over a folder's results: chips that count, the grid's size, and a search."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from app.core.domain.advice import Advice
from app.ui.folder.grid import LARGEST, SMALLEST
from app.ui.folder.results_model import RowFilter
from app.ui.look.style import Sign, bar_row, paint_on
from app.ui.look.tokens import GRID, ICON, TOOL, TOOL_ROW, scaled
from app.ui.services.wording import BOTH
from app.ui.widgets.buttons import Button, Look
from app.ui.widgets.chips import AdviceChips
from app.ui.widgets.fields import SearchField

SEARCH = 204


class FilterBar(QWidget):
    """Tells by `changed` that other rows are wanted; `kinds` and `text` say which."""

    changed = Signal()

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Window)
        self.chips = AdviceChips()
        self.both = Button("", look=Look.CHIP)
        self.both.setToolTip(self.tr("Melanoma and another skin cancer suspected"))
        self.not_decided = Button(self.tr("Not decided"), look=Look.CHIP)
        for chip in (self.both, self.not_decided):
            self.chips.add(chip)
        self.chips.changed.connect(self.changed)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(SMALLEST, LARGEST)
        self.slider.setValue(side)
        self.slider.setFixedWidth(96)
        self.slider.setAccessibleName(self.tr("Size of the pictures"))
        self.size_tools = QWidget()
        tools = QHBoxLayout(self.size_tools)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.addWidget(Sign("layout-grid", ICON))
        tools.addWidget(self.slider)
        self.search = SearchField(self.tr("File or patient"))
        self.search.setClearButtonEnabled(True)
        self.search.setFixedHeight(scaled(TOOL))
        self.search.setMinimumWidth(120)
        self.search.setMaximumWidth(SEARCH)
        self.search.textChanged.connect(self.changed)
        row = bar_row(self, spacing=GRID)
        row.addWidget(self.chips)
        row.addStretch()
        for widget in (self.size_tools, self.search):
            row.addWidget(widget)
        self.setFixedHeight(scaled(TOOL_ROW))

    def kinds(self) -> frozenset[RowFilter]:
        """The kinds of rows that are wanted; none: all."""
        kinds = {RowFilter(advice) for advice in self.chips.chosen()}
        if self.both.isChecked():
            kinds.add(RowFilter.BOTH)
        if self.not_decided.isChecked():
            kinds.add(RowFilter.NOT_DECIDED)
        return frozenset(kinds)

    def text(self) -> str:
        return self.search.text()

    def show_counts(self, counts: Mapping[RowFilter, int]) -> None:
        self.chips.show_counts({advice: counts[RowFilter(advice)] for advice in Advice})
        self.both.setText(f"{BOTH} {counts[RowFilter.BOTH]}")
        self.both.setVisible(bool(counts[RowFilter.BOTH]) or self.both.isChecked())
        count = counts[RowFilter.NOT_DECIDED]
        self.not_decided.set_key(f"{count:,}")
        self.not_decided.setAccessibleName(f"{self.not_decided.text()}: {count}")
        self.not_decided.setEnabled(bool(count) or self.not_decided.isChecked())
        self.both.updateGeometry()
