"""Decisions on a folder's pictures: where the page goes on to, and how they are taken back."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.domain.entry import Mark
from app.core.history.batches import Batch, BatchRepository, BatchRow
from app.core.history.query import Query
from app.core.history.repository import EntryRepository
from app.core.system.paths import UserData
from app.ui.window.main_window import MainWindow
from tests.ui.folder.conftest import BROKEN, FILES, REFUSED, SUSPICIOUS, assess
from tests.ui.folder.steps import current, decide, decisions, go_to, names, open_assessed, row_of, use_grid


@pytest.fixture
def opened(assessed: Batch, window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window with a folder that was assessed, none of it decided on."""
    open_assessed(window, qtbot, assessed)
    assert names(window) == list(SUSPICIOUS)
    return window


def kept(user_data: UserData, batch: Batch) -> dict[str, Mark]:
    """The decisions in the history, by file."""
    rows: list[BatchRow] = BatchRepository(EntryRepository(user_data.history).database).rows(batch.id)
    return {FILES[row.position]: row.mark for row in rows if row.mark is not None}


def test_after_a_decision_the_next_one_without_is_shown(opened: MainWindow, qtbot: QtBot) -> None:
    assert opened.settings.current.after_mark == "next-undecided"
    go_to(opened, "carcinoma.jpg")
    decide(opened, qtbot, Mark.CLEAR)
    assert current(opened) == "near.jpg"
    qtbot.waitUntil(lambda: decisions(opened) == {"carcinoma.jpg": Mark.CLEAR})
    go_to(opened, "melanoma.jpg")
    decide(opened, qtbot, Mark.REFER)
    assert current(opened) == "near.jpg"  # past the one that is decided on
    go_to(opened, "low.jpg")
    decide(opened, qtbot, Mark.CLEAR)
    assert current(opened) == REFUSED  # it may be a melanoma as well
    decide(opened, qtbot, Mark.WATCH)
    assert current(opened) == REFUSED  # the last one can't be decided on


def test_after_a_decision_the_next_one_is_shown(opened: MainWindow, qtbot: QtBot) -> None:
    opened.settings.update(after_mark="next")
    go_to(opened, "carcinoma.jpg")
    decide(opened, qtbot, Mark.CLEAR)
    qtbot.waitUntil(lambda: decisions(opened) == {"carcinoma.jpg": Mark.CLEAR})
    go_to(opened, "melanoma.jpg")
    decide(opened, qtbot, Mark.REFER)
    assert current(opened) == "carcinoma.jpg"
    go_to(opened, REFUSED)
    decide(opened, qtbot, Mark.REFER)
    assert current(opened) == BROKEN
    decide(opened, qtbot, Mark.REFER)  # which is no decision
    assert current(opened) == BROKEN
    assert row_of(opened, BROKEN).mark is None


def test_after_a_decision_it_stays_where_it_is(opened: MainWindow, qtbot: QtBot) -> None:
    opened.settings.update(after_mark="stay")
    go_to(opened, "melanoma.jpg")
    decide(opened, qtbot, Mark.REFER)
    qtbot.waitUntil(lambda: decisions(opened) == {"melanoma.jpg": Mark.REFER})
    assert current(opened) == "melanoma.jpg"
    qtbot.waitUntil(lambda: opened.folder_page.panel.mark.buttons[Mark.REFER].isChecked())


def test_a_decision_that_is_taken_back_goes_nowhere(opened: MainWindow, qtbot: QtBot) -> None:
    opened.settings.update(after_mark="next")
    go_to(opened, "melanoma.jpg")
    decide(opened, qtbot, Mark.REFER)
    qtbot.waitUntil(lambda: decisions(opened) == {"melanoma.jpg": Mark.REFER})
    go_to(opened, "melanoma.jpg")
    decide(opened, qtbot, Mark.REFER)
    qtbot.waitUntil(lambda: decisions(opened) == {})
    assert current(opened) == "melanoma.jpg"


def test_where_to_go_on_is_chosen_on_the_page_and_kept(opened: MainWindow) -> None:
    page = opened.folder_page
    choices = (page.then, page.head.then)
    assert [choice.currentData() for choice in choices] == ["next-undecided"] * 2
    page.then.setCurrentIndex(page.then.findData("stay"))
    page.then.activated.emit(page.then.currentIndex())
    assert opened.settings.current.after_mark == "stay"
    assert [choice.currentData() for choice in choices] == ["stay"] * 2
    opened.settings.update(after_mark="next")  # on the settings' page
    assert [choice.currentData() for choice in choices] == ["next"] * 2


def test_the_buttons_below_the_result_decide_too(opened: MainWindow, qtbot: QtBot) -> None:
    go_to(opened, "melanoma.jpg")
    buttons = opened.folder_page.panel.mark.buttons
    qtbot.mouseClick(buttons[Mark.WATCH], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: decisions(opened) == {"melanoma.jpg": Mark.WATCH})
    assert current(opened) == "carcinoma.jpg"
    qtbot.waitUntil(lambda: not any(button.isChecked() for button in buttons.values()))
    go_to(opened, BROKEN)
    assert not opened.folder_page.panel.mark.isEnabled()


@pytest.mark.parametrize("by_key", [True, False])
def test_a_decision_is_undone(
    opened: MainWindow, qtbot: QtBot, assessed: Batch, user_data: UserData, by_key: bool
) -> None:
    opened.settings.update(after_mark="stay")
    go_to(opened, "melanoma.jpg")
    for mark in (Mark.WATCH, Mark.REFER):
        decide(opened, qtbot, mark)
        qtbot.waitUntil(lambda: opened.notice.text() == f"melanoma.jpg: {mark.value.title()} noted")  # noqa: B023
    if by_key:
        qtbot.keyClick(opened.folder_page.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    else:
        qtbot.mouseClick(opened.notice.do, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: decisions(opened) == {"melanoma.jpg": Mark.WATCH})
    assert kept(user_data, assessed) == {"melanoma.jpg": Mark.WATCH}
    assert opened.folder_page.head.count.text() == f"{len(SUSPICIOUS)} pictures, 1 decided"
    qtbot.waitUntil(lambda: opened.folder_page.panel.mark.buttons[Mark.WATCH].isChecked())
    assert opened.notice.isHidden()


def test_a_decision_that_was_taken_back_is_brought_back(
    opened: MainWindow, qtbot: QtBot, assessed: Batch, user_data: UserData
) -> None:
    opened.settings.update(after_mark="stay")
    go_to(opened, "melanoma.jpg")
    decide(opened, qtbot, Mark.REFER)
    qtbot.waitUntil(lambda: decisions(opened) == {"melanoma.jpg": Mark.REFER})
    decide(opened, qtbot, Mark.REFER)
    qtbot.waitUntil(lambda: opened.notice.text() == "melanoma.jpg: decision removed")
    opened.notice.undo()
    qtbot.waitUntil(lambda: decisions(opened) == {"melanoma.jpg": Mark.REFER})
    assert kept(user_data, assessed) == {"melanoma.jpg": Mark.REFER}


def test_a_decision_on_a_refused_picture_is_kept_with_the_folder_and_undone(
    opened: MainWindow, qtbot: QtBot, assessed: Batch, user_data: UserData
) -> None:
    history = EntryRepository(user_data.history)
    page, count = opened.folder_page, f"{len(SUSPICIOUS)} pictures, {{}} decided"
    go_to(opened, REFUSED)
    assert page.panel.mark.isEnabled()
    decide(opened, qtbot, Mark.REFER)
    qtbot.waitUntil(lambda: opened.notice.text().startswith(f"{REFUSED}: Refer noted. Kept with this folder only"))
    assert kept(user_data, assessed) == decisions(opened) == {REFUSED: Mark.REFER}
    assert history.count(Query(decided=True)) == 0
    assert (page.head.count.text(), page.panel.mark.buttons[Mark.REFER].isChecked()) == (count.format(1), True)
    opened.notice.undo()
    assert decisions(opened) == {}
    qtbot.waitUntil(lambda: kept(user_data, assessed) == {})
    assert (page.head.count.text(), page.panel.mark.buttons[Mark.REFER].isChecked()) == (count.format(0), False)


def test_undoing_a_decision_of_another_folder_leaves_this_one_alone(
    user_data: UserData, assessed: Batch, window: MainWindow, qtbot: QtBot
) -> None:
    other = assess(user_data, "other")
    window.batch_session.find_finished()
    open_assessed(window, qtbot, other)
    go_to(window, REFUSED)
    decide(window, qtbot, Mark.REFER)
    qtbot.waitUntil(lambda: kept(user_data, other) == {REFUSED: Mark.REFER})
    decide(window, qtbot, Mark.WATCH)
    qtbot.waitUntil(lambda: kept(user_data, other) == {REFUSED: Mark.WATCH})
    qtbot.waitUntil(lambda: "Watch" in window.notice.text())
    open_assessed(window, qtbot, assessed)
    assert window.notice.isVisible()
    window.notice.undo()
    qtbot.waitUntil(lambda: kept(user_data, other) == {REFUSED: Mark.REFER})
    assert decisions(window) == kept(user_data, assessed) == {}


def test_decisions_in_the_history_are_shown_and_undone_here_too(
    opened: MainWindow, qtbot: QtBot, assessed: Batch, user_data: UserData
) -> None:
    go_to(opened, "near.jpg")
    decide(opened, qtbot, Mark.WATCH)
    qtbot.waitUntil(lambda: kept(user_data, assessed) == {"near.jpg": Mark.WATCH})
    opened.go_to(opened.history_page)
    page = opened.history_page
    qtbot.waitUntil(lambda: page.model.rowCount() == 6)
    page.table.selectAll()
    qtbot.keyClick(page.table, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: len(decisions(opened)) == 6)
    assert set(decisions(opened).values()) == {Mark.CLEAR}
    opened.notice.undo()
    qtbot.waitUntil(lambda: decisions(opened) == {"near.jpg": Mark.WATCH})
    assert kept(user_data, assessed) == {"near.jpg": Mark.WATCH}


def test_pictures_are_decided_on_like_rows(opened: MainWindow, qtbot: QtBot) -> None:
    use_grid(opened, qtbot)
    go_to(opened, "melanoma.jpg")
    decide(opened, qtbot, Mark.CLEAR)
    qtbot.waitUntil(lambda: decisions(opened) == {"melanoma.jpg": Mark.CLEAR})
    assert current(opened) == "carcinoma.jpg"
    assert opened.folder_page.head.then.isVisible()
