"""Images as a report shows them: their sizes on the page, the outline on them, the probability scale."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen, QPolygonF

from app.core.domain.results import Prediction
from app.core.lesion.measure import LesionMeasurement
from app.ui.image.image_view import CASING
from app.ui.image.outline_item import BRIGHT
from app.ui.report.pdf import POINT
from app.ui.result.probability_scale import draw_scale

IMAGE = QSize(295, 295) * POINT
SALIENCY_MAP = QSize(160, 160) * POINT
THUMBNAIL = QSize(48, 36) * POINT
SCALE = QSize(195, 36) * POINT
PRINTED = 300 / 720
"""Pixels of an image for each of the page's: 300 in an inch are enough."""


def scale_image(prediction: Prediction) -> QImage:
    """The window's scale in black on white, with as much lettering as `SCALE` has room for."""
    image = QImage(SCALE * PRINTED, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    font = QFont()
    font.setPixelSize(round(7 * POINT * PRINTED))
    painter = QPainter(image)
    painter.setFont(font)
    draw_scale(painter, QRectF(image.rect()), prediction, QColor("black"))
    painter.end()
    return image


def outlined(image: QImage, lesion: LesionMeasurement | None) -> QImage:
    """An image with the lesion's outline on it, if there is one: bright, with a dark casing."""
    if lesion is None or lesion.outline is None or image.isNull():
        return image
    made = image.convertToFormat(QImage.Format.Format_RGB32)
    width, height = made.width(), made.height()
    points = QPolygonF([QPointF(x * width, y * height) for x, y in lesion.outline.points])
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, thickness in ((CASING, 5.0), (BRIGHT, 2.5)):
        painter.setPen(QPen(colour, thickness))
        painter.drawPolygon(points)
    painter.end()
    return made


def fitting(image: QImage, box: QSize) -> QImage:
    """An image with no more pixels than are printed in a box."""
    limit = box * PRINTED
    if image.width() <= limit.width() and image.height() <= limit.height():
        return image
    return image.scaled(limit, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)
