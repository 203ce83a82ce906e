"""Pages that are built when they are first shown, the notices below them, and the table of keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.core.system.paths import UserData
from app.core.system.settings import load_settings
from app.ui.folder.folder_page import FolderPage
from app.ui.folder.results_model import Column
from app.ui.help.help_page import HelpPage
from app.ui.history.history_page import HistoryPage
from app.ui.history.own_cases_page import OwnCasesPage
from app.ui.patients.patients_page import PatientsPage
from app.ui.services.notices import Action
from app.ui.settings.settings_page import SettingsPage
from app.ui.window import shortcuts
from app.ui.window.main_window import MainWindow
from tests.ui.robot import judge

LATER = (FolderPage, PatientsPage, HistoryPage, OwnCasesPage, HelpPage, SettingsPage)


@pytest.mark.parametrize(("number", "kind"), list(enumerate(LATER, start=1)))
def test_a_page_is_built_when_it_is_first_shown(window: MainWindow, number: int, kind: type[QWidget]) -> None:
    assert not [page for other in LATER for page in window.findChildren(other)]
    window.pages.setCurrentIndex(number)
    assert isinstance(window.current_page(), kind)
    assert len(window.findChildren(kind)) == 1
    assert [type(page) for other in LATER for page in window.findChildren(other)] == [kind]
    window.pages.setCurrentIndex(0)
    window.pages.setCurrentIndex(number)
    assert len(window.findChildren(kind)) == 1


def test_a_page_that_is_first_shown_has_what_happened_before(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file())
    window.go_to(window.history_page)
    qtbot.waitUntil(lambda: window.history_page.model.rowCount() == 1)
    window.go_to(window.help_page)
    qtbot.waitUntil(lambda: str(window.current_model.card.model_id) in window.help_page.text())


def test_what_a_page_remembers_is_kept_where_it_was_not_shown(
    open_window: Callable[..., MainWindow], qtbot: QtBot, user_data: UserData
) -> None:
    first = open_window()
    first.go_to(first.folder_page)
    first.folder_page.table.horizontalHeader().resizeSection(Column.NOTES, 123)
    first.close()
    before = load_settings(user_data.settings)
    assert before.batch_columns
    second = open_window()
    second.close()  # its folder page was never shown
    after = load_settings(user_data.settings)
    assert after.batch_columns == before.batch_columns
    third = open_window()
    assert third.folder_page.table.horizontalHeader().sectionSize(Column.NOTES) == 123


def test_a_notice_goes_when_it_is_closed(window: MainWindow, qtbot: QtBot) -> None:
    window.notices.warn("The disk is full.")
    assert window.notice.isVisible()
    assert not window.notice.do.isVisible()
    qtbot.mouseClick(window.notice.close_button, Qt.MouseButton.LeftButton)
    assert not window.notice.isVisible()


def test_what_a_notice_offers_is_done_once_by_button_or_key(window: MainWindow, qtbot: QtBot) -> None:
    done: list[int] = []
    for number in range(2):
        window.notices.info("Done.", Action("Undo", lambda number=number: done.append(number), "Ctrl+Z"))
        assert window.notice.do.isVisible()
        if number:
            window.notice.undo()
            window.notice.undo()
        else:
            qtbot.mouseClick(window.notice.do, Qt.MouseButton.LeftButton)
        assert not window.notice.isVisible()
    assert done == [0, 1]


def test_the_keys_that_are_shown_are_those_that_work(window: MainWindow) -> None:
    for page in (window.folder_page, window.patients_page, window.comparison_page, window.history_page):
        window.go_to(page)
    made = {shortcut.key().toString() for shortcut in window.findChildren(QShortcut)}
    for row in shortcuts.table():
        assert row.bindings, row.text
        for binding in row.bindings:
            for key in binding.keys:
                assert not isinstance(key, str) or key in made
    window.show_keys()
    assert window.current_page() is window.settings_page
    said = "\n".join(part.text() for part in window.settings_page.findChildren(QLabel) if part.isVisible())
    for keys, text in shortcuts.shown():
        assert keys in said
        assert text[1:] in said
