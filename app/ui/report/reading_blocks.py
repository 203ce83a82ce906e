"""How to read a result on paper: the most probable diagnoses, what the number means, how accurate the model is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, QRectF, QSizeF
from PySide6.QtGui import QPainter

from app.ui.look.tokens import INK, LIGHT
from app.ui.paper.flow import Block
from app.ui.paper.page import (
    COLUMN,
    LEFT,
    SECOND,
    Style,
    Text,
    draw_at_right,
    draw_box,
    draw_hairline,
    elided,
)
from app.ui.report.items import ReportItem
from app.ui.result.diagnosis_bars import rows_of
from app.ui.services.wording import consistency_text, percent

translate = QCoreApplication.translate
ROW, NAMES, NUMBER, BAR, GAP = 22.0, 168.0, 48.0, 6.0, 10.0
CUT = 40.0
"""Height that cutting a paragraph in two has to save."""


@dataclass(frozen=True)
class Piece:
    """A part of a column that is not cut: its height, and what draws it from a place on.

    `gap` is the space above it, but at a column's top. `ends`: a column may end below it, in the middle of a paragraph
    where it is not `whole`.
    """

    height: float
    draw: Callable[[QPainter, float, float], None]
    gap: float = 0.0
    ends: bool = True
    whole: bool = True


def reading_blocks(item: ReportItem, accuracy: str, style: Style) -> list[Block]:
    """Diagnoses, what the number means, and how accurate the model is, in two columns; nothing without an answer.

    A paragraph in the usual style is cut in two only where that saves much room.
    """
    prediction = item.screening.answered
    if prediction is None:
        return []
    pieces: list[Piece] = []
    if rows := rows_of(prediction, translate("report", "Other skin cancers, sum")):
        pieces.append(_diagnoses(rows, is_summed=prediction.other_cancer_probability is not None))
    if lines := [line for line in (item.frequency, consistency_text(prediction)) if line]:
        pieces += _texts(translate("report", "How to read it"), lines, style)
    if accuracy:
        pieces += _texts(translate("report", "Accuracy"), [accuracy], Style.CAPTION)
    if not pieces:
        return []
    columns = _columns(pieces, CUT if style is Style.BODY else 0.0)
    return [Block(max(map(_height, columns)), partial(_draw_columns, columns), 8.0)]


def _columns(pieces: Sequence[Piece], cut: float) -> tuple[Sequence[Piece], Sequence[Piece]]:
    """Pieces in two columns, as low as can be; `cut` is the height that a cut paragraph has to save."""
    places = [place for place, piece in enumerate(pieces, 1) if piece.ends]

    def cost(place: int) -> float:
        return max(_height(pieces[:place]), _height(pieces[place:])) + (0.0 if pieces[place - 1].whole else cut)

    best = min(places, key=cost)
    return pieces[:best], pieces[best:]


def _height(column: Sequence[Piece]) -> float:
    return sum(piece.height + (piece.gap if place else 0.0) for place, piece in enumerate(column))


def _draw_columns(columns: Sequence[Sequence[Piece]], painter: QPainter, y: float) -> None:
    for x, column in zip((LEFT, SECOND), columns, strict=True):
        down = y
        for place, piece in enumerate(column):
            down += piece.gap if place else 0.0
            piece.draw(painter, x, down)
            down += piece.height


def _texts(heading: str, lines: Sequence[str], style: Style) -> list[Piece]:
    """A heading over paragraphs, a piece for each line."""
    pieces = [Piece(22.0, Text(heading, Style.BODY_STRONG).draw, GAP, ends=False)]
    for line in lines:
        text = Text(line, style, COLUMN)
        for number in range(text.lines):
            last = number == text.lines - 1
            gap = 2.0 if number == 0 else 0.0
            pieces.append(Piece(style.line, partial(text.draw_line, number), gap, whole=last))
    return pieces


def _diagnoses(rows: Sequence[tuple[str, float]], *, is_summed: bool) -> Piece:
    """Names of diagnoses with bars; `is_summed`: the last one is a sum, below a line."""
    heading = Text(translate("report", "Most probable diagnoses"), Style.BODY_STRONG)

    def draw(painter: QPainter, x: float, y: float) -> None:
        heading.draw(painter, x, y)
        for place, (name, probability) in enumerate(rows):
            _draw_diagnosis(painter, x, y + 24 + ROW * place, name, probability)
        if is_summed:
            draw_hairline(painter, y + 23 + ROW * (len(rows) - 1), width=COLUMN)

    return Piece(24 + ROW * len(rows), draw)


def _draw_diagnosis(painter: QPainter, x: float, y: float, name: str, probability: float) -> None:
    Text(elided(name, Style.BODY, NAMES - 8), Style.BODY).draw(painter, x, y + 1)
    bar = QRectF(x + NAMES, y + (ROW - BAR) / 2, COLUMN - NAMES - NUMBER, BAR)
    draw_box(painter, bar, LIGHT.sunken)
    draw_box(painter, QRectF(bar.topLeft(), QSizeF(max(BAR, bar.width() * probability), BAR)), INK)
    draw_at_right(painter, Text(percent(probability)), x + COLUMN, y + 1)
