from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.core.domain.geometry import area, evenly_spaced, signed_area
from app.ui.image.image_view import ImageView
from app.ui.image.outline_editor import OutlineEditor
from app.ui.image.outline_shape import cleaned, crosses_itself, smoothed
from app.ui.look.tokens import OUTLINE
from tests.ui.image.conftest import Told
from tests.ui.image.pointer import LEFT, circle, drag, handle, in_view, move


def round_track(
    view: ImageView, x: float, y: float, radius: float, turns: float = 1.0, count: int = 60
) -> list[QPoint]:
    angles = np.linspace(0, 2 * math.pi * turns, count)
    return [in_view(view, x + radius * math.cos(angle), y + radius * math.sin(angle)) for angle in angles]


@pytest.mark.parametrize("turns", [0.97, 1.0, 1.05])
def test_an_outline_is_drawn_freehand(view: ImageView, editor: OutlineEditor, notified: Told, turns: float) -> None:
    editor.begin_editing()  # where there is none
    assert editor.is_drawing
    drag(view, *round_track(view, 0.4, 0.5, 0.25, turns))
    assert not editor.is_drawing
    assert editor.is_editing
    assert 24 <= len(editor.handles()) <= 40
    QTest.keyClick(view, Qt.Key.Key_Return)
    (kept,) = notified.edited
    assert area(np.array(kept)) == pytest.approx(math.pi * 0.25**2, rel=0.03)
    assert not crosses_itself(np.array(kept))
    assert np.mean(kept, axis=0) == pytest.approx([0.4, 0.5], abs=0.02)


def test_a_line_is_seen_while_it_is_drawn(view: ImageView, editor: OutlineEditor) -> None:
    editor.begin_drawing()
    plain = view.viewport().grab().toImage()
    track = round_track(view, 0.5, 0.5, 0.3)
    QTest.mousePress(view.viewport(), LEFT, pos=track[0])
    for place in track[:30]:
        move(view, place)
    image = view.viewport().grab().toImage()
    assert image.pixelColor(track[15]) != plain.pixelColor(track[15])
    assert np.allclose(image.pixelColor(track[15]).getRgb(), OUTLINE.getRgb(), atol=30)
    assert image.pixelColor(track[45]) == plain.pixelColor(track[45])


def test_drawing_replaces_the_outline_and_can_be_undone(view: ImageView, editor: OutlineEditor, notified: Told) -> None:
    editor.show_outline(circle())
    editor.begin_drawing()
    assert editor.is_visible()  # the one that is about to be replaced
    assert editor.handles() == []
    drag(view, *round_track(view, 0.3, 0.3, 0.1))
    drawn = editor.handles()
    editor.undo()
    assert editor.handles() != drawn
    assert editor.handles()[0].toPoint() == in_view(view, 0.7, 0.5)
    editor.redo()
    assert editor.handles() == drawn
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert editor.outline == circle()
    assert notified.edited == []


def test_what_encloses_nothing_is_refused_and_can_be_drawn_again(
    view: ImageView, editor: OutlineEditor, notified: Told
) -> None:
    editor.show_outline(circle())
    editor.begin_drawing()
    a, b = in_view(view, 0.2, 0.2), in_view(view, 0.6, 0.4)
    QTest.mouseClick(view.viewport(), LEFT, pos=a)
    drag(view, a, b)
    drag(view, a, (a + b) / 2, b, (a + b) / 2, a)
    drag(view, *round_track(view, 0.5, 0.5, 0.008))
    assert len(notified.refused) == 4
    assert editor.is_drawing
    assert editor.outline == circle()
    drag(view, *round_track(view, 0.5, 0.5, 0.1))
    editor.commit()
    assert len(notified.edited) == 1


def test_drawing_beyond_the_picture_follows_its_edge(view: ImageView, editor: OutlineEditor, notified: Told) -> None:
    editor.begin_drawing()
    drag(view, *round_track(view, 0.0, 0.0, 0.3))
    editor.commit()
    (kept,) = notified.edited
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in kept)
    assert area(np.array(kept)) == pytest.approx(math.pi * 0.3**2 / 4, rel=0.06)


def test_of_a_line_that_crosses_itself_the_largest_part_is_kept() -> None:
    large = np.array(circle(0, 0, 100))
    figure = np.vstack([large[:45], np.array([(-150, -300), (150, -300)]), large[45:]])  # a bow on top, the wrong way
    figure[[45, 46]] = figure[[46, 45]]
    assert crosses_itself(figure)
    assert crosses_itself(np.array([(0, 0), (10, 10), (10, 0), (0, 10)], float))
    assert not crosses_itself(large)
    kept = cleaned(figure, 10)
    assert kept is not None
    assert not crosses_itself(kept)
    assert area(kept) >= area(large) * 0.98
    assert cleaned(np.array([(0, 0), (10, 10), (20, 20), (10, 10)], float), 1) is None
    assert cleaned(np.array([(0, 0), (0, 0), (9, 9), (9, 9)], float), 0) is None
    assert cleaned(np.array([(0, 0), (1, 0), (0, 1)], float), 1) is None


def test_smoothing_takes_tremor_away_and_leaves_the_size() -> None:
    line = evenly_spaced(np.array(circle(0, 0, 100)), 256)
    shaken = line + np.random.default_rng(0).normal(size=line.shape)
    rough, even = (np.hypot(*points.T).std() for points in (shaken, smoothed(shaken)))
    assert even < rough / 2
    assert signed_area(smoothed(line)) == pytest.approx(signed_area(line), rel=0.005)


def test_an_outline_of_many_points_is_edited_without_loss(
    editor: OutlineEditor, view: ImageView, notified: Told
) -> None:
    turns = np.linspace(0, 2 * math.pi, 3000, endpoint=False)
    radii = 0.25 * (1 + 0.1 * np.cos(9 * turns))
    editor.show_outline(list(zip(0.5 + radii * np.cos(turns), 0.5 + radii * np.sin(turns), strict=True)))
    editor.begin_editing()
    drag(view, handle(editor, 0), handle(editor, 0) + QPoint(8, 0))
    editor.commit()
    kept = np.array(notified.edited[0]) - 0.5
    there = kept[kept[:, 0] < 0]  # the far side
    expected = 0.25 * (1 + 0.1 * np.cos(9 * np.arctan2(there[:, 1], there[:, 0])))
    assert np.abs(np.hypot(*there.T) - expected).max() < 0.002
