"""Folders that were assessed, opened again."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.domain.advice import Advice
from app.core.domain.entry import Mark
from app.core.history import backup
from app.core.history.batches import Batch
from app.core.history.repository import EntryRepository
from app.core.system.paths import UserData
from app.ui.look.tokens import PANEL
from app.ui.window.main_window import MainWindow
from tests.ui.folder.conftest import REFUSED, SUSPICIOUS, assess
from tests.ui.folder.steps import current, decide, decisions, go_to, is_done, names, open_assessed, shows, within
from tests.ui.robot import drop

MANY = 40
"""More than are under way at once."""


@pytest.fixture
def start(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], held_batch: threading.Event
) -> Callable[[Path], None]:
    """Starts a folder of `MANY` pictures, and waits for the first results; there it stands until it is stopped."""

    def started(folder: Path) -> None:
        for number in range(MANY):
            image_file(f"{number:02}.png", folder=folder, radius=25 + 2 * number)
        with qtbot.waitSignal(window.batch_session.rows_came):
            drop(window, folder)

    return started


def listed(window: MainWindow) -> list[str]:
    """The folders beside the one that is shown."""
    return [row.text() for row in window.folder_page.sources.list.rows]


def chosen(window: MainWindow) -> list[str]:
    return [row.text() for row in window.folder_page.sources.list.rows if row.isChecked()]


def test_a_finished_folder_is_opened_from_the_first_page(
    assessed: Batch, window: MainWindow, qtbot: QtBot, user_data: UserData
) -> None:
    empty = window.empty
    qtbot.waitUntil(empty.recent.isVisible)
    assert empty.side.width() == PANEL[window.size_class]
    (row,) = empty.recent.rows
    below = f"{len(SUSPICIOUS)} pictures, 0 decided"
    assert row.accessibleName() == f"card, {below}, 2 refer-melanoma, 1 refer-other-cancer"
    count = EntryRepository(user_data.history).count()
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    assert window.current_page() is window.folder_page
    qtbot.waitUntil(lambda: shows(window, assessed))
    page = window.folder_page
    assert names(window) == list(SUSPICIOUS)
    assert (page.head.title.text(), page.head.count.text()) == ("card", below)
    assert (page.panel.band.advice, current(window)) == (Advice.REFER_MELANOMA, "both.jpg")
    assert not page.progress.isVisible()
    assert EntryRepository(user_data.history).count() == count  # looking again records nothing


def test_the_folders_are_listed_before_one_is_opened(assessed: Batch, window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: bool(window.batch_session.finished))
    window.go_to(window.folder_page)  # which is made now
    assert (listed(window), chosen(window)) == (["card"], [])
    assert [action.text() for action in window.folder_page.head.folders.menu().actions()] == [
        "card",
        "",  # a line
        "Open folder…",
    ]


def test_decisions_are_there_when_a_folder_is_opened_again(
    open_window: Callable[..., MainWindow], assessed: Batch, qtbot: QtBot
) -> None:
    first = open_window()
    open_assessed(first, qtbot, assessed)
    made = {"melanoma.jpg": Mark.REFER, REFUSED: Mark.WATCH}
    for name, mark in made.items():
        go_to(first, name)
        decide(first, qtbot, mark)
    qtbot.waitUntil(lambda: decisions(first) == made)
    qtbot.waitUntil(lambda: "Kept with this folder only" in first.notice.text())
    first.close()
    second = open_window()
    open_assessed(second, qtbot, assessed)
    assert decisions(second) == made
    assert second.folder_page.head.count.text() == f"{len(SUSPICIOUS)} pictures, 2 decided"
    go_to(second, REFUSED)
    assert second.folder_page.panel.mark.buttons[Mark.WATCH].isChecked()


def test_one_goes_from_folder_to_folder(
    assessed: Batch, window: MainWindow, qtbot: QtBot, tmp_path: Path, image_file: Callable[..., Path]
) -> None:
    folder = tmp_path / "today"
    for number in range(2):
        image_file(f"{number}.png", folder=folder, radius=40 + 9 * number)
    drop(window, folder)
    qtbot.waitUntil(lambda: is_done(window, 2))
    qtbot.waitUntil(lambda: listed(window) == ["today", "card"])
    assert chosen(window) == ["today"]
    today = window.batch_session.batch
    assert today is not None
    open_assessed(window, qtbot, assessed)
    assert (names(window), chosen(window)) == (list(SUSPICIOUS), ["card"])
    open_assessed(window, qtbot, today)
    assert (sorted(names(window)), chosen(window)) == (within(folder), ["today"])
    assert not window.folder_page.offer.isVisible()


def test_a_folder_that_runs_is_put_off_by_one_that_is_finished(
    assessed: Batch, window: MainWindow, qtbot: QtBot, tmp_path: Path, start: Callable[[Path], None]
) -> None:
    folder = tmp_path / "today"
    start(folder)
    open_assessed(window, qtbot, assessed)
    assert names(window) == list(SUSPICIOUS)
    qtbot.waitUntil(window.folder_page.offer.isVisible)
    assert "today" in window.folder_page.offer.text.text()
    window.folder_page.offer.resume.click()
    qtbot.waitUntil(lambda: is_done(window, MANY))
    assert sorted(names(window)) == within(folder)


def test_decisions_are_counted_on_the_first_page(assessed: Batch, window: MainWindow, qtbot: QtBot) -> None:
    open_assessed(window, qtbot, assessed)
    for name in ("melanoma.jpg", REFUSED):
        go_to(window, name)
        decide(window, qtbot, Mark.REFER)
    qtbot.waitUntil(lambda: len(decisions(window)) == 2)
    window.go_to(window.screen_page)
    text = f"{len(SUSPICIOUS)} pictures, 2 decided"
    qtbot.waitUntil(lambda: text in window.empty.recent.rows[0].accessibleName())


def test_what_was_deleted_is_not_offered(
    assessed: Batch, window: MainWindow, qtbot: QtBot, user_data: UserData
) -> None:
    open_assessed(window, qtbot, assessed)
    history = EntryRepository(user_data.history)
    first, *rest = history.entries()
    history.delete([entry.id for entry in rest])
    window.history_page.deleted.emit()
    qtbot.waitUntil(lambda: window.folder_page.model.rowCount() == 3)
    qtbot.waitUntil(lambda: [folder.batch.total for folder in window.batch_session.finished] == [3])
    history.delete([first.id])
    window.history_page.deleted.emit()
    qtbot.waitUntil(lambda: listed(window) == [])  # what was opened goes with its last result


def test_a_folder_that_was_given_up_is_finished(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, start: Callable[[Path], None]
) -> None:
    folder = tmp_path / "today"
    start(folder)
    window.folder_page.progress.stop.click()
    qtbot.waitUntil(lambda: listed(window) == ["today"])


def test_the_folders_of_a_history_that_was_replaced_are_not_offered(
    assessed: Batch, window: MainWindow, qtbot: QtBot, user_data: UserData, tmp_path: Path
) -> None:
    other = UserData(tmp_path / "other")
    assess(other, "another")
    file = backup.back_up(EntryRepository(other.history), tmp_path, keep=3, now=dt.datetime(2026, 1, 2, 3, 4, 5))
    open_assessed(window, qtbot, assessed)
    window.maintenance.restore(file)
    qtbot.waitUntil(lambda: "restored" in window.notice.text())
    qtbot.waitUntil(lambda: listed(window) == ["another"])
    assert names(window) == []
    assert window.batch_session.batch is None
