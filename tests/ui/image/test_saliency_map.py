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
from app.ui.image.saliency_map import FULL_COLOUR_AT, TINT, SaliencyMapControls, painted, speaks_for
from app.ui.widgets.style import SUSPECTED
from tests.ui.image.pointer import HEIGHT, WIDTH, drag, in_view, is_grey, is_orange, seen, wheel


# --- Heat map
def of_value(value: float, full_colour_at: float = FULL_COLOUR_AT) -> NDArray[np.int64]:
    """The opacities of a map that has one value everywhere."""
    *_, alpha = channels(saliency_map.to_qimage(np.full((1, 1), value, np.float32), full_colour_at))
    return alpha


def test_what_speaks_for_it_is_tinted_and_hatched_and_all_else_is_clear() -> None:
    image = saliency_map.to_qimage(np.full((1, 1), FULL_COLOUR_AT, np.float32))
    assert image.pixelColor(0, 0) == QColor(SUSPECTED)  # on a line
    assert is_orange(image.pixelColor(5, 0))
    for value in (0.0, -0.1, -FULL_COLOUR_AT, -100.0):
        assert of_value(value).max() == 0
    assert set(np.unique(of_value(1.2, 6.0))) == {round(255 * TINT * 0.2)}  # too little for lines


@pytest.mark.parametrize(("value", "lines"), [(1.4, 0.0), (1.6, 2 / 16), (3.5, 2 / 16), (3.7, 2 / 8), (60.0, 2 / 8)])
def test_the_more_it_speaks_for_it_the_closer_are_the_lines(value: float, lines: float) -> None:
    assert (of_value(value, 6.0) == 255).mean() == pytest.approx(lines, abs=0.01)


def test_one_value_looks_alike_in_every_map() -> None:
    weak, strong = np.full((3, 3), 2.0, np.float32), np.full((3, 3), 2.0, np.float32)
    strong[2, 2] = 9.0
    assert saliency_map.to_qimage(weak).pixelColor(5, 0) == saliency_map.to_qimage(strong).pixelColor(5, 0)


def channels(image: QImage) -> list[NDArray[np.int64]]:
    """Premultiplied blue, green, red and alpha, each of shape (height, width), 0..255."""
    words = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    return [((words >> shift) & 255).astype(np.int64) for shift in (0, 8, 16, 24)]


def test_interpolation_keeps_values_has_no_steps_and_claims_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saliency_map, "HATCHING", ())
    values = np.zeros((6, 6), np.float32)
    values[2, 3], values[4, 1] = FULL_COLOUR_AT, -FULL_COLOUR_AT
    image = saliency_map.to_qimage(values)
    assert image.format() == QImage.Format.Format_ARGB32_Premultiplied
    cell = image.width() / 6
    assert image.pixelColor(int(3.5 * cell), int(2.5 * cell)).alpha() > 250 * TINT
    *_, alpha = channels(image)
    assert max(np.abs(np.diff(alpha, axis=axis)).max() for axis in (0, 1)) < 8
    assert alpha[:, int(5.6 * cell) :].max() == 0
    assert alpha[int(4 * cell) :, : int(2 * cell)].max() == 0  # what spoke against it


def test_a_map_that_is_not_square_keeps_its_sides() -> None:
    image = saliency_map.to_qimage(np.array([[5.0, 5.0, -5.0, -5.0], [5.0, 5.0, 5.0, 5.0]], np.float32))
    assert (image.width(), image.height()) == (512, 256)
    assert image.pixelColor(500, 10).alpha() == 0
    assert is_orange(image.pixelColor(10, 10))
    assert is_orange(image.pixelColor(500, 240))


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
"""Orange everywhere, and hatched."""
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
    full = seen(view, 0.5, 0.5)
    assert is_orange(full)
    view.set_saliency_map_strength(0.5)
    weaker = seen(view, 0.5, 0.5)
    assert weaker.red() - weaker.blue() < full.red() - full.blue()
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
        if not AREA.contains(x, y):
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
    controls.show_note("What is marked.")
    qtbot.keyClick(controls.box, Qt.Key.Key_Space)
    assert words(controls) == ["little", "much", "What is marked."]
    qtbot.keyClick(controls.slider, Qt.Key.Key_Home)
    assert controls.slider.accessibleName()
    controls.toggle()
    assert words(controls) == []
    assert notified == [True, controls.strength, False]
    assert 0 < controls.strength < 0.2


def test_a_place_speaks_for_melanoma_from_the_first_line_on() -> None:
    for highest, found in ((-1.0, False), (1.9, False), (2.1, True)):
        activation = np.full((3, 3), -5.0, np.float32)
        activation[1, 1] = highest
        assert speaks_for(activation) == found


def test_the_legend_goes_from_nothing_to_close_lines(controls: SaliencyMapControls) -> None:
    controls.set_on(True)
    controls.set_strength(1.0)
    QApplication.processEvents()
    bar = next(each for each in controls.findChildren(QLabel) if "closer the lines" in each.accessibleName())
    image = bar.grab().toImage()
    across = [image.pixelColor(x, image.height() // 2) for x in range(4, image.width() - 4)]
    half = len(across) // 2
    assert not is_orange(across[0])
    assert sum(map(is_orange, across[half:])) > sum(map(is_orange, across[:half]))


def test_the_controls_say_why_there_is_no_saliency_map(controls: SaliencyMapControls, qtbot: QtBot) -> None:
    controls.set_on(True)
    controls.set_unavailable("This model gives none.")
    assert words(controls) == ["This model gives none."]
    with qtbot.assertNotEmitted(controls.toggled):
        controls.toggle()
    controls.set_unavailable("")
    assert controls.is_on
    assert "much" in words(controls)
