"""The symbol of each advice as a shape to paint: triangle, diamond, half disc, disc, cross."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from app.core.domain.advice import Advice
from app.ui.widgets.style import ADVICE_COLOURS

_TRIANGLE = ((0.0, -1.0), (1.0, 0.75), (-1.0, 0.75))
_DIAMOND = ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0))
_CROSS = (((-0.7, -0.7), (0.7, 0.7)), ((-0.7, 0.7), (0.7, -0.7)))
_DISC = QRectF(-0.8, -0.8, 1.6, 1.6)


def draw_advice(painter: QPainter, place: QPointF, radius: float, advice: Advice, edge: QColor) -> None:
    """Draw an advice's symbol around a place, within `radius` of it, with an edge of another colour."""
    colour = QColor(ADVICE_COLOURS[advice])
    painter.save()
    painter.translate(place)
    painter.scale(radius, radius)
    if advice is Advice.NOT_ASSESSED:
        painter.setPen(QPen(colour, 0.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for start, end in _CROSS:
            painter.drawLine(QPointF(*start), QPointF(*end))
    else:
        painter.setPen(QPen(edge, 0.16, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(colour)
        painter.drawPath(_outline(advice))
        if advice is Advice.BORDERLINE:
            painter.setBrush(QColor(Qt.GlobalColor.white))
            painter.drawPie(_DISC, -90 * 16, 180 * 16)
    painter.restore()


def _outline(advice: Advice) -> QPainterPath:
    path = QPainterPath()
    if advice is Advice.REFER_MELANOMA:
        path.addPolygon(QPolygonF([QPointF(*corner) for corner in _TRIANGLE]))
    elif advice is Advice.REFER_OTHER_CANCER:
        path.addPolygon(QPolygonF([QPointF(*corner) for corner in _DIAMOND]))
    else:
        path.addEllipse(_DISC)
    path.closeSubpath()
    return path
