"""The difference of two pictures."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage, QPixmap, QTransform
from PySide6.QtWidgets import QApplication

from app.core.imaging.reference_image import reference_image
from app.ui.comparison.difference import difference
from app.ui.image.image_view import to_qimage

SAME = [QTransform(), QTransform()]


def values(image: QImage) -> set[int]:
    return {image.pixelColor(x, y).red() for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)}


def test_the_same_picture_has_none_however_it_is_exposed(qapp: QApplication) -> None:
    drawn = reference_image(radius=45)
    lighter = np.minimum(drawn, 230) + 20
    pictures = [QPixmap.fromImage(to_qimage(rgb)) for rgb in (np.minimum(drawn, 230), lighter.astype(np.uint8))]
    found = values(difference(pictures, SAME))
    assert min(found) >= 127
    assert max(found) <= 129


def test_what_is_darker_now_is_dark(qapp: QApplication) -> None:
    then = to_qimage(reference_image(radius=45))
    now = then.copy()
    for x in range(100, 108):
        for y in range(100, 108):
            now.setPixelColor(x, y, QColor(0, 0, 0))
    found = difference([QPixmap.fromImage(then), QPixmap.fromImage(now)], SAME)
    assert found.pixelColor(104, 104).red() < 100
    assert abs(found.pixelColor(10, 10).red() - 128) <= 2


def test_what_one_of_the_two_does_not_show_is_no_difference(qapp: QApplication) -> None:
    picture = QPixmap.fromImage(to_qimage(reference_image(radius=45)))
    apart = [QTransform.fromTranslate(1000, 0), QTransform()]
    assert values(difference([picture, picture], apart)) == {128}
