"""What a session leaves in the log: how long everything took, and nothing of the patients."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app import bootstrap
from app.__main__ import main
from app.core.model.classifier import Classifier
from app.core.system import log, paths
from app.core.system.log import LINE
from app.core.system.paths import UserData
from app.core.system.settings import Settings, save_settings
from app.ui.folder.batch_session import State
from app.ui.help.support import log_lines
from app.ui.services import error_dialog
from app.ui.window.main_window import MainWindow
from tests.factories import dicom
from tests.ui.robot import drop, let_all_be_done

PATIENT, NAME = "PAT-19750304", "Ivanova^Maria"
PARTS = ("Ivanova", "Maria", "Иванова", "PAT-19750304", "19750304", ".png", ".jpg", ".dcm", ".zip", "/tmp", "/home")


@pytest.fixture
def pictures(tmp_path: Path, image_file: Callable[..., Path], lesion: np.ndarray) -> list[Path]:
    """One that can be judged, a DICOM with its patient, one that is damaged, one that is gone."""
    folder = tmp_path / "Ivanova Maria 1975"
    drawn = image_file("Иванова Мария.png", folder=folder)
    file = folder / f"{PATIENT}.dcm"
    file.write_bytes(dicom(lesion, PatientID=PATIENT, PatientName=NAME))
    damaged = folder / "Maria.jpg"
    damaged.write_bytes(drawn.read_bytes()[:200])
    return [drawn, file, damaged, folder / "Ivanova.png"]


@pytest.fixture
def session(qtbot: QtBot, model: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Runs the program as a start does, with something in the place of its event loop."""
    monkeypatch.setattr(error_dialog, "install", lambda: None)
    made: list[MainWindow] = []
    make_window = bootstrap.make_window

    def remember(*arguments: object) -> MainWindow:
        made.append(make_window(*arguments))  # type: ignore[arg-type]
        return made[-1]

    def run(images: list[Path], meanwhile: Callable[[MainWindow], None]) -> None:
        def loop(*_: object) -> int:
            window = made.pop()
            try:
                meanwhile(window)
            finally:
                window.close()
                window.deleteLater()
            return 0

        monkeypatch.setattr(bootstrap, "make_window", remember)
        monkeypatch.setattr(QApplication, "exec", loop)
        assert bootstrap.run_window(images, model) == 0
        log.stop()

    return run


def private_lines(user_data: UserData) -> list[str]:
    """The log's lines, of which none is of another form and none names a patient."""
    text = user_data.log.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert [part for part in PARTS if part.casefold() in text.casefold()] == []
    assert "…" not in text
    assert "(left out)" not in text
    assert log_lines(user_data.log) == lines
    return lines


def assert_lines(lines: list[str], *patterns: str) -> None:
    missing = [pattern for pattern in patterns if not any(re.search(pattern, line) for line in lines)]
    assert not missing, lines


def test_a_session_with_the_window(
    session: Callable[..., None], qtbot: QtBot, pictures: list[Path], user_data: UserData, tmp_path: Path
) -> None:
    backups = tmp_path / "Backups of Maria"
    backups.mkdir()
    save_settings(Settings(welcomed=True, backup_folder=str(backups)), user_data.settings)

    def use(window: MainWindow) -> None:
        opened = window.session
        qtbot.waitUntil(lambda: opened.rowCount() == len(pictures))
        qtbot.waitUntil(lambda: not any(opened.item(row).is_waiting for row in range(opened.rowCount())))
        drop(window, pictures[0].parent)
        qtbot.waitUntil(lambda: window.batch_session.state is State.DONE)
        qtbot.waitUntil(lambda: any(backups.iterdir()))
        let_all_be_done(window, qtbot)

    session(pictures, use)
    assert_lines(
        private_lines(user_data),
        r"INFO app\.bootstrap: MelaScreen [\d.]+ started$",
        r"INFO app\.bootstrap: window shown \d+\.\d\d s after the start$",
        r"INFO app\.core\.model\.bundle: model MelaScreen-\w+-[\d.]+: \d+ bytes read and checked in \d\.\d{3} s$",
        r"INFO app\.core\.model\.classifier: model MelaScreen-\w+-[\d.]+: network loaded in \d\.\d{3} s$",
        r"image of \d+ bytes, 256 by 256 pixels: ok; read \d\.\d{3} s, decode \d\.\d{3} s, check \d\.\d{3} s, network",
        r"image of 200 bytes, 0 by 0 pixels: png-damaged; read",
        r"image not read: file-missing$",
        r"batch: 3 images in \d+\.\d s, \d+\.\d\d images/s; 2 known before, 1 without a result$",
        r"history exported in \d+\.\d\d s: \d entries, \d+ bytes$",
        r"backup written in \d+\.\d\d s: \d entries; 0 old ones deleted$",
        r"ended after \d+\.\d s$",
    )


def test_a_programming_error_of_the_command_line(
    pictures: list[Path], user_data: UserData, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise TypeError(str(pictures[0]))

    monkeypatch.setattr(paths, "bundled_model", lambda: model)
    monkeypatch.setattr(Classifier, "answer", fail)
    with pytest.raises(TypeError, match="Ivanova"):
        main(["classify", str(pictures[0])])
    log.stop()
    assert_lines(
        private_lines(user_data), r"ERROR app: unhandled error: TypeError$", r"^  window/test_log\.py:\d+ in fail$"
    )


def test_a_run_of_the_command_line(
    pictures: list[Path], user_data: UserData, model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(paths, "bundled_model", lambda: model)
    table = tmp_path / "Maria.csv"
    assert main(["classify", *map(str, pictures), "--csv", str(table)]) == 1
    log.stop()
    assert_lines(
        private_lines(user_data),
        r"model MelaScreen-\w+-[\d.]+: \d+ bytes read and checked in \d\.\d{3} s$",
        r"model MelaScreen-\w+-[\d.]+: network loaded in \d\.\d{3} s$",
        r"batch: 4 images in \d+\.\d s, \d+\.\d\d images/s; 0 known before, 2 without a result$",
    )
