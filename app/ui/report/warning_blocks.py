"""Warnings on paper: icon and few words side by side, and in whole those that have no few words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtGui import QPainter

from app.ui.paper.flow import Block, text_blocks
from app.ui.paper.page import LEFT, RIGHT, Style, Text, draw_icon
from app.ui.services.warnings import ShortWarning, short_warning

UNKNOWN = "triangle-alert"
"""The icon of a warning that has no few words of its own."""
ROW, ICON, GAP, BETWEEN = 22.0, 16.0, 8.0, 28.0
Placed = tuple[float, str, Text]
"""Where a warning stands, its icon, its words."""


def warning_blocks(warnings: Sequence[str]) -> list[Block]:
    """As many warnings side by side as a row has room for; each unknown one in whole, below."""
    short = list(map(short_warning, warnings))
    blocks = [Block(ROW, partial(_draw_row, row)) for row in _rows([each for each in short if each.icon != UNKNOWN])]
    for each in short:
        if each.icon == UNKNOWN:
            text = Text(each.text, Style.BODY, RIGHT - LEFT - ICON - GAP)
            first, *others = text_blocks(text, LEFT + ICON + GAP, gap=2.0)
            blocks.append(Block(first.height, partial(_draw_first, first), first.gap))
            blocks += others
    return blocks


def _rows(warnings: Sequence[ShortWarning]) -> list[list[Placed]]:
    rows: list[list[Placed]] = []
    x = RIGHT
    for warning in {(each.icon, each.words): each for each in warnings}.values():
        words = Text(warning.words)
        needed = ICON + GAP + words.width
        if not rows or x + needed > RIGHT:
            rows.append([])
            x = LEFT
        rows[-1].append((x, warning.icon, words))
        x += needed + BETWEEN
    return rows


def _draw_row(row: Sequence[Placed], painter: QPainter, y: float) -> None:
    for x, icon, words in row:
        draw_icon(painter, icon, x, y + (ROW - ICON) / 2, ICON)
        words.draw(painter, x + ICON + GAP, y + 1)


def _draw_first(line: Block, painter: QPainter, y: float) -> None:
    draw_icon(painter, UNKNOWN, LEFT, y + 2, ICON)
    line.draw(painter, y)
