from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from app.core.system.paths import UserData
from app.ui.result.measures_table import rows
from app.ui.window.main_window import MainWindow
from tests.ui.robot import (
    drag,
    draw_small,
    drawn,
    entries,
    explanation_of,
    judge,
    let_all_be_done,
    reopen,
    see_measures,
    view,
)


# --- Scale
@pytest.fixture
def length(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, bool]]:
    """What is answered when a line's length is asked for: millimetres, and whether they were given."""
    given = [(10.0, True)]
    monkeypatch.setattr(QInputDialog, "getDouble", lambda *_: given[-1])
    return given


@pytest.mark.usefixtures("outliner", "length")
def test_a_line_along_a_ruler_gives_millimetres(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    controls = explanation_of(window).lesion
    assert "scale not known" in controls.hint.text()
    assert " mm<" not in controls.measures.table.text()
    qtbot.mouseClick(controls.ruler, Qt.MouseButton.LeftButton)
    assert "ruler" in controls.hint.text()
    drag(window, (0.1, 0.9), (0.4, 0.9), (0.6, 0.9))
    qtbot.waitUntil(lambda: " mm<" in controls.measures.table.text())
    width = drawn(user_data).field_width
    assert width == pytest.approx(20, rel=0.03)  # 10 mm are half of it
    assert "by a line along a ruler" in controls.hint.text()
    assert controls.lesion is not None
    assert controls.lesion.measures is not None
    assert controls.lesion.measures.diameter_mm == pytest.approx(0.54 * 20, rel=0.05)
    window = reopen(window, open_window, qtbot, user_data)
    see_measures(window, qtbot)
    assert " mm<" in explanation_of(window).lesion.measures.table.text()
    draw_small(window, qtbot)
    qtbot.waitUntil(explanation_of(window).lesion.measures.table.isVisible)
    assert drawn(user_data).field_width == width  # another outline has the same scale


@pytest.mark.usefixtures("outliner")
def test_a_line_that_makes_no_sense_changes_nothing(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
    length: list[tuple[float, bool]],
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    controls = explanation_of(window).lesion
    before, shown = drawn(user_data), controls.measures.table.text()
    for given, words in (((100.0, True), "mm wide"), ((0.1, True), "mm wide"), ((10.0, False), "")):
        length.append(given)
        window.notice.hide()
        qtbot.mouseClick(controls.ruler, Qt.MouseButton.LeftButton)
        drag(window, (0.1, 0.9), (0.15, 0.9), (0.2, 0.9) if given[0] > 1 else (0.9, 0.9))
        assert not controls.line.is_measuring
        assert controls.line.line is None
        assert window.notice.isVisible() == bool(words)
        assert words in window.notice.text()
    let_all_be_done(window, qtbot)
    assert drawn(user_data) == before
    assert controls.measures.table.text() == shown


@pytest.mark.usefixtures("outliner")
def test_a_line_is_not_taken_for_another_picture(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The row of a running folder may change behind the dialog."""
    judge(window, qtbot, image_file("one.png"), image_file("two.png", radius=50))
    see_measures(window, qtbot)

    def asked(*_: object) -> tuple[float, bool]:
        window.screen_page.go_to(1)
        qtbot.waitUntil(view(window).has_image)
        return 10.0, True

    monkeypatch.setattr(QInputDialog, "getDouble", asked)
    qtbot.mouseClick(explanation_of(window).lesion.ruler, Qt.MouseButton.LeftButton)
    drag(window, (0.1, 0.9), (0.4, 0.9), (0.6, 0.9))
    let_all_be_done(window, qtbot)
    assert [entry.annotation.field_width for entry in entries(user_data)] == [None, None]


@pytest.mark.usefixtures("outliner")
def test_a_click_on_a_measure_says_what_it_is(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file())
    see_measures(window, qtbot)
    measures = explanation_of(window).lesion.measures
    found = explanation_of(window).lesion.lesion
    assert found is not None
    assert found.measures is not None
    first = rows(found.measures)[0][1]
    assert not measures.definition.isVisible()
    place = QPoint(8, measures.table.fontMetrics().height() // 2 + 2)
    qtbot.mouseClick(measures.table, Qt.MouseButton.LeftButton, pos=place)
    assert measures.definition.isVisible()
    assert measures.definition.text().startswith(f"{first}: ")
    qtbot.mouseClick(measures.table, Qt.MouseButton.LeftButton, pos=place)
    assert not measures.definition.isVisible()


@pytest.mark.usefixtures("outliner", "length")
def test_the_scale_of_an_earlier_picture_is_offered_and_taken_by_a_click_alone(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    controls = explanation_of(window).lesion
    judge(window, qtbot, image_file("first.png", radius=30))
    see_measures(window, qtbot)
    assert not controls.same_scale.isVisible()
    qtbot.mouseClick(controls.ruler, Qt.MouseButton.LeftButton)
    drag(window, (0.1, 0.9), (0.4, 0.9), (0.6, 0.9))
    qtbot.waitUntil(lambda: " mm<" in controls.measures.table.text())
    assert not controls.same_scale.isVisible()
    judge(window, qtbot, image_file("second.png", radius=50))
    qtbot.waitUntil(controls.same_scale.isVisible)
    assert drawn(user_data, 1).field_width is None
    assert "mm wide" in controls.same_scale.text()
    qtbot.mouseClick(controls.same_scale, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: drawn(user_data, 1).field_width == drawn(user_data, 0).field_width)
    qtbot.waitUntil(lambda: not controls.same_scale.isVisible())
