"""Two pictures of a lesion, then and now: loaded, aligned, compared, and decided on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QItemSelectionModel, QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from app.core.domain.entry import Entry, Mark
from app.core.domain.patient import Patient
from app.core.history.lesions import LesionRepository
from app.core.history.repository import EntryRepository
from app.core.imaging.reference_image import reference_image
from app.core.lesion.alignment import Alignment
from app.core.lesion.similarity import Similarity
from app.core.system.paths import UserData
from app.ui.comparison.canvas import Mode
from app.ui.comparison.comparison_page import ComparisonPage
from app.ui.window.main_window import MainWindow
from tests.ui.robot import entries, judge, press

QUARTER = Similarity(90.0, 1.0, (0.0, 0.0))
THEN = dt.datetime(2026, 6, 2, 9)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """A drawn lesion, and the same turned by a quarter."""
    drawn = reference_image(radius=45)
    paths = [tmp_path / "then.png", tmp_path / "now.png"]
    Image.fromarray(drawn).save(paths[0])
    Image.fromarray(np.ascontiguousarray(np.rot90(drawn, -1))).save(paths[1])
    return paths


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot, pictures: list[Path], user_data: UserData) -> ComparisonPage:
    """The page with both pictures as those of one lesion, loaded."""
    judge(window, qtbot, *pictures)
    history = EntryRepository(user_data.history)
    with history.database.transaction() as connection:
        connection.execute("UPDATE screening SET pictured_at = ? WHERE id = 1", (THEN.isoformat(),))
    lesions = LesionRepository(history.database)
    lesion = lesions.add("KD-7")
    lesions.assign([entry.id for entry in entries(user_data)], lesion)
    found = lesions.history_of(lesion.id)
    assert found is not None
    window.go_to(window.comparison_page)
    window.comparison_page.show_lesion(Patient("KD-7"), found)
    qtbot.waitUntil(lambda: not presenter(window.comparison_page).is_computing)
    return window.comparison_page


def presenter(page: ComparisonPage):  # type: ignore[no-untyped-def]
    return page.presenter


def texts(page: ComparisonPage) -> str:
    from PySide6.QtWidgets import QLabel

    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def entry(user_data: UserData, number: int) -> Entry:
    return entries(user_data)[number]


def test_both_pictures_stand_with_their_dates_and_answers(page: ComparisonPage) -> None:
    assert page.then.dates.currentText() == "2 Jun 2026"
    assert page.now.dates.currentText() != "2 Jun 2026"
    assert page.then.number.text().endswith("%")
    assert page.header.identifier.text() == "KD-7"
    assert "not judged" in texts(page)


def test_what_changed_has_numbers_with_an_uncertainty_where_an_outline_is_found(page: ComparisonPage) -> None:
    pair = presenter(page).pair
    assert pair.then.quantities is not None
    shown = texts(page)
    assert "Asymmetry" in shown
    assert "±" in shown
    assert "need the scale" in shown
    assert pair.then.quantities.diameter is None


def test_a_known_scale_gives_diameter_and_area(page: ComparisonPage, user_data: UserData, qtbot: QtBot) -> None:
    history = EntryRepository(user_data.history)
    for each in entries(user_data):
        history.update_annotation(each, replace(each.annotation, field_width=20.0))
    found = LesionRepository(history.database).history_of(1)
    assert found is not None
    presenter(page).open(found)
    qtbot.waitUntil(lambda: not presenter(page).is_computing)
    quantities = presenter(page).pair.now.quantities
    assert quantities.diameter.value == pytest.approx(2 * 45 / 256 * 20, rel=0.2)
    assert quantities.area.value == pytest.approx(np.pi * (45 / 256 * 20) ** 2, rel=0.35)
    assert "mm²" in texts(page)


def test_where_the_program_is_sure_it_says_how_the_earlier_picture_was_turned(
    page: ComparisonPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.comparison.presenter.align", lambda *_: Alignment(QUARTER, 0.9))
    presenter(page).open(presenter(page).history)
    qtbot.waitUntil(lambda: "turned by 90°" in page.state.text())
    then_centre = page.canvas.frame_transform(0).map(QPointF(128, 128))
    assert (then_centre.x(), then_centre.y()) == pytest.approx((128, 128))
    right = page.canvas.frame_transform(0).map(QPointF(256, 128))
    assert (right.x(), right.y()) == pytest.approx((128, 256))


def test_where_it_is_not_sure_the_pictures_stay_as_they_are(
    page: ComparisonPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.comparison.presenter.align", lambda *_: None)
    presenter(page).open(presenter(page).history)
    qtbot.waitUntil(lambda: page.state.text().startswith("Not aligned: it is not sure"))
    corner = page.canvas.frame_transform(0).map(QPointF(0, 0))
    assert (corner.x(), corner.y()) == pytest.approx((0, 0))


def test_two_pairs_of_points_align_by_hand(page: ComparisonPage, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.by_hand, Qt.MouseButton.LeftButton)
    canvas = page.canvas
    assert canvas.takes_points
    panes = canvas.panes()

    def click(pane: int, x: float, y: float) -> None:
        view = canvas.frame_transform(pane) * canvas.views[pane]
        point = view.map(QPointF(x, y)) + panes[pane].topLeft()
        qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(point.x()), round(point.y())))

    for then, now in (((64, 64), (192, 64)), ((192, 64), (192, 192))):  # a quarter turn
        click(0, *then)
        click(1, *now)
    assert "Aligned by hand" in page.state.text()
    alignment = presenter(page).pair.alignment
    assert alignment.angle == pytest.approx(90, abs=2)
    assert alignment.scale == pytest.approx(1, abs=0.03)


def test_escape_gives_points_up(page: ComparisonPage, qtbot: QtBot) -> None:
    qtbot.mouseClick(page.by_hand, Qt.MouseButton.LeftButton)
    qtbot.keyClick(page.canvas, Qt.Key.Key_Escape)
    assert not page.canvas.takes_points
    assert presenter(page).pair.by_hand is False


def test_keys_blink_link_and_zoom(page: ComparisonPage, window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    page.canvas.setFocus()
    qtbot.keyClick(page.canvas, Qt.Key.Key_B)
    assert page.canvas.mode is Mode.BLINK
    shown = page.canvas.shows_now
    qtbot.waitUntil(lambda: page.canvas.shows_now is not shown)
    qtbot.keyClick(page.canvas, Qt.Key.Key_B)
    assert page.canvas.mode is Mode.SIDE_BY_SIDE
    qtbot.keyClick(page.canvas, Qt.Key.Key_Plus)
    assert page.canvas.views[0] == page.canvas.views[1]
    qtbot.keyClick(page.canvas, Qt.Key.Key_L)
    qtbot.keyClick(page.canvas, Qt.Key.Key_Right)
    assert page.canvas.views[0] != page.canvas.views[1]
    qtbot.keyClick(page.canvas, Qt.Key.Key_L)
    assert page.canvas.views[0] == page.canvas.views[1]


def test_an_older_models_answer_is_computed_again_and_both_are_shown(
    page: ComparisonPage, user_data: UserData, qtbot: QtBot
) -> None:
    history = EntryRepository(user_data.history)
    with history.database.transaction() as connection:
        connection.execute(
            "UPDATE screening SET model_name = 'Old', model_version = '1', model_sha256 = 'x' WHERE id = 1"
        )
    found = LesionRepository(history.database).history_of(1)
    assert found is not None
    presenter(page).open(found)
    qtbot.waitUntil(lambda: not presenter(page).is_computing)
    then = presenter(page).pair.then
    assert then.again is not None
    now = presenter(page).pair.now.entry.screening.model
    assert then.entry.screening.model.name == "Old"
    assert then.again.model == now
    assert "Answer at the time" in page.panel.at_the_time.text()
    assert "Old 1" in page.panel.at_the_time.text()
    assert history.count() == 2  # what is computed again is not recorded


def test_a_picture_that_is_gone_is_said_and_its_thumbnail_shown(
    page: ComparisonPage, pictures: list[Path], qtbot: QtBot
) -> None:
    pictures[0].unlink()
    presenter(page).open(presenter(page).history)
    qtbot.waitUntil(lambda: "a picture is gone" in page.state.text())
    assert not presenter(page).pair.then.is_whole
    assert presenter(page).pair.then.quantities is None


def test_the_decision_is_on_the_later_picture(
    page: ComparisonPage, window: MainWindow, user_data: UserData, qtbot: QtBot
) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    page.canvas.setFocus()
    qtbot.keyClick(page.canvas, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: entry(user_data, 1).mark is Mark.WATCH)
    assert entry(user_data, 0).mark is None
    qtbot.waitUntil(page.mark.buttons[Mark.WATCH].isChecked)


def test_another_picture_takes_its_place_by_date(
    page: ComparisonPage, window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    judge(window, qtbot, image_file("third.png", radius=50))
    history = EntryRepository(user_data.history)
    with history.database.transaction() as connection:
        connection.execute("UPDATE screening SET pictured_at = '2026-08-01T09:00:00' WHERE id = 3")
    lesions = LesionRepository(history.database)
    lesion = lesions.get(1)
    assert lesion is not None
    lesions.assign([3], lesion)
    found = lesions.history_of(1)
    assert found is not None
    window.go_to(page)
    presenter(page).open(found)
    qtbot.waitUntil(lambda: not presenter(page).is_computing)
    page.panel.picture_chosen.emit(found.entries[1])
    qtbot.waitUntil(lambda: page.then.dates.currentText() == "1 Aug 2026")


def test_the_shown_pictures_lesion_is_compared_by_a_key_where_there_are_two(
    page: ComparisonPage, window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    judge(window, qtbot, image_file("alone.png", radius=60))
    assert not window.screen_page.tools.compare.isEnabled()
    window.session.open_entry(entry(user_data, 1))
    qtbot.waitUntil(window.screen_page.tools.compare.isEnabled)
    press(window, qtbot, Qt.Key.Key_T)
    qtbot.waitUntil(lambda: window.current_page() is page)
    qtbot.waitUntil(lambda: presenter(page).pair is not None)
    assert [presenter(page).pair.then.entry.id, presenter(page).pair.now.entry.id] == [1, 2]


def test_two_results_of_a_lesion_are_compared_from_the_history(
    page: ComparisonPage, window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file("alone.png", radius=60))
    window.go_to(window.history_page)
    history = window.history_page
    qtbot.waitUntil(lambda: history.model.rowCount() == 3)
    history.table.selectAll()
    assert not history.compare_button.isEnabled()  # three, of which one shows no lesion
    history.table.clearSelection()
    for row in range(3):
        if history.model.entry(row).lesion is not None:
            flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            history.table.selectionModel().select(history.model.index(row, 0), flags)
    assert history.compare_button.isEnabled()
    qtbot.mouseClick(history.compare_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.current_page() is page)
