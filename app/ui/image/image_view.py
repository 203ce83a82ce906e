"""The picture, as large as it fits, and a saliency map over it; before there is one, the place to drop it on."""

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
"""All of a picture, in fractions of it."""
SALIENCY_MAP_Z, OUTLINE_Z, LINE_Z = 1.0, 2.0, 3.0
"""What lies over what; the picture is at 0."""
CASING = QColor(0, 0, 0, 190)
"""Under a bright line, so that it is legible on light and dark."""


def to_qimage(rgb: NDArray[np.uint8]) -> QImage:
    """An RGB picture of shape (height, width, 3), 0..255, as a `QImage` with pixels of its own."""
    rgb = np.ascontiguousarray(rgb)
    height, width, _ = rgb.shape
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def in_grey(image: QImage) -> QImage:
    """A picture in the grey of its lightness (Qt's weights: 11 red, 16 green, 5 blue)."""
    return image.convertToFormat(QImage.Format.Format_Grayscale8)


class ImageView(QGraphicsView):
    """Shows one picture: wheel zooms, drag pans, `fit` shows it whole. Drops are the window's matter.

    The scene's coordinates are the picture's pixels. What lies over the picture belongs to that picture: a new one,
    or none, takes the saliency map away and says so by `image_changed`, so that others take theirs away as well.

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
        """Show a picture whole, or none; what lay over the one before is gone."""
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
        """(width, height) of the picture shown, in its own pixels; (0, 0) for none."""
        return self._item.pixmap().width(), self._item.pixmap().height()

    def set_saliency_map(self, image: QImage | None, area: QRectF | None) -> None:
        """Lay a saliency map (see `saliency_map.to_qimage`) over the picture that is shown, or none.

        `area` is where on the picture it lies, in fractions of it (0..1); None for all of it. Whether it is seen is
        `set_saliency_map_visible`'s matter. The picture turns grey under it: among brown pigment and red skin an orange
        would not be seen, or be seen where there is none. Raises `ValueError` for an area that is empty or not on the
        picture, and for a saliency map without a picture.
        """
        if image is None or image.isNull():
            self._saliency_item.setPixmap(QPixmap())
            self._grey_item.setPixmap(QPixmap())
            return
        area = WHOLE if area is None else area
        if area.isEmpty() or not WHOLE.contains(area):
            raise ValueError(f"a saliency map's area must lie within 0..1 of the picture, got {area.getRect()}")
        if not self.has_image():
            raise ValueError("there is no picture that a saliency map could lie on")
        width, height = self.image_size()
        place = QTransform.fromTranslate(area.x() * width, area.y() * height)
        place.scale(area.width() * width / image.width(), area.height() * height / image.height())
        self._saliency_item.setPixmap(QPixmap.fromImage(image))
        self._saliency_item.setTransform(place)
        self._turn_grey()

    def has_saliency_map(self) -> bool:
        """Whether one is there, seen or not."""
        return not self._saliency_item.pixmap().isNull()

    def set_saliency_map_visible(self, visible: bool) -> None:
        """Whether saliency maps are seen, this one and those to come."""
        self._saliency_item.setVisible(visible)
        self._grey_item.setVisible(visible)
        self._turn_grey()

    def is_saliency_map_visible(self) -> bool:
        return self._saliency_item.isVisible()

    def set_saliency_map_strength(self, strength: float) -> None:
        """How much of the picture saliency maps cover where their colour is full: 0 (nothing) .. 1 (all)."""
        if not 0.0 <= strength <= 1.0:
            raise ValueError(f"a saliency map's strength lies in 0..1, got {strength}")
        self._saliency_item.setOpacity(strength)

    def take_mouse(self, tool: QObject) -> None:
        """Let a tool's `eventFilter` have mouse and keys first, and no other's."""
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
        """The viewport's pixels to one of the picture's."""
        return self.transform().m11()

    def image_point(self, position: QPointF) -> QPointF:
        """A place in the viewport -> the same in the picture's pixels, which may lie beside it."""
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(position)

    def view_point(self, point: QPointF) -> QPointF:
        """A place in the picture's pixels -> the same in the viewport."""
        return self.viewportTransform().map(point)

    def set_hint(self, hint: str) -> None:
        self._hint = hint
        self.viewport().update()

    def set_lit(self, lit: bool) -> None:
        """Light the area up while something that can be taken is dragged over it."""
        self._lit = lit
        self.viewport().update()

    def fit(self) -> None:
        """The whole picture, as large as it fits."""
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
        """Make the grey picture once it is needed: it takes as much memory as the other."""
        if self.has_saliency_map() and self.is_saliency_map_visible() and self._grey_item.pixmap().isNull():
            self._grey_item.setPixmap(QPixmap.fromImage(in_grey(self._item.pixmap().toImage())))

    def _smaller_than_view(self) -> bool:
        shown = self.mapFromScene(self.sceneRect()).boundingRect()
        return shown.width() <= self.viewport().width() and shown.height() <= self.viewport().height()


def as_rectangle(area: Box) -> QRectF:
    """In fractions of the picture."""
    return QRectF(area.left, area.top, area.right - area.left, area.bottom - area.top)
