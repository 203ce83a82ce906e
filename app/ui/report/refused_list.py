"""The pictures that can't be assessed on paper, a row each: file, reason, decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from app.core.domain.entry import Mark
from app.ui.look.tokens import LIGHT
from app.ui.paper.flow import Block
from app.ui.paper.page import LEFT, RIGHT, Style, Text, draw_hairline, draw_mark, draw_thumbnail
from app.ui.report.items import ReportItem

PICTURE, NAME, MARK, GAP = 44.0, 176.0, 76.0, 12.0
"""Side of a picture, widths of its name and of the decision, and the distance between columns."""
REASON = RIGHT - LEFT - PICTURE - NAME - MARK - 3 * GAP


def refused_blocks(items: Sequence[ReportItem], name_of: Callable[[ReportItem], str]) -> list[Block]:
    """A block for each picture."""
    blocks = []
    for item in items:
        names = [Text(name_of(item), Style.BODY, NAME, left_to_right=True)]
        if item.record.patient:
            names.append(Text(item.record.patient, Style.CAPTION, NAME, colour=LIGHT.text2))
        reason = Text(item.screening.error or " ".join(item.screening.warnings), Style.BODY, REASON)
        height = max(PICTURE, sum(text.height for text in names), reason.height) + 9
        image = QImage.fromData(item.thumbnail)
        blocks.append(Block(height, partial(_draw, image, names, reason, item.mark, height), 8.0))
    return blocks


def _draw(
    image: QImage,
    names: Sequence[Text],
    reason: Text,
    mark: Mark | None,
    height: float,
    painter: QPainter,
    y: float,
) -> None:
    draw_thumbnail(painter, QRectF(LEFT, y, PICTURE, PICTURE), image)
    x, down = LEFT + PICTURE + GAP, y
    for text in names:
        text.draw(painter, x, down)
        down += text.height
    x += NAME + GAP
    reason.draw(painter, x, y)
    if mark is not None:
        draw_mark(painter, mark, x + REASON + GAP, y)
    draw_hairline(painter, y + height - 1)
