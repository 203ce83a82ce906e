from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.core.system.files import replace_folder, write_atomically
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


def folder_with(path: Path, content: str) -> Path:
    path.mkdir()
    (path / "a.txt").write_text(content)
    return path


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    target = tmp_path / "target"
    for content in ("one", "two"):
        replace_folder(target, folder_with(tmp_path / "new", content), prefix=".aside-")
        assert (target / "a.txt").read_text() == content
        assert [entry.name for entry in tmp_path.iterdir()] == ["target"]


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_folder_that_cannot_be_replaced_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, comes_back: bool
) -> None:
    target, new = folder_with(tmp_path / "target", "one"), folder_with(tmp_path / "new", "two")
    rename = Path.rename

    def fail(self: Path, to: Path) -> Path:
        if to == target and (self == new or not comes_back):
            raise OSError(28, "No space left on device")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="No space"):
        replace_folder(target, new, prefix=".aside-")
    (kept,) = [file for file in tmp_path.rglob("a.txt") if file.read_text() == "one"]
    assert (kept.parent == target) == comes_back
    assert comes_back == (not list(tmp_path.glob(".aside-*")))
