"""The header over a picture: whose it is, which lesion it shows, and how both are noted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from app.core.domain.body import Place, View
from app.core.domain.patient import Patient
from app.core.history.lesions import LesionRepository
from app.core.history.patients import PatientRepository
from app.core.history.repository import EntryRepository
from app.core.system.paths import UserData
from app.ui.image.large_preview import LargePreview
from app.ui.patient.choose_dialog import ChoosePatientDialog
from app.ui.patient.lesion_dialog import LesionDialog
from app.ui.patient.patient_header import PatientHeader
from app.ui.window.main_window import MainWindow
from tests.ui.robot import NO, YES, answer_box, drop, entries, judge, press


def header(window: MainWindow) -> PatientHeader:
    return window.patient_header


def dialog(window: MainWindow, kind: type[QDialog], qtbot: QtBot) -> QDialog:
    qtbot.waitUntil(lambda: any(each.isVisible() for each in window.findChildren(kind)))
    return next(each for each in window.findChildren(kind) if each.isVisible())


def choose(window: MainWindow, qtbot: QtBot, name: str) -> None:
    """Choose a patient by typing, with the dialog open."""
    asked = dialog(window, ChoosePatientDialog, qtbot)
    assert isinstance(asked, ChoosePatientDialog)
    asked.text.setText(name)
    qtbot.waitUntil(lambda: asked.list.count() > 0 and name in asked.list.item(0).text())
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)


def test_without_a_patient_the_header_says_so_and_a_picture_is_assessed_as_before(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    assert header(window).identifier.text() == "No patient chosen"
    judge(window, qtbot, image_file())
    assert header(window).identifier.text() == "No patient chosen"
    assert header(window).choose.isVisible()
    assert not header(window).lesion.isVisible()
    assert entries(user_data)[0].record.patient == ""


def test_a_picture_is_noted_under_the_patient_who_is_chosen_by_a_key(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    judge(window, qtbot, image_file())
    press(window, qtbot, Qt.Key.Key_P)
    choose(window, qtbot, "KD-7")
    qtbot.waitUntil(lambda: entries(user_data)[0].record.patient == "KD-7")
    qtbot.waitUntil(lambda: header(window).identifier.text() == "KD-7")
    assert PatientRepository(EntryRepository(user_data.history).database).get("KD-7") == Patient("KD-7")


def test_the_patient_who_is_chosen_before_a_picture_is_open(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(header(window).choose, Qt.MouseButton.LeftButton)
    choose(window, qtbot, "KD-7")
    qtbot.waitUntil(lambda: header(window).identifier.text() == "KD-7")
    assert window.patient.patient == Patient("KD-7")
    assert header(window).close_button.isVisible()
    qtbot.mouseClick(header(window).close_button, Qt.MouseButton.LeftButton)
    assert header(window).identifier.text() == "No patient chosen"


def test_nothing_typed_chooses_nobody(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(header(window).choose, Qt.MouseButton.LeftButton)
    asked = dialog(window, ChoosePatientDialog, qtbot)
    assert isinstance(asked, ChoosePatientDialog)
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)
    assert asked.isVisible()
    assert asked.message.text()
    asked.reject()
    assert window.patient.patient is None


def test_a_new_lesion_is_placed_and_an_old_one_is_chosen(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    lesions = LesionRepository(EntryRepository(user_data.history).database)
    judge(window, qtbot, image_file())
    press(window, qtbot, Qt.Key.Key_P)
    choose(window, qtbot, "KD-7")
    qtbot.waitUntil(header(window).lesion.isVisible)
    press(window, qtbot, Qt.Key.Key_L)
    asked = dialog(window, LesionDialog, qtbot)
    assert isinstance(asked, LesionDialog)
    spot = asked.map.point_of(Place(View.BACK, 0.43, 0.26)).toPoint()
    qtbot.mouseClick(asked.map, Qt.MouseButton.LeftButton, pos=spot)
    assert "upper back, left" in asked.list.currentItem().text()
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "Lesion 1" in header(window).lesion.text())
    entry = entries(user_data)[0]
    assert entry.record.site == "posterior torso"
    second = lesions.add("KD-7")
    press(window, qtbot, Qt.Key.Key_L)
    asked = dialog(window, LesionDialog, qtbot)
    assert isinstance(asked, LesionDialog)
    rows = [asked.list.item(row).text() for row in range(asked.list.count())]
    asked.list.setCurrentRow(next(row for row, words in enumerate(rows) if words.startswith("Lesion 2")))
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: entries(user_data)[0].lesion == second.id)
    qtbot.waitUntil(lambda: "Lesion 2" in header(window).lesion.text())


def test_the_link_leads_to_the_patients_page(window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]) -> None:
    judge(window, qtbot, image_file())
    press(window, qtbot, Qt.Key.Key_P)
    choose(window, qtbot, "KD-7")
    qtbot.waitUntil(header(window).page.isVisible)
    qtbot.mouseClick(header(window).page, Qt.MouseButton.LeftButton)
    assert window.current_page() is window.patients_page
    qtbot.waitUntil(lambda: window.patients_page.view.header.identifier.text() == "KD-7")


def test_the_large_preview_and_the_title_say_whose_picture_it_is(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file())
    assert window.windowTitle() == "MelaScreen"
    press(window, qtbot, Qt.Key.Key_P)
    choose(window, qtbot, "KD-7")
    qtbot.waitUntil(lambda: window.windowTitle() == "KD-7 – MelaScreen")
    window.go_to(window.history_page)
    qtbot.waitUntil(lambda: window.history_page.model.rowCount() == 1)
    window.history_page.table.setCurrentIndex(window.history_page.model.index(0, 0))
    window.history_page.ask_for_preview()
    preview = dialog(window, LargePreview, qtbot)
    (over,) = preview.findChildren(PatientHeader)
    qtbot.waitUntil(over.isVisible)
    assert over.identifier.text() == "KD-7"
    preview.accept()
    qtbot.wait(50)
    window.patient.close()  # nothing of a closed preview listens any more


def test_a_picture_moves_to_another_patient_only_after_a_question(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    judge(window, qtbot, image_file())
    press(window, qtbot, Qt.Key.Key_P)
    choose(window, qtbot, "KD-7")
    qtbot.waitUntil(lambda: header(window).identifier.text() == "KD-7")
    for button, expected in ((NO, "KD-7"), (YES, "KD-8")):
        press(window, qtbot, Qt.Key.Key_P)
        choose(window, qtbot, "KD-8")
        assert "KD-7" in answer_box(window, qtbot, button)
        qtbot.waitUntil(lambda expected=expected: header(window).identifier.text() == expected)
        qtbot.waitUntil(lambda expected=expected: entries(user_data)[0].record.patient == expected)


def test_it_is_said_where_new_pictures_go_to_another_patient_than_the_one_shown(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file())
    window.patient.open(Patient("KD-9"))
    assert header(window).identifier.text() == "No patient chosen"
    assert header(window).other_open.text() == "New pictures: KD-9"
    assert header(window).other_open.isVisible()
    qtbot.mouseClick(header(window).close_button, Qt.MouseButton.LeftButton)
    assert window.patient.patient is None
    assert not header(window).other_open.isVisible()


def test_no_lesion_is_chosen_before_a_person_does_and_the_choice_can_be_undone(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    lesions = LesionRepository(EntryRepository(user_data.history).database)
    judge(window, qtbot, image_file())
    press(window, qtbot, Qt.Key.Key_P)
    choose(window, qtbot, "KD-7")
    qtbot.waitUntil(header(window).lesion.isVisible)
    lesions.add("KD-7", Place(View.FRONT, 0.4, 0.25))
    press(window, qtbot, Qt.Key.Key_L)
    asked = dialog(window, LesionDialog, qtbot)
    assert isinstance(asked, LesionDialog)
    assert asked.list.currentItem() is None
    assert not asked.accept_button.isEnabled()
    asked.list.setCurrentRow(0)
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: entries(user_data)[0].lesion is not None)
    qtbot.waitUntil(window.notice.do.isVisible)
    window.notice.undo()
    qtbot.waitUntil(lambda: entries(user_data)[0].lesion is None)
    assert len(lesions.of_patient("KD-7")[0]) == 1


def test_the_start_page_can_be_seen_while_pictures_are_open(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file("one.png", radius=30), image_file("two.png", radius=40))
    qtbot.mouseClick(window.screen_page.start_button, Qt.MouseButton.LeftButton)
    assert window.empty.isVisible()
    qtbot.mouseClick(window.empty.back, Qt.MouseButton.LeftButton)
    assert window.screen_page.isVisible()


def test_what_is_typed_and_confirmed_at_once_is_the_patient_whatever_the_list_shows(
    window: MainWindow, qtbot: QtBot, user_data: UserData
) -> None:
    patients = PatientRepository(EntryRepository(user_data.history).database)
    for identifier in ("A17", "MUELLER-77"):
        patients.save(Patient(identifier, 1950))
    qtbot.mouseClick(header(window).choose, Qt.MouseButton.LeftButton)
    asked = dialog(window, ChoosePatientDialog, qtbot)
    assert isinstance(asked, ChoosePatientDialog)
    qtbot.waitUntil(lambda: asked.list.count() == 2)
    asked.text.setText("A17")  # as a scanner does, with Enter at once
    asked.accept_button.click()
    qtbot.waitUntil(lambda: window.patient.patient == Patient("A17", 1950))


def test_a_picture_that_is_still_assessed_is_noted_under_the_patient_chosen_for_it(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    release = threading.Event()
    window.workers.run(release.wait)  # what comes before the picture
    window.patient.open(Patient("A"))
    drop(window, image_file())
    assert header(window).identifier.text() == "A"
    press(window, qtbot, Qt.Key.Key_P)
    asked = dialog(window, ChoosePatientDialog, qtbot)
    assert isinstance(asked, ChoosePatientDialog)
    asked.text.setText("B")
    asked.accept_button.click()
    assert header(window).identifier.text() == "B"
    release.set()
    qtbot.waitUntil(lambda: [each.record.patient for each in entries(user_data)] == ["B"])


def test_the_header_of_a_picture_without_a_patient_names_nobody_who_is_opened_later(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    drop(window, broken)
    window.patient.open(Patient("B"))
    assert header(window).identifier.text() == "No patient chosen"
    assert header(window).other_open.text() == "New pictures: B"
