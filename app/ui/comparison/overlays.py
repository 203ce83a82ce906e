"""What is drawn over compared pictures: a bar of known length, and the points by which they are aligned by hand."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from app.ui.look.tokens import CASING, ON_STAGE, OUTLINE, TextStyle, font


def draw_scale_bar(painter: QPainter, start: QPointF, pixels: float, words: str) -> None:
    """Draw a bar from a point to the right, with its length in words above."""
    painter.setPen(QPen(ON_STAGE, 2))
    painter.drawLine(start, start + QPointF(pixels, 0))
    for end in (start, start + QPointF(pixels, 0)):
        painter.drawLine(end, end - QPointF(0, 6))
    painter.setFont(font(TextStyle.CAPTION))
    painter.drawText(start - QPointF(0, 10), words)


def draw_point(painter: QPainter, point: QPointF, number: int) -> None:
    """Draw a numbered ring, which is seen on light and dark skin."""
    for colour, width in ((CASING, 5), (OUTLINE, 2)):
        painter.setPen(QPen(colour, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(point, 8, 8)
    painter.setFont(font(TextStyle.BODY_STRONG))
    painter.setPen(OUTLINE)
    painter.drawText(point + QPointF(12, -8), str(number))
