from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`dev.py` with an environment of its own; a command that it would run fails the test."""
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "STAMP", tmp_path / "installed-locks.json")

    def run(*command: object, cwd: object = None) -> int:
        raise AssertionError(f"it ran {command}")

    monkeypatch.setattr(module, "call", run)
    return module


def note_installed(dev: ModuleType, name: str) -> None:
    digest = hashlib.sha256((ROOT / f"requirements/{name}.lock").read_bytes()).hexdigest()
    dev.STAMP.write_text(json.dumps({name: digest}))


@pytest.mark.parametrize(
    ("installed", "wanted"),
    [("run", "run"), ("dev", "run"), ("dev", "train"), ("train", "run"), ("cluster", "run"), ("dev", "cluster")],
)
def test_what_is_installed_is_not_installed_again(dev: ModuleType, installed: str, wanted: str) -> None:
    note_installed(dev, installed)
    dev.install_lock(wanted)


@pytest.mark.parametrize(
    ("installed", "wanted"),
    [("run", "dev"), ("run", "train"), ("train", "dev"), ("train", "cluster"), ("cluster", "train")],
)
def test_more_is_installed_when_more_is_needed(dev: ModuleType, installed: str, wanted: str) -> None:
    note_installed(dev, installed)
    with pytest.raises(AssertionError, match=f"requirements/{wanted}.lock"):
        dev.install_lock(wanted)


def test_a_lock_that_changed_is_installed(dev: ModuleType) -> None:
    dev.STAMP.write_text(json.dumps({"run": "0" * 64}))
    with pytest.raises(AssertionError, match=r"requirements/run\.lock"):
        dev.install_lock("run")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux needs system libraries")
def test_where_it_may_not_install_it_prints_the_command(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "loads", lambda library: library != "libxcb-cursor.so.0")
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None)
    with pytest.raises(SystemExit) as ended:
        dev.install_system_packages(window=True, tools={"makensis": "nsis"})
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert "sudo sh -c 'apt-get update && apt-get install" in told
    assert "libxcb-cursor0" in told
    assert " nsis" in told


def test_the_command_line_needs_no_libraries_for_a_window(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "loads", lambda library: False)
    dev.install_system_packages(window=False, tools={})


def test_usage(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["dev.py", "nonsense"])
    assert dev.main() == 2
    assert "dev.py run" in capsys.readouterr().out


def test_a_cluster_needs_more_packages(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(dev, "install_system_packages", lambda **_: None)
    monkeypatch.setattr(dev, "install_lock", asked.append)
    monkeypatch.setattr(dev, "call", lambda *_, cwd=None: 0)
    for options in ([], ["--cluster", "local"]):
        monkeypatch.setattr(sys, "argv", ["dev.py", "run", "classify", "images", *options])
        assert dev.main() == 0
    assert asked == ["run", "cluster"]


@pytest.mark.parametrize("options", [[], ["tests/core"]])
def test_all_tests_are_measured_by_coverage_and_a_part_is_not(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    commands: list[str] = []
    monkeypatch.setattr(dev, "install_system_packages", lambda **_: None)
    monkeypatch.setattr(dev, "install_lock", lambda _: None)
    monkeypatch.setattr(dev, "call", lambda *command, cwd: bool(commands.append(" ".join(map(str, command[1:])))))
    monkeypatch.setattr(sys, "argv", ["dev.py", "test", *options])
    assert dev.main() == 0
    measured = ["-m pytest --cov --cov-report=", "-m tests.coverage_floors"]
    assert commands[3:] == (["-m pytest tests/core"] if options else measured)
