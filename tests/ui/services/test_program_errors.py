"""A programming error in a job reaches the log and the error dialog, never a hint beside the image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.core.model.classifier import Classifier
from app.core.screening.service import ScreeningService
from app.core.system.paths import UserData
from app.ui.folder.batch_session import State
from app.ui.services import error_dialog
from app.ui.window.main_window import MainWindow
from tests.ui.robot import drop, explanation_of, judge, press, reopen, view

TEXT = "'NoneType' object is not subscriptable"


@pytest.fixture
def boxes(log: UserData, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts of the error dialogs, which nobody has to close."""
    shown: list[str] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: shown.append(box.informativeText()))
    error_dialog.install()
    return shown


def fail(*_: object, **__: object) -> None:
    raise TypeError(TEXT)


def said(window: MainWindow) -> list[str]:
    """All texts that the window shows."""
    shown = [part for part in window.findChildren(QWidget) if part.isVisible()]
    texts = [part.text() for part in shown if isinstance(part, QLabel | QAbstractButton)]
    return [*texts, *(part.accessibleName() for part in shown), *(part.toolTip() for part in shown)]


def assert_reported(window: MainWindow, boxes: list[str], user_data: UserData) -> None:
    assert boxes == [f"TypeError: {TEXT}"]
    assert "TypeError" in user_data.log.read_text()
    assert not [text for text in said(window) if TEXT in text]


def test_while_looking_for_an_outline(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    boxes: list[str],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ScreeningService, "measure_lesion", fail)
    judge(window, qtbot, image_file())
    press(window, qtbot, Qt.Key.Key_O)
    qtbot.waitUntil(lambda: bool(boxes))
    assert_reported(window, boxes, user_data)
    assert not explanation_of(window).lesion.hint.isVisible()


def test_while_computing_a_saliency_map(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    boxes: list[str],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ScreeningService, "explain", fail)
    judge(window, qtbot, image_file())
    again = reopen(window, open_window, qtbot, user_data)
    press(again, qtbot, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: bool(boxes))
    assert_reported(again, boxes, user_data)
    assert not view(again).has_layer()


def test_while_screening_an_image(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    boxes: list[str],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Classifier, "answer", fail)
    drop(window, image_file())
    qtbot.waitUntil(lambda: bool(boxes))
    assert_reported(window, boxes, user_data)
    assert window.screen_page.panel.band.words == "Not assessed"
    assert not window.session.item(0).is_waiting


def test_while_a_batch_runs_it_is_paused(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    tmp_path: Path,
    boxes: list[str],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    image_file("a.png", folder=folder)
    with monkeypatch.context() as broken:
        broken.setattr(Classifier, "answer", fail)
        drop(window, folder)
        qtbot.waitUntil(lambda: bool(boxes))
    assert_reported(window, boxes, user_data)
    session = window.batch_session
    assert session.state is State.PAUSED
    assert window.folder_page.progress.status.text() == "Paused: 0 of 1 pictures"
    qtbot.mouseClick(window.folder_page.progress.pause, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.state is State.DONE)
    assert session.done == 1


def test_while_writing_a_report(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    tmp_path: Path,
    boxes: list[str],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judge(window, qtbot, image_file())
    monkeypatch.setattr("app.ui.report.content.write_image_report", fail)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a.pdf"), ""))
    window.screen_page.panel.report.click()
    qtbot.waitUntil(lambda: bool(boxes))
    assert_reported(window, boxes, user_data)


def test_a_report_that_cannot_be_written_is_no_programming_error(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    tmp_path: Path,
    boxes: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judge(window, qtbot, image_file())
    file = tmp_path / "image.pdf"
    file.mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    window.screen_page.panel.report.click()
    qtbot.waitUntil(window.notice.isVisible)
    assert window.notice.text().startswith(f"{file} can't be written: ")
    assert boxes == []
