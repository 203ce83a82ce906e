"""The image with zoom and pan and what lies over it; without an image, a hint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsItem, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from app.core.domain.geometry import Box
from app.ui.look.focus_ring import is_by_keyboard
from app.ui.look.tokens import EDGE, LARGE_RADIUS, ON_STAGE, RADIUS, STAGE, font

ZOOM_STEP = 1.25
MAX_ZOOM = 20.0
WHOLE = QRectF(0, 0, 1, 1)
"""The whole image, in fractions of it."""
SALIENCY_MAP_Z, OUTLINE_Z, LINE_Z = 1.0, 2.0, 3.0
"""Order of what lies over the image, which is at 0."""


def to_qimage(rgb: NDArray[np.uint8]) -> QImage:
    """A `QImage` with its own copy of an RGB image of shape (height, width, 3), 0..255."""
    rgb = np.ascontiguousarray(rgb)
    height, width, _ = rgb.shape
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def in_grey(image: QImage) -> QImage:
    """An image in grey (Qt's weights: 11 red, 16 green, 5 blue)."""
    return image.convertToFormat(QImage.Format.Format_Grayscale8)


class ImageView(QGraphicsView):
    """Shows one image: the wheel zooms, a drag pans, `fit` shows it whole. The window handles drops.

    The scene's coordinates are the image's pixels. A new image, or none, removes what lies over it (`show_layer`) and
    emits `image_changed`, so that others remove what they show over the image.

    A tool that wants mouse and keys (`take_mouse`) sees the events of the view and its viewport first, by its
    `eventFilter`. One at a time: `mouse_taken` names the one that has them now, and any other must stop.
    """

    image_changed = Signal()
    zoomed = Signal()
    mouse_taken = Signal(QObject)

    def __init__(self, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = hint
        self._lit = False
        self._fitted = True
        self._item = QGraphicsPixmapItem()
        self._item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._layer: QGraphicsItem | None = None
        self._layer_visible = False
        self._grey_below = True
        self._grey_item = QGraphicsPixmapItem()
        self._grey_item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._grey_item.setVisible(False)
        scene = QGraphicsScene(self)
        scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)  # few items, whose bounds change with the zoom
        scene.addItem(self._item)
        scene.addItem(self._grey_item)
        self.setScene(scene)
        self.setAcceptDrops(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setBackgroundBrush(STAGE)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setAccessibleName(self.tr("Picture"))
        self.setAccessibleDescription(hint)
        self.setMinimumSize(160, 120)

    def show_image(self, image: QImage | None) -> None:
        """Show a whole image, or none; what was over the one before is removed."""
        pixmap = QPixmap() if image is None else QPixmap.fromImage(image)
        self.show_layer(None)
        self._item.setPixmap(pixmap)
        self.scene().setSceneRect(QRectF(pixmap.rect()))
        self.fit()
        self.image_changed.emit()

    def image(self) -> QImage:
        """The image that is shown; a null one for none."""
        return self._item.pixmap().toImage()

    def has_image(self) -> bool:
        return not self._item.pixmap().isNull()

    def image_size(self) -> tuple[int, int]:
        """(width, height) of the image in its own pixels; (0, 0) for none."""
        return self._item.pixmap().width(), self._item.pixmap().height()

    def show_layer(self, item: QGraphicsItem | None) -> None:
        """Lay a graphics item over the current image in place of the one before, or none; the image can turn grey
        under it. It is removed with the image. Raises `ValueError` where there is no image."""
        if item is not None and not self.has_image():
            raise ValueError("there is no image that something could lie on")
        if self._layer is not None:
            self.scene().removeItem(self._layer)
        self._layer = item
        if item is None:
            self._grey_item.setPixmap(QPixmap())
        else:
            item.setZValue(SALIENCY_MAP_Z)
            item.setVisible(self._layer_visible)
            self.scene().addItem(item)
            self._turn_grey()

    def has_layer(self) -> bool:
        """Whether something lies over the image, visible or not."""
        return self._layer is not None

    def set_layer_visible(self, visible: bool) -> None:
        """Whether this and later layers are visible."""
        self._layer_visible = visible
        if self._layer is not None:
            self._layer.setVisible(visible)
        self._turn_grey()

    def is_layer_visible(self) -> bool:
        return self._layer_visible

    def set_grey_below(self, grey: bool) -> None:
        """Whether the image is grey while the layer is visible."""
        self._grey_below = grey
        self._turn_grey()

    def take_mouse(self, tool: QObject) -> None:
        """Give a tool's `eventFilter` mouse and keys before the view; the tool that had them must stop."""
        self.mouse_taken.emit(tool)
        self.installEventFilter(tool)
        self.viewport().installEventFilter(tool)
        self.setFocus()

    def give_mouse_back(self, tool: QObject) -> None:
        """Undo `take_mouse`."""
        self.removeEventFilter(tool)
        self.viewport().removeEventFilter(tool)
        self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)

    def zoom(self) -> float:
        """Pixels of the viewport for each of the image's."""
        return self.transform().m11()

    def image_point(self, position: QPointF) -> QPointF:
        """A place in the viewport, in the image's pixels; it may lie beside the image."""
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(position)

    def nearest_image_point(self, position: QPointF) -> QPointF:
        """The place in the image, in its pixels, nearest to a place in the viewport."""
        point, (width, height) = self.image_point(position), self.image_size()
        return QPointF(min(max(point.x(), 0.0), width), min(max(point.y(), 0.0), height))

    def view_point(self, point: QPointF) -> QPointF:
        """A place in the image's pixels, in the viewport."""
        return self.viewportTransform().map(point)

    def set_hint(self, hint: str) -> None:
        self._hint = hint
        self.viewport().update()

    def set_lit(self, lit: bool) -> None:
        """Highlight the area while something that can be opened is dragged over it."""
        self._lit = lit
        self.viewport().update()

    def fit(self) -> None:
        """The whole image, as large as it fits."""
        self._fitted = True
        self.resetTransform()
        if self.has_image():
            self.fitInView(self._item, Qt.AspectRatioMode.KeepAspectRatio)
        self.viewport().update()
        self.zoomed.emit()

    def zoom_in(self) -> None:
        """One step closer, around the middle."""
        self._zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """One step back; the whole image where it would be smaller than the view."""
        self._zoom(1 / ZOOM_STEP)

    def is_fitted(self) -> bool:
        """Whether the whole image is shown."""
        return self._fitted

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.has_image() or not event.angleDelta().y():
            return
        self._zoom(ZOOM_STEP ** (event.angleDelta().y() / 120))

    def _zoom(self, factor: float) -> None:
        if not self.has_image():
            return
        if factor < 1 and self._smaller_than_view():
            self.fit()
            return
        if self.transform().m11() * factor <= MAX_ZOOM:
            self._fitted = False
            self.scale(factor, factor)
            self.zoomed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.has_image() and not self._lit and not self.hasFocus():
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.viewport().rect()).adjusted(EDGE, EDGE, -EDGE, -EDGE)
        painter.setPen(ON_STAGE)
        if not self.has_image() and self._hint:
            painter.setFont(font())
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._hint)
        if self._lit:
            painter.setPen(QPen(ON_STAGE, 2))
            painter.drawRoundedRect(area, LARGE_RADIUS, LARGE_RADIUS)
        elif self.hasFocus() and is_by_keyboard(self):
            painter.setPen(QPen(ON_STAGE, 2))
            painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(2, 2, -2, -2), RADIUS, RADIUS)

    def _turn_grey(self) -> None:
        """Make the grey image once it is needed; it takes as much memory as the other."""
        grey = self.has_layer() and self._layer_visible and self._grey_below
        if grey and self._grey_item.pixmap().isNull():
            self._grey_item.setPixmap(QPixmap.fromImage(in_grey(self._item.pixmap().toImage())))
        self._grey_item.setVisible(grey)

    def _smaller_than_view(self) -> bool:
        shown = self.mapFromScene(self.sceneRect()).boundingRect()
        return shown.width() <= self.viewport().width() and shown.height() <= self.viewport().height()


def as_rectangle(area: Box) -> QRectF:
    """A `Box` as a rectangle, in fractions of the image."""
    return QRectF(area.left, area.top, area.right - area.left, area.bottom - area.top)
