"""The graphics item that draws an outline over the image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui.image.image_view import OUTLINE_Z, ImageView
from app.ui.image.outline_shape import Points
from app.ui.look.tokens import CASING, OUTLINE, PAPER, tokens


class OutlineItem(QGraphicsItem):
    """A closed line, bright in a dark casing, with handles where there are any; as thick at any zoom."""

    def __init__(self, view: ImageView) -> None:
        super().__init__()
        self._view = view
        self._line = QPolygonF()
        self._handles: list[QPointF] = []
        self._selected = -1
        self._faint = False
        self._closed = True
        self.setZValue(OUTLINE_Z)
        self.setVisible(False)

    def show_line(
        self, points: Points | None, handles: NDArray[np.intp], selected: int = -1, *, faint: bool = False
    ) -> None:
        """Show a line in the image's pixels with handles on some of its points, the selected one larger; or nothing.

        A faint line is dashed: it is about to be replaced.
        """
        points = np.zeros((0, 2)) if points is None else points
        self._take(
            [QPointF(x, y) for x, y in points], [QPointF(x, y) for x, y in points[handles]], selected, faint=faint
        )

    def show_track(self, track: list[QPointF]) -> None:
        """Show an open line while it is drawn."""
        self._take(track, [], -1, closed=False)
        self.setVisible(True)

    def boundingRect(self) -> QRectF:
        margin = 12 / self._view.zoom()
        return self._line.boundingRect().adjusted(-margin, -margin, margin, margin)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """In the viewport's pixels, so that lines and handles are as large at any zoom."""
        to_view = painter.worldTransform()
        line = to_view.map(self._line)
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((CASING, 4.5), (OUTLINE, 2.0)):
            pen = QPen(colour, width, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin)
            if self._faint:
                pen.setDashPattern([6 / width, 10 / width])
            painter.setPen(pen)
            if self._closed:
                painter.drawPolygon(line)
            else:
                painter.drawPolyline(line)
        chosen = tokens().accent
        for number, handle in enumerate(self._handles):
            is_selected = number == self._selected
            painter.setPen(QPen(CASING, 5.0 if is_selected else 1.5))
            painter.setBrush(chosen if is_selected else OUTLINE)
            radius = 7.0 if is_selected else 4.0
            painter.drawEllipse(to_view.map(handle), radius, radius)
            if is_selected:
                painter.setPen(QPen(PAPER, 2.5))
                painter.drawEllipse(to_view.map(handle), radius, radius)
        painter.restore()

    def _take(
        self, line: list[QPointF], handles: list[QPointF], selected: int, *, faint: bool = False, closed: bool = True
    ) -> None:
        self.prepareGeometryChange()
        self._line = QPolygonF(line)
        self._handles, self._selected = handles, selected
        self._faint, self._closed = faint, closed
        self.update()
