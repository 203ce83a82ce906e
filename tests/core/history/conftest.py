"""A history with entries, another without, and an export."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.history.repository import EntryRepository
from app.core.history.transfer import export_history
from tests.core.history.exports import fill


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    """Four entries with all that an entry may have; the first two show one lesion."""
    history = EntryRepository(tmp_path / "one" / "history.sqlite3")
    fill(history)
    return history


@pytest.fixture
def other(tmp_path: Path) -> EntryRepository:
    """Not there yet."""
    return EntryRepository(tmp_path / "Другая история" / "history.sqlite3")


@pytest.fixture
def archive(history: EntryRepository, tmp_path: Path) -> Path:
    target = tmp_path / "شامة und Копия.zip"
    export_history(history, target)
    return target
