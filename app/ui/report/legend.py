"""What the icons and numbers beside thumbnails mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from app.core.domain.advice import Advice
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.tokens import LIGHT
from app.ui.paper.flow import Block
from app.ui.paper.page import INNER, LEFT, RIGHT, Style, Text, draw_icon
from app.ui.report.items import ReportItem
from app.ui.report.thumbnail_grid import ICON, REPEATED, icons_of

translate = QCoreApplication.translate
ROW, GAP, BETWEEN, SYMBOL = 20.0, 4.0, 16.0, 12.0
Place = tuple[float, str, Text]
"""Where an icon stands, its name, its words."""


def legend_blocks(items: Sequence[ReportItem]) -> list[Block]:
    """The icons in use with their words, and which number stands beside which symbol."""
    answered = [item for item in items if item.screening.is_answer]
    words = {icon: " / ".join(each) for icon, each in icons_of(answered).items()}
    if any(item.repeated for item in answered):
        words[REPEATED] = translate("report", "Assessed before, on that day")
    blocks = [
        Block(max(text.height for _, _, text in row) + 4, partial(_draw_row, row), 0.0 if number else 12.0)
        for number, row in enumerate(_rows(words))
    ]
    if answered:
        blocks.append(Block(ROW, _draw_numbers, 0.0 if blocks else 12.0))
    return [*(replace(block, with_next=True) for block in blocks[:-1]), *blocks[-1:]]


def _rows(words: dict[str, str]) -> list[list[Place]]:
    """Icons with their words, as many in a row as there is room for."""
    rows: list[list[Place]] = []
    x = RIGHT
    for icon, text in words.items():
        shown = Text(text, Style.CAPTION, INNER - ICON - GAP)
        needed = ICON + GAP + shown.width
        if not rows or x + needed > RIGHT:
            rows.append([])
            x = LEFT
        rows[-1].append((x, icon, shown))
        x += needed + BETWEEN
    return rows


def _draw_row(row: Sequence[Place], painter: QPainter, y: float) -> None:
    for x, icon, text in row:
        draw_icon(painter, icon, x, y + 2, ICON)
        text.draw(painter, x + ICON + GAP, y + 1)


def _draw_numbers(painter: QPainter, y: float) -> None:
    """Draw the sentence on the numbers, with the symbol in its place."""
    sentence = translate("report", "Number: probability of melanoma, beside {0} of other skin cancer.")
    before, _, after = sentence.partition("{0}")
    x = LEFT
    for part in (before.strip(), "", after.strip()):
        if part:
            text = Text(part, Style.CAPTION, colour=LIGHT.text2)
            text.draw(painter, x, y + 2)
            x += text.width + GAP
        else:
            colour = LIGHT.advice[Advice.REFER_OTHER_CANCER].symbol
            draw_advice(painter, QRectF(x, y + 4, SYMBOL, SYMBOL), Advice.REFER_OTHER_CANCER, colour)
            x += SYMBOL + GAP
