from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QCursor, QImage, QKeySequence, QMouseEvent, QShortcut, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.domain.geometry import area, evenly_spaced, signed_area
from app.core.imaging.reference_image import reference_image
from app.ui.image import saliency_map
from app.ui.image.image_view import ImageView, to_qimage
from app.ui.image.measuring_line import MeasuringLine
from app.ui.image.outline_editor import OutlineEditor
from app.ui.image.outline_item import BRIGHT
from app.ui.image.outline_shape import cleaned, crosses_itself, smoothed
from app.ui.image.saliency_map import FULL_COLOUR_AT, SaliencyMapControls, painted
from app.ui.widgets.style import CLEAR, SUSPECTED

Outline = list[tuple[float, float]]
WIDTH, HEIGHT = 256, 192
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    widget = ImageView("drop a picture here")
    qtbot.addWidget(widget)
    widget.resize(520, 420)
    widget.show()
    qtbot.waitExposed(widget)
    widget.show_image(to_qimage(reference_image()[:HEIGHT]))
    return widget


def circle(x: float = 0.5, y: float = 0.5, radius: float = 0.2, count: int = 60) -> Outline:
    """Round in fractions of the picture, so an ellipse on it."""
    turns = np.arange(count) * 2 * math.pi / count
    return [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]


def in_view(view: ImageView, x: float, y: float) -> QPoint:
    """A place in fractions of the picture -> in the viewport."""
    width, height = view.image_size()
    return view.view_point(QPointF(x * width, y * height)).toPoint()


def seen(view: ImageView, x: float, y: float) -> QColor:
    """What is drawn at a place in fractions of the picture."""
    return view.viewport().grab().toImage().pixelColor(in_view(view, x, y))


def wheel(view: ImageView, place: QPoint, notches: int) -> None:
    """Turned with the mouse at a place, which then stays where it is."""
    at, none = QPointF(place), Qt.KeyboardModifier.NoModifier
    QCursor.setPos(view.viewport().mapToGlobal(place))
    QApplication.processEvents()
    event = QWheelEvent(
        at, QPointF(view.viewport().mapToGlobal(place)), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        none, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def drag(view: ImageView, *places: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    viewport = view.viewport()
    QTest.mousePress(viewport, LEFT, keys, places[0])
    for place in places[1:]:
        move(view, place, keys)
    QTest.mouseRelease(viewport, LEFT, keys, places[-1])


def move(view: ImageView, place: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """`QTest.mouseMove` knows no modifiers."""
    viewport = view.viewport()
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(viewport.mapToGlobal(place)), Qt.MouseButton.NoButton, LEFT, keys
    )
    QApplication.sendEvent(viewport, event)


def is_orange(colour: QColor) -> bool:
    return colour.red() - colour.blue() > 60


def is_blue(colour: QColor) -> bool:
    return colour.blue() - colour.red() > 60


def is_grey(colour: QColor) -> bool:
    return colour.red() == colour.green() == colour.blue()


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


def test_a_heat_map_lies_on_its_area_at_any_zoom(view: ImageView) -> None:
    view.set_saliency_map(FULL, AREA)
    view.set_heat_map_visible(True)
    expected = [True, True, False, False] * 2
    assert edges_of_area(view) == expected
    view.resize(700, 400)
    assert edges_of_area(view) == expected
    wheel(view, in_view(view, 0.5, 0.6), 2)
    start = view.view_point(QPointF(0, 0))
    drag(view, in_view(view, 0.5, 0.6), in_view(view, 0.5, 0.6) + QPoint(-30, -20))
    assert view.view_point(QPointF(0, 0)) != start
    assert edges_of_area(view) == expected


def test_a_heat_map_is_shown_when_asked_and_as_strong_as_asked(view: ImageView) -> None:
    plain = view.grab().toImage()
    view.set_saliency_map(FULL, None)
    assert view.has_heat_map()
    assert view.grab().toImage() == plain
    view.set_heat_map_visible(True)
    view.set_saliency_map_strength(1.0)
    assert seen(view, 0.5, 0.5) == QColor(SUSPECTED)
    view.set_saliency_map_strength(0.5)
    weaker = seen(view, 0.5, 0.5)
    assert weaker != QColor(SUSPECTED)
    assert is_orange(weaker)
    view.set_saliency_map_strength(0.0)
    assert is_grey(seen(view, 0.5, 0.5))
    view.set_heat_map_visible(False)
    assert view.grab().toImage() == plain
    with pytest.raises(ValueError, match="strength"):
        view.set_saliency_map_strength(1.1)


def test_the_picture_is_grey_under_a_heat_map_so_that_skin_is_not_taken_for_it(view: ImageView) -> None:
    before = seen(view, 0.1, 0.1)
    assert not is_grey(before)
    view.set_heat_map_visible(True)
    assert seen(view, 0.1, 0.1) == before
    view.set_saliency_map(FULL, AREA)
    assert is_grey(seen(view, 0.1, 0.1))
    view.set_saliency_map(None, None)
    assert seen(view, 0.1, 0.1) == before


def test_a_heat_map_goes_with_its_picture(view: ImageView) -> None:
    view.set_heat_map_visible(True)
    view.set_saliency_map(FULL, None)
    other = to_qimage(np.full((50, 80, 3), (200, 10, 90), np.uint8))
    view.show_image(other)
    assert not view.has_heat_map()
    assert seen(view, 0.5, 0.5) == QColor(200, 10, 90)
    view.set_saliency_map(FULL, None)
    assert is_orange(seen(view, 0.9, 0.9))
    view.show_image(None)
    assert not view.has_heat_map()
    with pytest.raises(ValueError, match="no picture"):
        view.set_saliency_map(FULL, None)


@pytest.mark.parametrize("area", [QRectF(0.5, 0.5, 0.6, 0.1), QRectF(-0.1, 0, 0.5, 0.5), QRectF(0.1, 0.1, 0, 0.5)])
def test_an_area_that_is_not_on_the_picture_is_refused(view: ImageView, area: QRectF) -> None:
    with pytest.raises(ValueError, match="area"):
        view.set_saliency_map(FULL, area)
    with pytest.raises(ValueError, match="area"):
        painted(to_qimage(reference_image()), FULL, area, 0.5)
    assert not view.has_heat_map()


def test_a_painted_map_is_what_the_window_shows(view: ImageView) -> None:
    picture = to_qimage(reference_image()[:HEIGHT])
    made = painted(picture, FULL, AREA, 0.7)
    assert made.size() == picture.size()
    assert picture == to_qimage(reference_image()[:HEIGHT])
    view.set_saliency_map(FULL, AREA)
    view.set_heat_map_visible(True)
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


def test_the_controls_say_why_there_is_no_heat_map(controls: SaliencyMapControls, qtbot: QtBot) -> None:
    controls.set_on(True)
    controls.set_unavailable("This model gives none.")
    assert words(controls) == ["This model gives none."]
    with qtbot.assertNotEmitted(controls.toggled):
        controls.toggle()
    controls.set_unavailable("")
    assert controls.is_on
    assert "for melanoma" in words(controls)


# --- Outline


class Told:
    """What an editor has told."""

    def __init__(self, editor: OutlineEditor) -> None:
        self.edited: list[Outline] = []
        self.editing: list[bool] = []
        self.refused: list[str] = []
        editor.edited.connect(self.edited.append)
        editor.editing_changed.connect(self.editing.append)
        editor.refused.connect(self.refused.append)


@pytest.fixture
def editor(view: ImageView) -> OutlineEditor:
    return OutlineEditor(view)


@pytest.fixture
def notified(editor: OutlineEditor) -> Told:
    return Told(editor)


def handle(editor: OutlineEditor, number: int) -> QPoint:
    return editor.handles()[number].toPoint()


def moves(before: list[QPointF], after: list[QPointF]) -> list[float]:
    """How far each handle went."""
    assert len(before) == len(after)
    return [math.dist(old.toTuple(), new.toTuple()) for old, new in zip(before, after, strict=True)]


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


@pytest.fixture
def page(view: ImageView, qtbot: QtBot) -> Iterator[list[str]]:
    """Shortcuts of a page about the view, and which of them were taken."""
    taken: list[str] = []
    for key in ("Left", "Home", "Esc", "Return", "Del", "H", "Ctrl+Z"):
        shortcut = QShortcut(QKeySequence(key), view)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda key=key: taken.append(key))
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    return taken


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
    assert np.allclose(image.pixelColor(track[15]).getRgb(), BRIGHT.getRgb(), atol=30)
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


# --- Measuring line


@pytest.fixture
def ruler(view: ImageView) -> MeasuringLine:
    return MeasuringLine(view)


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
