"""The list of patients and a patient's page, used as a person would."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMenu
from pytestqt.qtbot import QtBot

from app.core.domain.body import View
from app.core.domain.patient import Patient
from app.core.history.follow_ups import FollowUpRepository
from app.core.history.lesions import LesionRepository
from app.core.history.patients import PatientRepository
from app.core.history.query import Query
from app.ui.patient.choose_dialog import ChoosePatientDialog
from app.ui.patient.follow_up_dialog import FollowUpDialog
from app.ui.patient.patient_dialog import PatientDialog
from app.ui.patients.patient_list_model import Column
from app.ui.patients.patient_view import PatientView
from app.ui.patients.patients_page import PatientsPage
from app.ui.window.main_window import MainWindow
from tests.ui.patients.conftest import BACK, EARLIER, KNOWN, TODAY, Story
from tests.ui.robot import NO, YES, answer_box


def text(page: PatientsPage, row: int, column: Column) -> str:
    return str(page.list.model.index(row, column).data())


def dialog(page: PatientsPage, kind: type[QDialog], qtbot: QtBot) -> QDialog:
    qtbot.waitUntil(lambda: any(each.isVisible() for each in page.findChildren(kind)))
    return next(each for each in page.findChildren(kind) if each.isVisible())


def undo(window: MainWindow, qtbot: QtBot) -> None:
    """By the notice's key, once it is shown."""
    qtbot.waitUntil(window.notice.do.isVisible)
    window.notice.undo()


def test_the_list_says_what_is_known_of_each_patient(page: PatientsPage) -> None:
    assert [text(page, 0, column) for column in (Column.PATIENT, Column.LESIONS, Column.PICTURES)] == [
        "KD-20417",
        "2",
        "4",
    ]
    assert text(page, 0, Column.WORST) == "Melanoma suspected"
    assert text(page, 1, Column.PATIENT) == "KD-1"
    assert page.list.status.text() == "2 patients"


def test_typing_finds_a_patient_by_a_part_of_the_note(page: PatientsPage, qtbot: QtBot) -> None:
    qtbot.keyClicks(page.list.text, "OUTDOOR")
    qtbot.waitUntil(lambda: page.list.model.rowCount() == 1)
    assert text(page, 0, Column.PATIENT) == "KD-20417"


def test_enter_opens_a_patient_and_the_button_goes_back(page: PatientsPage, window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    page.list.table.setFocus()
    qtbot.keyClick(page.list.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: page.presenter.data is not None)
    assert page.shows_patient
    assert page.view.header.identifier.text() == "KD-20417"
    qtbot.mouseClick(page.view.back, Qt.MouseButton.LeftButton)
    assert not page.shows_patient


def test_a_patients_page_shows_lesions_worst_first_and_the_newest_visit_last(view: PatientView) -> None:
    rows = view.table.rows
    assert [row.lesion.number if row.lesion else None for row in rows.rows] == [2, 1, None]
    assert rows.visits == [EARLIER, TODAY]
    assert rows.index(0, 0).data() == "no picture"
    assert rows.index(0, 1).data() == "Melanoma suspected 90 %"
    assert view.count.text() == "2 lesions, 2 visits"
    assert view.notes.text() == KNOWN.note


def test_a_click_on_the_body_adds_a_lesion_which_can_be_taken_back(
    view: PatientView, story: Story, window: MainWindow, qtbot: QtBot
) -> None:
    lesions = LesionRepository(story.history.database)
    point = view.map.point_of(BACK).toPoint() + QPoint(0, 60)
    qtbot.mouseClick(view.map, Qt.MouseButton.LeftButton, pos=point)
    qtbot.waitUntil(lambda: len(lesions.of_patient("KD-20417")[0]) == 3)
    added = lesions.of_patient("KD-20417")[0][2].lesion
    assert added.number == 3
    assert added.place is not None
    assert (added.place.view, added.place.part) == (View.BACK, "lower back")
    undo(window, qtbot)
    qtbot.waitUntil(lambda: len(lesions.of_patient("KD-20417")[0]) == 2)


def test_dragging_moves_a_lesion_and_ctrl_z_puts_it_back(
    view: PatientView, story: Story, window: MainWindow, qtbot: QtBot
) -> None:
    lesions = LesionRepository(story.history.database)

    def place() -> object:
        found = lesions.get(story.lesions[1].id)
        assert found is not None
        return found.place

    start = view.map.point_of(BACK).toPoint()
    QTest.mousePress(view.map, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 5):
        QTest.mouseMove(view.map, start + QPoint(0, 10 * step))
    QTest.mouseRelease(view.map, Qt.MouseButton.LeftButton, pos=start + QPoint(0, 40))
    qtbot.waitUntil(lambda: place() != BACK)
    undo(window, qtbot)
    qtbot.waitUntil(lambda: place() == BACK)


def test_a_lesion_is_added_and_moved_by_keyboard_alone(view: PatientView, story: Story, qtbot: QtBot) -> None:
    lesions = LesionRepository(story.history.database)
    view.map.setFocus()
    qtbot.keyClick(view.map, Qt.Key.Key_Plus)
    qtbot.keyClick(view.map, Qt.Key.Key_Down)
    qtbot.keyClick(view.map, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(lesions.of_patient("KD-20417")[0]) == 3)
    qtbot.waitUntil(lambda: view.map.chosen == lesions.of_patient("KD-20417")[0][2].lesion.id)
    added = lesions.of_patient("KD-20417")[0][2].lesion
    assert added.place is not None
    qtbot.keyClick(view.map, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: lesions.get(added.id) != added)


def test_arrows_walk_from_lesion_to_lesion_over_the_tabs(view: PatientView, qtbot: QtBot) -> None:
    view.map.setFocus()
    chosen = [view.map.chosen]
    for _ in range(2):
        qtbot.keyClick(view.map, Qt.Key.Key_Right)
        chosen.append(view.map.chosen)
    assert chosen[0] == chosen[2] != chosen[1]
    assert view.table.chosen_lesion() == chosen[2]


def test_a_follow_up_is_noted_done_and_opened_again(
    page: PatientsPage, view: PatientView, story: Story, window: MainWindow, qtbot: QtBot
) -> None:
    follow_ups = FollowUpRepository(story.history.database)
    view.ask_for_follow_up()
    asked = dialog(page, FollowUpDialog, qtbot)
    assert isinstance(asked, FollowUpDialog)
    assert asked.lesion.currentData() == story.lesions[1].id  # the row that is chosen
    asked.reason.setText("borderline")
    qtbot.mouseClick(asked.months.buttons[1], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(view.follow_ups.buttons) == 1)
    (noted,) = follow_ups.due()
    assert (noted.reason, noted.lesion) == ("borderline", story.lesions[1].id)
    assert (noted.due_on - TODAY).days in range(181, 185)
    qtbot.mouseClick(view.follow_ups.buttons[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not follow_ups.due())
    qtbot.waitUntil(lambda: view.follow_ups.buttons[0].text() == "Reopen")
    qtbot.mouseClick(view.follow_ups.buttons[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(follow_ups.due()) == 1)


def test_what_is_due_soon_stands_on_the_empty_page_and_leads_to_the_patient(
    page: PatientsPage, story: Story, window: MainWindow, qtbot: QtBot
) -> None:
    follow_ups = FollowUpRepository(story.history.database)
    follow_ups.add("KD-1", TODAY, "take the picture again")
    follow_ups.add("KD-20417", TODAY + dt.timedelta(days=90))
    page.presenter.read_due()
    qtbot.waitUntil(lambda: len(window.empty.due.buttons) == 1)
    window.go_to(window.screen_page)
    qtbot.mouseClick(window.empty.due.buttons[0], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.view.header.identifier.text() == "KD-1")
    assert page.shows_patient


def test_details_are_edited_and_an_age_becomes_a_year(
    page: PatientsPage, view: PatientView, story: Story, window: MainWindow, qtbot: QtBot
) -> None:
    patients = PatientRepository(story.history.database)
    page.ask_to_edit()
    asked = dialog(page, PatientDialog, qtbot)
    assert isinstance(asked, PatientDialog)
    assert asked.patient() == KNOWN
    asked.born.setText("19.6")
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)
    assert asked.isVisible()
    assert "1961" in asked.message.text()
    asked.born.setText("50")
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: patients.get("KD-20417") != KNOWN)
    changed = patients.get("KD-20417")
    assert changed is not None
    assert changed.birth_year == TODAY.year - 50
    undo(window, qtbot)
    qtbot.waitUntil(lambda: patients.get("KD-20417") == KNOWN)


def test_a_renamed_patient_stays_on_the_page(
    page: PatientsPage, view: PatientView, story: Story, window: MainWindow, qtbot: QtBot
) -> None:
    page.ask_to_edit()
    asked = dialog(page, PatientDialog, qtbot)
    assert isinstance(asked, PatientDialog)
    asked.identifier.setText("KD-9")
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.header.identifier.text() == "KD-9")
    assert story.history.count(Query(patient="KD-9")) == 4
    undo(window, qtbot)
    qtbot.waitUntil(lambda: view.header.identifier.text() == "KD-20417")


def test_patients_spelled_alike_are_offered_and_merged_after_a_question(
    page: PatientsPage, story: Story, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    patients = PatientRepository(story.history.database)
    patients.save(Patient("kd 020417"))
    page.list.refresh()
    qtbot.waitUntil(page.list.alike.isVisible)
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_, **__: ("KD-20417", True))
    page.list.alike.menu().actions()[0].trigger()
    assert "kd 020417" in answer_box(window, qtbot, NO)
    assert patients.count() == 3
    page.list.alike.menu().actions()[0].trigger()
    answer_box(window, qtbot, YES)
    qtbot.waitUntil(lambda: patients.count() == 2)
    undo(window, qtbot)
    qtbot.waitUntil(lambda: patients.count() == 3)


def test_a_patient_is_deleted_after_a_question_that_counts(
    page: PatientsPage, view: PatientView, story: Story, window: MainWindow, qtbot: QtBot
) -> None:
    page.ask_to_delete()
    assert "4 results" in answer_box(window, qtbot, YES)
    qtbot.waitUntil(lambda: not page.shows_patient)
    assert PatientRepository(story.history.database).identifiers() == ["KD-1"]
    assert story.history.count() == 1


def test_new_pictures_are_noted_under_the_patient(
    page: PatientsPage, view: PatientView, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([], ""))
    qtbot.mouseClick(view.new_pictures, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.patient.patient == KNOWN)


def test_merged_patients_can_be_parted_for_as_long_as_the_window_is_open(
    page: PatientsPage, story: Story, window: MainWindow, qtbot: QtBot
) -> None:
    patients = PatientRepository(story.history.database)
    page.presenter.merge("KD-20417", "KD-1")
    qtbot.waitUntil(lambda: patients.count() == 1)
    window.notices.info("Another notice.")
    page.open("KD-20417")
    qtbot.waitUntil(lambda: page.presenter.data is not None)
    menu = page.view.more.menu()
    menu.aboutToShow.emit()
    (part,) = page.view.parting.actions()
    assert part.text() == "KD-1"
    part.trigger()
    qtbot.waitUntil(lambda: patients.identifiers() == ["KD-1", "KD-20417"])
    menu.aboutToShow.emit()
    assert not page.view.parting.isEnabled()


def test_a_picture_is_moved_to_another_lesion_by_the_menu_of_its_cell(
    view: PatientView, story: Story, window: MainWindow, qtbot: QtBot
) -> None:
    view.table.setCurrentIndex(view.table.rows.index(0, 1))
    view.row_menu.click()
    menu = next(each for each in view.findChildren(QMenu) if each.isVisible())
    others = next(action.menu() for action in menu.actions() if action.menu() is not None)
    texts = {action.text(): action for action in others.actions()}
    texts["Lesion 1 · chest, right"].trigger()
    menu.close()

    def lesion() -> int | None:
        found = story.history.get(story.entries[2].id)
        return found.lesion if found is not None else None

    qtbot.waitUntil(lambda: lesion() == story.lesions[0].id)
    undo(window, qtbot)
    qtbot.waitUntil(lambda: lesion() == story.lesions[1].id)


def test_a_new_patient_with_an_identifier_that_is_taken_is_refused_and_nothing_is_lost(
    page: PatientsPage, story: Story, qtbot: QtBot
) -> None:
    page.ask_for_new()
    asked = dialog(page, PatientDialog, qtbot)
    assert isinstance(asked, PatientDialog)
    asked.identifier.setText("KD-20417")
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)
    assert asked.isVisible()
    assert "already" in asked.message.text()
    page.presenter.add(Patient("KD-20417"))  # as another window might
    asked.identifier.setText("KD-3")
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)
    patients = PatientRepository(story.history.database)
    qtbot.waitUntil(lambda: patients.get("KD-3") is not None)
    assert patients.get("KD-20417") == KNOWN


def test_the_open_patient_stays_open_when_renamed_and_when_that_is_undone(
    page: PatientsPage, view: PatientView, window: MainWindow, qtbot: QtBot
) -> None:
    window.patient.open(KNOWN)
    page.presenter.save(KNOWN, replace(KNOWN, identifier="KD-9"))
    qtbot.waitUntil(lambda: window.patient.patient == replace(KNOWN, identifier="KD-9"))
    undo(window, qtbot)
    qtbot.waitUntil(lambda: window.patient.patient == KNOWN)


def test_any_two_patients_can_be_merged_from_a_patients_page(
    page: PatientsPage,
    view: PatientView,
    story: Story,
    window: MainWindow,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_, **__: ("KD-20417", True))
    view.merge_asked.emit()
    asked = dialog(page, ChoosePatientDialog, qtbot)
    assert isinstance(asked, ChoosePatientDialog)
    asked.text.setText("KD-1")
    qtbot.waitUntil(lambda: asked.list.count() == 1 and asked.list.item(0).text() == "KD-1")
    qtbot.mouseClick(asked.accept_button, Qt.MouseButton.LeftButton)
    answer_box(window, qtbot, YES)
    qtbot.waitUntil(lambda: PatientRepository(story.history.database).identifiers() == ["KD-20417"])
