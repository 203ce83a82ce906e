"""Opened pictures are noted under the patient who was open at that time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.core.domain.patient import Patient
from app.core.system.paths import UserData
from app.ui.window.main_window import MainWindow
from tests.ui.robot import entries, let_all_be_done


def patients(user_data: UserData) -> dict[str, str]:
    """The patient of each picture."""
    return {entry.screening.path.name: entry.record.patient for entry in entries(user_data)}


def recorded(window: MainWindow, qtbot: QtBot, count: int) -> None:
    opened = window.session
    qtbot.waitUntil(
        lambda: [opened.item(row).entry_id is not None for row in range(opened.rowCount())] == [True] * count
    )
    let_all_be_done(window, qtbot)


def test_each_is_noted_under_the_patient_who_was_open_when_it_was_opened(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    files = [image_file(f"{radius}.png", radius=radius) for radius in (40, 45, 50, 55)]
    window.opening.open_paths(files[:1])
    window.patient.open(Patient("A"))
    window.opening.open_paths(files[1:2])
    window.patient.open(Patient("B"))
    window.session.open_content(files[2].read_bytes(), "pasted.png")
    window.patient.close()
    window.opening.open_paths(files[3:])
    recorded(window, qtbot, 4)
    assert patients(user_data) == {"40.png": "", "45.png": "A", "pasted.png": "B", "55.png": ""}


def test_a_picture_of_another_patient_stays_there(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    file = image_file()
    for number, identifier in enumerate("AB", 1):
        window.patient.open(Patient(identifier))
        window.opening.open_paths([file])
        recorded(window, qtbot, number)
    assert patients(user_data) == {"lesion.png": "A"}


def test_a_result_of_the_history_is_only_shown(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    window.opening.open_paths([image_file()])
    recorded(window, qtbot, 1)
    window.patient.open(Patient("A"))
    window.session.open_entry(entries(user_data)[0])
    recorded(window, qtbot, 2)
    assert patients(user_data) == {"lesion.png": ""}
