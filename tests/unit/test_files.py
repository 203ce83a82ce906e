from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.core.files import write_whole
from app.core.settings import Settings, load_settings, save_settings


def test_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.csv"
    write_whole(path, b"one")
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.csv"]


def test_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    write_whole(path, b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"two")
    assert path.read_bytes() == b"one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]


def test_settings(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    assert load_settings(file) == Settings()
    save_settings(Settings(window_geometry="abc"), file)
    assert load_settings(file) == Settings(window_geometry="abc")
    file.write_bytes(b'{"from_a_newer_program": 1}')
    assert load_settings(file) == Settings()
    file.write_bytes(b"\xff")
    assert load_settings(file) == Settings()
