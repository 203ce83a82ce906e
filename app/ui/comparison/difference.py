"""The difference of two pictures that lie on each other, as a picture in grey."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPixmap, QTransform

SIDE = 800
"""Pixels of the difference's longer side, at most."""
GAIN = 1.5
"""Grey values for a difference of one: what is seen on skin is a small part of the range."""


def difference(pictures: Sequence[QPixmap], transforms: Sequence[QTransform], side: int = SIDE) -> QImage:
    """How much lighter or darker each place of the second picture is, in the second picture's frame.

    `transforms` lead from each picture's pixels to the frame. Each picture's own mean over what both show is taken off
    first, so that another exposure is no difference. 128 is none, and stands where one of the two shows nothing.
    """
    frame = pictures[1]
    scale = min(1.0, side / max(frame.width(), frame.height()))
    size = QSize(max(1, round(frame.width() * scale)), max(1, round(frame.height() * scale)))
    layers, masks = [], []
    for picture, transform in zip(pictures, transforms, strict=True):
        layer, mask = _drawn(picture, transform * QTransform.fromScale(scale, scale), size)
        layers.append(layer)
        masks.append(mask)
    both = masks[0] & masks[1]
    grey = np.full(both.shape, 128, np.uint8)
    if both.any():
        then, now = (layer - float(layer[both].mean()) for layer in layers)
        grey = np.where(both, (128 + GAIN * (now - then)).clip(0, 255), 128).astype(np.uint8)
    grey = np.ascontiguousarray(grey)
    return QImage(grey.data, size.width(), size.height(), size.width(), QImage.Format.Format_Grayscale8).copy()


def _drawn(picture: QPixmap, transform: QTransform, size: QSize) -> tuple[np.ndarray, np.ndarray]:
    """A picture's brightness in the frame, and where it shows anything."""
    drawn = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setTransform(transform)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    rows = np.frombuffer(drawn.constBits(), np.uint8).reshape(size.height(), drawn.bytesPerLine() // 4, 4)
    pixels = rows[:, : size.width()]
    return pixels[..., :3].astype(np.float32).mean(axis=2), pixels[..., 3] > 250
