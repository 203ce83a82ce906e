"""A line drawn between two marks of a ruler in the image, from which its scale is computed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.ui.image.image_view import LINE_Z, ImageView
from app.ui.look.tokens import CASING, PAPER

TICK = 9.0
"""Half an end's length, in the view's pixels."""
SHORTEST = 8.0
"""Length in the view's pixels below which a line is taken for a slip of the mouse."""


class MeasuringLine(QObject):
    """Attached to a view: `begin`, then press on one mark, drag to the other and let go.

    Beside the image a drag pans; the wheel zooms at any time, and Escape cancels. The line stays until `clear`, the
    next `begin` or another image.
    """

    drawn = Signal(float, float, float, float)
    """x0, y0, x1, y1: both ends in the image's pixels."""
    cancelled = Signal()
    measuring_changed = Signal(bool)

    def __init__(self, view: ImageView) -> None:
        super().__init__(view)
        self._view = view
        self._measuring = False
        self._start: QPointF | None = None
        self._item = _LineItem(view)
        view.scene().addItem(self._item)
        view.image_changed.connect(self._on_image_changed)
        view.mouse_taken.connect(self._on_mouse_taken)

    @property
    def is_measuring(self) -> bool:
        return self._measuring

    @property
    def line(self) -> QLineF | None:
        """The line that is shown, in the image's pixels; None for none."""
        return self._item.line if self._item.isVisible() else None

    def begin(self) -> None:
        """Wait for a line to be drawn; nothing happens without an image."""
        if self._measuring or not self._view.has_image():
            return
        self.clear()
        self._start = None
        self._view.take_mouse(self)
        self._view.viewport().setCursor(Qt.CursorShape.CrossCursor)
        self._measuring = True
        self.measuring_changed.emit(True)

    def cancel(self) -> None:
        """End measuring without a line (Escape)."""
        if self._measuring:
            self.clear()
            self._end()
            self.cancelled.emit()

    def show_line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Show a line between two places in the image's pixels. Nothing is emitted."""
        self._item.set_line(QLineF(x0, y0, x1, y1))

    def clear(self) -> None:
        """Show no line."""
        self._item.setVisible(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._measuring:
            return False
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()  # of a ShortcutOverride: that the key comes here and to no shortcut
            if event.type() == QEvent.Type.KeyPress:
                self.cancel()
            return True
        if not isinstance(event, QMouseEvent) or watched is not self._view.viewport():
            return False
        position = event.position()
        if event.type() == QEvent.Type.MouseMove:
            if self._start is None:
                self._show_cursor(event)
                return False
            self._drag_to(position)
            return True
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            return self._press(position)
        if event.type() == QEvent.Type.MouseButtonRelease and self._start is not None:
            self._drag_to(position)
            self._release()
            return True
        return False

    def _show_cursor(self, event: QMouseEvent) -> None:
        if event.buttons() == Qt.MouseButton.NoButton:  # else it is the view's, which pans
            over = self._picture().contains(self._view.image_point(event.position()))
            self._view.viewport().setCursor(Qt.CursorShape.CrossCursor if over else Qt.CursorShape.OpenHandCursor)

    def _press(self, position: QPointF) -> bool:
        point = self._view.image_point(position)
        if not self._picture().contains(point):
            return False
        self._start = point
        self._item.set_line(QLineF(point, point))
        return True

    def _drag_to(self, position: QPointF) -> None:
        assert self._start is not None
        self._item.set_line(QLineF(self._start, self._view.nearest_image_point(position)))

    def _release(self) -> None:
        line = self._item.line
        self._start = None
        if line.length() * self._view.zoom() < SHORTEST:
            self.clear()
            return
        self._end()
        self.drawn.emit(line.x1(), line.y1(), line.x2(), line.y2())

    def _end(self) -> None:
        self._measuring = False
        self._start = None
        self._view.give_mouse_back(self)
        self.measuring_changed.emit(False)

    def _picture(self) -> QRectF:
        width, height = self._view.image_size()
        return QRectF(0, 0, width, height)

    def _on_image_changed(self) -> None:
        self.clear()
        self.cancel()

    def _on_mouse_taken(self, tool: QObject) -> None:
        if tool is not self:
            self.cancel()


class _LineItem(QGraphicsItem):
    """A bright line in a dark casing with a tick at each end; as thick at any zoom."""

    def __init__(self, view: ImageView) -> None:
        super().__init__()
        self._view = view
        self.line = QLineF()
        self.setZValue(LINE_Z)
        self.setVisible(False)

    def set_line(self, line: QLineF) -> None:
        self.prepareGeometryChange()
        self.line = line
        self.setVisible(True)

    def boundingRect(self) -> QRectF:
        corners = QRectF(self.line.p1(), self.line.p2()).normalized()
        margin = (TICK + 4) / self._view.zoom()
        return corners.adjusted(-margin, -margin, margin, margin)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """In the viewport's pixels, so that thickness and ticks are the same at any zoom."""
        to_view = painter.worldTransform()
        line = to_view.map(self.line)
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lines = [line]
        length = line.length()
        if length > 0:
            across = QPointF(-line.dy(), line.dx()) * (TICK / length)
            lines += [QLineF(end - across, end + across) for end in (line.p1(), line.p2())]
        for colour, width in ((CASING, 4.5), (PAPER, 1.8)):
            painter.setPen(QPen(colour, width, c=Qt.PenCapStyle.RoundCap))
            painter.drawLines(lines)
        painter.restore()
