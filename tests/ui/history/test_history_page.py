from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.core.domain.clinical import EMPTY_RECORD, ClinicalRecord
from app.core.domain.entry import Mark
from app.core.domain.errors import HistoryError
from app.core.domain.results import Prediction
from app.core.history import backup
from app.core.history.query import Sort
from app.core.history.repository import EntryRepository
from app.core.system.paths import UserData
from app.core.system.settings import Settings, save_settings
from app.ui.history import history_page
from app.ui.history.history_model import Column
from app.ui.history.lesion_timeline import LesionTimeline
from app.ui.result.record_form import RecordForm
from app.ui.services.wording import time_text
from app.ui.widgets.row_cells import CELL_ROLE, MarkCell, NumberCell
from app.ui.window.main_window import MainWindow
from tests.factories import screening
from tests.ui.robot import NO, YES, answer_box


def show_history(window: MainWindow, qtbot: QtBot, count: int) -> None:
    window.go_to(window.history_page)
    qtbot.waitUntil(lambda: window.history_page.model.rowCount() == count)


def open_and_wait(window: MainWindow, qtbot: QtBot, path: Path) -> None:
    """Open an image and wait until its result is shown as saved."""
    panel = window.screen_page.panel
    window.opening.open_paths([path])
    qtbot.waitUntil(lambda: panel.file.text().startswith(f"{path.name} · ") and panel.saved.text().startswith("Saved"))


def open_record(window: MainWindow, qtbot: QtBot) -> RecordForm:
    """The record beside the picture that is open, once it can be written to."""
    panel = window.screen_page.panel
    panel.sections["record"].set_open(True)
    qtbot.waitUntil(panel.record.isEnabled)
    assert panel.record.isVisible()
    return panel.record


def texts(window: MainWindow, column: Column) -> list[str]:
    model = window.history_page.model
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


def files(window: MainWindow) -> list[str]:
    """The files' names, as they are shown."""
    model = window.history_page.model
    return [model.index(row, Column.ANSWER).data(CELL_ROLE).name for row in range(model.rowCount())]


def test_newest_first_over_a_restart(
    open_window: Callable[..., MainWindow], qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    first = open_window()
    for name, radius in (("one.png", 42), ("two.png", 50)):
        open_and_wait(first, qtbot, image_file(name, radius=radius))
    show_history(first, qtbot, 2)
    before = [texts(first, column) for column in Column]
    assert files(first) == ["two.png", "one.png"]
    assert [text.rpartition(", ")[2] for text in before[Column.ANSWER]] == ["two.png", "one.png"]
    first.close()
    second = open_window()
    show_history(second, qtbot, 2)
    assert [texts(second, column) for column in Column] == before


def test_an_entry_is_opened_again_as_it_was(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    path = image_file("kept.png")
    open_and_wait(window, qtbot, path)
    panel = window.screen_page.panel
    before = (panel.band.words, panel.band.action, panel.scale.texts(), panel.facts.text(), panel.saved.text())
    assert all(before)
    show_history(window, qtbot, 1)
    qtbot.mouseClick(window.history_page.open_button, Qt.MouseButton.LeftButton)
    assert window.current_page() is window.screen_page
    assert window.session.item(window.screen_page.current_row).from_history
    shown = (panel.band.words, panel.band.action, panel.scale.texts(), panel.facts.text(), panel.saved.text())
    assert shown == before
    qtbot.waitUntil(window.screen_page.view.has_image)
    assert window.screen_page.view.image_size() == (256, 256)
    assert not window.screen_page.image_pane.notice.isVisible()
    assert EntryRepository(user_data.history).count() == 1  # looking again records nothing
    count = window.session.rowCount()
    window.go_to(window.history_page)
    window.history_page.open_button.click()
    assert window.current_page() is window.screen_page
    assert window.session.rowCount() == count  # nor is it opened twice


@pytest.mark.parametrize("change", ["gone", "changed"])
def test_an_entry_whose_file_is_not_what_it_was_shows_the_thumbnail(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], change: str
) -> None:
    path = image_file("kept.png")
    open_and_wait(window, qtbot, path)
    panel = window.screen_page.panel
    probabilities = panel.scale.texts()
    if change == "gone":
        path.unlink()
    else:
        image_file("kept.png", radius=20)
    show_history(window, qtbot, 1)
    window.history_page.open_button.click()
    qtbot.waitUntil(window.screen_page.image_pane.notice.isVisible)
    assert {"gone": "no such file", "changed": "has changed"}[change] in window.screen_page.image_pane.notice.text()
    assert window.screen_page.view.image_size() == (160, 160)
    assert panel.scale.texts() == probabilities


def test_delete_asks_twice(window: MainWindow, qtbot: QtBot, user_data: UserData) -> None:
    history = EntryRepository(user_data.history)
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        history.add(screening(name))
    show_history(window, qtbot, 3)
    asked: list[str] = []

    page = window.history_page
    page.table.selectRow(1)

    def delete(*answers: QMessageBox.StandardButton) -> None:
        page.delete_selected()
        asked.extend(answer_box(window, qtbot, answer) for answer in answers)

    delete(NO)
    delete(YES, NO)  # once is not enough
    assert len(history.entries()) == 3
    delete(YES, YES)
    qtbot.waitUntil(lambda: page.model.rowCount() == 2)
    assert [entry.screening.path.name for entry in history.entries()] == ["c.jpg", "a.jpg"]
    assert ["b.jpg" in text for text in asked] == [True, True, False, True, False]
    assert len(asked) == 5


def test_older_pages_come_as_they_are_asked_for(
    window: MainWindow, qtbot: QtBot, user_data: UserData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_page, "PAGE", 20)
    history = EntryRepository(user_data.history)
    for number in range(50):
        history.add(screening(f"{number}.jpg"))
    window.go_to(window.history_page)
    qtbot.waitUntil(lambda: "50" in window.history_page.status.text())
    qtbot.waitUntil(lambda: (window.history_page.table.scrollToBottom(), window.history_page.model.rowCount())[1] == 50)
    assert files(window) == [f"{number}.jpg" for number in range(49, -1, -1)]


def test_a_history_that_cannot_be_read_says_so(window: MainWindow, qtbot: QtBot, user_data: UserData) -> None:
    user_data.history.mkdir(parents=True)
    window.go_to(window.history_page)
    qtbot.waitUntil(lambda: "can't be used" in window.history_page.status.text())
    assert window.history_page.model.rowCount() == 0


def test_search_and_sort(window: MainWindow, qtbot: QtBot, user_data: UserData) -> None:
    history = EntryRepository(user_data.history)
    for name, probability, patient in (("a.jpg", 0.3, "Zoë"), ("b.jpg", 0.01, "Ann"), ("c.jpg", 0.9, "Ann")):
        history.add(screening(name, probability), ClinicalRecord(patient=patient))
    show_history(window, qtbot, 3)
    page = window.history_page
    page.table.horizontalHeader().setSortIndicator(Column.MELANOMA, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: files(window) == ["c.jpg", "a.jpg", "b.jpg"])
    page.table.horizontalHeader().setSortIndicator(Column.PATIENT, Qt.SortOrder.AscendingOrder)
    qtbot.waitUntil(lambda: texts(window, Column.PATIENT) == ["Ann", "Ann", "Zoë"])
    page.filter.text.setText("zOË")
    qtbot.waitUntil(lambda: files(window) == ["a.jpg"])
    assert page.status.text() == "1 result"
    page.filter.text.setText("nobody")
    qtbot.waitUntil(lambda: page.status.text() == "No result matches the search.")


def test_a_lesion_over_time(window: MainWindow, qtbot: QtBot, user_data: UserData) -> None:
    history = EntryRepository(user_data.history)
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        history.add(screening(name))
    show_history(window, qtbot, 3)
    page = window.history_page
    selection = page.table.selectionModel()
    for row in (0, 2):
        selection.select(page.model.index(row, 0), selection.SelectionFlag.Select | selection.SelectionFlag.Rows)
    page.join_selected()
    qtbot.waitUntil(lambda: texts(window, Column.PATIENT) == ["lesion 1", "", "lesion 1"])
    page.table.selectRow(2)
    page.show_over_time()
    qtbot.waitUntil(lambda: bool(page.findChildren(LesionTimeline)))
    (view,) = page.findChildren(LesionTimeline)
    with qtbot.waitSignal(view.entry_opened) as opened:
        view.images.activated.emit(view.images.model().index(0, 0))
    assert opened.args is not None
    assert opened.args[0].screening.path.name == "a.jpg"


def test_pictures_of_several_sites_are_joined_only_when_asked_and_those_of_several_patients_never(
    window: MainWindow, qtbot: QtBot, user_data: UserData
) -> None:
    history = EntryRepository(user_data.history)
    for number, (patient, site) in enumerate((("7", "head/neck"), ("9", ""), ("", "palms/soles"))):
        history.add(screening(f"{number}.jpg", sha256=f"{number:064x}"), ClinicalRecord(patient=patient, site=site))
    show_history(window, qtbot, 3)
    page = window.history_page
    page.table.selectAll()
    page.join_selected()
    assert "Sites: head/neck, palms/soles" in answer_box(window, qtbot, YES)
    qtbot.waitUntil(lambda: "several patients: 7, 9" in page.status.text())
    assert texts(window, Column.PATIENT) == ["", "9", "7"]
    page.table.clearSelection()
    for row in (0, 2):
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        page.table.selectionModel().select(page.model.index(row, 0), flags)
    page.join_selected()
    answer_box(window, qtbot, NO)
    assert texts(window, Column.PATIENT) == ["", "9", "7"]
    page.join_selected()
    answer_box(window, qtbot, YES)
    qtbot.waitUntil(lambda: texts(window, Column.PATIENT) == ["7 · 1", "9", "7 · 1"])


def test_what_is_noted_is_kept(
    open_window: Callable[..., MainWindow], qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData
) -> None:
    window = open_window()
    open_and_wait(window, qtbot, image_file("mole.png"))
    form = open_record(window, qtbot)
    assert not form.confirmed_by.isVisible()
    qtbot.keyClicks(form.patient, "P-12 ")
    form.patient.insert("Мария")
    form.body_map.site_selected.emit("lower extremity")
    form.diagnosis.setCurrentIndex(form.diagnosis.findData("nevus"))
    form.diagnosis.activated.emit(form.diagnosis.currentIndex())
    assert form.confirmed_by.isVisible()
    qtbot.waitUntil(lambda: EntryRepository(user_data.history).entries()[0].record.diagnosis == "nevus")  # by itself
    form.note.setPlainText("typed just before the window was closed")
    window.close()
    (entry,) = EntryRepository(user_data.history).entries()
    assert entry.record.patient == "P-12 Мария"
    assert (entry.record.site, entry.record.diagnosis) == ("lower extremity", "nevus")
    assert entry.record.note == "typed just before the window was closed"
    again = open_window()
    show_history(again, qtbot, 1)
    again.history_page.open_button.click()
    form = open_record(again, qtbot)
    assert form.record() == entry.record


def test_a_damaged_history_is_set_aside_and_the_backup_restored(
    open_window: Callable[..., MainWindow], qtbot: QtBot, user_data: UserData, tmp_path: Path
) -> None:
    history = EntryRepository(user_data.history)
    history.add(screening("kept.jpg"))
    backup.back_up(history, tmp_path, keep=3, now=dt.datetime(2026, 1, 2, 3, 4, 5))
    save_settings(Settings(backup_folder=str(tmp_path)), user_data.settings)
    for file in user_data.folder.glob("history.sqlite3*"):
        file.unlink()
    user_data.history.write_bytes(b"no database" * 1000)
    window = open_window()
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    assert "was moved to" in window.notice.text()
    (box,) = window.findChildren(QMessageBox)
    box.button(QMessageBox.StandardButton.Yes).click()
    qtbot.waitUntil(lambda: "restored" in window.notice.text())
    assert [entry.screening.path.name for entry in history.entries()] == ["kept.jpg"]
    asides = list(user_data.folder.glob("history.damaged-*.sqlite3"))
    assert [aside.read_bytes() for aside in asides] == [b"no database" * 1000]


def test_a_deleted_result_is_not_called_saved_any_more(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    open_and_wait(window, qtbot, image_file("gone.png"))
    saved = window.screen_page.panel.saved
    show_history(window, qtbot, 1)
    window.history_page.delete_selected()
    for _ in range(2):
        answer_box(window, qtbot, YES)
    qtbot.waitUntil(lambda: window.history_page.model.rowCount() == 0)
    qtbot.waitUntil(lambda: saved.text() == "Not decided")


def test_an_older_page_that_comes_late_leaves_no_gap(
    window: MainWindow, qtbot: QtBot, user_data: UserData, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_page, "PAGE", 20)
    history = EntryRepository(user_data.history)
    for number in range(80):
        history.add(screening(f"{number}.jpg"))
    page = window.history_page
    page.refresh()
    qtbot.waitUntil(lambda: page.model.rowCount() == 20)
    page.fetch_more()
    qtbot.waitUntil(lambda: page.model.rowCount() == 40)
    page.refresh()  # as far as it had been read
    page.fetch_more()  # asked for by the list that is about to go
    last = page.model.last()
    qtbot.waitUntil(lambda: page.model.last() is not last)
    assert files(window) == [f"{number}.jpg" for number in range(79, 39, -1)]
    page.fetch_more()
    qtbot.waitUntil(lambda: page.model.rowCount() == 60)
    assert files(window) == [f"{number}.jpg" for number in range(79, 19, -1)]


def test_the_selection_stays_with_its_entries(window: MainWindow, qtbot: QtBot, user_data: UserData) -> None:
    history = EntryRepository(user_data.history)
    for number in range(5):
        history.add(screening(f"{number}.jpg"))
    show_history(window, qtbot, 5)
    page = window.history_page
    page.table.selectRow(2)
    history.add(screening("new.jpg"))
    page.choose(Mark.WATCH)
    qtbot.waitUntil(lambda: page.model.rowCount() == 6)
    assert [entry.screening.path.name for entry in page.selected()] == ["2.jpg"]
    assert texts(window, Column.MARK) == ["", "", "", "Watch", "", ""]


def cell(window: MainWindow, row: int, column: Column) -> object:
    model = window.history_page.model
    return model.index(row, column).data(CELL_ROLE)


def test_a_row_says_what_the_result_was(window: MainWindow, qtbot: QtBot, user_data: UserData) -> None:
    history = EntryRepository(user_data.history)
    prediction = Prediction(0.1, 0.2, other_cancer_probability=0.9, other_cancer_threshold=0.5)
    record = ClinicalRecord(patient="P 7", site="head/neck", diagnosis="basal cell carcinoma")
    entry = history.add(screening("a.jpg", prediction=prediction), record)
    history.set_mark([entry.id], Mark.REFER)
    show_history(window, qtbot, 1)
    shown = {column: texts(window, column)[0] for column in Column}
    assert shown == {
        Column.CHOSEN: "",
        Column.ANSWER: "◆ Other skin cancer suspected, a.jpg",
        Column.MELANOMA: "10 %",
        Column.OTHER_CANCER: "90 %",
        Column.PATIENT: "P 7",
        Column.TIME: time_text(entry.screening.screened_at),
        Column.DIAGNOSIS: "Basal cell carcinoma",
        Column.MARK: "Refer",
    }
    assert cell(window, 0, Column.MELANOMA) == NumberCell(0.1, 0.2, decides=False)
    assert cell(window, 0, Column.OTHER_CANCER) == NumberCell(0.9, 0.5, decides=True)
    assert cell(window, 0, Column.MARK) == MarkCell(Mark.REFER)
    tip = window.history_page.model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert all(text in tip for text in (str(entry.screening.path), "head/neck", str(entry.screening.model)))


def test_decisions_on_several_are_undone_to_what_each_had(
    window: MainWindow, qtbot: QtBot, user_data: UserData
) -> None:
    history = EntryRepository(user_data.history)
    for number in range(4):
        history.add(screening(f"{number}.jpg"))
    history.set_mark([1], Mark.REFER)
    history.set_mark([2], Mark.SEEN)
    show_history(window, qtbot, 4)
    page = window.history_page
    before = texts(window, Column.MARK)
    assert before == ["", "", "Seen", "Refer"]
    page.table.selectRow(1)
    for row in (2, 3):
        click_check(window, qtbot, row)
    qtbot.keyClick(page.table, Qt.Key.Key_3)
    qtbot.waitUntil(lambda: texts(window, Column.MARK) == ["", "Clear", "Clear", "Clear"])
    assert window.notice.text() == "3 results: Clear noted"
    qtbot.keyClick(page.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: texts(window, Column.MARK) == before)
    assert [entry.mark for entry in history.entries()] == [None, None, Mark.SEEN, Mark.REFER]
    assert len(page.selected()) == 3


def test_a_decision_on_one_is_undone(window: MainWindow, qtbot: QtBot, user_data: UserData) -> None:
    history = EntryRepository(user_data.history)
    history.add(screening("a.jpg"))
    show_history(window, qtbot, 1)
    qtbot.keyClick(window.history_page.table, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: window.notice.text() == "a.jpg: Watch noted")
    qtbot.waitUntil(lambda: texts(window, Column.MARK) == ["Watch"])
    qtbot.mouseClick(window.notice.do, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: texts(window, Column.MARK) == [""])
    assert history.entries()[0].mark is None


def click_check(window: MainWindow, qtbot: QtBot, row: int) -> None:
    """Click a row's check box."""
    page = window.history_page
    place = page.table.visualRect(page.model.index(row, Column.CHOSEN)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_check_boxes_choose_several(window: MainWindow, qtbot: QtBot, user_data: UserData) -> None:
    history = EntryRepository(user_data.history)
    for number in range(4):
        history.add(screening(f"{number}.jpg"))
    show_history(window, qtbot, 4)
    page = window.history_page
    page.table.selectRow(0)
    assert (page.chosen.text(), page.open_button.isEnabled()) == ("", True)
    assert (page.delete_button.text(), page.join_action.isEnabled()) == ("Delete…", False)
    click_check(window, qtbot, 2)
    assert [entry.screening.path.name for entry in page.selected()] == ["3.jpg", "1.jpg"]
    assert (page.chosen.text(), page.open_button.isEnabled()) == ("2 results chosen", False)
    assert (page.delete_button.text(), page.join_action.isEnabled()) == ("Delete 2 results…", True)
    click_check(window, qtbot, 0)
    assert [entry.screening.path.name for entry in page.selected()] == ["1.jpg"]
    place = page.table.visualRect(page.model.index(3, Column.ANSWER)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)  # elsewhere: this one alone
    assert [entry.screening.path.name for entry in page.selected()] == ["0.jpg"]


def test_a_column_that_is_no_order_leaves_the_order(window: MainWindow, qtbot: QtBot, user_data: UserData) -> None:
    history = EntryRepository(user_data.history)
    for name, probability in (("a.jpg", 0.3), ("b.jpg", 0.01)):
        history.add(screening(name, probability))
    show_history(window, qtbot, 2)
    page = window.history_page
    header = page.table.horizontalHeader()
    header.setSortIndicator(Column.MELANOMA, Qt.SortOrder.DescendingOrder)
    qtbot.waitUntil(lambda: files(window) == ["a.jpg", "b.jpg"])
    header.setSortIndicator(Column.DIAGNOSIS, Qt.SortOrder.AscendingOrder)
    assert (header.sortIndicatorSection(), header.sortIndicatorOrder()) == (
        Column.MELANOMA,
        Qt.SortOrder.DescendingOrder,
    )
    assert page.query().sort is Sort.PROBABILITY


def test_a_wheel_going_by_notes_nothing(window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]) -> None:
    open_and_wait(window, qtbot, image_file("mole.png"))
    form = open_record(window, qtbot)
    window.screen_page.view.setFocus()
    for field in (form.site, form.diagnosis, form.confirmed_by, form.confirmed_on):
        at = QPointF(field.rect().center())
        turned = QWheelEvent(
            at,
            QPointF(field.mapToGlobal(at.toPoint())),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(field, turned)
    assert form.record() == EMPTY_RECORD


def test_what_could_not_be_saved_is_kept_and_tried_again(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    open_and_wait(window, qtbot, image_file("mole.png"))
    form = open_record(window, qtbot)
    note = EntryRepository.update_record

    def fail(*_: object, **__: object) -> None:
        raise HistoryError("The history is locked.")

    monkeypatch.setattr(EntryRepository, "update_record", fail)
    form.note.setPlainText("dear")
    open_and_wait(window, qtbot, image_file("other.png", radius=50))
    qtbot.waitUntil(lambda: "not saved yet" in window.notice.text())
    qtbot.waitUntil(form.isEnabled)
    assert form.record() == EMPTY_RECORD
    window.screen_page.go_to(0)
    qtbot.waitUntil(lambda: form.record().note == "dear")
    monkeypatch.setattr(EntryRepository, "update_record", note)
    window.close()
    assert [entry.record.note for entry in EntryRepository(user_data.history).entries()] == ["", "dear"]


def test_after_a_restore_nothing_is_written_to_a_stranger(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], user_data: UserData, tmp_path: Path
) -> None:
    stranger = EntryRepository(tmp_path / "other.sqlite3")
    stranger.add(screening("smith.jpg"), ClinicalRecord(patient="Smith"))
    file = backup.back_up(stranger, tmp_path, keep=3, now=dt.datetime(2026, 1, 2, 3, 4, 5))
    open_and_wait(window, qtbot, image_file("mine.png"))
    form = open_record(window, qtbot)
    form.note.setPlainText("on mine")
    window.maintenance.restore(file)
    qtbot.waitUntil(lambda: "restored" in window.notice.text())
    qtbot.waitUntil(window.screen_page.panel.sections["record"].isHidden)
    assert not form.isEnabled()
    assert window.screen_page.panel.saved.text() == "Not decided"
    window.autosave.save_now()
    (entry,) = EntryRepository(user_data.history).entries()
    assert entry.record == ClinicalRecord(patient="Smith")
