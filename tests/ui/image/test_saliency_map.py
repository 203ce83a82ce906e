from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.imaging.reference_image import reference_image
from app.ui.image import saliency_map
from app.ui.image.image_view import ImageView, to_qimage
from app.ui.image.saliency_map import FULL_COLOUR_AT, SaliencyMapControls, painted
from app.ui.widgets.style import CLEAR, SUSPECTED
from tests.ui.image.pointer import HEIGHT, WIDTH, drag, in_view, is_blue, is_grey, is_orange, seen, wheel


# --- Heat map
def colour_of(value: float, full_colour_at: float = FULL_COLOUR_AT) -> QColor:
    return saliency_map.to_qimage(np.full((1, 1), value, np.float32), full_colour_at).pixelColor(5, 5)


def test_the_sign_is_the_colour_and_the_size_the_opacity() -> None:
    assert colour_of(FULL_COLOUR_AT) == QColor(SUSPECTED)
    assert colour_of(-FULL_COLOUR_AT) == QColor(CLEAR)
    assert colour_of(100.0) == QColor(SUSPECTED)
    assert colour_of(0.0).alpha() == 0
    assert colour_of(-3.0, 6.0).alpha() == pytest.approx(128, abs=1)
    assert is_blue(colour_of(-3.0, 6.0))
    assert is_orange(colour_of(1.5, 6.0))
    assert colour_of(1.5, 6.0).alpha() == pytest.approx(64, abs=1)


def test_one_value_has_one_colour_in_every_map() -> None:
    weak, strong = np.full((3, 3), 2.0, np.float32), np.full((3, 3), 2.0, np.float32)
    strong[2, 2] = 9.0
    assert saliency_map.to_qimage(weak).pixelColor(0, 0) == saliency_map.to_qimage(strong).pixelColor(0, 0)


def channels(image: QImage) -> list[NDArray[np.int64]]:
    """Premultiplied blue, green, red and alpha, each of shape (height, width), 0..255."""
    words = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    return [((words >> shift) & 255).astype(np.int64) for shift in (0, 8, 16, 24)]


def test_interpolation_keeps_values_has_no_steps_and_claims_nothing() -> None:
    values = np.zeros((6, 6), np.float32)
    values[2, 3], values[4, 1] = FULL_COLOUR_AT, -FULL_COLOUR_AT
    image = saliency_map.to_qimage(values)
    assert image.format() == QImage.Format.Format_ARGB32_Premultiplied
    cell = image.width() / 6
    assert image.pixelColor(int(3.5 * cell), int(2.5 * cell)).alpha() > 250
    assert is_blue(image.pixelColor(int(1.5 * cell), int(4.5 * cell)))
    blue, _, red, alpha = channels(image)
    assert max(np.abs(np.diff(alpha, axis=axis)).max() for axis in (0, 1)) < 16
    top = slice(0, int(3.5 * cell))  # away from the negative value
    assert (red[top] >= blue[top]).all()  # a cubic alone would overshoot to blue
    assert alpha[:, int(5.6 * cell) :].max() == 0


def test_a_map_that_is_not_square_keeps_its_sides() -> None:
    image = saliency_map.to_qimage(np.array([[5.0, 5.0, -5.0, -5.0], [5.0, 5.0, 5.0, 5.0]], np.float32))
    assert (image.width(), image.height()) == (256, 128)
    assert is_blue(image.pixelColor(250, 5))
    assert is_orange(image.pixelColor(5, 5))
    assert is_orange(image.pixelColor(250, 120))


@pytest.mark.parametrize(
    ("values", "full"),
    [
        (np.zeros(4), 6.0),
        (np.zeros((0, 3)), 6.0),
        (np.array([[np.nan]]), 6.0),
        (np.array([[np.inf]]), 6.0),
        (np.zeros((2, 2)), 0.0),
        (np.zeros((2, 2)), math.nan),
    ],
)
def test_what_is_no_map_is_refused(values: NDArray[np.float32], full: float) -> None:
    with pytest.raises(ValueError, match=r"expected a map|must be positive"):
        saliency_map.to_qimage(values, full)


FULL = saliency_map.to_qimage(np.full((6, 6), 99.0, np.float32))
AREA = QRectF(0.25, 0.5, 0.5, 0.25)


def edges_of_area(view: ImageView) -> list[bool]:
    """Whether it is orange just within and just outside each side of `AREA`."""
    step = 4 / min(WIDTH, HEIGHT) / view.zoom()
    middle = AREA.center()
    places = [
        (x, middle.y()) for x in (AREA.left() + step, AREA.right() - step, AREA.left() - step, AREA.right() + step)
    ] + [(middle.x(), y) for y in (AREA.top() + step, AREA.bottom() - step, AREA.top() - step, AREA.bottom() + step)]
    return [is_orange(seen(view, *place)) for place in places]


def test_a_saliency_map_lies_on_its_area_at_any_zoom(view: ImageView) -> None:
    view.set_saliency_map(FULL, AREA)
    view.set_saliency_map_visible(True)
    expected = [True, True, False, False] * 2
    assert edges_of_area(view) == expected
    view.resize(700, 400)
    assert edges_of_area(view) == expected
    wheel(view, in_view(view, 0.5, 0.6), 2)
    start = view.view_point(QPointF(0, 0))
    drag(view, in_view(view, 0.5, 0.6), in_view(view, 0.5, 0.6) + QPoint(-30, -20))
    assert view.view_point(QPointF(0, 0)) != start
    assert edges_of_area(view) == expected


def test_a_saliency_map_is_shown_when_asked_and_as_strong_as_asked(view: ImageView) -> None:
    plain = view.grab().toImage()
    view.set_saliency_map(FULL, None)
    assert view.has_saliency_map()
    assert view.grab().toImage() == plain
    view.set_saliency_map_visible(True)
    view.set_saliency_map_strength(1.0)
    assert seen(view, 0.5, 0.5) == QColor(SUSPECTED)
    view.set_saliency_map_strength(0.5)
    weaker = seen(view, 0.5, 0.5)
    assert weaker != QColor(SUSPECTED)
    assert is_orange(weaker)
    view.set_saliency_map_strength(0.0)
    assert is_grey(seen(view, 0.5, 0.5))
    view.set_saliency_map_visible(False)
    assert view.grab().toImage() == plain
    with pytest.raises(ValueError, match="strength"):
        view.set_saliency_map_strength(1.1)


def test_the_picture_is_grey_under_a_saliency_map_so_that_skin_is_not_taken_for_it(view: ImageView) -> None:
    before = seen(view, 0.1, 0.1)
    assert not is_grey(before)
    view.set_saliency_map_visible(True)
    assert seen(view, 0.1, 0.1) == before
    view.set_saliency_map(FULL, AREA)
    assert is_grey(seen(view, 0.1, 0.1))
    view.set_saliency_map(None, None)
    assert seen(view, 0.1, 0.1) == before


def test_a_saliency_map_goes_with_its_picture(view: ImageView) -> None:
    view.set_saliency_map_visible(True)
    view.set_saliency_map(FULL, None)
    other = to_qimage(np.full((50, 80, 3), (200, 10, 90), np.uint8))
    view.show_image(other)
    assert not view.has_saliency_map()
    assert seen(view, 0.5, 0.5) == QColor(200, 10, 90)
    view.set_saliency_map(FULL, None)
    assert is_orange(seen(view, 0.9, 0.9))
    view.show_image(None)
    assert not view.has_saliency_map()
    with pytest.raises(ValueError, match="no image"):
        view.set_saliency_map(FULL, None)


@pytest.mark.parametrize("area", [QRectF(0.5, 0.5, 0.6, 0.1), QRectF(-0.1, 0, 0.5, 0.5), QRectF(0.1, 0.1, 0, 0.5)])
def test_an_area_that_is_not_on_the_picture_is_refused(view: ImageView, area: QRectF) -> None:
    with pytest.raises(ValueError, match="area"):
        view.set_saliency_map(FULL, area)
    with pytest.raises(ValueError, match="area"):
        painted(to_qimage(reference_image()), FULL, area, 0.5)
    assert not view.has_saliency_map()


def test_a_painted_map_is_what_the_window_shows(view: ImageView) -> None:
    picture = to_qimage(reference_image()[:HEIGHT])
    made = painted(picture, FULL, AREA, 0.7)
    assert made.size() == picture.size()
    assert picture == to_qimage(reference_image()[:HEIGHT])
    view.set_saliency_map(FULL, AREA)
    view.set_saliency_map_visible(True)
    view.set_saliency_map_strength(0.7)
    for x, y in ((0.5, 0.6), (0.3, 0.7), (0.1, 0.1), (0.5, 0.3)):
        there, here = made.pixelColor(int(x * WIDTH), int(y * HEIGHT)), seen(view, x, y)
        assert is_orange(there) == is_orange(here) == AREA.contains(x, y)
        assert np.allclose(there.getRgb(), here.getRgb(), atol=12)  # the window's is interpolated


@pytest.fixture
def controls(qtbot: QtBot) -> SaliencyMapControls:
    widget = SaliencyMapControls()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def words(widget: QWidget) -> list[str]:
    return [each.text() for each in widget.findChildren(QLabel) if each.isVisible() and each.text()]


def test_the_controls_say_what_the_colours_mean_while_it_is_on(controls: SaliencyMapControls, qtbot: QtBot) -> None:
    notified: list[object] = []
    controls.toggled.connect(notified.append)
    controls.strength_changed.connect(notified.append)
    assert words(controls) == []
    assert not controls.slider.isEnabled()
    qtbot.keyClick(controls.box, Qt.Key.Key_Space)
    assert words(controls) == [
        "against melanoma", "for melanoma", "What moved the network, not where a tumour is.",
    ]  # fmt: skip
    qtbot.keyClick(controls.slider, Qt.Key.Key_Home)
    assert controls.slider.accessibleName()
    controls.toggle()
    assert words(controls) == []
    assert notified == [True, controls.strength, False]
    assert 0 < controls.strength < 0.2


def test_the_legend_has_each_colour_on_its_side(controls: SaliencyMapControls) -> None:
    controls.set_on(True)
    controls.set_strength(1.0)
    QApplication.processEvents()
    bar = next(each for each in controls.findChildren(QLabel) if "Blue: against" in each.accessibleName())
    image = bar.grab().toImage()
    left, right = image.pixelColor(4, image.height() // 2), image.pixelColor(image.width() - 5, image.height() // 2)
    assert is_blue(left)
    assert is_orange(right)
    middle = image.pixelColor(image.width() // 2, image.height() // 2)
    assert not is_blue(middle)
    assert not is_orange(middle)


def test_the_controls_say_why_there_is_no_saliency_map(controls: SaliencyMapControls, qtbot: QtBot) -> None:
    controls.set_on(True)
    controls.set_unavailable("This model gives none.")
    assert words(controls) == ["This model gives none."]
    with qtbot.assertNotEmitted(controls.toggled):
        controls.toggle()
    controls.set_unavailable("")
    assert controls.is_on
    assert "for melanoma" in words(controls)
