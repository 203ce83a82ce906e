"""Thumbnails of pictures on paper, six in a row, each with its symbol, number, patient, file and decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QImage, QPainter

from app.core.domain.advice import advice_of, deciding
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.tokens import LIGHT
from app.ui.paper.flow import Block
from app.ui.paper.page import INNER, LEFT, Style, Text, draw_at_right, draw_icon, draw_thumbnail
from app.ui.report.answer_blocks import picture_symbols
from app.ui.report.items import ReportItem
from app.ui.services.warnings import short_warning
from app.ui.services.wording import day_text, mark_words, percent

translate = QCoreApplication.translate
IN_ROW, SIDE, PICTURE = 6, 104.0, 78.0
"""Thumbnails in a row, their width and height."""
STEP = (INNER - SIDE) / (IN_ROW - 1)
SYMBOL = ICON = 14.0
REPEATED = "history"
"""The icon of a picture that had been assessed before."""
NUMBER_ROW = 22.0


class Cell:
    """A picture with what is known of it."""

    def __init__(self, item: ReportItem, name: str) -> None:
        self._item = item
        prediction = item.screening.answered
        number = percent(deciding(prediction).probability) if prediction is not None else ""
        self._symbols = picture_symbols(item.screening)
        self._number = Text(number, Style.BODY_STRONG)
        self._icons = list(dict.fromkeys(short_warning(text).icon for text in item.screening.warnings))
        self._lines = [Text(item.record.patient, Style.CAPTION, SIDE)] if item.record.patient else []
        if prediction is not None and deciding(prediction).of_other_cancer and not advice_of(item.screening).refers:
            self._lines.insert(0, Text(translate("report", "of other skin cancer"), Style.CAPTION, SIDE))
        self._lines.append(Text(name, Style.CAPTION, SIDE, colour=LIGHT.text2, left_to_right=True))
        self._mark = Text(mark_words(item.mark), Style.CAPTION_STRONG) if item.mark else None
        self._before = Text(day_text(item.screening.screened_at), Style.CAPTION) if item.repeated else None

    @property
    def height(self) -> float:
        down = PICTURE + NUMBER_ROW + self._icon_rows * (ICON + 4)
        down += sum(text.height + 2 for text in self._lines)
        if self._mark is not None and self._beside_mark is None:
            down += self._mark.height
        if self._before is not None:
            down += self._before.height
        return down

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        draw_thumbnail(painter, QRectF(x, y, SIDE, PICTURE), QImage.fromData(self._item.thumbnail))
        y += PICTURE
        self._draw_number(painter, x, y)
        y += NUMBER_ROW + self._icon_rows * (ICON + 4)
        for text in self._lines:
            text.draw(painter, x, y)
            y += text.height + 2
            if self._mark is not None and text is self._beside_mark:
                draw_at_right(painter, self._mark, x + SIDE, y - self._mark.height - 2)
        if self._mark is not None and self._beside_mark is None:
            draw_at_right(painter, self._mark, x + SIDE, y)
            y += self._mark.height
        if self._before is not None:
            draw_icon(painter, REPEATED, x, y + 1, ICON)
            self._before.draw(painter, x + ICON + 4, y)

    @property
    def _beside_mark(self) -> Text | None:
        """The lowest text that has room for the decision beside its last line."""
        if self._mark is None:
            return None
        room = SIDE - self._mark.width - 6
        fitting_ones = (text for text in reversed(self._lines) if text.line_width(text.lines - 1) <= room)
        return next(fitting_ones, None)

    @property
    def _beside_number(self) -> int:
        """How many icons have room beside the number."""
        taken = len(self._symbols) * (SYMBOL + 4) + self._number.width + 6
        return max(0, int((SIDE - taken) // (ICON + 4)))

    @property
    def _icon_rows(self) -> int:
        """Rows of icons below the number, where they have no room beside it."""
        return -(-len(self._icons[self._beside_number :]) // _PER_ROW)

    def _draw_number(self, painter: QPainter, x: float, y: float) -> None:
        at = x
        for advice in self._symbols:
            box = QRectF(at, y + (NUMBER_ROW - SYMBOL) / 2, SYMBOL, SYMBOL)
            draw_advice(painter, box, advice, LIGHT.advice[advice].symbol)
            at += SYMBOL + 4
        self._number.draw(painter, at, y + 1)
        beside, below = self._icons[: self._beside_number], self._icons[self._beside_number :]
        for place, icon in enumerate(reversed(beside)):
            draw_icon(painter, icon, x + SIDE - ICON - place * (ICON + 4), y + (NUMBER_ROW - ICON) / 2, ICON)
        for place, icon in enumerate(below):
            row, column = divmod(place, _PER_ROW)
            draw_icon(painter, icon, x + column * (ICON + 4), y + NUMBER_ROW + row * (ICON + 4), ICON)


_PER_ROW = int((SIDE + 4) // (ICON + 4))


def grid_blocks(items: Sequence[ReportItem], name_of: Callable[[ReportItem], str]) -> list[Block]:
    """A block for each row of thumbnails."""
    blocks = []
    for start in range(0, len(items), IN_ROW):
        cells = [Cell(item, name_of(item)) for item in items[start : start + IN_ROW]]
        blocks.append(Block(max(cell.height for cell in cells), partial(_draw_cells, cells), 8.0))
    return blocks


def _draw_cells(cells: Sequence[Cell], painter: QPainter, y: float) -> None:
    for place, cell in enumerate(cells):
        cell.draw(painter, LEFT + place * STEP, y)


def icons_of(items: Sequence[ReportItem]) -> dict[str, list[str]]:
    """The icons that stand beside pictures, each with the words of its warnings."""
    found: dict[str, list[str]] = {}
    for item in items:
        for warning in map(short_warning, item.screening.warnings):
            words = found.setdefault(warning.icon, [])
            if warning.words not in words:
                words.append(warning.words)
    return found
