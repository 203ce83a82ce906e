"""Filter chips: one a kind of advice, which shows its count and filters by it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.core.domain.advice import Advice
from app.ui.look.tokens import GRID
from app.ui.services.wording import advice_words
from app.ui.widgets.buttons import Button, Look


class AdviceChips(QWidget):
    """Chips of which any number may be down; `changed` is emitted when one was pressed."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: dict[Advice, Button] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GRID)
        for advice in Advice:
            chip = Button("0", look=Look.CHIP, advice=advice)
            chip.setCheckable(True)
            chip.setToolTip(advice_words(advice))
            chip.clicked.connect(lambda _: self.changed.emit())
            self._row.addWidget(chip)
            self.chips[advice] = chip

    def add(self, chip: Button) -> None:
        """Add another chip behind those of the advices."""
        chip.setCheckable(True)
        chip.clicked.connect(lambda _: self.changed.emit())
        self._row.addWidget(chip)

    def chosen(self) -> frozenset[Advice]:
        """The kinds whose chips are down."""
        return frozenset(advice for advice, chip in self.chips.items() if chip.isChecked())

    def show_counts(self, counts: Mapping[Advice, int]) -> None:
        """Show how many there are of each kind; of none, a chip can't be pressed."""
        for advice, chip in self.chips.items():
            count = counts.get(advice, 0)
            chip.setText(f"{count:,}")
            chip.setAccessibleName(f"{advice_words(advice)}: {count}")
            chip.setEnabled(bool(count) or chip.isChecked())
            chip.updateGeometry()
