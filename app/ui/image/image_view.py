"""The image with zoom and pan and a saliency map over it; without an image, the area to drop one on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPixmap,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

from app.core.domain.geometry import Box

ZOOM_STEP = 1.25
MAX_ZOOM = 20.0
WHOLE = QRectF(0, 0, 1, 1)
"""The whole image, in fractions of it."""
SALIENCY_MAP_Z, OUTLINE_Z, LINE_Z = 1.0, 2.0, 3.0
"""Order of what lies over the image, which is at 0."""
CASING = QColor(0, 0, 0, 190)
"""Colour under a bright line, so that it is legible on light and dark skin."""


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

    The scene's coordinates are the image's pixels. A new image, or none, removes the saliency map and emits
    `image_changed`, so that others remove what they show over the image.

    A tool that wants mouse and keys (`take_mouse`) sees the events of the view and its viewport first, by its
    `eventFilter`. One at a time: `mouse_taken` names the one that has them now, and any other must stop.
    """

    image_changed = Signal()
    mouse_taken = Signal(QObject)

    def __init__(self, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = hint
        self._lit = False
        self._fitted = True
        self._item = QGraphicsPixmapItem()
        self._item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._saliency_item = QGraphicsPixmapItem()
        self._saliency_item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._saliency_item.setZValue(SALIENCY_MAP_Z)
        self._saliency_item.setVisible(False)
        self._grey_item = QGraphicsPixmapItem()
        self._grey_item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self._grey_item.setVisible(False)
        scene = QGraphicsScene(self)
        scene.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)  # few items, whose bounds change with the zoom
        scene.addItem(self._item)
        scene.addItem(self._grey_item)
        scene.addItem(self._saliency_item)
        self.setScene(scene)
        self.setAcceptDrops(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.setAccessibleName(self.tr("Picture"))
        self.setAccessibleDescription(hint)
        self.setMinimumSize(240, 240)

    def show_image(self, image: QImage | None) -> None:
        """Show a whole image, or none; what was over the one before is removed."""
        pixmap = QPixmap() if image is None else QPixmap.fromImage(image)
        self.set_saliency_map(None, None)
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

    def set_saliency_map(self, image: QImage | None, area: QRectF | None) -> None:
        """Lay a saliency map (see `saliency_map.to_qimage`) over the current image, or none.

        `area` is its place on the image in fractions (0..1); None for all of it. `set_saliency_map_visible` shows and
        hides it. The image turns grey under it: among brown pigment and red skin an orange would not be seen, or be
        seen where there is none. Raises `ValueError` for an area that is empty or not on the image, and for a saliency
        map without an image.
        """
        if image is None or image.isNull():
            self._saliency_item.setPixmap(QPixmap())
            self._grey_item.setPixmap(QPixmap())
            return
        area = WHOLE if area is None else area
        if area.isEmpty() or not WHOLE.contains(area):
            raise ValueError(f"a saliency map's area must lie within 0..1 of the image, got {area.getRect()}")
        if not self.has_image():
            raise ValueError("there is no image that a saliency map could lie on")
        width, height = self.image_size()
        place = QTransform.fromTranslate(area.x() * width, area.y() * height)
        place.scale(area.width() * width / image.width(), area.height() * height / image.height())
        self._saliency_item.setPixmap(QPixmap.fromImage(image))
        self._saliency_item.setTransform(place)
        self._turn_grey()

    def has_saliency_map(self) -> bool:
        """Whether there is a saliency map, visible or not."""
        return not self._saliency_item.pixmap().isNull()

    def set_saliency_map_visible(self, visible: bool) -> None:
        """Whether this and later saliency maps are visible."""
        self._saliency_item.setVisible(visible)
        self._grey_item.setVisible(visible)
        self._turn_grey()

    def is_saliency_map_visible(self) -> bool:
        return self._saliency_item.isVisible()

    def set_saliency_map_strength(self, strength: float) -> None:
        """Opacity of saliency maps where their colour is full, 0..1."""
        if not 0.0 <= strength <= 1.0:
            raise ValueError(f"a saliency map's strength lies in 0..1, got {strength}")
        self._saliency_item.setOpacity(strength)

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

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self.has_image() or not event.angleDelta().y():
            return
        factor = ZOOM_STEP ** (event.angleDelta().y() / 120)
        if factor < 1 and self._smaller_than_view():
            self.fit()
            return
        if self.transform().m11() * factor <= MAX_ZOOM:
            self._fitted = False
            self.scale(factor, factor)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.has_image() and not self._lit:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.viewport().rect()).adjusted(16, 16, -16, -16)
        colour = self.palette().color(QPalette.ColorRole.Highlight if self._lit else QPalette.ColorRole.Mid)
        painter.setPen(QPen(colour, 4 if self._lit else 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(area, 16, 16)
        if not self.has_image():
            font = self.font()
            font.setPointSizeF(font.pointSizeF() * 1.6)
            painter.setFont(font)
            painter.setPen(self.palette().color(QPalette.ColorRole.Text))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._hint)

    def _turn_grey(self) -> None:
        """Make the grey image once it is needed; it takes as much memory as the other."""
        if self.has_saliency_map() and self.is_saliency_map_visible() and self._grey_item.pixmap().isNull():
            self._grey_item.setPixmap(QPixmap.fromImage(in_grey(self._item.pixmap().toImage())))

    def _smaller_than_view(self) -> bool:
        shown = self.mapFromScene(self.sceneRect()).boundingRect()
        return shown.width() <= self.viewport().width() and shown.height() <= self.viewport().height()


def as_rectangle(area: Box) -> QRectF:
    """A `Box` as a rectangle, in fractions of the image."""
    return QRectF(area.left, area.top, area.right - area.left, area.bottom - area.top)
