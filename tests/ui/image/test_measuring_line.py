from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.imaging.reference_image import reference_image
from app.ui.image.image_view import ImageView, to_qimage
from app.ui.image.measuring_line import MeasuringLine
from app.ui.image.outline_editor import OutlineEditor
from tests.ui.image.conftest import Told
from tests.ui.image.pointer import HEIGHT, LEFT, WIDTH, circle, drag, in_view, move, wheel


def drawn_lines(ruler: MeasuringLine) -> list[tuple[float, ...]]:
    notified: list[tuple[float, ...]] = []
    ruler.drawn.connect(lambda *ends: notified.append(ends))
    return notified


def test_a_line_is_given_in_the_pictures_pixels(view: ImageView, ruler: MeasuringLine) -> None:
    notified = drawn_lines(ruler)
    ruler.begin()
    assert ruler.is_measuring
    wheel(view, in_view(view, 0.5, 0.5), 2)
    start, end = in_view(view, 0.3, 0.4), in_view(view, 0.6, 0.5)
    QTest.mousePress(view.viewport(), LEFT, pos=start)
    move(view, end - QPoint(30, 3))
    plain = view.viewport().grab().toImage()
    move(view, end)
    assert view.viewport().grab().toImage() != plain
    QTest.mouseRelease(view.viewport(), LEFT, pos=end)
    (ends,) = notified
    assert ends == pytest.approx((0.3 * WIDTH, 0.4 * HEIGHT, 0.6 * WIDTH, 0.5 * HEIGHT), abs=0.5)
    assert not ruler.is_measuring
    assert ruler.line is not None
    assert ruler.line.toTuple() == pytest.approx(ends)


def test_a_line_is_shown_and_cleared_and_goes_with_its_picture(view: ImageView, ruler: MeasuringLine) -> None:
    plain = view.viewport().grab().toImage()
    ruler.show_line(20, 30, 120, 30)
    image = view.viewport().grab().toImage()
    for x, y in ((70, 30), (20, 30 + 6 / view.zoom()), (120, 30 - 6 / view.zoom())):  # the line and its ticks
        assert image.pixelColor(view.view_point(QPointF(x, y)).toPoint()).lightness() > 200
    ruler.clear()
    assert ruler.line is None
    assert view.viewport().grab().toImage() == plain
    ruler.show_line(20, 30, 120, 30)
    view.show_image(to_qimage(reference_image()[:HEIGHT]))
    assert ruler.line is None


def test_escape_cancels_measuring(view: ImageView, ruler: MeasuringLine, qtbot: QtBot, page: list[str]) -> None:
    notified = drawn_lines(ruler)
    ruler.begin()
    QTest.mousePress(view.viewport(), LEFT, pos=in_view(view, 0.3, 0.4))
    move(view, in_view(view, 0.5, 0.5))
    with qtbot.waitSignal(ruler.cancelled):
        QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(view.viewport(), LEFT, pos=in_view(view, 0.5, 0.5))
    assert notified == []
    assert page == []
    assert ruler.line is None
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert page == ["Esc"]


def test_slips_are_not_measured_and_ends_stay_on_the_picture(view: ImageView, ruler: MeasuringLine) -> None:
    notified = drawn_lines(ruler)
    ruler.begin()
    place = in_view(view, 0.5, 0.5)
    QTest.mouseClick(view.viewport(), LEFT, pos=place)
    drag(view, place, place + QPoint(3, 2))
    outside = view.view_point(QPointF(100, -10)).toPoint()
    drag(view, outside, place)
    assert notified == []
    assert ruler.is_measuring
    assert ruler.line is None
    drag(view, place, QPoint(5000, place.y()))
    (ends,) = notified
    assert ends[2] == WIDTH


def test_one_tool_at_a_time_has_the_mouse(view: ImageView, editor: OutlineEditor, notified: Told) -> None:
    ruler = MeasuringLine(view)
    editor.show_outline(circle())
    editor.begin_editing()
    ruler.begin()
    assert not editor.is_editing
    drag(view, in_view(view, 0.7, 0.5), in_view(view, 0.9, 0.5))  # began on a handle
    assert ruler.line is not None
    ruler.begin()
    editor.begin_editing()
    assert not ruler.is_measuring
    assert editor.is_editing
    assert notified.editing == [True, False, True]
    view.show_image(None)
    ruler.begin()
    assert not ruler.is_measuring
