"""Blocks of text for the help: sections, points, bullets, and selectable text."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.ui.widgets.style import GRID, label


def titled(heading: str, parts: Iterator[QWidget] | list[QWidget]) -> QWidget:
    """A section: its heading, and its parts below each other."""
    made = QWidget()
    made.setAccessibleName(heading)
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(GRID)
    column.addWidget(selectable(heading, size=1.6, bold=True))
    for part in parts:
        column.addWidget(part)
    return made


def point(title: str, text: str, symbol: str = "", colour: str = "") -> QWidget:
    """A title and what it means, with a symbol before it where there is one."""
    head = selectable(title, bold=True)
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(beside(selectable(symbol, colour=colour), head) if symbol else head)
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


def selectable(text: str = "", *, size: float = 1.0, bold: bool = False, colour: str = "") -> QLabel:
    """A label whose text can be selected."""
    made = label(text, size=size, bold=bold)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if colour:
        made.setStyleSheet(f"color: {colour}")
    return made
