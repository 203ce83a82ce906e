"""The symbol of each advice as a shape to paint: triangle, diamond, half disc, disc, cross."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.core.domain.advice import Advice
from app.ui.look.tokens import Tokens, tokens

SIDE = 24
"""The grid that the shapes are drawn on."""


def advice_path(advice: Advice) -> QPainterPath:
    """An advice's filled shape on a grid of 24; empty for the cross, which has lines only (see `draw_advice`)."""
    path = QPainterPath()
    if advice is Advice.REFER_MELANOMA:
        _polygon(path, ((12, 2.6), (22.6, 21), (1.4, 21)))
    elif advice is Advice.REFER_OTHER_CANCER:
        _polygon(path, ((12, 1), (23, 12), (12, 23), (1, 12)))
    elif advice is Advice.BORDERLINE:
        path.moveTo(12, 3)
        path.arcTo(QRectF(3, 3, 18, 18), 90, 180)
        path.closeSubpath()
    elif advice is Advice.BELOW_THRESHOLD:
        path.addEllipse(QPointF(12, 12), 8.6, 8.6)
    return path


def draw_advice(
    painter: QPainter, rect: QRectF, advice: Advice, colour: QColor | None = None, *, halo: QColor | None = None
) -> None:
    """Draw an advice's symbol into a square, in its own colour or another, with a halo of 1.5 px where there is one."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / SIDE, rect.height() / SIDE)
    if halo is not None:
        wide = 2 * 1.5 * SIDE / rect.width()
        painter.setPen(QPen(halo, wide, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(halo)
        painter.drawPath(_outline(advice))
    _draw(painter, advice, colour or tokens().advice[advice].symbol)
    painter.restore()


def _draw(painter: QPainter, advice: Advice, colour: QColor) -> None:
    """Draw the shape on its own grid."""
    painter.fillPath(advice_path(advice), colour)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if advice is Advice.BORDERLINE:
        painter.setPen(QPen(colour, 2.6))
        painter.drawEllipse(QPointF(12, 12), 9, 9)
    elif advice is Advice.NOT_ASSESSED:
        painter.setPen(QPen(colour, 3.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(4.6, 4.6), QPointF(19.4, 19.4))
        painter.drawLine(QPointF(19.4, 4.6), QPointF(4.6, 19.4))


def _outline(advice: Advice) -> QPainterPath:
    """What a halo goes around."""
    if advice is not Advice.BORDERLINE:
        return advice_path(advice)
    path = QPainterPath()
    path.addEllipse(QPointF(12, 12), 10.3, 10.3)
    return path


def _polygon(path: QPainterPath, corners: tuple[tuple[float, float], ...]) -> None:
    path.moveTo(*corners[0])
    for corner in corners[1:]:
        path.lineTo(*corner)
    path.closeSubpath()


class AdviceSymbol(QWidget):
    """An advice's symbol beside its words, which name it for a screen reader."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._advice: Advice | None = None
        self._on_band = False
        self.setFixedSize(QSize(side, side))

    @property
    def advice(self) -> Advice | None:
        return self._advice

    def show_advice(self, advice: Advice | None, *, on_band: bool = False) -> None:
        """Show an advice's symbol, or none; `on_band`: in the colour that its band has for it."""
        self._advice, self._on_band = advice, on_band
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._advice is not None:
            colour = band_symbol(tokens(), self._advice) if self._on_band else None
            draw_advice(QPainter(self), QRectF(self.rect()), self._advice, colour)


def band_symbol(colours: Tokens, advice: Advice) -> QColor:
    """The symbol's colour on its band: the text's on a dark one, else its own."""
    own = colours.advice[advice]
    return own.text if advice.refers else own.symbol
