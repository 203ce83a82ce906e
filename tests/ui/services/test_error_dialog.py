from __future__ import annotations

import logging
import sys

import pytest
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.core.system import log as program_log
from app.core.system.paths import UserData
from app.ui.services import error_dialog


def test_a_mistake_is_shown_with_details_and_logged_without_anybodys_data(
    log: UserData, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    boxes: list[QMessageBox] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: boxes.append(box))
    error_dialog.install()
    name = "/pictures/Ivanova Maria.jpg"
    try:
        raise ValueError(name)
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    (box,) = boxes
    assert "Ivanova Maria" in box.detailedText()
    assert "test_error_dialog.py" in box.detailedText()
    logging.shutdown()
    logged = log.log.read_text()
    assert "ValueError" in logged
    assert "test_a_mistake_is_shown" in logged
    assert "Ivanova" not in logged


def test_a_log_that_cannot_be_written_is_no_obstacle(user_data: UserData, monkeypatch: pytest.MonkeyPatch) -> None:
    user_data.folder.parent.mkdir(parents=True)
    user_data.folder.touch()
    program_log.start(user_data.log)
    qInstallMessageHandler(None)
    (handler,) = program_log.LOGGER.handlers
    program_log.stop()
    assert type(handler) is logging.StreamHandler
