"""The reader's own decision as three buttons: refer, watch, clear."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.core.domain.entry import DECISIONS, Mark
from app.ui.services.wording import mark_words
from app.ui.widgets.buttons import Button, Look, Segments


class MarkBar(QWidget):
    """Shows a mark; `chosen` gives the one whose button was clicked, also where it is down already."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: dict[Mark, Button] = {}
        for number, mark in enumerate(DECISIONS, start=1):
            button = Button(mark_words(mark), look=Look.SEGMENT, key=str(number))
            button.set_padding(9)
            meaning = {
                Mark.REFER: self.tr("Your decision: the patient is referred (key {0})."),
                Mark.WATCH: self.tr("Your decision: the lesion is looked at again later (key {0})."),
                Mark.CLEAR: self.tr("Your decision: nothing more is needed for this lesion (key {0})."),
            }[mark]
            button.setToolTip(f"{meaning.format(number)} {self.tr('Press again to take the decision back.')}")
            button.clicked.connect(lambda _, mark=mark: self.chosen.emit(mark))
            self.buttons[mark] = button
        self.segments = Segments(list(self.buttons.values()), exclusive=False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.segments)

    def set_narrow(self, narrow: bool) -> None:
        """Show no keys on the buttons."""
        for button in self.buttons.values():
            button.set_compact(narrow)

    def show_mark(self, mark: Mark | None) -> None:
        """Press the button of a mark."""
        for each, button in self.buttons.items():
            button.setChecked(each is mark)
