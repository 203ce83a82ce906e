from __future__ import annotations

import csv
import random
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app.cli.classify import main as classify
from app.core.domain.advice import Advice, advice_of, both_suspected, suspicion
from app.core.domain.entry import Mark
from app.core.history.batches import BatchRepository, BatchRow
from app.core.history.query import Query
from app.core.history.repository import EntryRepository
from app.core.model.classifier import Classifier
from app.core.system.paths import UserData
from app.ui.export.export_dialog import ExportDialog
from app.ui.folder.batch_session import State
from app.ui.folder.results_model import Column, ResultsModel, RowFilter
from app.ui.image.large_preview import LargePreview
from app.ui.services.item import Item
from app.ui.widgets.thumbnails import Thumbnails
from app.ui.window.main_window import MainWindow
from tests.factories import screening
from tests.ui.folder import steps
from tests.ui.folder.steps import names, within
from tests.ui.robot import drop, let_all_be_done

COUNT = 40
"""More than are under way at once."""


@pytest.fixture
def card(tmp_path: Path, image_file: Callable[..., Path]) -> Path:
    """Pictures that differ, one of them in a subfolder, and one that is none."""
    folder = tmp_path / "Карта"
    for number in range(COUNT - 2):
        image_file(f"{number:02}.png", folder=folder, radius=25 + 2 * number)
    image_file("deep.png", folder=folder / "sub", radius=20)
    (folder / "broken.jpg").write_bytes(b"no image")
    return folder


def is_done(window: MainWindow, count: int = COUNT) -> bool:
    return steps.is_done(window, count)


@pytest.mark.usefixtures("suspicious")
def test_a_dropped_folder_is_sorted_by_suspicion(
    window: MainWindow, qtbot: QtBot, card: Path, user_data: UserData
) -> None:
    drop(window, card)
    assert window.current_page() is window.folder_page
    qtbot.waitUntil(lambda: is_done(window))
    model = window.folder_page.model
    rows = [model.row_at(row) for row in range(model.rowCount())]
    found = [row.screening.prediction for row in rows]
    assert found[-1] is None
    assert None not in found[:-1]
    keys = [suspicion(row.screening) for row in rows]
    assert keys == sorted(keys, reverse=True)
    assert EntryRepository(user_data.history).count() == COUNT - 1
    counts = Counter(advice_of(row.screening) for row in rows)
    assert counts[Advice.NOT_ASSESSED] == 1
    page = window.folder_page
    assert {advice: chip.text() for advice, chip in page.filters.chips.chips.items()} == {
        advice: str(counts[advice]) for advice in Advice
    }
    both = sum(both_suspected(row.screening) for row in rows)
    assert (page.filters.both.isVisible(), page.filters.both.text()) == (both > 0, f"▲◆ {both}")
    assert (page.head.title.text(), page.head.count.text()) == (card.name, f"{COUNT} pictures, 0 decided")
    assert not page.progress.isVisible()
    assert "not a JPEG" in model.data(model.index(COUNT - 1, Column.NOTES))


def test_without_subfolders(window: MainWindow, qtbot: QtBot, card: Path) -> None:
    window.settings.update(subfolders=False)
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window, COUNT - 1))
    assert sorted([*names(window), "sub/deep.png"]) == within(card)


def test_a_row_shows_its_picture_and_answer(window: MainWindow, qtbot: QtBot, card: Path) -> None:
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window))
    page = window.folder_page
    page.table.setCurrentIndex(page.model.index(0, 0))
    for row in (0, 1):
        qtbot.waitUntil(page.image_pane.view.has_image)
        shown = page.model.row_at(row).screening
        assert page.panel.file.text().startswith(f"{shown.path.name} · ")
        assert page.panel.scale.isVisible()
        qtbot.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.keyClick(page.table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert page.panel.band.words == "Can't be assessed"
    assert not page.image_pane.view.has_image()


def test_a_folder_without_images(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    drop(window, tmp_path / "empty")
    qtbot.waitUntil(lambda: window.notice.text() == "No picture was found in what was opened.")


@pytest.mark.usefixtures("held_batch")
def test_pause_and_go_on(window: MainWindow, qtbot: QtBot, card: Path, user_data: UserData) -> None:
    page = window.folder_page
    with qtbot.waitSignal(window.batch_session.rows_came):
        drop(window, card)
    page.progress.pause.click()
    assert window.batch_session.state is State.PAUSED
    done = window.batch_session.done
    assert 0 < done < COUNT
    assert page.progress.isVisible()
    assert page.progress.status.text() == f"Paused: {done} of {COUNT} pictures"
    assert (page.progress.bar.value(), page.progress.bar.maximum()) == (done, COUNT)
    page.progress.pause.click()
    qtbot.waitUntil(lambda: is_done(window))
    assert sorted(names(window)) == within(card)
    assert EntryRepository(user_data.history).count() == COUNT - 1


@pytest.mark.usefixtures("held_batch")
def test_a_window_that_was_closed_is_gone_on_with(
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    card: Path,
    user_data: UserData,
) -> None:
    first = open_window()
    with qtbot.waitSignal(first.batch_session.rows_came):
        drop(first, card)
    first.close()
    assert 0 < EntryRepository(user_data.history).count() < COUNT - 1
    second = open_window()
    qtbot.waitUntil(lambda: bool(second.batch_session.unfinished))
    second.go_to(second.folder_page)
    assert "Карта" in second.folder_page.offer.text.text()
    second.folder_page.offer.resume.click()
    qtbot.waitUntil(lambda: is_done(second))
    assert not second.folder_page.offer.isVisible()
    assert sorted(names(second)) == within(card)
    assert EntryRepository(user_data.history).count() == COUNT - 1
    second.close()
    third = open_window()
    third.go_to(third.folder_page)
    assert not third.batch_session.unfinished


@pytest.mark.usefixtures("held_batch")
def test_a_discarded_batch_is_not_offered_again(
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    card: Path,
    user_data: UserData,
) -> None:
    first = open_window()
    with qtbot.waitSignal(first.batch_session.rows_came):
        drop(first, card)
    first.folder_page.progress.stop.click()
    qtbot.waitUntil(lambda: not BatchRepository(EntryRepository(user_data.history).database).open())
    stored = EntryRepository(user_data.history).count()
    assert 0 < stored < COUNT - 1
    model = first.folder_page.model
    qtbot.waitUntil(lambda: sum(row.entry_id is not None for row in model.all_rows()) == stored)
    done = first.batch_session.done
    assert first.folder_page.head.count.text() == f"{done} pictures, 0 decided, {COUNT - done} not assessed yet"
    assert not first.folder_page.progress.isVisible()


@pytest.mark.usefixtures("held_batch")
def test_nothing_found_leaves_what_ran_to_be_gone_on_with(
    window: MainWindow, qtbot: QtBot, card: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with qtbot.waitSignal(window.batch_session.rows_came):
        drop(window, card)
    with qtbot.waitSignal(window.batch_session.nothing_opened):
        drop(window, tmp_path / "empty")
    assert window.batch_session.state is State.PAUSED
    for _ in range(3):  # impatient clicks run it once
        window.folder_page.progress.pause.click() if window.batch_session.state is State.PAUSED else None
        window.batch_session.resume()
    qtbot.waitUntil(lambda: is_done(window))
    assert sorted(names(window)) == within(card)


def test_a_damaged_zip_is_called_one_and_leaves_the_table(
    window: MainWindow, qtbot: QtBot, card: Path, tmp_path: Path
) -> None:
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window))
    before, summary = names(window), window.folder_page.head.count.text()
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(b"PK no ZIP" * 100)
    with qtbot.waitSignal(window.batch_session.nothing_opened):
        drop(window, damaged)
    assert window.notice.text().startswith("damaged.zip: The file is a damaged ZIP, or not a ZIP at all")
    assert (names(window), window.folder_page.head.count.text()) == (before, summary)
    assert is_done(window)


@pytest.mark.usefixtures("held_batch")
def test_a_second_folder_puts_the_first_off(
    window: MainWindow,
    qtbot: QtBot,
    card: Path,
    tmp_path: Path,
    image_file: Callable[..., Path],
) -> None:
    image_file("other.png", folder=tmp_path / "other", radius=90)
    with qtbot.waitSignal(window.batch_session.rows_came):
        drop(window, card)
    drop(window, tmp_path / "other")
    qtbot.waitUntil(lambda: is_done(window, 1))
    assert names(window) == ["other.png"]
    qtbot.waitUntil(lambda: window.folder_page.offer.isVisible())
    window.folder_page.offer.resume.click()
    qtbot.waitUntil(lambda: is_done(window))


def test_who_types_is_not_interrupted_by_a_more_suspicious_image(
    window: MainWindow, qtbot: QtBot, card: Path, user_data: UserData, held_batch: threading.Event
) -> None:
    page = window.folder_page
    qtbot.waitUntil(window.isActiveWindow)
    with qtbot.waitSignal(window.batch_session.rows_came):
        drop(window, card)
    form = page.panel.record
    page.panel.sections["record"].set_open(True)
    qtbot.waitUntil(form.isEnabled)
    assert form.isVisible()
    shown = page.current()
    form.note.setFocus()
    form.note.insertPlainText("begun ")
    held_batch.set()
    qtbot.waitUntil(lambda: is_done(window))
    form.note.insertPlainText("and ended")
    assert page.current() == shown
    window.autosave.save()
    history = EntryRepository(user_data.history)
    assert shown is not None
    qtbot.waitUntil(lambda: history.by_id([shown.entry_id])[shown.entry_id].record.note == "begun and ended")
    assert history.count(Query(text="begun")) == 1


def test_keys_decide_and_go_on_and_again_takes_it_back(
    window: MainWindow, qtbot: QtBot, card: Path, user_data: UserData
) -> None:
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window))
    page, history = window.folder_page, EntryRepository(user_data.history)
    marks = {Qt.Key.Key_1: Mark.REFER, Qt.Key.Key_2: Mark.WATCH, Qt.Key.Key_3: Mark.CLEAR}
    page.table.setCurrentIndex(page.model.index(0, 0))
    advice = [advice_of(row.screening) for row in page.model.all_rows()]
    for row, (key, mark) in enumerate(marks.items()):
        entry_id = page.model.row_at(row).entry_id
        assert page.table.currentIndex().row() == row
        qtbot.keyClick(page.table, key)
        qtbot.waitUntil(lambda: [entry.id for entry in history.entries(Query(mark=mark))] == [entry_id])  # noqa: B023
        words = {Mark.REFER: "Refer", Mark.WATCH: "Watch", Mark.CLEAR: "Clear"}
        qtbot.waitUntil(lambda: page.model.data(page.model.index(row, Column.MARK)) == words[mark])  # noqa: B023
    page.table.setCurrentIndex(page.model.index(1, 0))
    qtbot.waitUntil(lambda: page.panel.mark.buttons[Mark.WATCH].isChecked())  # beside the picture, too
    qtbot.keyClick(page.table, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: history.count(Query(decided=True)) == 2)
    assert page.table.currentIndex().row() == 1
    qtbot.waitUntil(lambda: page.head.count.text() == f"{COUNT} pictures, 2 decided")
    page.filters.not_decided.click()
    assert page.model.rowCount() == COUNT - 3  # nor can be decided on what could not be read
    assert [advice_of(row.screening) for row in page.model.all_rows()] == advice


def test_space_shows_the_picture_in_large_and_closes_it(window: MainWindow, qtbot: QtBot, card: Path) -> None:
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window))
    page = window.folder_page
    page.table.setCurrentIndex(page.model.index(0, 0))
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Space)
    (preview,) = window.findChildren(LargePreview)
    qtbot.waitUntil(preview.image_pane.view.has_image)
    assert preview.windowTitle() == page.model.row_at(0).screening.path.name
    with qtbot.waitSignal(preview.destroyed):
        qtbot.keyClick(preview, Qt.Key.Key_Space)


def test_a_preview_closed_while_its_picture_loads_is_no_error(
    window: MainWindow, qtbot: QtBot, card: Path, user_data: UserData
) -> None:
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window))
    page = window.folder_page
    for row in range(3):
        page.table.setCurrentIndex(page.model.index(row, 0))
        page.ask_for_preview()
        (preview,) = window.findChildren(LargePreview)
        with qtbot.waitSignal(preview.destroyed):
            preview.accept()
    let_all_be_done(window, qtbot)


def test_the_picture_looked_at_stays_when_the_order_changes(window: MainWindow, qtbot: QtBot, card: Path) -> None:
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window))
    page = window.folder_page
    page.table.setCurrentIndex(page.model.index(3, 0))
    current = page.current()
    page.table.horizontalHeader().setSortIndicator(Column.PROBABILITY, Qt.SortOrder.AscendingOrder)
    predictions = [page.model.row_at(row).screening.prediction for row in range(COUNT)]
    numbers = [prediction.melanoma_probability if prediction else -1.0 for prediction in predictions]
    assert numbers == sorted(numbers)
    assert page.current() == current
    page.filters.search.setText("DEEP")
    assert names(window) == ["sub/deep.png"]
    page.filters.search.clear()
    page.filters.chips.chips[Advice.NOT_ASSESSED].click()
    assert names(window) == ["broken.jpg"]


def test_a_table_as_the_command_line_writes_it_with_the_decisions(
    window: MainWindow, qtbot: QtBot, card: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window))
    decided = window.folder_page.current()
    assert decided is not None
    window.folder_page.choose(Mark.WATCH)
    qtbot.waitUntil(lambda: {row.mark for row in window.folder_page.model.all_rows()} == {None, Mark.WATCH})
    written, expected = tmp_path / "window.csv", tmp_path / "command.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(written), ""))
    window.folder_page.exports.more.menu().actions()[0].trigger()
    qtbot.waitUntil(written.exists)
    arguments = ["--recursive", "--no-history", "--model", str(model), "--csv", str(expected)]
    assert classify([str(card), *arguments]) == 1
    rows = _table(written)
    marks = {row["path"]: row.pop("mark") for row in rows}
    assert rows == _table(expected)
    assert {path: mark for path, mark in marks.items() if mark} == {str(decided.screening.path): "watch"}


def _table(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_all_that_is_listed_can_be_exported_for_other_programs(
    window: MainWindow, qtbot: QtBot, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window))
    asked: list[list[Item]] = []
    window.folder_page.exports.export_asked.connect(asked.append)
    window.folder_page.exports.more.menu().actions()[2].trigger()
    ((first, *others),) = asked
    rows = window.folder_page.model.all_rows()
    assert [item.source.path for item in (first, *others)] == [row.screening.path for row in rows]
    qtbot.waitUntil(lambda: any(dialog.isVisible() for dialog in window.findChildren(ExportDialog)))


@pytest.mark.usefixtures("suspicious")
def test_the_suspected_ones_are_copied(
    window: MainWindow, qtbot: QtBot, card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window))
    rows = window.folder_page.model.all_rows()
    suspected = [row.screening.path for row in rows if advice_of(row.screening).refers]
    assert 2 < len(suspected) < COUNT - 2  # else this says nothing
    gone = suspected.pop()
    gone.unlink()
    target = tmp_path / "target"
    target.mkdir()
    (target / suspected[0].name).write_bytes(b"somebody else's")
    before = {file: file.read_bytes() for file in card.rglob("*.*")}
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(target))
    window.folder_page.exports.more.menu().actions()[1].trigger()
    qtbot.waitUntil(lambda: "copied" in window.notice.text())
    assert (target / suspected[0].name).read_bytes() == b"somebody else's"
    copies = {file.read_bytes() for file in target.glob("*.png")} - {b"somebody else's"}
    assert copies == {path.read_bytes() for path in suspected}
    table = _table(target / "melascreen.csv")
    assert [row["error"] for row in table if row["status"] == "failed"] == ["There is no such file."]
    assert all(Path(row["path"]).parent == target for row in table if row["status"] == "ok")
    assert {file: file.read_bytes() for file in card.rglob("*.*")} == before


def test_a_report(
    window: MainWindow, qtbot: QtBot, card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window))
    file = tmp_path / "report.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    window.folder_page.exports.report.click()
    qtbot.waitUntil(lambda: "Written" in window.notice.text())
    assert file.read_bytes().startswith(b"%PDF")
    assert not window.folder_page.panel.report.isVisible()  # that of one picture is the first page's


def test_one_image_is_screened_while_a_batch_runs(
    window: MainWindow, qtbot: QtBot, card: Path, image_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, card)
    drop(window, image_file("single.png", radius=61))
    qtbot.waitUntil(lambda: window.screen_page.panel.saved.text().startswith("Saved"))
    qtbot.waitUntil(lambda: is_done(window))


def test_images_are_kept_where_that_is_set(window: MainWindow, qtbot: QtBot, card: Path, user_data: UserData) -> None:
    window.settings_page.input("keep_images").setChecked(True)
    drop(window, card)
    qtbot.waitUntil(lambda: is_done(window))
    kept = {file.read_bytes() for file in user_data.images.rglob("*") if file.is_file()}
    assert kept == {file.read_bytes() for file in card.rglob("*.png")}
    shown = window.folder_page.model.row_at(0)
    shown.screening.path.unlink()
    page = window.folder_page
    page.table.setCurrentIndex(page.model.index(1, 0))
    page.table.setCurrentIndex(page.model.index(0, 0))
    qtbot.waitUntil(page.image_pane.view.has_image)
    assert page.image_pane.view.image_size() == (256, 256)  # the copy, not the thumbnail


def test_rows_that_come_one_by_one_stand_as_if_sorted_at_once(
    window: MainWindow, user_data: UserData, classifier: Classifier
) -> None:
    draw = random.Random(1)
    rows = [
        BatchRow(n, screening(f"{draw.random():.3f}.jpg", draw.randrange(100) / 100), n, is_repeated=False)
        for n in range(400)
    ]
    for column in Column:
        for order in Qt.SortOrder:
            model = ResultsModel(Thumbnails(EntryRepository(user_data.history), window.workers))
            model.sort(column, order)
            model.filter(frozenset({RowFilter.MELANOMA}), "")
            for row in rows:
                model.add([row])
            arrived = [model.row_at(place) for place in range(model.rowCount())]
            model.begin(rows)
            assert arrived == [model.row_at(place) for place in range(model.rowCount())]
            assert len(arrived) == sum(r.screening.prediction.melanoma_suspected for r in rows)
            assert model.view_row_of(arrived[7].position) == 7
