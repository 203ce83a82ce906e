"""Blocks one below the other, and the pages that they make: with a head, and the sentence of limits at the foot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QPainter

from app.ui.look.tokens import INK, LIGHT
from app.ui.paper.page import (
    BOTTOM,
    INNER,
    LEFT,
    RIGHT,
    TOP,
    Page,
    Style,
    Text,
    draw_at_right,
    draw_beside,
    draw_hairline,
    elided,
)
from app.ui.services.wording import time_text

translate = QCoreApplication.translate

RUNNING = 24.0
"""Height of the line below the head that says on further pages what they belong to."""
LABEL_GAP = 12.0


@dataclass(frozen=True)
class Block:
    """A piece of a page that is not cut: its height, and what draws it from a `y` on.

    `gap` is the space above it, but for the first one on a page; `with_next`: it does not end a page; `new_page`: it
    begins one, with those that stay with it.
    """

    height: float
    draw: Callable[[QPainter, float], None]
    gap: float = 0.0
    with_next: bool = False
    new_page: bool = False


Placed = list[tuple[float, Block]]
"""A page's blocks and where they begin, from its first one on."""


def paginate(blocks: Sequence[Block], first: float, further: float) -> list[Placed]:
    """Blocks on pages, the first of which has another height for them than the further ones."""
    pages: list[Placed] = [[]]
    down = 0.0
    for chain in _chains(blocks, min(first, further)):
        room = first if len(pages) == 1 else further
        if pages[-1] and (chain[0].new_page or down + _height(chain) > room):
            pages.append([])
            down = 0.0
        for block in chain:
            down += block.gap if pages[-1] else 0.0
            pages[-1].append((down, block))
            down += block.height
    return pages


def _chains(blocks: Sequence[Block], room: float) -> Iterator[list[Block]]:
    """Blocks that stay on one page, as far as they have room on one."""
    chain: list[Block] = []
    for block in blocks:
        if chain and _height([*chain, block]) - chain[0].gap > room:
            yield chain
            chain = []
        chain.append(block)
        if not block.with_next:
            yield chain
            chain = []
    if chain:
        yield chain


def _height(blocks: Sequence[Block]) -> float:
    return sum(block.gap + block.height for block in blocks)


@dataclass(frozen=True)
class Frame:
    """What stands around the contents of a report: the clinic, its kind, its time, and what it is about."""

    clinic: str
    kind: str
    now: dt.datetime
    about: str

    def pages(self, blocks: Sequence[Block], last: Block | None = None) -> list[Page]:
        """The pages of a report; `last` stands at the foot of the last one."""
        room = _foot_top() - self._head_height()
        pages = paginate([*blocks, *([last] if last else [])], room, room - RUNNING)
        if last is not None:
            at_foot = room - last.height - (RUNNING if len(pages) > 1 else 0.0)
            pages[-1][-1] = (at_foot, last)
        return [partial(self._draw, placed, number, len(pages)) for number, placed in enumerate(pages, 1)]

    def _head(self) -> tuple[Text, Text, Text]:
        kind = Text(self.kind, Style.STRONG)
        when = Text(time_text(self.now), colour=LIGHT.text2)
        clinic = Text(self.clinic, Style.STRONG, INNER - max(kind.width, when.width) - 24)
        return clinic, kind, when

    def _head_height(self) -> float:
        clinic, kind, when = self._head()
        return TOP + max(clinic.height, kind.height + when.height) + 25

    def _draw(self, placed: Placed, number: int, count: int, painter: QPainter) -> None:
        """Draw a page."""
        clinic, kind, when = self._head()
        clinic.draw(painter, LEFT, TOP)
        draw_at_right(painter, kind, RIGHT, TOP)
        draw_at_right(painter, when, RIGHT, TOP + kind.height)
        top = self._head_height()
        draw_hairline(painter, top - 13, colour=INK)
        if number > 1:
            about = Text(elided(self.about, Style.CAPTION, INNER), Style.CAPTION, colour=LIGHT.text2)
            about.draw_line(0, painter, LEFT, top - 4)
            top += RUNNING
        for down, block in placed:
            painter.save()
            block.draw(painter, top + down)
            painter.restore()
        _draw_foot(painter, translate("report", "Page {0} of {1}").format(number, count))


def _limits() -> Text:
    """The sentence of limits, beside which the page's number has room."""
    number = Text(translate("report", "Page {0} of {1}").format(999, 999), Style.CAPTION)
    text = translate(
        "report",
        "MelaScreen supports a clinician's decision and makes none. An answer below the threshold does not rule out"
        " melanoma. It was not tested with patients.",
    )
    return Text(text, Style.CAPTION, INNER - number.width - 16)


def _foot_top() -> float:
    """Where the contents end."""
    return BOTTOM - _limits().height - 9


def _draw_foot(painter: QPainter, page: str) -> None:
    limits, top = _limits(), _foot_top()
    draw_hairline(painter, top)
    limits.draw(painter, LEFT, top + 9)
    draw_at_right(painter, Text(page, Style.CAPTION), RIGHT, top + 9)


def text_blocks(text: Text, x: float = LEFT, *, gap: float = 0.0) -> list[Block]:
    """A block for each line, so that a long text goes on to the next page."""
    return [
        Block(text.style.line, partial(_draw_line, text, number, x), gap if number == 0 else 0.0)
        for number in range(text.lines)
    ]


def _draw_line(text: Text, number: int, x: float, painter: QPainter, y: float) -> None:
    text.draw_line(number, painter, x, y)


@dataclass(frozen=True)
class Fact:
    """A name with its value; `left_to_right`: the value is a file's name or a path."""

    name: str
    value: str
    left_to_right: bool = False


def fact_blocks(facts: Sequence[Fact], style: Style, name_style: Style, *, colour: QColor = INK) -> list[Block]:
    """Names and values in two columns, without empty values; long values go on to the next page."""
    shown = [(Text(fact.name, name_style, colour=colour), fact) for fact in facts if fact.value.strip()]
    names = max((name.width for name, _ in shown), default=0.0) + LABEL_GAP
    blocks: list[Block] = []
    for name, fact in shown:
        value = Text(fact.value, style, INNER - names, colour=colour, left_to_right=fact.left_to_right)
        lines = text_blocks(value, LEFT + names, gap=2.0)
        lines[0] = replace(lines[0], draw=partial(_draw_both, name, value, LEFT + names))
        blocks += lines
    return blocks


def _draw_both(name: Text, value: Text, x: float, painter: QPainter, y: float) -> None:
    name.draw_line(0, painter, LEFT, y)
    value.draw_line(0, painter, x, y)


def heading_block(heading: str, beside: str = "") -> Block:
    """A heading with a note beside it over a line, which stays with what follows."""
    title, note = Text(heading, Style.STRONG), Text(beside, colour=LIGHT.text2)
    return Block(26.0, partial(_draw_heading, title, note), 12.0, with_next=True)


def _draw_heading(title: Text, note: Text, painter: QPainter, y: float) -> None:
    draw_beside(painter, LEFT, y, title, note)
    draw_hairline(painter, y + 25)


def hairline_block(*, gap: float) -> Block:
    """A line over what follows."""
    return Block(9.0, lambda painter, y: draw_hairline(painter, y), gap, with_next=True)
