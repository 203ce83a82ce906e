"""The measures within the lesion's outline on paper, in two columns."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QPainter

from app.ui.look.tokens import LIGHT
from app.ui.paper.flow import Block, text_blocks
from app.ui.paper.page import COLUMN, LEFT, SECOND, Style, Text, draw_at_right
from app.ui.report.items import ReportItem
from app.ui.result.measures_table import caution_text, outline_text, rows

translate = QCoreApplication.translate
Cell = tuple[Text, Text]
"""A measure's title and its value."""


def measures_blocks(item: ReportItem) -> list[Block]:
    """The measures on one page, with where the outline is from; nothing where nothing was measured."""
    lesion = item.lesion
    if lesion is None or lesion.measures is None:
        return []
    cells = [_cell(title, value) for _, title, value in rows(lesion.measures)]
    half = (len(cells) + 1) // 2
    heading = Text(translate("report", "Measures within the outline"), Style.BODY_STRONG)
    blocks = [Block(heading.height, partial(_draw_heading, heading), 8.0)]
    for number in range(half):
        pair = cells[number::half]
        height = max(max(text.height for text in cell) for cell in pair) + 1
        blocks.append(Block(height, partial(_draw_pair, pair)))
    origin = f"{outline_text(lesion, by_hand=item.outline_by_hand)} {caution_text(lesion)}"
    *others, last = [*blocks, *text_blocks(Text(origin, Style.CAPTION, colour=LIGHT.text2), gap=2.0)]
    return [*(replace(block, with_next=True) for block in others), last]


def _cell(title: str, value: str) -> Cell:
    shown = Text(value, Style.CAPTION, COLUMN * 0.6)
    return Text(title, Style.CAPTION, COLUMN - shown.width - 8, colour=LIGHT.text2), shown


def _draw_heading(heading: Text, painter: QPainter, y: float) -> None:
    heading.draw(painter, LEFT, y)


def _draw_pair(pair: list[Cell], painter: QPainter, y: float) -> None:
    for x, (title, value) in zip((LEFT, SECOND), pair, strict=False):
        title.draw(painter, x, y)
        draw_at_right(painter, value, x + COLUMN, y)
