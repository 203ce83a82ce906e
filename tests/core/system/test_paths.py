from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.domain import messages
from app.core.system import paths
from app.core.system.paths import DATA_VARIABLE, PORTABLE_FOLDER, PORTABLE_MARKER, UserData, user_data


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a frozen program in it, and no other place named."""
    folder = tmp_path / "Флешка USB"
    folder.mkdir()
    executable = folder / "melascreen"
    executable.touch()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(executable))
    for variable in (DATA_VARIABLE, "APPIMAGE", "APPDIR"):
        monkeypatch.delenv(variable, raising=False)
    return folder


def test_without_a_marker_the_system_says_where(stick: Path, tmp_path: Path) -> None:
    assert stick not in user_data().folder.parents
    assert user_data().folder.name == "MelaScreen"
    assert not user_data().portable


def test_with_a_marker_all_lies_beside_the_program(stick: Path) -> None:
    (stick / PORTABLE_MARKER).touch()
    data = user_data()
    assert data == UserData(stick / PORTABLE_FOLDER, portable=True)
    for file in (data.history, data.settings, data.log, data.images, data.models):
        assert file.parent == stick / PORTABLE_FOLDER


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_a_portable_program_finds_its_data(
    stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (stick / PORTABLE_MARKER).touch()
    link = tmp_path / "melascreen"
    link.symlink_to(stick / "melascreen")
    monkeypatch.setattr(sys, "executable", str(link))
    assert user_data().folder == stick / PORTABLE_FOLDER


def test_the_variable_goes_first(stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (stick / PORTABLE_MARKER).touch()
    monkeypatch.setenv(DATA_VARIABLE, str(tmp_path / "named"))
    assert user_data() == UserData(tmp_path / "named")


def test_a_folder_of_the_markers_name_is_no_marker(stick: Path) -> None:
    (stick / PORTABLE_MARKER).mkdir()
    assert not user_data().portable


def test_of_a_macos_application_it_is_the_folder_around_it(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = stick / "MelaScreen.app" / "Contents" / "MacOS"
    inside.mkdir(parents=True)
    monkeypatch.setattr(sys, "executable", str(inside / "melascreen"))
    (stick / PORTABLE_MARKER).touch()
    assert user_data().folder == stick / PORTABLE_FOLDER


def test_of_an_appimage_it_is_the_folder_of_its_file(
    stick: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = tmp_path / "mounted"
    (mounted / "usr").mkdir(parents=True)
    monkeypatch.setenv("APPDIR", str(mounted))
    monkeypatch.setenv("APPIMAGE", str(stick / "MelaScreen.AppImage"))
    (stick / PORTABLE_MARKER).touch()
    monkeypatch.setattr(sys, "executable", str(mounted / "usr" / "melascreen"))
    assert user_data().folder == stick / PORTABLE_FOLDER
    monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere" / "melascreen"))  # begun from another AppImage
    assert not user_data().portable


def test_from_source_the_marker_lies_in_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (paths, messages):  # what the module needs of the program
        copy = tmp_path.joinpath(*module.__name__.split(".")).with_suffix(".py")
        copy.parent.mkdir(parents=True)
        shutil.copyfile(str(module.__file__), copy)
    (tmp_path / PORTABLE_MARKER).touch()
    monkeypatch.delenv(DATA_VARIABLE)
    done = subprocess.run(
        [sys.executable, "-c", "from app.core.system.paths import user_data; print(user_data().folder)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(done.stdout.strip()) == tmp_path / PORTABLE_FOLDER


def test_a_folder_that_can_be_written_to_has_no_problem_and_nothing_left_in_it(tmp_path: Path) -> None:
    data = UserData(tmp_path / "new" / "data")
    assert data.problem() == ""
    assert not (tmp_path / "new").exists()
    data.folder.mkdir(parents=True)
    assert data.problem() == ""
    assert list(data.folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "stick").touch()  # a file where a folder would be: as good as read-only, and so for root too
    problem = UserData(tmp_path / "stick" / PORTABLE_FOLDER, portable=True).problem()
    assert str(tmp_path / "stick" / PORTABLE_FOLDER) in problem
    assert "write-protected" in problem
    assert "write-protected" not in UserData(tmp_path / "stick" / "data").problem()
