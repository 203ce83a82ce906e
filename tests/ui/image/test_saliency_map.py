from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.ui.image.image_view import WHOLE, ImageView, to_qimage
from app.ui.image.saliency_item import SaliencyItem
from app.ui.image.saliency_map import FULL_COLOUR_AT, HATCHING, SaliencyMapControls, areas_of, speaks_for
from tests.ui.image.pointer import HEIGHT, WIDTH, drag, in_view, is_grey, is_orange, seen, wheel


# --- Heat map
def share(path: QPainterPath) -> float:
    """The share of the map that a path takes."""
    places = [QPointF((x + 0.5) / 64, (y + 0.5) / 64) for x in range(64) for y in range(64)]
    return sum(path.contains(place) for place in places) / len(places)


@pytest.mark.parametrize(
    ("value", "areas"), [(-9.0, (0, 0)), (0.2, (0, 0)), (0.3, (1, 0)), (0.7, (1, 1)), (9.0, (1, 1))]
)
def test_the_more_it_speaks_for_it_the_denser_is_the_hatching(value: float, areas: tuple[int, int]) -> None:
    found = areas_of(np.full((4, 4), value, np.float32), 1.0)
    assert tuple(share(path) for path in found.paths) == areas
    assert found.is_empty == (areas == (0, 0))


def test_one_value_looks_alike_in_every_map() -> None:
    weak, strong = np.zeros((6, 6), np.float32), np.zeros((6, 6), np.float32)
    weak[1, 1] = strong[1, 1] = 0.5
    strong[4, 4] = 9.0
    left = QRectF(0, 0, 0.5, 0.5)
    first, second = (areas_of(values, 1.0).paths[0] for values in (weak, strong))
    assert first.boundingRect() == second.intersected(_rectangle(left)).boundingRect()


def test_areas_lie_where_the_values_are_and_claim_nothing_beside_them() -> None:
    values = np.zeros((6, 6), np.float32)
    values[2, 3], values[4, 1] = 1.0, -1.0
    (wide, dense) = areas_of(values, 1.0).paths
    for path in (wide, dense):
        box = path.boundingRect()
        assert QRectF(2 / 6, 1 / 6, 3 / 6, 3 / 6).contains(box)
        assert path.contains(QPointF(3.5 / 6, 2.5 / 6))
    assert share(dense) < share(wide) < 0.1


def test_a_hole_stays_a_hole() -> None:
    values = np.full((6, 6), 1.0, np.float32)
    values[2:4, 2:4] = -1.0
    path = areas_of(values, 1.0).paths[0]
    assert not path.contains(QPointF(0.5, 0.5))
    assert path.contains(QPointF(0.02, 0.02))  # up to the edge
    assert path.contains(QPointF(0.98, 0.5))


def test_a_map_that_is_not_square_keeps_its_places() -> None:
    path = areas_of(np.array([[5.0, 5.0, -5.0, -5.0], [5.0, 5.0, 5.0, 5.0]], np.float32), 1.0).paths[0]
    assert not path.contains(QPointF(0.95, 0.1))
    assert path.contains(QPointF(0.05, 0.1))
    assert path.contains(QPointF(0.95, 0.9))


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
        areas_of(values, full)


FULL = areas_of(np.full((6, 6), 99.0, np.float32))
"""Hatched everywhere."""
AREA = QRectF(0.25, 0.5, 0.5, 0.25)


def _rectangle(box: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRect(box)
    return path


def lay(view: ImageView, area: QRectF = WHOLE, strength: float = 0.6) -> SaliencyItem:
    """Show the full map on an area of the view's image."""
    item = SaliencyItem(FULL, area, view.image_size(), strength)
    view.show_layer(item)
    view.set_layer_visible(True)
    return item


def edges_of_area(view: ImageView) -> list[bool]:
    """Whether it is orange just within and just outside each side of `AREA`."""
    step = 8 / min(WIDTH, HEIGHT) / view.zoom()
    middle = AREA.center()
    places = [
        (x, middle.y()) for x in (AREA.left() + step, AREA.right() - step, AREA.left() - step, AREA.right() + step)
    ] + [(middle.x(), y) for y in (AREA.top() + step, AREA.bottom() - step, AREA.top() - step, AREA.bottom() + step)]
    return [is_orange(seen(view, *place)) for place in places]


def test_a_saliency_map_lies_on_its_area_at_any_zoom(view: ImageView) -> None:
    lay(view, AREA)
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
    item = lay(view, strength=0.6)
    assert view.has_layer()
    full = seen(view, 0.5, 0.5)
    assert is_orange(full)
    item.set_strength(0.2)
    weaker = seen(view, 0.5, 0.5)
    assert weaker.red() - weaker.blue() < full.red() - full.blue()
    item.set_strength(0.0)
    assert is_grey(seen(view, 0.5, 0.5))
    view.set_layer_visible(False)
    assert view.grab().toImage() == plain
    with pytest.raises(ValueError, match="strength"):
        item.set_strength(1.1)


def test_the_picture_is_grey_under_a_saliency_map_so_that_skin_is_not_taken_for_it(view: ImageView) -> None:
    before = seen(view, 0.1, 0.1)
    assert not is_grey(before)
    view.set_layer_visible(True)
    assert seen(view, 0.1, 0.1) == before
    lay(view, AREA)
    assert is_grey(seen(view, 0.1, 0.1))
    view.set_grey_below(False)
    assert seen(view, 0.1, 0.1) == before
    view.set_grey_below(True)
    assert is_grey(seen(view, 0.1, 0.1))
    view.show_layer(None)
    assert seen(view, 0.1, 0.1) == before


def test_a_saliency_map_goes_with_its_picture(view: ImageView) -> None:
    lay(view)
    other = to_qimage(np.full((50, 80, 3), (200, 10, 90), np.uint8))
    view.show_image(other)
    assert not view.has_layer()
    assert seen(view, 0.5, 0.5) == QColor(200, 10, 90)
    lay(view)
    assert seen(view, 0.5, 0.5) != QColor(200, 10, 90)
    view.show_image(None)
    assert not view.has_layer()
    with pytest.raises(ValueError, match="no image"):
        view.show_layer(SaliencyItem(FULL, WHOLE, (80, 50)))


@pytest.mark.parametrize("area", [QRectF(0.5, 0.5, 0.6, 0.1), QRectF(-0.1, 0, 0.5, 0.5), QRectF(0.1, 0.1, 0, 0.5)])
def test_an_area_that_is_not_on_the_picture_is_refused(area: QRectF) -> None:
    with pytest.raises(ValueError, match="area"):
        SaliencyItem(FULL, area, (100, 100))


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
    assert words(controls) == ["spoke most for melanoma", "spoke for it", "What is marked.", "Strength"]
    qtbot.keyClick(controls.slider, Qt.Key.Key_Home)
    assert controls.slider.accessibleName()
    controls.toggle()
    assert words(controls) == []
    assert notified == [True, controls.strength, False]
    assert 0 < controls.strength < 0.2


def test_a_place_speaks_for_melanoma_from_the_first_line_on() -> None:
    first = HATCHING[0][0] * FULL_COLOUR_AT
    for highest, found in ((-1.0, False), (0.95 * first, False), (1.05 * first, True)):
        values = np.full((3, 3), -5.0, np.float32)
        values[1, 1] = highest
        assert speaks_for(values) == found


def test_the_controls_say_why_there_is_no_saliency_map(controls: SaliencyMapControls, qtbot: QtBot) -> None:
    controls.set_on(True)
    controls.set_unavailable("This model gives none.")
    assert words(controls) == ["This model gives none."]
    with qtbot.assertNotEmitted(controls.toggled):
        controls.toggle()
    controls.set_unavailable("")
    assert controls.is_on
    assert "spoke for it" in words(controls)
