"""The reader's own decision as three buttons: refer, watch, clear."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.core.domain.entry import DECISIONS, Mark
from app.ui.services.wording import mark_words


class MarkBar(QWidget):
    """Shows a mark; `chosen` gives the one whose button was clicked, also where it is down already."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.buttons: dict[Mark, QPushButton] = {}
        for number, mark in enumerate(DECISIONS, start=1):
            button = QPushButton(mark_words(mark))
            button.setCheckable(True)
            meaning = {
                Mark.REFER: self.tr("Your decision: the patient is referred (key {0})."),
                Mark.WATCH: self.tr("Your decision: the lesion is looked at again later (key {0})."),
                Mark.CLEAR: self.tr("Your decision: nothing more is needed for this lesion (key {0})."),
            }[mark]
            button.setToolTip(f"{meaning.format(number)} {self.tr('Press again to take the decision back.')}")
            button.clicked.connect(lambda _, mark=mark: self.chosen.emit(mark))
            row.addWidget(button, stretch=1)
            self.buttons[mark] = button

    def show_mark(self, mark: Mark | None) -> None:
        """Press the button of a mark."""
        for each, button in self.buttons.items():
            button.setChecked(each is mark)
