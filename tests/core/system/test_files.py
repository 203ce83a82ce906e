from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.core.system.files import write_atomically
from app.core.system.settings import Settings, load_settings, save_settings


def test_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.csv"
    write_atomically(path, b"one")
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.csv"]


def test_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.csv"
    write_atomically(path, b"one")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"two")
    assert path.read_bytes() == b"one"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.csv").write_bytes(b"one")
    (tmp_path / "link.csv").symlink_to("real.csv")
    write_atomically(tmp_path / "link.csv", b"two")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_bytes() == b"two"


def test_a_device_stays_a_device() -> None:
    write_atomically(Path(os.devnull), b"one")
    assert not Path(os.devnull).is_file()


def test_settings(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    assert load_settings(file) == Settings()
    save_settings(Settings(window_geometry="abc"), file)
    assert load_settings(file) == Settings(window_geometry="abc")
    file.write_bytes(b'{"from_a_newer_program": 1}')
    assert load_settings(file) == Settings()
    file.write_bytes(b"\xff")
    assert load_settings(file) == Settings()
