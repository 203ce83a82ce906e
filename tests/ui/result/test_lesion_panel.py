from __future__ import annotations

import math
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.domain.entry import EMPTY_ANNOTATION, Annotation, Entry
from app.core.domain.errors import BundleError, HistoryError
from app.core.history.repository import EntryRepository
from app.core.lesion import measure
from app.core.lesion.measure import LesionMeasurement
from app.core.screening.service import ScreeningService
from app.core.system.paths import UserData
from app.ui.result.measures_table import rows
from app.ui.window.main_window import MainWindow
from tests.ui.conftest import FakeOutliner
from tests.ui.robot import (
    circle,
    diameter,
    drag,
    draw_small,
    drawn,
    drop,
    entries,
    explanation_of,
    judge,
    let_all_be_done,
    press,
    reopen,
    see_measures,
    view,
)


# --- Outline and measures
@pytest.mark.usefixtures("outliner")
def test_o_shows_outline_and_measures(window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]) -> None:
    judge(window, qtbot, image_file())
    lesion_controls = explanation_of(window).lesion
    assert not lesion_controls.editor.is_visible()
    see_measures(window, qtbot)
    assert lesion_controls.editor.is_visible()
    assert lesion_controls.lesion is not None
    assert lesion_controls.lesion.measures is not None
    shown = rows(lesion_controls.lesion.measures)
    assert len(shown) > 5
    for _, title, value in shown:
        assert title in lesion_controls.measures.table.text()
        assert value in lesion_controls.measures.table.text()
    assert "found by the program" in lesion_controls.hint.text()
    press(window, qtbot, Qt.Key.Key_O)
    assert not lesion_controls.editor.is_visible()
    assert not lesion_controls.measures.isVisible()


def test_a_found_outline_is_kept_and_read_back(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    outliner: FakeOutliner,
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    assert drawn(user_data) == EMPTY_ANNOTATION
    see_measures(window, qtbot)
    kept = drawn(user_data)
    assert kept.outline is not None
    assert np.allclose(kept.outline.points, circle(0.27).points, atol=1e-4)
    assert not kept.outline_by_hand
    before = diameter(window)
    window = reopen(window, open_window, qtbot, user_data)
    see_measures(window, qtbot)
    assert outliner.asked == 1
    assert explanation_of(window).lesion.editor.outline == list(kept.outline.points)
    assert diameter(window) == pytest.approx(before, abs=0.5)


def test_outline_follows_the_picture_and_the_answer(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], outliner: FakeOutliner, user_data: UserData
) -> None:
    """With the box checked each result that comes gets its own, and none is left over the next picture."""
    judge(window, qtbot, image_file("one.png"))
    see_measures(window, qtbot)
    outliner.outline = circle(0.2)
    drop(window, image_file("two.png", radius=50))
    assert not explanation_of(window).lesion.editor.is_visible()
    assert not explanation_of(window).lesion.measures.isVisible()
    qtbot.waitUntil(lambda: len(entries(user_data)) == 2 and drawn(user_data, 1).outline is not None)
    let_all_be_done(window, qtbot)
    assert explanation_of(window).lesion.editor.outline == list(circle(0.2).points)
    assert diameter(window) == pytest.approx(0.4 * 256, abs=3)


def test_an_outline_by_hand_replaces_the_one_that_was_found(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    outliner: FakeOutliner,
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    assert diameter(window) == pytest.approx(0.54 * 256, abs=3)
    assert not explanation_of(window).lesion.find_again.isVisible()
    draw_small(window, qtbot)
    assert not explanation_of(window).lesion.measures.table.isVisible()  # those of the other outline are gone
    qtbot.waitUntil(explanation_of(window).lesion.measures.table.isVisible)
    assert diameter(window) == pytest.approx(0.18 * 256, abs=6)
    assert "by hand" in explanation_of(window).lesion.hint.text()
    kept = drawn(user_data)
    assert kept.outline_by_hand
    assert kept.outline is not None
    assert kept.outline.area_share == pytest.approx(math.pi * 0.09**2, rel=0.1)
    window = reopen(window, open_window, qtbot, user_data)
    see_measures(window, qtbot)
    assert diameter(window) == pytest.approx(0.18 * 256, abs=6)
    assert "by hand" in explanation_of(window).lesion.hint.text()
    assert outliner.asked == 1


@pytest.mark.usefixtures("outliner")
def test_a_corrected_outline_is_kept(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    before = diameter(window)
    controls = explanation_of(window).lesion
    qtbot.mouseClick(controls.correct, Qt.MouseButton.LeftButton)
    assert controls.correct.text() == "Done"
    handle = controls.editor.handles()[0]
    out = handle + QPointF(40, 0)
    port = view(window).viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, pos=handle.toPoint())
    QTest.mouseMove(port, out.toPoint())
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, pos=out.toPoint())
    qtbot.mouseClick(controls.correct, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(controls.measures.table.isVisible)
    assert drawn(user_data).outline_by_hand
    assert diameter(window) > before + 5


@pytest.mark.usefixtures("outliner")
def test_a_correction_is_kept_when_another_picture_is_shown_at_once(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    judge(window, qtbot, image_file("one.png"), image_file("two.png", radius=50))
    see_measures(window, qtbot)
    controls = explanation_of(window).lesion
    busy, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        busy.set()
        assert let_go.wait(20)

    window.workers.run(hold)  # the worker has something else to do
    qtbot.waitUntil(busy.is_set)
    qtbot.mouseClick(controls.draw, Qt.MouseButton.LeftButton)
    drag(window, *circle(0.09).points)
    window.screen_page.go_to(1)
    assert not controls.editor.is_editing
    let_go.set()
    let_all_be_done(window, qtbot)
    kept = drawn(user_data)
    assert kept.outline_by_hand
    assert kept.outline is not None
    assert kept.outline.area_share == pytest.approx(math.pi * 0.09**2, rel=0.1)
    assert not drawn(user_data, 1).outline_by_hand
    assert controls.editor.outline == list(circle(0.27).points)  # the other's own


def test_find_again_goes_back_to_what_is_found(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    outliner: FakeOutliner,
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    draw_small(window, qtbot)
    controls = explanation_of(window).lesion
    qtbot.waitUntil(controls.measures.table.isVisible)
    qtbot.mouseClick(controls.find_again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not drawn(user_data).outline_by_hand)
    let_all_be_done(window, qtbot)
    assert outliner.asked == 2
    assert controls.editor.outline == list(circle(0.27).points)
    assert diameter(window) == pytest.approx(0.54 * 256, abs=3)
    assert not controls.find_again.isVisible()


def test_an_outline_by_hand_stays_where_none_is_found(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    outliner: FakeOutliner,
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    draw_small(window, qtbot)
    controls = explanation_of(window).lesion
    qtbot.waitUntil(controls.measures.table.isVisible)
    kept = drawn(user_data)
    outliner.outline = None
    qtbot.mouseClick(controls.find_again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "your outline is kept" in controls.hint.text())
    assert drawn(user_data) == kept


def test_an_outline_that_could_not_be_saved_is_tried_again(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    outliner: FakeOutliner,
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    qtbot.waitUntil(explanation_of(window).lesion.measures.table.isVisible)
    draw = EntryRepository.update_annotation

    def full(_self: EntryRepository, _entry: Entry, _annotation: Annotation) -> None:
        raise HistoryError("The disk is full.")

    monkeypatch.setattr(EntryRepository, "update_annotation", full)
    draw_small(window, qtbot)
    qtbot.waitUntil(lambda: "disk is full" in window.notice.text())
    assert not drawn(user_data).outline_by_hand
    monkeypatch.setattr(EntryRepository, "update_annotation", draw)
    window.close()
    assert drawn(user_data).outline_by_hand


def test_where_nothing_finds_outlines_they_are_drawn(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bundle may have no such network. What is drawn by hand is measured all the same, and stays."""

    def look(_: ScreeningService, content: bytes, annotation: Annotation) -> LesionMeasurement:
        if annotation.outline is None:
            raise BundleError("The model in use finds no outlines. Draw it by hand.")
        return measure.measure_lesion(content, None, outline=annotation.outline, field_width=annotation.field_width)

    monkeypatch.setattr(ScreeningService, "measure_lesion", look)
    judge(window, qtbot, image_file())
    press(window, qtbot, Qt.Key.Key_O)
    controls = explanation_of(window).lesion
    qtbot.waitUntil(lambda: "Draw it by hand" in controls.hint.text())
    assert not controls.measures.isVisible()
    draw_small(window, qtbot)
    qtbot.waitUntil(controls.measures.table.isVisible)
    kept = drawn(user_data)
    assert kept.outline_by_hand
    qtbot.mouseClick(controls.find_again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Draw it by hand" in controls.hint.text())
    assert drawn(user_data) == kept
    assert controls.editor.is_visible()


@pytest.mark.usefixtures("outliner")
def test_outlines_without_a_file_are_kept_too(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    """Over the thumbnail nothing can be measured; what is drawn is not lost for that."""
    path = image_file()
    judge(window, qtbot, path)
    path.unlink()
    press(window, qtbot, Qt.Key.Key_O)
    controls = explanation_of(window).lesion
    qtbot.waitUntil(lambda: bool(controls.hint.text()) and "Looking" not in controls.hint.text())
    draw_small(window, qtbot)
    qtbot.waitUntil(lambda: drawn(user_data).outline_by_hand)


@pytest.mark.usefixtures("outliner")
def test_a_result_that_is_not_saved_is_measured_too(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    user_data.folder.parent.mkdir(parents=True, exist_ok=True)
    user_data.folder.touch()
    drop(window, image_file())
    qtbot.waitUntil(lambda: "Not saved" in window.screen_page.panel.saved.text())
    qtbot.waitUntil(view(window).has_image)
    see_measures(window, qtbot)
    draw_small(window, qtbot)
    qtbot.waitUntil(explanation_of(window).lesion.measures.table.isVisible)
    assert diameter(window) == pytest.approx(0.18 * 256, abs=6)
