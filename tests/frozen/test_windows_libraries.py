"""On a Windows program that setuptools brings along; of what it loads, Windows lacks one library."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import setuptools

from windows import libraries

PROGRAM = Path(setuptools.__file__).with_name("cli-64.exe")
MISSING = {"vcruntime140.dll": ["melascreen.exe"]}


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "_internal" / "deeper").mkdir(parents=True)
    shutil.copy(PROGRAM, tmp_path / "melascreen.exe")
    return tmp_path


def test_what_windows_lacks_has_to_lie_where_it_looks(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert libraries.missing_libraries(bundle) == MISSING
    monkeypatch.setattr(libraries, "_loaded_by", lambda file: ["vcruntime140.dll"] if file.suffix == ".exe" else [])
    for folder, found in (("deeper", False), (".", True), ("numpy.libs", True)):
        library = bundle / "_internal" / folder / "VCRUNTIME140.dll"
        library.parent.mkdir(exist_ok=True)
        library.touch()
        assert libraries.missing_libraries(bundle) == ({} if found else MISSING)
        library.unlink()


def test_the_build_ends_where_one_is_missing(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(libraries.sys, "argv", ["libraries.py", str(bundle)])
    assert libraries.main() == 1
    assert "vcruntime140.dll is not in the bundle, and melascreen.exe" in capsys.readouterr().err
    monkeypatch.setattr(libraries, "WINDOWS", libraries.WINDOWS | {"vcruntime140.dll"})
    assert libraries.main() == 0
