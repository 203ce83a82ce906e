from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from app.core.domain.geometry import signed_area
from app.core.imaging.reference_image import reference_image
from app.ui.image.image_view import ImageView, to_qimage
from app.ui.image.outline_editor import OutlineEditor
from tests.ui.image.conftest import Told
from tests.ui.image.pointer import (
    HEIGHT,
    LEFT,
    RIGHT,
    WIDTH,
    Outline,
    circle,
    drag,
    handle,
    in_view,
    move,
    moves,
    wheel,
)


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_an_outline_is_legible_on_light_and_dark(view: ImageView, editor: OutlineEditor, grey: int) -> None:
    view.show_image(to_qimage(np.full((HEIGHT, WIDTH, 3), grey, np.uint8)))
    editor.show_outline([(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)])
    for _ in range(2):
        image = view.viewport().grab().toImage()
        place = in_view(view, 0.2, 0.5)
        row = [image.pixelColor(place.x() + step, place.y()).lightness() for step in range(-6, 7)]
        assert max(row) > 140
        assert min(row) < 100
        thick = sum(image.pixelColor(place.x() + step, place.y()) != image.pixelColor(place.x() + 20, place.y())
                    for step in range(-15, 16))  # fmt: skip
        assert 3 <= thick <= 7
        wheel(view, place, 4)


def test_an_outline_is_shown_and_hidden_and_goes_with_its_picture(view: ImageView, editor: OutlineEditor) -> None:
    plain = view.grab().toImage()
    editor.show_outline(circle())
    assert editor.is_visible()
    shown = view.grab().toImage()
    assert shown != plain
    editor.set_visible(False)
    assert view.grab().toImage() == plain
    editor.set_visible(True)
    assert view.grab().toImage() == shown
    view.show_image(to_qimage(reference_image()[:HEIGHT]))
    assert editor.outline is None
    assert view.grab().toImage() == plain


@pytest.mark.parametrize(
    "points",
    [[], [(0.1, 0.1), (0.2, 0.2)], [(0.0, 0.0), (1.1, 0.0), (0.5, 0.5)], [(0.0, 0.0), (math.nan, 0.0), (1, 1)]],
)
def test_what_is_no_outline_is_an_error(editor: OutlineEditor, points: Outline) -> None:
    with pytest.raises(ValueError, match="outline"):
        editor.show_outline(points)


def test_a_dragged_handle_takes_its_neighbours_along_and_leaves_the_rest(
    view: ImageView, editor: OutlineEditor, notified: Told
) -> None:
    editor.show_outline(circle())
    editor.begin_editing()
    assert editor.is_editing
    before = editor.handles()
    assert 24 <= len(before) <= 40
    start = handle(editor, 8)
    drag(view, start, start + QPoint(6, 9), start + QPoint(12, 18))
    far = moves(before, editor.handles())
    assert far[8] == pytest.approx(math.hypot(12, 18), abs=1.5)
    assert far[8] > far[9] > far[10] > 0
    assert far[7] == pytest.approx(far[9], rel=0.1)
    assert far[14:] == [0] * len(far[14:])
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert notified.editing == [True, False]
    (kept,) = notified.edited
    assert kept == editor.outline
    assert max(y for _, y in kept) == pytest.approx(0.7 + 18 / view.zoom() / HEIGHT, abs=0.01)
    assert min(y for _, y in kept) == pytest.approx(0.3, abs=0.001)
    assert not editor.handles()


def test_shift_takes_less_of_the_line_along(view: ImageView, editor: OutlineEditor) -> None:
    editor.show_outline(circle())
    editor.begin_editing()
    before, start = editor.handles(), handle(editor, 8)
    drag(view, start, start + QPoint(0, 5), keys=Qt.KeyboardModifier.ShiftModifier)
    far = moves(before, editor.handles())
    assert far[8] > 4
    assert far[7] == far[9] == pytest.approx(0, abs=0.5)


def test_a_line_stays_on_the_picture(view: ImageView, editor: OutlineEditor, notified: Told) -> None:
    editor.show_outline(circle())
    editor.begin_editing()
    drag(view, handle(editor, 0), QPoint(5000, 200), QPoint(5000, -5000))
    editor.commit()
    (kept,) = notified.edited
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in kept)
    assert max(x for x, _ in kept) == 1.0


def test_the_wheel_zooms_where_the_mouse_is_before_and_after_editing(view: ImageView, editor: OutlineEditor) -> None:
    editor.show_outline(circle())
    for begin, x in ((lambda: None, 0.6), (editor.begin_editing, 0.3), (editor.begin_drawing, 0.7)):
        begin()
        editor.cancel()
        view.fit()
        place = in_view(view, x, 0.4)
        wheel(view, place, 4)
        assert math.dist(in_view(view, x, 0.4).toTuple(), place.toTuple()) < 3


def test_a_drag_beside_the_line_pans_and_the_wheel_zooms_while_editing(
    view: ImageView, editor: OutlineEditor, notified: Told
) -> None:
    editor.show_outline(circle())
    editor.begin_editing()
    zoom = view.zoom()
    wheel(view, in_view(view, 0.5, 0.5), 3)
    assert view.zoom() > zoom
    place, before = in_view(view, 0.5, 0.5), view.view_point(QPointF(0, 0))
    drag(view, place, place + QPoint(20, 10), place + QPoint(40, 20))
    assert (view.view_point(QPointF(0, 0)) - before).toPoint() == QPoint(40, 20)
    start = handle(editor, 16)
    assert editor.handle_at(QPointF(start)) == 16
    editor.commit()
    assert notified.edited == []
    drag(view, place, place + QPoint(-40, -20))
    assert (view.view_point(QPointF(0, 0)) - before).toPoint() == QPoint(0, 0)


def test_handles_are_added_and_removed_with_the_mouse(view: ImageView, editor: OutlineEditor, notified: Told) -> None:
    editor.show_outline(circle())
    editor.begin_editing()
    wheel(view, in_view(view, 0.7, 0.5), 4)
    before = editor.handles()
    between = ((before[0] + before[1]) / 2).toPoint()
    QTest.mouseDClick(view.viewport(), LEFT, pos=between)
    assert len(editor.handles()) == len(before) + 1
    assert editor.selected == 1
    assert math.dist(editor.handles()[1].toTuple(), between.toTuple()) < 3
    QTest.mouseClick(view.viewport(), RIGHT, pos=handle(editor, 1))
    QTest.mouseClick(view.viewport(), RIGHT, pos=handle(editor, 0))
    assert len(editor.handles()) == len(before) - 1
    QTest.mouseDClick(view.viewport(), LEFT, pos=between - QPoint(60, 0))  # well beside the line
    QTest.mouseClick(view.viewport(), RIGHT, pos=between - QPoint(60, 0))
    assert len(editor.handles()) == len(before) - 1
    editor.commit()
    assert signed_area(np.array(notified.edited[0])) == pytest.approx(signed_area(np.array(circle())), rel=0.02)


def test_removing_a_handle_takes_its_bump_away_and_the_last_three_stay(view: ImageView, editor: OutlineEditor) -> None:
    editor.show_outline(circle())
    editor.begin_editing()
    start = handle(editor, 8)
    drag(view, start, start + QPoint(0, 15), keys=Qt.KeyboardModifier.ShiftModifier)
    editor.remove_handle(8)
    editor.commit()
    assert editor.outline is not None
    away = np.hypot(*(np.array(editor.outline) - 0.5).T) - 0.2
    assert np.abs(away).max() < 0.0015  # round again
    editor.begin_editing()
    for _ in range(50):
        editor.remove_handle(0)
    assert len(editor.handles()) == 3


def test_steps_are_undone_and_redone(view: ImageView, editor: OutlineEditor, notified: Told) -> None:
    editor.show_outline(circle())
    editor.begin_editing()
    states = [editor.handles()]
    for number in (3, 20):
        start = handle(editor, number)
        drag(view, start, start + QPoint(15, 10), start + QPoint(20, 15))
        states.append(editor.handles())
    QTest.mouseClick(view.viewport(), RIGHT, pos=handle(editor, 12))
    states.append(editor.handles())
    for state in states[-2::-1]:
        QTest.keySequence(view, QKeySequence("Ctrl+Z"))
        assert editor.handles() == state
    assert not editor.can_undo()
    QTest.keySequence(view, QKeySequence("Ctrl+Z"))
    for state in states[1:]:
        QTest.keySequence(view, QKeySequence("Ctrl+Shift+Z"))
        assert editor.handles() == state
    assert not editor.can_redo()
    for _ in range(3):
        editor.undo()
    drag(view, handle(editor, 3), handle(editor, 3) + QPoint(0, 12))
    assert not editor.can_redo()
    editor.undo()
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert notified.edited == []  # nothing is other than before
    assert editor.outline == circle()


def test_escape_restores_what_was_before(view: ImageView, editor: OutlineEditor, notified: Told) -> None:
    editor.show_outline(circle())
    plain = view.grab().toImage()
    description = view.accessibleDescription()
    editor.begin_editing()
    assert "Escape" in view.accessibleDescription()
    drag(view, handle(editor, 3), handle(editor, 3) + QPoint(30, 0))
    QTest.mousePress(view.viewport(), LEFT, pos=handle(editor, 9))  # in the middle of a drag as well
    move(view, handle(editor, 9) + QPoint(0, 20))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(view.viewport(), LEFT, pos=QPoint(5, 5))
    assert notified.editing == [True, False]
    assert notified.edited == []
    assert editor.outline == circle()
    assert view.grab().toImage() == plain
    assert view.accessibleDescription() == description


def test_an_outline_is_edited_by_keys_alone(
    view: ImageView, editor: OutlineEditor, notified: Told, page: list[str]
) -> None:
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert page == ["Left"]  # so they are there
    page.clear()
    editor.show_outline(circle())
    editor.begin_editing()
    before = editor.handles()
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert editor.handles() == before  # none is chosen yet
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Tab)
    assert editor.selected == 2
    QTest.keyClick(view, Qt.Key.Key_Backtab)
    assert editor.selected == 1
    QTest.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert (editor.handles()[1] - before[1]).toPoint() == QPoint(-10, 1)
    QTest.keyClick(view, Qt.Key.Key_Insert)
    assert editor.selected == 2
    assert len(editor.handles()) == len(before) + 1
    QTest.keyClick(view, Qt.Key.Key_Delete)
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert editor.selected == 0
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert len(editor.handles()) == len(before) - 1
    QTest.keySequence(view, QKeySequence("Ctrl+Z"))
    assert len(editor.handles()) == len(before)
    assert page == []
    QTest.keyClick(view, Qt.Key.Key_H)  # not the editor's
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert len(notified.edited) == 1
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert page == ["H", "Left"]


def test_a_new_picture_ends_editing_and_drops_the_outline(
    view: ImageView, editor: OutlineEditor, notified: Told
) -> None:
    editor.show_outline(circle())
    editor.begin_editing()
    drag(view, handle(editor, 3), handle(editor, 3) + QPoint(30, 0))
    plain_picture = to_qimage(reference_image(radius=40)[:HEIGHT])
    view.show_image(plain_picture)
    assert notified.editing == [True, False]
    assert notified.edited == []
    assert editor.outline is None
    assert not editor.is_visible()
    view.show_image(None)
    editor.begin_editing()
    editor.begin_drawing()
    assert not editor.is_editing


def test_what_is_hidden_is_seen_while_it_is_edited(editor: OutlineEditor) -> None:
    editor.set_visible(False)
    editor.show_outline(circle())
    assert not editor.is_visible()
    editor.begin_editing()
    assert editor.is_visible()
    editor.cancel()
    assert not editor.is_visible()


def test_an_outline_that_was_pushed_flat_is_refused(view: ImageView, editor: OutlineEditor, notified: Told) -> None:
    flat = [(0.0, 0.4), (0.03, 0.4), (0.03, 0.6), (0.0, 0.6)]
    editor.show_outline(flat)
    editor.begin_editing()
    for number in range(len(editor.handles())):
        start = handle(editor, number)
        drag(view, start, start - QPoint(60, 0))
    QTest.keyClick(view, Qt.Key.Key_Enter)
    assert len(notified.refused) == 1
    assert notified.edited == []
    assert notified.editing == [True, False]
    assert editor.outline == flat
