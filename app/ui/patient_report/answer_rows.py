"""Pictures of a patient as rows: date, answer, model, the reader's decision, confirmed diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QImage, QPainter

from app.core.domain.advice import Advice
from app.core.domain.entry import Entry
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.tokens import LIGHT
from app.ui.paper.flow import Block, text_blocks
from app.ui.paper.page import INNER, LEFT, RIGHT, Style, Text, draw_at_right, draw_hairline, draw_thumbnail
from app.ui.patient_report.findings import answer_words, not_comparable
from app.ui.report.answer_blocks import picture_symbols
from app.ui.services.wording import date_text, diagnosis_words, mark_words

translate = QCoreApplication.translate
DATE, NUMBER, MODEL, MARK, GAP = 84.0, 76.0, 150.0, 60.0, 14.0
"""Widths of the columns, and the distance between them; the advice has the rest."""
SYMBOL, SYMBOLS = 13.0, 34.0
"""Side of a symbol, and the room for two."""
PICTURE = 52.0
"""Side of a thumbnail."""


@dataclass(frozen=True)
class _Row:
    """The texts of a row; `shift` is the room for a thumbnail before it, `symbols` stand before the advice."""

    date: Text
    advice: Text
    number: Text
    model: Text
    mark: Text
    shift: float
    symbols: tuple[Advice, ...] = ()

    @property
    def height(self) -> float:
        return max(text.height for text in (self.date, self.advice, self.number, self.model, self.mark))

    @property
    def advice_at(self) -> float:
        return LEFT + self.shift + DATE + SYMBOLS

    def draw(self, painter: QPainter, y: float) -> None:
        self.date.draw(painter, LEFT + self.shift, y)
        for place, symbol in enumerate(self.symbols):
            box = QRectF(self.advice_at - SYMBOLS + place * (SYMBOL + 3), y + 1.5, SYMBOL, SYMBOL)
            draw_advice(painter, box, symbol, LIGHT.advice[symbol].symbol)
        self.advice.draw(painter, self.advice_at, y)
        self.mark.draw(painter, RIGHT - MARK, y)
        model_at = RIGHT - MARK - GAP - MODEL
        self.model.draw(painter, model_at, y)
        draw_at_right(painter, self.number, model_at - GAP, y)


def row_blocks(entries: Sequence[Entry], *, with_pictures: bool = False) -> list[Block]:
    """A row for each entry, under a head; above it whether their answers can be compared."""
    shift = PICTURE + GAP if with_pictures else 0.0
    warning = not_comparable(entries)
    above = text_blocks(Text(warning, Style.BODY_STRONG), gap=8.0) if warning else []
    head = _row(
        (
            translate("report", "Date"),
            translate("report", "Answer"),
            translate("report", "Probability"),
            translate("report", "Model"),
            translate("report", "Decision"),
        ),
        shift,
        Style.CAPTION_STRONG,
    )
    return [
        *(replace(block, with_next=True) for block in above),
        Block(head.height + 4, partial(_draw_head, head), 8.0, with_next=True),
        *(_block(entry, shift) for entry in entries),
    ]


def _block(entry: Entry, shift: float) -> Block:
    """The row of an entry, with the confirmed diagnosis below its advice."""
    screening, record = entry.screening, entry.record
    words, number = answer_words(screening)
    texts = (
        date_text(screening.shown_at.date()),
        words,
        number,
        str(screening.model),
        mark_words(entry.mark) if entry.mark else "",
    )
    row = replace(_row(texts, shift, Style.CAPTION), symbols=picture_symbols(screening))
    picture = QImage.fromData(screening.thumbnail) if shift else None
    confirmed = ", ".join(filter(None, (diagnosis_words(record.diagnosis), record.confirmed_by, record.confirmed_on)))
    below = None
    if record.diagnosis:
        text = translate("report", "Confirmed: {0}").format(confirmed)
        below = Text(text, Style.CAPTION_STRONG, RIGHT - row.advice_at)
    height = max(row.height + (below.height if below else 0.0), PICTURE if shift else 0.0) + 6
    return Block(height, partial(_draw, row, picture, below))


def _row(texts: tuple[str, str, str, str, str], shift: float, style: Style) -> _Row:
    date, advice, number, model, mark = texts
    rest = INNER - shift - DATE - SYMBOLS - NUMBER - MODEL - MARK - 2 * GAP
    return _Row(
        Text(date, style, DATE),
        Text(advice, style, rest),
        Text(number, Style.CAPTION_STRONG, NUMBER),
        Text(model, style, MODEL),
        Text(mark, Style.CAPTION_STRONG, MARK),
        shift,
    )


def _draw_head(head: _Row, painter: QPainter, y: float) -> None:
    head.draw(painter, y)
    draw_hairline(painter, y + head.height + 1)


def _draw(row: _Row, picture: QImage | None, below: Text | None, painter: QPainter, y: float) -> None:
    if picture is not None:
        draw_thumbnail(painter, QRectF(LEFT, y + 1, PICTURE, PICTURE), picture)
    row.draw(painter, y)
    if below is not None:
        below.draw(painter, row.advice_at, y + row.height)
