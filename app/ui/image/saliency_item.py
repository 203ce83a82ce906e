"""The graphics item that draws a saliency map over the image."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui.image.image_view import WHOLE
from app.ui.image.saliency_map import STRENGTH, MapAreas, draw_areas, placed


class SaliencyItem(QGraphicsItem):
    """A map's areas on their place in an image of a size in pixels; lines are as thick at any zoom."""

    def __init__(self, areas: MapAreas, area: QRectF, size: tuple[int, int], strength: float = STRENGTH) -> None:
        """`area` is the map's place in fractions of the image. Raises `ValueError` for one beyond it."""
        super().__init__()
        if area.isEmpty() or not WHOLE.contains(area):
            raise ValueError(f"a saliency map's area must lie within 0..1 of the image, got {area.getRect()}")
        self.areas = areas
        self._place = placed(area, *size)
        self._bounds = QRectF(0, 0, *size)
        self._strength = strength

    def set_strength(self, strength: float) -> None:
        """Raises `ValueError` for what is not in 0..1."""
        if not 0.0 <= strength <= 1.0:
            raise ValueError(f"a saliency map's strength lies in 0..1, got {strength}")
        self._strength = strength
        self.update()

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        to_view = painter.transform()
        painter.save()
        painter.resetTransform()
        draw_areas(painter, self.areas, self._place * to_view, strength=self._strength)
        painter.restore()
