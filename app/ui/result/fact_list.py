"""The lines of facts below a result's scales, each with a sign that shows the whole of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from app.ui.look.style import clear, label
from app.ui.look.tokens import GRID
from app.ui.services.facts import Fact
from app.ui.widgets.buttons import Button, Look

MORE_TIME = 60_000
"""Milliseconds that the whole of a fact is shown."""
SIGN = 22
"""Height of the sign; the lines are as high as text."""


class FactList(QWidget):
    """Shows facts below each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, GRID, 0, GRID)
        self._column.setSpacing(2)
        self.facts: Sequence[Fact] = ()

    def show_facts(self, facts: Sequence[Fact]) -> None:
        self.facts = facts
        clear(self._column)
        for fact in facts:
            self._column.addWidget(FactRow(fact))

    def text(self) -> str:
        """All lines, with the whole of each."""
        return "\n".join("\n".join(filter(None, (fact.text, fact.second, fact.more))) for fact in self.facts)


class FactRow(QWidget):
    """A fact's line or two, and its sign where there is more to say."""

    def __init__(self, fact: Fact) -> None:
        super().__init__()
        self._fact = fact
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(_line(fact.text))
        if fact.second:
            words.addWidget(_line(fact.second, quiet=True))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addLayout(words, stretch=1)
        if fact.more:
            sign = Button(icon="info", look=Look.QUIET, height=SIGN)
            sign.setAccessibleName(self.tr("More: {0}").format(fact.text))
            sign.setAccessibleDescription(fact.more)
            sign.setToolTip(wrapped(fact.more))
            sign.clicked.connect(lambda: self._show_more(sign))
            row.addWidget(sign, alignment=Qt.AlignmentFlag.AlignTop)

    def _show_more(self, sign: QWidget) -> None:
        place = sign.mapToGlobal(QPoint(0, sign.height()))
        QToolTip.showText(place, wrapped(self._fact.more), sign, sign.rect(), MORE_TIME)


def wrapped(text: str) -> str:
    """A tooltip's text, which wraps."""
    from html import escape

    return f"<qt>{escape(text)}</qt>"


def _line(text: str, *, quiet: bool = False) -> QLabel:
    made = label(text.replace(" %", "\u00a0%"), quiet=quiet)  # a number and its sign stay together
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
