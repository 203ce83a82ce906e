"""What stands at the head of a folder's report: how many pictures of each advice, and what the reader decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from app.core.domain.advice import Advice, advice_of, both_suspected
from app.core.domain.entry import DECISIONS
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.tokens import LIGHT
from app.ui.paper.flow import Block, text_blocks
from app.ui.paper.page import COLUMN, INNER, LEFT, SECOND, Style, Text, draw_beside
from app.ui.report.items import ReportItem
from app.ui.services.wording import mark_words

translate = QCoreApplication.translate
SYMBOL, FIRST, GAP = 16.0, 92.0, 12.0
"""Sides of the symbols; the width of the first column; from a line to its column."""

Column = tuple[str, Text, Advice | None]
"""A number, its words, and the advice that it counts."""


def counts_blocks(items: Sequence[ReportItem]) -> list[Block]:
    """The number of pictures, of each advice, and of those that the reader decided on or not."""
    counts = Counter(advice_of(item.screening) for item in items)
    patients = {item.record.patient for item in items if item.record.patient}
    words = translate("report", "pictures")
    if len(patients) == 1:
        words = translate("report", "pictures of one patient")
    elif patients:
        words = translate("report", "pictures of {0} patients").format(len(patients))
    columns: list[Column] = [(str(len(items)), Text(words, Style.CAPTION, FIRST - GAP), None)]
    width = (INNER - FIRST) / len(Advice)
    for advice in Advice:
        text = Text(_words(advice), Style.CAPTION, width - GAP - 2)
        columns.append((str(counts[advice]), text, advice))
    height = 26 + max(text.height for _, text, _ in columns)
    blocks = [Block(height, partial(_draw_counts, columns, width, height), 8.0)]
    if items:
        blocks.append(_decided(items))
    for line in _further(items):
        blocks += text_blocks(Text(line), gap=2.0)
    return blocks


def _words(advice: Advice) -> str:
    """An advice below its number."""
    return {
        Advice.REFER_MELANOMA: translate("report", "melanoma suspected"),
        Advice.REFER_OTHER_CANCER: translate("report", "other skin cancer suspected"),
        Advice.BORDERLINE: translate("report", "borderline: look\u00a0again"),
        Advice.BELOW_THRESHOLD: translate("report", "below the threshold"),
        Advice.NOT_ASSESSED: translate("report", "can't be assessed"),
    }[advice]


def _draw_counts(columns: Sequence[Column], width: float, height: float, painter: QPainter, y: float) -> None:
    x = LEFT
    for number, words, advice in columns:
        at = x
        if advice is not None:
            painter.fillRect(QRectF(x, y, 1, height), LIGHT.line)
            x += GAP
            draw_advice(painter, QRectF(x, y + 5, SYMBOL, SYMBOL), advice, LIGHT.advice[advice].symbol)
        Text(number, Style.TITLE).draw(painter, x + (0.0 if advice is None else SYMBOL + 8), y)
        words.draw(painter, x, y + 26)
        x = at + (FIRST if advice is None else width)


def _decided(items: Sequence[ReportItem]) -> Block:
    """How many pictures have the reader's decision, and how many have none."""
    marks = Counter(item.mark for item in items if item.mark is not None)
    kinds = [*DECISIONS, *(mark for mark in marks if mark not in DECISIONS)]
    each = ", ".join(f"{marks[mark]} {mark_words(mark)}" for mark in kinds if marks[mark])
    decided = translate("report", "{0} of {1}").format(marks.total(), len(items)) + (f": {each}" if each else "")
    open_ones = [item for item in items if item.mark is None]
    to_refer = sum(advice_of(item.screening).refers for item in open_ones)
    left = str(len(open_ones))
    if to_refer:
        left = translate("report", "{0}, of them {1} with advice to refer").format(len(open_ones), to_refer)
    pairs = ((LEFT, translate("report", "Decided"), decided), (SECOND, translate("report", "Not decided"), left))

    def draw(painter: QPainter, y: float) -> None:
        for x, name, value in pairs:
            heading = Text(name, Style.BODY_STRONG)
            draw_beside(painter, x, y, heading, Text(value, Style.BODY, COLUMN))

    return Block(20.0, draw, 12.0)


def _further(items: Sequence[ReportItem]) -> list[str]:
    """Counts that are part of those above."""
    both = sum(both_suspected(item.screening) for item in items)
    repeated = sum(item.repeated for item in items)
    lines = []
    if both:
        lines.append(
            translate("report", "Melanoma and other skin cancer: {0}, counted as melanoma suspected").format(both)
        )
    if repeated:
        lines.append(translate("report", "Assessed before: {0}").format(repeated))
    return lines
