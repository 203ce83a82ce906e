"""Distances, colours and fonts that the widgets share."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QLabel, QWidget

from app.core.domain.advice import Advice
from app.core.domain.results import THUMBNAIL_SIDE

GRID = 8
"""Unit of all distances, in pixels."""
SUSPECTED = "#d55e00"
CLEAR = "#0072b2"
"""Orange and blue that colour-blind eyes tell apart (Okabe and Ito, 2008); never the only sign."""
ADVICE_COLOURS = {
    Advice.REFER_MELANOMA: SUSPECTED,
    Advice.REFER_OTHER_CANCER: "#8150c8",
    Advice.BORDERLINE: "#b87900",
    Advice.BELOW_THRESHOLD: CLEAR,
    Advice.NOT_ASSESSED: "#66717d",
}
"""Of the advice's symbols."""
MIN_POINT_SIZE = 11.0


def label(text: str = "", *, size: float = 1.0, bold: bool = False, parent: QWidget | None = None) -> QLabel:
    """A label that wraps, `size` times the usual font."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)  # a file's name is no HTML
    made.setWordWrap(True)
    font = made.font()
    font.setPointSizeF(max(font.pointSizeF(), MIN_POINT_SIZE) * size)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    made.setFont(font)
    return made


def thumbnail_icon(jpeg: bytes) -> QIcon:
    """A thumbnail (JPEG) centred in a square, so that all are aligned; an empty square for none."""
    square = QPixmap(THUMBNAIL_SIDE, THUMBNAIL_SIDE)
    square.fill(Qt.GlobalColor.transparent)
    image = QPixmap()
    if image.loadFromData(jpeg):
        painter = QPainter(square)
        painter.drawPixmap((square.width() - image.width()) // 2, (square.height() - image.height()) // 2, image)
        painter.end()
    icon = QIcon(square)
    icon.addPixmap(square, QIcon.Mode.Selected)  # else Qt tints it, and its colours with it
    return icon
