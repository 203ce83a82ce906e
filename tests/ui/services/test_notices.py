from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.domain.errors import HistoryError
from app.ui.services.notices import Action, Level, Notice, Notices
from app.ui.window import notice_bar
from app.ui.window.main_window import MainWindow

SOON = 50
"""Milliseconds."""


def test_what_went_wrong_is_a_warning(qtbot: QtBot) -> None:
    posted: list[Notice] = []
    notices = Notices()
    notices.posted.connect(posted.append)
    notices.info("Written: a.csv")
    notices.warn(HistoryError("The disk is full."))
    assert posted == [Notice("Written: a.csv"), Notice("The disk is full.", Level.WARNING)]


def test_a_warning_waits_until_it_is_closed_and_what_was_done_goes(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_bar, "NOTICE_TIME", SOON)
    window.notices.info("Written: ⚠ a.csv")
    assert window.notice.isVisible()
    assert window.notice.text() == "Written: ⚠ a.csv"
    window.notices.warn("The disk is full.")  # before the other one goes: its time is not this one's
    assert window.notice.text() == "The disk is full."
    qtbot.wait(4 * SOON)
    assert window.notice.isVisible()
    window.notices.info("Written: b.csv")
    assert window.notice.text() == "Written: b.csv"
    qtbot.waitUntil(lambda: window.notice.text() == "The disk is full.")  # not closed yet
    qtbot.mouseClick(window.notice.close_button, Qt.MouseButton.LeftButton)
    assert window.notice.isHidden()
    window.notices.info("Written: c.csv")
    qtbot.waitUntil(window.notice.isHidden)


def test_a_critical_warning_is_shown_before_the_others(window: MainWindow, qtbot: QtBot) -> None:
    bar = window.notice
    window.notices.warn("a.csv can't be written.")
    assert not bar.waiting.isVisible()
    window.notices.warn_first("The stick is write-protected.")
    for _ in range(3):
        window.notices.warn("The history can't be used.")
    assert (bar.text(), bar.waiting.text()) == ("The stick is write-protected.", "2 more")
    window.notices.info("Noted")  # what was done is said at once, whatever waits
    assert (bar.text(), bar.waiting.text()) == ("Noted", "3 more")
    shown = []
    while bar.isVisible():
        bar.close_button.click()
        shown.append(bar.text())
    assert shown[:3] == ["The stick is write-protected.", "The history can't be used.", "a.csv can't be written."]


def test_what_a_notice_offers_is_done_once(window: MainWindow, qtbot: QtBot) -> None:
    done: list[str] = []
    window.notices.info("Noted", Action("Undo", lambda: done.append("undone"), "Ctrl+Z"))
    assert (window.notice.do.isVisible(), window.notice.do.text()) == (True, "Undo")
    qtbot.mouseClick(window.notice.do, Qt.MouseButton.LeftButton)
    assert window.notice.isHidden()
    window.notice.undo()
    assert done == ["undone"]


def test_the_key_for_undoing_does_only_what_has_that_key(window: MainWindow, qtbot: QtBot) -> None:
    done: list[str] = []
    window.notices.info("Noted", Action("Undo", lambda: done.append("undone"), "Ctrl+Z"))
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert done == ["undone"]
    window.notices.info("Written", Action("Show", lambda: done.append("shown")))
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.notice.isVisible()
    assert done == ["undone"]


def test_what_is_not_offered_any_more_is_not_done(window: MainWindow, qtbot: QtBot) -> None:
    done: list[str] = []
    offer = Action("Undo", lambda: done.append("undone"), "Ctrl+Z")
    window.notices.info("Noted", offer)
    window.notices.info("Written: a.csv")  # in its place
    assert not window.notice.do.isVisible()
    window.notice.undo()
    window.notices.info("Noted", offer)
    window.notice.close_button.click()
    window.notice.undo()
    assert done == []
