"""The pictures of a report on one image: with the lesion's outline, and in grey under the hatched heat map."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF, QTransform

from app.core.domain.results import Explanation
from app.core.lesion.measure import LesionMeasurement
from app.ui.image.image_view import WHOLE, as_rectangle, in_grey
from app.ui.image.saliency_map import STRENGTH, areas_of, draw_areas, placed
from app.ui.look.tokens import CASING, INK, LIGHT, OUTLINE, PAPER, see_through
from app.ui.paper.page import fitting

HATCH_UNIT = 0.75
"""Pixels of the page for one of the screen's: lines of the heat map stand closer on paper."""


class Picture:
    """An image at its size within a box, with what lies over it."""

    def __init__(self, image: QImage, box: QSizeF, lesion: LesionMeasurement | None = None) -> None:
        self._image = fitting(image, box)
        self._lesion = lesion
        self.size = QSizeF(image.size()).scaled(box, Qt.AspectRatioMode.KeepAspectRatio)

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        place = QRectF(QPointF(x, y), self.size)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)
        if self._lesion is not None and self._lesion.outline is not None:
            _draw_outline(painter, place, self._lesion.outline.points)


class HeatMap(Picture):
    """An image in grey, lightened by half, under what spoke for melanoma in dark lines."""

    def __init__(self, image: QImage, box: QSizeF, explanation: Explanation) -> None:
        grey = in_grey(fitting(image, box)).convertToFormat(QImage.Format.Format_RGB32)
        painter = QPainter(grey)
        painter.fillRect(grey.rect(), see_through(PAPER, 0.5))
        painter.end()
        super().__init__(grey, box)
        self._areas = areas_of(explanation.saliency_map)
        self._area = as_rectangle(explanation.area) or WHOLE

    def draw(self, painter: QPainter, x: float, y: float) -> None:
        super().draw(painter, x, y)
        to_page = placed(self._area, self.size.width(), self.size.height()) * QTransform.fromTranslate(x, y)
        painter.setClipRect(QRectF(QPointF(x, y), self.size))
        draw_areas(painter, self._areas, to_page, strength=STRENGTH, colour=INK, unit=HATCH_UNIT)
        painter.setClipping(False)
        painter.setPen(QPen(LIGHT.line, 1))
        painter.drawRect(QRectF(QPointF(x, y), self.size))


def _draw_outline(painter: QPainter, place: QRectF, points: tuple[tuple[float, float], ...]) -> None:
    """A lesion's outline: bright, with a dark casing, so that it is seen on any skin."""
    line = QPolygonF([QPointF(place.x() + x * place.width(), place.y() + y * place.height()) for x, y in points])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, thickness in ((CASING, 3.0), (OUTLINE, 1.5)):
        painter.setPen(QPen(colour, thickness))
        painter.drawPolygon(line)
