"""Pages that are built when they are first shown, the notices below them, and the table of keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.core.system.paths import UserData
from app.core.system.settings import load_settings
from app.ui.folder.folder_page import FolderPage
from app.ui.help.help_page import HelpPage
from app.ui.history.history_page import HistoryPage
from app.ui.history.own_cases_page import OwnCasesPage
from app.ui.window import shortcuts
from app.ui.window.main_window import MainWindow
from tests.ui.robot import judge

LATER = (FolderPage, HistoryPage, OwnCasesPage, HelpPage)


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
    window.pages.setCurrentIndex(2)
    qtbot.waitUntil(lambda: window.history_page.model.rowCount() == 1)
    window.pages.setCurrentIndex(4)
    qtbot.waitUntil(lambda: str(window.current_model.card.model_id) in window.help_page.text())


def test_what_a_page_remembers_is_kept_where_it_was_not_shown(
    open_window: Callable[..., MainWindow], qtbot: QtBot, user_data: UserData
) -> None:
    first = open_window()
    first.go_to(first.folder_page)
    first.folder_page.subfolders.setChecked(False)
    first.folder_page.splitter.setSizes([300, 700])
    first.close()
    before = load_settings(user_data.settings)
    assert before.batch_splitter_state
    second = open_window()
    second.close()  # its folder page was never shown
    after = load_settings(user_data.settings)
    assert (after.subfolders, after.batch_splitter_state) == (False, before.batch_splitter_state)
    third = open_window()
    assert not third.folder_page.subfolders.isChecked()
    assert third.folder_page.splitter.saveState().toBase64().toStdString() == before.batch_splitter_state


def test_a_notice_goes_when_it_is_clicked(window: MainWindow, qtbot: QtBot) -> None:
    window.notices.warn("The disk is full.")
    assert window.notice.isVisible()
    qtbot.mouseClick(window.notice, Qt.MouseButton.LeftButton)
    assert not window.notice.isVisible()


def test_the_keys_that_are_shown_are_those_that_work(window: MainWindow) -> None:
    for page in (window.folder_page, window.history_page):
        window.go_to(page)
    made = {shortcut.key().toString() for shortcut in window.findChildren(QShortcut)}
    for row in shortcuts.table():
        assert row.bindings, row.text
        for binding in row.bindings:
            for key in binding.keys:
                assert not isinstance(key, str) or key in made
    window.show_keys()
    (box,) = window.findChildren(QMessageBox)
    for keys, text in shortcuts.shown():
        assert f"<b>{keys}</b></td><td>{text}" in box.text()
    box.close()
