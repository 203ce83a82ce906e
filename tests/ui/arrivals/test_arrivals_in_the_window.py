"""What arrived, on the pages of the window."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.core.domain import times
from app.core.domain.advice import advice_of
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry
from app.core.domain.results import Prediction
from app.core.history.arrivals import Arrival, ArrivalRepository
from app.core.history.repository import EntryRepository
from app.core.imaging.watch import FoundFile, Stamp
from app.core.system.paths import UserData
from app.ui.arrivals.arrived_list import ArrivedList, ArrivedRow
from app.ui.arrivals.judging import Pace
from app.ui.arrivals.volumes import Volume
from app.ui.folder.batch_session import State
from app.ui.look.tokens import PANEL, font
from app.ui.services.wording import short_advice_words
from app.ui.settings.watched_field import WatchedFoldersField
from app.ui.window.main_window import MainWindow
from tests.factories import screening
from tests.ui.robot import drop, judge

SCROLL_BAR = 12
"""At most, where the list is longer than the window."""
Draw = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Dermatoscope"
    made.mkdir()
    return made


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders are looked at more often than the program does."""
    quick = Pace(interval=0.05, settle=0.03, hint=0.01, refresh=0.01)
    monkeypatch.setattr("app.ui.arrivals.watched_folders.Pace", lambda: quick)


@pytest.fixture
def watching(window: MainWindow, qtbot: QtBot, folder: Path, user_data: UserData) -> MainWindow:
    """The window, which watches the folder."""
    qtbot.waitUntil(lambda: window.current_model.card is not None)
    window.watched.add(folder)
    qtbot.waitUntil(lambda: not window.watched.folders()[0].problem)
    repository = ArrivalRepository(EntryRepository(user_data.history).database)
    qtbot.waitUntil(lambda: folder in repository.folders())
    return window


def arrived(window: MainWindow) -> ArrivedList:
    assert window.empty.arrived is not None
    return window.empty.arrived


def wait_for_new(window: MainWindow, qtbot: QtBot, count: int) -> None:
    qtbot.waitUntil(lambda: (window.watched.new_count(), window.watched.waiting_count()) == (count, 0))


def test_what_arrived_is_listed_above_the_recent_folders_the_latest_first(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path
) -> None:
    assert not watching.empty.side.isVisible()
    image_file("IMG_1.png", folder=folder, radius=30)
    wait_for_new(watching, qtbot, 1)
    image_file("IMG_2.png", folder=folder, radius=40)
    wait_for_new(watching, qtbot, 2)
    shown = arrived(watching)
    assert shown.isVisible()
    assert not watching.empty.recent.isVisible()
    assert [row.text() for row in shown.rows] == ["IMG_2.png", "IMG_1.png"]
    assert shown.pill.count == 2
    assert shown.folder.text() == "Dermatoscope"
    assert "%" in shown.rows[0].number
    assert shown.rows[0].accessibleName().split(", ")[1:3] == [shown.rows[0].number, "IMG_2.png"]


def test_many_are_counted_and_what_can_not_be_assessed_says_why(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path
) -> None:
    for number in range(7):
        image_file(f"{number}.png", folder=folder, radius=30 + number)
    wait_for_new(watching, qtbot, 7)
    (folder / "bad.jpg").write_bytes(b"no picture")
    wait_for_new(watching, qtbot, 8)
    shown = arrived(watching)
    assert shown.more.text() == "2 more"
    assert shown.rows[0].accessibleName().startswith("Can't be assessed, bad.jpg")
    assert shown.rows[0].toolTip().startswith("This is not a JPEG")


def test_a_row_opens_one_and_open_all_the_rest(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path, user_data: UserData
) -> None:
    image_file("IMG_1.png", folder=folder, radius=30)
    image_file("IMG_2.png", folder=folder, radius=40)
    wait_for_new(watching, qtbot, 2)
    row = arrived(watching).rows[0]
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: watching.session.rowCount() == 1)
    assert watching.current_page() is watching.screen_page
    wait_for_new(watching, qtbot, 1)
    arrived(watching).open_all.click()
    qtbot.waitUntil(lambda: watching.session.rowCount() == 2)
    wait_for_new(watching, qtbot, 0)
    items = [watching.session.item(number) for number in range(2)]
    assert {item.source.path.name for item in items} == {"IMG_1.png", "IMG_2.png"}
    assert all(item.entry_id is not None and item.job is None for item in items)  # nothing is computed again
    assert EntryRepository(user_data.history).count() == 2


def test_what_is_open_already_is_not_opened_twice(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path
) -> None:
    path = image_file("IMG_1.png", folder=folder.with_name("elsewhere"), radius=30)
    judge(watching, qtbot, path)
    shutil.copy(path, folder)
    wait_for_new(watching, qtbot, 1)
    watching.watched.open_all()
    wait_for_new(watching, qtbot, 0)
    assert watching.session.rowCount() == 1


def test_more_than_a_filmstrip_holds_are_opened_as_a_folder(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.window.wiring.MANY", 1)
    monkeypatch.setattr("app.ui.window.opening.MANY", 1)
    image_file("IMG_1.png", folder=folder, radius=30)
    image_file("IMG_2.png", folder=folder, radius=40)
    wait_for_new(watching, qtbot, 2)
    watching.watched.open_all()
    qtbot.waitUntil(lambda: watching.batch_session.state is State.DONE)
    assert watching.current_page() is watching.folder_page
    assert watching.batch_session.done == 2
    wait_for_new(watching, qtbot, 0)


def test_assigning_asks_for_a_patient_for_all_that_is_new(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path
) -> None:
    asked: list[list[str]] = []
    watching.watched.assign_asked.connect(lambda arrivals: asked.append([each.path.name for each in arrivals]))
    image_file("IMG_1.png", folder=folder, radius=30)
    wait_for_new(watching, qtbot, 1)
    arrived(watching).assign.click()
    qtbot.waitUntil(lambda: asked == [["IMG_1.png"]])


def test_the_rail_counts_what_is_new_and_says_so(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path
) -> None:
    button = watching.rail.buttons[1]
    without = button.accessibleName()
    image_file("IMG_1.png", folder=folder, radius=30)
    qtbot.waitUntil(lambda: button.accessibleName() == f"{without}, 1 new")
    watching.watched.open_all()
    qtbot.waitUntil(lambda: button.accessibleName() == without)


def test_the_sources_list_watched_folders_and_a_click_shows_what_arrived_there(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path
) -> None:
    image_file("IMG_1.png", folder=folder, radius=30)
    wait_for_new(watching, qtbot, 1)
    watching.go_to(watching.folder_page)
    sources = watching.folder_page.sources
    (row,) = sources.watched
    assert row.accessibleName() == "Dermatoscope, 1 new"
    assert sources.watched_head.isVisible()
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: watching.current_page() is watching.screen_page)
    qtbot.waitUntil(lambda: sources.watched[0].accessibleName() == "Dermatoscope, nothing new")
    assert watching.session.rowCount() == 1


def test_in_a_small_window_the_menu_of_folders_lists_them(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path
) -> None:
    watching.go_to(watching.folder_page)
    texts = [action.text() for action in watching.folder_page.head.folders.menu().actions()]
    assert texts[0] == "Dermatoscope, nothing new"


def test_a_folder_that_is_away_is_shown_with_the_reason(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path
) -> None:
    watching.go_to(watching.folder_page)
    away = folder.with_name("away")
    folder.rename(away)
    sources = watching.folder_page.sources
    qtbot.waitUntil(lambda: sources.watched[0].accessibleName() == "Dermatoscope, can't be reached")
    assert sources.watched[0].toolTip().startswith(f"The folder {folder} can't be found.")
    away.rename(folder)
    qtbot.waitUntil(lambda: sources.watched[0].accessibleName() == "Dermatoscope, nothing new")


def field_of(window: MainWindow) -> WatchedFoldersField:
    window.show_settings()
    window.settings_page.show_category("pictures")
    (field,) = window.settings_page.findChildren(WatchedFoldersField)
    return field


def test_folders_are_added_and_removed_in_the_settings(
    window: MainWindow, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = field_of(window)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    qtbot.mouseClick(field.add_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: field.texts() == ["nothing new"])
    assert window.settings.current.watched_folders == (str(folder),)
    assert window.notice.text() == "Dermatoscope is watched from now on"
    assert field.removes[0].accessibleName() == "Remove Dermatoscope"
    qtbot.mouseClick(field.add_button, Qt.MouseButton.LeftButton)
    assert window.settings.current.watched_folders == (str(folder),)
    qtbot.mouseClick(field.removes[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: field.texts() == [])
    assert window.settings.current.watched_folders == ()


def test_a_folder_that_can_not_be_written_into_the_settings_is_not_watched(
    window: MainWindow, qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = field_of(window)
    for chosen in ("", str(folder / "none")):
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, chosen=chosen: chosen)
        qtbot.mouseClick(field.add_button, Qt.MouseButton.LeftButton)
    assert window.settings.current.watched_folders == ()
    assert "can't be watched" in window.notice.text()


def test_the_switch_for_the_patient_is_off_at_first(window: MainWindow) -> None:
    field_of(window)
    assert window.settings_page.input("note_arriving").value() is False


def test_a_memory_card_is_offered_and_begun_only_when_asked_for(
    window: MainWindow, qtbot: QtBot, image_file: Draw, tmp_path: Path
) -> None:
    qtbot.waitUntil(lambda: window.current_model.card is not None)
    card = tmp_path / "card"
    image_file("IMG_1.png", folder=card / "DCIM" / "100EOS")
    window.settings.update(subfolders=False)
    window.cards.put_in.emit(Volume(card, "EOS_DIGITAL", is_card=True))
    assert window.notice.text() == "A card with pictures: EOS_DIGITAL"
    assert window.notice.do.text() == "Open folder"
    assert window.batch_session.batch is None
    qtbot.mouseClick(window.notice.do, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.batch_session.done == 1)
    assert window.current_page() is window.folder_page


def test_a_card_whose_pictures_come_by_themselves_is_not_offered(watching: MainWindow, folder: Path) -> None:
    watching.cards.put_in.emit(Volume(folder.parent, "EOS_DIGITAL", is_card=True))
    assert watching.notice.text() == ""


def test_a_picture_that_is_dropped_while_pictures_arrive_is_shown_as_ever(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path
) -> None:
    for number in range(5):
        image_file(f"{number}.png", folder=folder, radius=30 + number)
    drop(watching, image_file("dropped.png", radius=44))
    qtbot.waitUntil(lambda: watching.session.item(0).entry_id is not None)
    wait_for_new(watching, qtbot, 5)


def test_with_a_deleted_entry_its_arrival_goes_from_the_list(
    watching: MainWindow, qtbot: QtBot, image_file: Draw, folder: Path, user_data: UserData
) -> None:
    image_file("IMG_1.png", folder=folder)
    wait_for_new(watching, qtbot, 1)
    history = EntryRepository(user_data.history)
    history.delete([entry.id for entry in history.entries()])
    watching.go_to(watching.history_page)
    watching.history_page.deleted.emit()
    wait_for_new(watching, qtbot, 0)
    assert not arrived(watching).isVisibleTo(watching.empty)


@pytest.mark.parametrize("width", sorted(PANEL.values()))
@pytest.mark.parametrize(
    ("melanoma", "other"), [(0.955, 0.01), (0.955, 0.955), (0.01, 0.9955), (0.0005, 0.0005)], ids=str
)
def test_no_advice_is_cut_in_the_list(qtbot: QtBot, width: int, melanoma: float, other: float) -> None:
    prediction = Prediction(melanoma, 0.2, other_cancer_probability=other, other_cancer_threshold=0.2)
    entry = Entry(1, screening("a picture with rather a long name.jpg", prediction=prediction), ClinicalRecord())
    file = FoundFile(entry.screening.path, Stamp(1, 1))
    row = ArrivedRow(Arrival(file, file.path.parent, times.now(), entry=entry))
    qtbot.addWidget(row)
    row.resize(width - SCROLL_BAR, 52)
    words = short_advice_words(advice_of(entry.screening))
    assert QFontMetrics(font()).horizontalAdvance(words) <= row.words_room()
    assert not row.grab().isNull()
