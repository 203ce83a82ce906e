from __future__ import annotations

from pytestqt.qtbot import QtBot

from app.core.domain.errors import HistoryError
from app.ui.services.notices import Level, Notice, Notices
from app.ui.window.main_window import MainWindow


def test_the_level_decides_about_the_sign(qtbot: QtBot) -> None:
    posted: list[Notice] = []
    notices = Notices()
    notices.posted.connect(posted.append)
    notices.info("Written: a.csv")
    notices.warn(HistoryError("The disk is full."))
    assert posted == [Notice("Written: a.csv"), Notice("The disk is full.", Level.WARNING)]
    assert [notice.shown() for notice in posted] == ["Written: a.csv", "⚠ The disk is full."]


def test_a_warning_stays_and_what_was_done_goes(window: MainWindow, qtbot: QtBot, monkeypatch: object) -> None:
    window.notices.warn("The disk is full.")
    assert window.notice.isVisible()
    assert window.notice.text() == "⚠ The disk is full."
    window.notices.info("Written: ⚠ a.csv")
    assert window.notice.text() == "Written: ⚠ a.csv"
