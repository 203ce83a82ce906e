from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.core.history.repository import EntryRepository
from app.core.system.paths import UserData
from app.core.system.settings import Settings, load_settings, save_settings
from app.ui.window.main_window import MainWindow
from tests.factories import screening
from tests.ui.robot import YES, answer_box


def test_settings_take_effect_at_once_and_last(
    open_window: Callable[..., MainWindow], qtbot: QtBot, user_data: UserData, tmp_path: Path
) -> None:
    EntryRepository(user_data.history).add(screening())
    window = open_window()
    qtbot.waitUntil(window.isActiveWindow)
    window.show_settings()
    page = window.settings_page
    page.show_category("clinic")
    page.input("clinic").insert("Клиника № ")
    page.input("clinic").setFocus()
    qtbot.keyClicks(page.input("clinic"), "5")
    page.show_category("data")
    page.input("backups_kept").setValue(3)
    page.input("backup_folder").line.setFocus()
    qtbot.keyClicks(page.input("backup_folder").line, str(tmp_path))
    window.go_to(window.screen_page)  # whoever leaves the field is done with it
    saved = load_settings(user_data.settings)
    assert (saved.clinic, saved.backup_folder, saved.backups_kept) == ("Клиника № 5", str(tmp_path), 3)
    qtbot.waitUntil(lambda: "Backup written" in window.notice.text())  # the first one is due at once
    (backup,) = tmp_path.glob("melascreen-backup-*.zip")
    with zipfile.ZipFile(backup) as archive:
        assert "history.sqlite3" in archive.namelist()
    window.close()
    assert open_window().settings.current.clinic == "Клиника № 5"
    assert list(tmp_path.glob("melascreen-backup-*.zip")) == [backup]


def test_a_backup_that_cannot_be_written_is_told(
    open_window: Callable[..., MainWindow], qtbot: QtBot, user_data: UserData, tmp_path: Path
) -> None:
    save_settings(Settings(backup_folder=str(tmp_path / "unplugged")), user_data.settings)
    window = open_window()
    qtbot.waitUntil(lambda: "unplugged" in window.notice.text())
    assert "Is its drive plugged in?" in window.notice.text()


def test_export_delete_and_import_again(
    window: MainWindow, qtbot: QtBot, user_data: UserData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = EntryRepository(user_data.history)
    history.add(screening("a.jpg"))
    file = tmp_path / "history.zip"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    window.maintenance.ask_for_export()
    qtbot.waitUntil(lambda: "Written" in window.notice.text())
    history.delete([1])
    window.go_to(window.history_page)
    window.maintenance.ask_for_import()
    qtbot.waitUntil(lambda: window.history_page.model.rowCount() == 1)
    assert "Imported: 1" in window.notice.text()
    history.add(screening("later.jpg"))
    window.maintenance.ask_for_restore()
    assert "has 1 result" in answer_box(window, qtbot, YES)
    qtbot.waitUntil(lambda: "restored" in window.notice.text())
    assert [entry.screening.path.name for entry in history.entries()] == ["a.jpg"]


def test_what_is_no_export_is_not_restored(
    window: MainWindow, qtbot: QtBot, user_data: UserData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = EntryRepository(user_data.history)
    history.add(screening("a.jpg"))
    file = tmp_path / "holiday.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("beach.jpg", b"sand")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    window.maintenance.ask_for_restore()
    qtbot.waitUntil(lambda: "holiday.zip" in window.notice.text())
    assert history.count() == 1
