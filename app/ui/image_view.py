"""The picture, as large as it fits; before there is one, the place to drop it on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsPixmapItem, QGraphicsScene, QGraphicsView, QWidget

ZOOM_STEP = 1.25
MAX_ZOOM = 20.0


def to_qimage(rgb: NDArray[np.uint8]) -> QImage:
    """An RGB picture of shape (height, width, 3), 0..255, as a `QImage` with pixels of its own."""
    rgb = np.ascontiguousarray(rgb)
    height, width, _ = rgb.shape
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


class ImageView(QGraphicsView):
    """Shows one picture: wheel zooms, drag pans, `fit` shows it whole. Drops are the window's matter."""

    def __init__(self, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hint = hint
        self._lit = False
        self._fitted = True
        self._item = QGraphicsPixmapItem()
        self._item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        scene = QGraphicsScene(self)
        scene.addItem(self._item)
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
        """Show a picture whole, or none."""
        pixmap = QPixmap() if image is None else QPixmap.fromImage(image)
        self._item.setPixmap(pixmap)
        self.scene().setSceneRect(QRectF(pixmap.rect()))
        self.fit()

    def has_image(self) -> bool:
        return not self._item.pixmap().isNull()

    def image_size(self) -> tuple[int, int]:
        """(width, height) of the picture shown, in its own pixels; (0, 0) for none."""
        return self._item.pixmap().width(), self._item.pixmap().height()

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

    def _smaller_than_view(self) -> bool:
        shown = self.mapFromScene(self.sceneRect()).boundingRect()
        return shown.width() <= self.viewport().width() and shown.height() <= self.viewport().height()
