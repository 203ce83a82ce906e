from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import qInstallMessageHandler

from app.core.system import log as program_log
from app.core.system.paths import UserData


@pytest.fixture
def log(user_data: UserData, monkeypatch: pytest.MonkeyPatch) -> Iterator[UserData]:
    """The user's data with a log, as the program starts it; hooks that a test installs are taken away."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    program_log.start(user_data.log)
    yield user_data
    qInstallMessageHandler(None)
