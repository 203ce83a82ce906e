"""Blocks of text for the help: sections, points, bullets, and selectable text."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.core.domain.advice import Advice
from app.ui.look.advice_symbol import AdviceSymbol
from app.ui.look.style import label
from app.ui.look.tokens import GRID, ICON, TextStyle


def titled(heading: str, parts: Iterator[QWidget] | list[QWidget]) -> QWidget:
    """A section: its heading, and its parts below each other."""
    made = QWidget()
    made.setAccessibleName(heading)
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GRID)
    column.addWidget(selectable(heading, TextStyle.TITLE))
    for part in parts:
        column.addWidget(part)
    return made


def point(title: str, text: str, advice: Advice | None = None) -> QWidget:
    """A title and what it means, with an advice's symbol before it where there is one."""
    head = selectable(title, TextStyle.BODY_STRONG)
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    if advice is not None:
        symbol = AdviceSymbol(ICON)
        symbol.show_advice(advice)
        column.addWidget(beside(symbol, head))
    else:
        column.addWidget(head)
    column.addWidget(selectable(text))
    return made


def bullet(text: str) -> QWidget:
    return beside(selectable("•"), selectable(text))


def beside(sign: QWidget, text: QLabel) -> QWidget:
    """A sign beside the first line of a text, whose lines are aligned with each other."""
    pair = QWidget()
    row = QHBoxLayout(pair)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(GRID)
    sign.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    row.addWidget(sign, alignment=Qt.AlignmentFlag.AlignTop)
    row.addWidget(text, stretch=1)
    return pair


def selectable(text: str = "", style: TextStyle = TextStyle.BODY, *, quiet: bool = False) -> QLabel:
    """A label whose text can be selected."""
    made = label(text, style, quiet=quiet)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return made
