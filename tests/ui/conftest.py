"""A window as the program makes it, off screen; no thread and no window is left when a test ends."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partialmethod
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.bootstrap import make_application, make_window
from app.core.system.paths import UserData
from app.ui.window.main_window import MainWindow

PATIENCE = 30_000
"""Milliseconds that a test waits for what must come: a busy machine is no failure."""


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QtBot, "waitUntil", partialmethod(QtBot.waitUntil, timeout=PATIENCE))


@pytest.fixture(scope="session")
def qapp() -> object:
    return make_application()


@pytest.fixture
def open_window(qtbot: QtBot, model: Path, user_data: UserData) -> Iterator[Callable[..., MainWindow]]:
    """Opens windows: `open_window()`, `open_window(model=folder)`; closes them at the end."""
    opened: list[MainWindow] = []

    def make(model: Path | None = model) -> MainWindow:
        window = make_window(model, user_data)
        opened.append(window)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in opened:
        window.close()
        window.deleteLater()
    assert not [thread for thread in threading.enumerate() if thread.name == "jobs"]


@pytest.fixture
def window(open_window: Callable[..., MainWindow]) -> MainWindow:
    return open_window()
