"""Two pictures of a lesion in one frame: side by side, under a slider, by turns, or as a difference."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QTransform, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.lesion.similarity import Similarity
from app.ui.comparison.difference import difference
from app.ui.comparison.overlays import draw_point, draw_scale_bar
from app.ui.look.focus_ring import is_by_keyboard
from app.ui.look.tokens import EDGE, ON_STAGE, RADIUS, STAGE

BLINK = 500
"""Milliseconds that each picture is shown: two changes a second at most."""
ZOOM_STEP, MOST = 1.25, 20.0
GAP = 2
"""Pixels between the two panes."""
SCALE_BAR = 2.0
"""Millimetres."""
POINTS = 2
"""Pairs of points by which pictures are aligned by hand."""


class Mode(Enum):
    SIDE_BY_SIDE, SLIDER, BLINK, DIFFERENCE = (auto() for _ in range(4))


@dataclass(frozen=True)
class Shown:
    """A picture and the width of what it shows in mm, where that is known."""

    image: QImage
    field_width: float | None = None


class CompareCanvas(QWidget):
    """Draws the earlier and the later picture. Coordinates are those of the later picture's pixels.

    The wheel zooms, a drag pans; keys: plus, minus, 0, the arrows; in the slider's mode left and right move it. While
    points are taken (`begin_points`), a click sets one: in the earlier picture, in the later one, and so on.
    """

    points_taken = Signal(object)
    """With the points (n, 2) of the earlier and of the later picture, in units of the longer side from the centre."""
    points_changed = Signal(int)
    """With the number of points that are set."""
    zoomed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: list[Shown | None] = [None, None]
        self._pixmaps = [QPixmap(), QPixmap()]
        self._alignment: Similarity | None = None
        self._difference: QImage | None = None
        self._mode = Mode.SIDE_BY_SIDE
        self.is_linked = True
        self.views = [QTransform(), QTransform()]
        """From the frame to the pixels of each pane."""
        self._fitted = True
        self._slider = 0.5
        self.shows_now = True
        """Whether the later picture is the one that is shown while they take turns."""
        self._dragged: QPointF | None = None
        self._points: list[tuple[float, float]] | None = None
        self._timer = QTimer(self, interval=BLINK)
        self._timer.timeout.connect(self._on_blink)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(200, 150)

    @property
    def mode(self) -> Mode:
        return self._mode

    def show_pictures(self, then: Shown | None, now: Shown | None) -> None:
        """Show two pictures, not aligned yet."""
        self._pictures = [then, now]
        self._pixmaps = [QPixmap.fromImage(each.image) if each else QPixmap() for each in (then, now)]
        self._points = None
        self.set_alignment(None)
        self.fit()

    def set_alignment(self, alignment: Similarity | None) -> None:
        """Lay the earlier picture on the later one, or show both as they are."""
        self._alignment = alignment
        self._difference = None
        self.update()

    def set_mode(self, mode: Mode) -> None:
        self._mode = mode
        if mode is Mode.BLINK:
            self._timer.start()
        else:
            self._timer.stop()
        if self._fitted:
            self.fit()
        self.update()

    def set_linked(self, linked: bool) -> None:
        """Whether zoom and pan of one pane move the other."""
        self.is_linked = linked
        if linked:
            self.views[0] = QTransform(self.views[1])
        self.update()

    def fit(self) -> None:
        """Show the later picture whole in its pane."""
        now, pane = self._pixmaps[1], self.panes()[1]
        self._fitted = True
        if now.isNull() or pane.isEmpty():
            return
        scale = min(pane.width() / now.width(), pane.height() / now.height())
        view = QTransform.fromTranslate(pane.width() / 2, pane.height() / 2)
        view.scale(scale, scale)
        view.translate(-now.width() / 2, -now.height() / 2)
        self.views = [QTransform(view), QTransform(view)]
        self.zoomed.emit()
        self.update()

    def zoom(self, factor: float, at: QPointF | None = None, pane: int = 1) -> None:
        """Zoom around a point of a pane (its middle, without one)."""
        at = at if at is not None else QPointF(self.panes()[pane].width() / 2, self.panes()[pane].height() / 2)
        if not 0.02 < self.views[pane].m11() * factor < MOST:
            return
        self._fitted = False
        step = QTransform.fromTranslate(at.x(), at.y()).scale(factor, factor).translate(-at.x(), -at.y())
        for number in self._moved(pane):
            self.views[number] = self.views[number] * step
        self.zoomed.emit()
        self.update()

    def begin_points(self) -> None:
        """Take pairs of points, side by side."""
        self.set_mode(Mode.SIDE_BY_SIDE)
        self._points = []
        self.points_changed.emit(0)
        self.setFocus()
        self.update()

    def end_points(self) -> None:
        """Take no more points."""
        self._points = None
        self.update()

    @property
    def takes_points(self) -> bool:
        return self._points is not None

    def frame_transform(self, number: int) -> QTransform:
        """From the pixels of the earlier (0) or the later (1) picture to the frame."""
        if number == 1:
            return QTransform()
        then, now = self._pixmaps
        if then.isNull() or now.isNull():
            return QTransform()
        alignment = self._alignment or Similarity(0.0, 1.0, (0.0, 0.0))
        matrix = alignment.matrix((then.width(), then.height()), (now.width(), now.height()))
        return QTransform(*matrix.T.ravel())

    def sizeHint(self) -> QSize:
        return QSize(800, 500)

    def resizeEvent(self, event: object) -> None:
        if self._fitted:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.angleDelta().y():
            pane = self._pane_at(event.position())
            at = event.position() - self.panes()[pane].topLeft()
            self.zoom(ZOOM_STEP ** (event.angleDelta().y() / 120), at, pane)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._points is not None:
            self._take_point(event.position())
            return
        self._dragged = event.position()
        if self._mode is Mode.SLIDER:
            self._move_slider(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is None:
            return None
        moved, self._dragged = event.position() - self._dragged, event.position()
        if self._mode is Mode.SLIDER:
            return self._move_slider(event.position().x())
        return self._pan(moved, self._pane_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, step = Qt.Key(event.key()), 40.0
        moves = {
            Qt.Key.Key_Left: QPointF(step, 0),
            Qt.Key.Key_Right: QPointF(-step, 0),
            Qt.Key.Key_Up: QPointF(0, step),
            Qt.Key.Key_Down: QPointF(0, -step),
        }
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.zoom(ZOOM_STEP if key == Qt.Key.Key_Plus else 1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif self._mode is Mode.SLIDER and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            change = 0.02 if key == Qt.Key.Key_Right else -0.02
            self._slider = min(max(self._slider + change, 0.0), 1.0)
            self.update()
        elif key in moves:
            self._pan(moves[key], 1)
        elif key == Qt.Key.Key_Escape and self._points is not None:
            self.end_points()
            self.points_changed.emit(-1)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), STAGE)
        panes = self.panes()
        if self._mode is Mode.SIDE_BY_SIDE:
            for number, pane in enumerate(panes):
                self._draw_picture(painter, number, pane)
        elif self._mode is Mode.SLIDER:
            at = panes[1].x() + panes[1].width() * self._slider
            self._draw_picture(painter, 1, panes[1])
            left = QRectF(panes[1].x(), panes[1].y(), at - panes[1].x(), panes[1].height())
            painter.fillRect(left, STAGE)
            self._draw_picture(painter, 0, panes[1], clip=left)
            painter.fillRect(QRectF(at - 1, panes[1].y(), 2, panes[1].height()), ON_STAGE)
        elif self._mode is Mode.BLINK:
            self._draw_picture(painter, int(self.shows_now), panes[1])
        else:
            self._draw_difference(painter, panes[1])
        if self._points is not None:
            self._draw_points(painter)
        if self.hasFocus() and is_by_keyboard(self):
            painter.setPen(QPen(ON_STAGE, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), RADIUS, RADIUS)

    def _draw_picture(self, painter: QPainter, number: int, pane: QRectF, clip: QRectF | None = None) -> None:
        """Draw a picture into a pane, with its scale."""
        if self._pixmaps[number].isNull():
            return
        painter.save()
        painter.setClipRect(clip if clip is not None else pane)
        painter.translate(pane.topLeft())
        view = self.views[number if self._mode is Mode.SIDE_BY_SIDE else 1]
        painter.setTransform(self.frame_transform(number) * view, combine=True)
        painter.drawPixmap(0, 0, self._pixmaps[number])
        painter.restore()
        if clip is None:
            self._draw_scale(painter, number, pane, view)

    def _draw_scale(self, painter: QPainter, number: int, pane: QRectF, view: QTransform) -> None:
        shown = self._pictures[number]
        if shown is None or not shown.field_width:
            return
        scale = self.frame_transform(number) * view
        pixels = SCALE_BAR * shown.image.width() / shown.field_width * math.hypot(scale.m11(), scale.m12())
        start = pane.bottomLeft() + QPointF(EDGE + 8, -EDGE)
        draw_scale_bar(painter, start, pixels, self.tr("2 mm"))

    def _draw_difference(self, painter: QPainter, pane: QRectF) -> None:
        if self._pixmaps[0].isNull() or self._pixmaps[1].isNull():
            return
        if self._difference is None:
            self._difference = difference(self._pixmaps, [self.frame_transform(number) for number in (0, 1)])
        painter.save()
        painter.setClipRect(pane)
        painter.translate(pane.topLeft())
        painter.setTransform(self.views[1], combine=True)
        now = self._pixmaps[1]
        painter.drawImage(QRectF(0, 0, now.width(), now.height()), self._difference)
        painter.restore()
        self._draw_scale(painter, 1, pane, self.views[1])

    def _draw_points(self, painter: QPainter) -> None:
        for number, (x, y) in enumerate(self._points or ()):
            pane = number % 2
            point = (self.frame_transform(pane) * self.views[pane]).map(QPointF(x, y)) + self.panes()[pane].topLeft()
            draw_point(painter, point, number // 2 + 1)

    def _take_point(self, position: QPointF) -> None:
        """Set the next point where it lies in the picture that is asked for; a click beside it sets none."""
        assert self._points is not None
        number = len(self._points) % 2
        pane = self.panes()[number]
        if not pane.contains(position):
            return
        inverse, _ = (self.frame_transform(number) * self.views[number]).inverted()
        point, pixmap = inverse.map(position - pane.topLeft()), self._pixmaps[number]
        if not QRectF(0, 0, pixmap.width(), pixmap.height()).contains(point):
            return
        self._points.append((point.x(), point.y()))
        self.points_changed.emit(len(self._points))
        self.update()
        if len(self._points) == 2 * POINTS:
            pairs = [self._in_units(self._points[each::2], each) for each in (0, 1)]
            self._points = None
            self.points_taken.emit(pairs)

    def _in_units(self, points: list[tuple[float, float]], number: int) -> np.ndarray:
        """Points in pixels, in units of the longer side from the centre."""
        size = self._pixmaps[number].size()
        return (np.array(points) - (size.width() / 2, size.height() / 2)) / max(size.width(), size.height())

    def panes(self) -> list[QRectF]:
        """Where the earlier and the later picture are drawn; the earlier one at the leading side."""
        whole = QRectF(self.rect())
        if self._mode is not Mode.SIDE_BY_SIDE:
            return [whole, whole]
        width = (whole.width() - GAP) / 2
        panes = [QRectF(0, 0, width, whole.height()), QRectF(width + GAP, 0, width, whole.height())]
        return panes if self.layoutDirection() == Qt.LayoutDirection.LeftToRight else panes[::-1]

    def _pane_at(self, point: QPointF) -> int:
        return 0 if self._mode is Mode.SIDE_BY_SIDE and self.panes()[0].contains(point) else 1

    def _moved(self, pane: int) -> tuple[int, ...]:
        return (0, 1) if self.is_linked else (pane,)

    def _pan(self, by: QPointF, pane: int) -> None:
        self._fitted = False
        for number in self._moved(pane):
            self.views[number] = self.views[number] * QTransform.fromTranslate(by.x(), by.y())
        self.update()

    def _move_slider(self, x: float) -> None:
        self._slider = min(max(x / max(1, self.width()), 0.0), 1.0)
        self.update()

    def _on_blink(self) -> None:
        self.shows_now = not self.shows_now
        self.update()
