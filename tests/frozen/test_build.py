"""What `packaging/build.py` works out before and after PyInstaller, without running it."""

from __future__ import annotations

import hashlib
import sys
import tomllib
from pathlib import Path

import pytest

import build

ROOT = Path(__file__).parents[2]


def test_packaging_is_no_python_package():
    assert not (ROOT / "packaging" / "__init__.py").exists()


def test_version_is_the_projects(tmp_path):
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\nversion = "7.8.9"\n')
    assert build.project_version(tmp_path) == "7.8.9"
    assert build.project_version(ROOT) == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_time_is_stated_or_the_commits(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234567890")
    assert build.commit_time() == 1234567890


def test_without_git_it_asks_for_a_time(monkeypatch, tmp_path):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    monkeypatch.setattr(build, "ROOT", tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(SystemExit, match="SOURCE_DATE_EPOCH"):
        build.commit_time()


def test_checksums_are_those_of_the_files(tmp_path):
    (tmp_path / "b.deb").write_bytes(b"b")
    (tmp_path / "a.run").write_bytes(b"a")
    build.write_checksums(tmp_path)
    build.write_checksums(tmp_path)  # not of itself
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert lines == [
        f"{hashlib.sha256(b'a').hexdigest()}  a.run",
        f"{hashlib.sha256(b'b').hexdigest()}  b.deb",
    ]


def test_a_failing_command_ends_the_build():
    with pytest.raises(SystemExit, match="failed"):
        build.run(sys.executable, "-c", "raise SystemExit(1)")


def test_environment_has_no_tensorflow_and_agrees_with_the_programs():
    pins = {name: _pins(name) for name in ("package", "run", "dev")}
    assert "pyinstaller" in pins["package"]
    assert not {"tensorflow", "scipy", "opencv-python-headless"} & set(pins["package"])
    assert pins["run"].items() <= pins["package"].items() <= pins["dev"].items()


def _pins(lock: str) -> dict[str, tuple[str, ...]]:
    lines = (ROOT / "requirements" / f"{lock}.lock").read_text().splitlines()
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if line and not line.startswith(("#", " ")):
            name, rest = line.split("==", 1)
            found[name] = (*found.get(name, ()), rest)
    return found
