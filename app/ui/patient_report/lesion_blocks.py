"""A lesion on paper: where it is, its first picture beside its latest one, and all of its pictures as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter

from app.core.domain.advice import numbers
from app.core.domain.entry import Entry
from app.core.history.lesions import LesionHistory
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.tokens import LIGHT
from app.ui.paper.flow import Block, heading_block, text_blocks
from app.ui.paper.images import Picture
from app.ui.paper.page import COLUMN, LEFT, SECOND, Style, Text, draw_at_right, draw_beside, draw_box
from app.ui.patient_report.answer_rows import row_blocks
from app.ui.patient_report.findings import answer_words
from app.ui.report.answer_blocks import picture_symbols
from app.ui.result.probability_scale import name_of, threshold_text
from app.ui.services.wording import date_text, percent
from app.ui.widgets.patient_words import lesion_words, place_words

translate = QCoreApplication.translate
HIGHEST = 210.0
"""Height of a picture, at most."""
SYMBOL = 16.0


def lesion_blocks(history: LesionHistory, pictures: Mapping[int, QImage]) -> list[Block]:
    """All of a lesion; heading, pictures and the first row stay together."""
    entries = history.entries
    heading = heading_block(lesion_words(history.lesion.number), _where(history))
    if not entries:
        return [heading, *text_blocks(Text(translate("report", "There is no picture yet."), colour=LIGHT.text2))]
    return [heading, _pictures(entries, pictures), *row_blocks(entries)]


def _where(history: LesionHistory) -> str:
    """The place in words, or the latest site that is noted."""
    if history.lesion.place is not None:
        return place_words(history.lesion.place)
    return next((entry.record.site for entry in reversed(history.entries) if entry.record.site), "")


def _pictures(entries: Sequence[Entry], pictures: Mapping[int, QImage]) -> Block:
    """The first picture and the latest one side by side, or the only one with what is said of it on its right."""
    if len(entries) == 1:
        only = _Column(entries[0], translate("report", "Only picture"), pictures)
        return Block(max(only.height, only.below), partial(_draw_one, only), 8.0, with_next=True)
    columns = [
        _Column(entries[0], translate("report", "First picture"), pictures),
        _Column(entries[-1], translate("report", "Latest picture"), pictures),
    ]
    above = max(column.height for column in columns)
    height = above + max(column.below for column in columns)
    return Block(height, partial(_draw_two, columns, above), 8.0, with_next=True)


def _draw_one(only: _Column, painter: QPainter, y: float) -> None:
    only.draw_picture(painter, LEFT, y)
    only.draw_words(painter, SECOND, y)


def _draw_two(columns: Sequence[_Column], above: float, painter: QPainter, y: float) -> None:
    for x, column in zip((LEFT, SECOND), columns, strict=True):
        column.draw_picture(painter, x, y)
        column.draw_words(painter, x, y + above)


class _Column:
    """A picture, and the words below it: when it was made and what was answered."""

    def __init__(self, entry: Entry, name: str, pictures: Mapping[int, QImage]) -> None:
        screening = entry.screening
        image = pictures.get(entry.id)
        shown = QImage.fromData(screening.thumbnail) if image is None else image
        self._picture = None if shown.isNull() else Picture(shown, QSizeF(COLUMN, HIGHEST))
        self.height = self._picture.size.height() if self._picture is not None else HIGHEST / 2
        day = date_text(screening.shown_at.date())
        if self._picture is None:
            day = translate("report", "{0} (the file was not found)").format(day)
        elif image is None:
            day = translate("report", "{0} (small copy: the file was not found)").format(day)
        words, number = answer_words(screening)
        self._name = Text(name, Style.CAPTION_STRONG)
        self._day = Text(day, Style.CAPTION, colour=LIGHT.text2)
        self._symbols = picture_symbols(screening)
        self._number = Text(number, Style.BODY_STRONG)
        room = COLUMN - len(self._symbols) * (SYMBOL + 4) - self._number.width - 12
        self._words = Text(words, Style.BODY_STRONG, room)
        prediction = screening.answered
        lines = [
            translate("report", "{0} {1}, {2}").format(name_of(each), percent(each.probability), threshold_text(each))
            for each in (numbers(prediction) if prediction is not None else ())
        ]
        self._lines = Text("\n".join(lines), Style.CAPTION, COLUMN, colour=LIGHT.text2) if lines else None

    @property
    def below(self) -> float:
        """Height of the words."""
        return 3 + self._name.height + 4 + self._words.height + (self._lines.height if self._lines else 0.0)

    def draw_picture(self, painter: QPainter, x: float, y: float) -> None:
        """Draw the picture; a grey place where nothing is left of it."""
        if self._picture is not None:
            self._picture.draw(painter, x, y)
        else:
            draw_box(painter, QRectF(x, y, self.height, self.height), LIGHT.sunken)

    def draw_words(self, painter: QPainter, x: float, y: float) -> None:
        y += 3
        draw_beside(painter, x, y, self._name, self._day)
        y += self._name.height + 4
        at = x
        for advice in self._symbols:
            draw_advice(painter, QRectF(at, y + 2, SYMBOL, SYMBOL), advice, LIGHT.advice[advice].symbol)
            at += SYMBOL + 4
        self._words.draw(painter, at + 2, y)
        draw_at_right(painter, self._number, x + COLUMN, y)
        if self._lines is not None:
            self._lines.draw(painter, x, y + self._words.height)
