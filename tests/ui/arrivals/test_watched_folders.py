from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry
from app.core.domain.errors import HistoryError
from app.core.domain.results import Screening
from app.core.history.arrivals import ArrivalRepository
from app.core.screening.service import ImageSource, ScreeningService
from app.ui.services.workers import PATIENCE, Lane, Priority
from tests.ui.arrivals.conftest import Watching

Draw = Callable[..., Path]


def test_a_picture_that_comes_is_judged_and_is_new(watching: Watching, image_file: Draw) -> None:
    image_file("old.png", folder=watching.folder)
    watching.watch()
    image_file("a.png", folder=watching.folder, radius=30)
    watching.wait_for("a.png")
    watching.wait_for_counts(new=1)
    assert [entry.screening.path.name for entry in watching.entries()] == ["a.png"]
    image_file("b.png", folder=watching.folder, radius=40)
    watching.wait_for("a.png", "b.png")
    assert [arrival.path.name for arrival in watching.watched.newest] == ["b.png", "a.png"]


def test_a_picture_in_a_subfolder_that_is_made_later_comes_too(watching: Watching, image_file: Draw) -> None:
    watching.watch()
    image_file("a.png", folder=watching.folder / "100CANON" / "today")
    watching.wait_for("a.png")


def test_what_is_opened_is_seen(watching: Watching, image_file: Draw) -> None:
    watching.watch()
    image_file("a.png", folder=watching.folder, radius=30)
    watching.wait_for("a.png")
    image_file("b.png", folder=watching.folder, radius=40)
    watching.wait_for("a.png", "b.png")
    watching.watched.open_one(watching.watched.newest[0])
    watching.wait_for("a.png")
    watching.watched.open_all()
    watching.wait_for_counts(new=0)
    assert watching.opened == [["b.png"], ["a.png"]]
    watching.watched.open_all()
    watching.look_twice()
    assert len(watching.opened) == 2


def test_all_of_one_folder_can_be_opened(watching: Watching, image_file: Draw, tmp_path: Path) -> None:
    other = tmp_path / "Practice share"
    other.mkdir()
    watching.watch()
    watching.watched.add(other)
    watching.qtbot.waitUntil(lambda: other in watching.repository.folders())
    image_file("a.png", folder=watching.folder, radius=30)
    image_file("b.png", folder=other, radius=40)
    watching.wait_for("a.png", "b.png")
    assert [(folder.path, folder.new) for folder in watching.watched.folders()] == [(watching.folder, 1), (other, 1)]
    watching.watched.open_all(other)
    watching.wait_for("a.png")
    assert watching.opened == [["b.png"]]


def test_what_waits_when_the_program_ends_is_judged_after_the_next_start(watching: Watching, image_file: Draw) -> None:
    watching.watch()
    watching.end()
    image_file("a.png", folder=watching.folder, radius=30)
    watching.start(with_model=False)
    watching.wait_for_counts(new=0, waiting=1)
    watching.end()
    image_file("b.png", folder=watching.folder, radius=40)
    watching.start()
    watching.wait_for("a.png", "b.png")
    watching.end()
    watching.start()
    watching.look_twice()
    watching.wait_for_counts(new=2)
    assert len(watching.entries()) == 2


def test_without_a_model_pictures_wait_until_there_is_one(watching: Watching, image_file: Draw, tmp_path: Path) -> None:
    watching.end()
    watching.start(with_model=False)
    watching.watch()
    image_file("a.png", folder=watching.folder)
    watching.wait_for_counts(new=0, waiting=1)
    watching.load_model()
    watching.wait_for("a.png")


def test_a_folder_that_goes_away_is_told_and_goes_on_when_it_is_back(watching: Watching, image_file: Draw) -> None:
    watching.watch()
    watching.look_twice()
    away = watching.folder.with_name("away")
    watching.folder.rename(away)
    watching.qtbot.waitUntil(lambda: bool(watching.watched.folders()[0].problem))
    assert watching.watched.folders()[0].problem.startswith(f"The folder {watching.folder} can't be found.")
    assert watching.notices == [watching.watched.folders()[0].problem]
    image_file("a.png", folder=away)
    away.rename(watching.folder)
    watching.wait_for("a.png")
    assert watching.watched.folders()[0].problem == ""


def test_a_folder_that_is_not_there_at_the_start_is_shown_with_its_reason_and_without_a_notice(
    watching: Watching,
) -> None:
    watching.folder.rmdir()
    watching.watched.add(watching.folder)
    watching.qtbot.waitUntil(lambda: bool(watching.watched.folders()[0].problem))
    assert watching.notices == []


def test_a_folder_that_is_removed_is_looked_at_no_more_and_its_results_stay(
    watching: Watching, image_file: Draw
) -> None:
    watching.watch()
    image_file("a.png", folder=watching.folder, radius=30)
    watching.wait_for("a.png")
    watching.watched.remove(watching.folder)
    watching.wait_for()
    assert watching.watched.folders() == []
    watching.qtbot.waitUntil(lambda: watching.repository.folders() == [])
    assert len(watching.entries()) == 1
    image_file("b.png", folder=watching.folder, radius=40)
    watching.watch()
    image_file("c.png", folder=watching.folder, radius=44)
    watching.wait_for("c.png")
    assert len(watching.entries()) == 2


def test_a_folder_that_the_settings_name_no_more_at_the_start_is_forgotten(
    watching: Watching, image_file: Draw
) -> None:
    watching.watch()
    watching.end()
    watching.user_data.settings.unlink()
    watching.start()
    watching.qtbot.waitUntil(lambda: watching.repository.folders() == [])


def test_a_folder_within_a_watched_one_has_arrivals_of_its_own_and_none_comes_twice(
    watching: Watching, image_file: Draw
) -> None:
    within = watching.folder / "today"
    within.mkdir()
    watching.watch()
    watching.watched.add(within)
    watching.qtbot.waitUntil(lambda: within in watching.repository.folders())
    image_file("a.png", folder=within)
    watching.wait_for("a.png")
    assert [folder.new for folder in watching.watched.folders()] == [0, 1]
    watching.watched.remove(within)
    watching.qtbot.waitUntil(lambda: [folder.new for folder in watching.watched.folders()] == [1])
    watching.look_twice()
    watching.wait_for_counts(new=1)


def test_a_file_that_is_renamed_after_writing_is_one_arrival(watching: Watching, image_file: Draw) -> None:
    watching.watch()
    path = image_file("tmp.png", folder=watching.folder)
    watching.wait_for("tmp.png")
    path.rename(watching.folder / "IMG_1.png")
    watching.wait_for("IMG_1.png")
    watching.wait_for_counts(new=1)
    assert len(watching.entries()) == 1


def test_a_picture_that_can_not_be_judged_arrives_with_its_reason(watching: Watching) -> None:
    watching.watch()
    (watching.folder / "a.jpg").write_bytes(b"no picture at all")
    watching.wait_for("a.jpg")
    (arrival,) = watching.watched.newest
    assert arrival.entry is None
    assert arrival.failure.startswith("This is not a JPEG")


def test_a_picture_that_was_dropped_goes_before_those_that_arrived(
    watching: Watching, image_file: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    let_go = threading.Event()
    screen = ScreeningService.screen

    def noted(self: ScreeningService, source: ImageSource, *args: object) -> Iterator[Screening | Entry]:
        order.append(source.path.name)
        assert let_go.wait(30)
        return screen(self, source, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(ScreeningService, "screen", noted)
    watching.watch()
    for number in range(3):
        image_file(f"{number}.png", folder=watching.folder, radius=30 + number)
    watching.qtbot.waitUntil(lambda: len(order) == 1)
    watching.workers.run(lambda: order.append("dropped"), priority=Priority.LOW)
    let_go.set()
    watching.wait_for("0.png", "1.png", "2.png")
    assert order[1] == "dropped"


def test_a_result_is_noted_under_the_open_patient_only_if_that_is_set(watching: Watching, image_file: Draw) -> None:
    watching.watch()
    watching.open_patient("P-1")
    watching.look_twice()
    image_file("a.png", folder=watching.folder, radius=30)
    watching.wait_for("a.png")
    watching.settings.update(note_arriving=True)
    watching.look_twice()
    image_file("b.png", folder=watching.folder, radius=40)
    watching.qtbot.waitUntil(lambda: [entry.record.patient for entry in watching.entries()] == ["", "P-1"])
    watching.qtbot.waitUntil(lambda: watching.repository.to_note() == [])


def test_the_patient_is_the_one_at_the_time_of_arrival(watching: Watching, image_file: Draw) -> None:
    watching.end()
    watching.start(with_model=False)
    watching.watch()
    watching.settings.update(note_arriving=True)
    watching.open_patient("P-1")
    watching.look_twice()
    image_file("a.png", folder=watching.folder)
    watching.wait_for_counts(new=0, waiting=1)
    watching.open_patient("P-2")
    watching.load_model()
    watching.qtbot.waitUntil(lambda: [entry.record.patient for entry in watching.entries()] == ["P-1"])


def test_a_picture_from_before_the_patient_was_opened_is_noted_under_nobody(
    watching: Watching, image_file: Draw
) -> None:
    watching.settings.update(note_arriving=True)
    watching.watch()
    watching.open_patient("P-1")
    watching.look_twice()
    away = watching.folder.with_name("away")
    watching.folder.rename(away)
    watching.qtbot.waitUntil(lambda: bool(watching.watched.folders()[0].problem))
    image_file("a.png", folder=away)
    away.rename(watching.folder)
    watching.wait_for("a.png")
    watching.look_twice()
    assert [entry.record.patient for entry in watching.entries()] == [""]


def test_a_picture_that_came_while_the_program_was_closed_is_noted_under_nobody(
    watching: Watching, image_file: Draw
) -> None:
    watching.settings.update(note_arriving=True)
    watching.watch()
    watching.end()
    image_file("a.png", folder=watching.folder)
    watching.start()
    watching.open_patient("P-1")
    watching.wait_for("a.png")
    watching.look_twice()
    assert [entry.record.patient for entry in watching.entries()] == [""]


def test_no_result_is_noted_over_another_patient(watching: Watching, image_file: Draw) -> None:
    watching.settings.update(note_arriving=True)
    path = image_file("a.png", folder=watching.folder.with_name("elsewhere"))
    watching.workers.run(
        lambda: list(watching.service.screen(ImageSource(path), watching.settings.screening_options()))
    )
    watching.qtbot.waitUntil(lambda: len(watching.entries()) == 1)
    (entry,) = watching.entries()
    watching.history.update_record(entry, replace(entry.record, patient="P-2"))
    watching.watch()
    watching.open_patient("P-1")
    watching.look_twice()
    shutil.copy(path, watching.folder)
    watching.wait_for("a.png")
    watching.look_twice()
    assert [entry.record for entry in watching.entries()] == [ClinicalRecord(patient="P-2")]
    assert watching.repository.to_note() == []


def test_what_was_still_to_be_noted_when_the_program_ended_is_noted_at_the_next_start(
    watching: Watching, image_file: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    watching.settings.update(note_arriving=True)
    watching.watch()
    watching.open_patient("P-1")
    watching.look_twice()
    monkeypatch.setattr(watching.patient, "note", lambda *_: None)
    image_file("a.png", folder=watching.folder)
    watching.wait_for("a.png")
    watching.end()
    assert [entry.record.patient for entry in watching.entries()] == [""]
    watching.start()
    watching.qtbot.waitUntil(lambda: [entry.record.patient for entry in watching.entries()] == ["P-1"])


def test_a_history_that_is_replaced_is_gone_on_with(watching: Watching, image_file: Draw) -> None:
    watching.watch()
    image_file("a.png", folder=watching.folder, radius=30)
    watching.wait_for("a.png")
    watching.repository.forget(watching.folder)
    watching.watched.start()
    watching.wait_for()
    watching.look_twice()
    image_file("b.png", folder=watching.folder, radius=40)
    watching.wait_for("b.png")


def test_a_programming_error_with_one_picture_holds_up_no_other(
    watching: Watching, image_file: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = ScreeningService.screen

    def fail(self: ScreeningService, source: ImageSource, *args: object) -> Iterator[Screening | Entry]:
        if source.path.name == "bad.png":
            raise ZeroDivisionError
        return screen(self, source, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(ScreeningService, "screen", fail)
    watching.watch()
    image_file("bad.png", folder=watching.folder, radius=30)
    image_file("good.png", folder=watching.folder, radius=40)
    watching.wait_for("bad.png", "good.png")


def test_a_history_that_can_not_be_used_for_a_while_loses_nothing(
    watching: Watching, image_file: Draw, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = [True]
    finish = ArrivalRepository.finish

    def failing(self: ArrivalRepository, *args: object, **keywords: object) -> object:
        if fails:
            fails.pop()
            raise HistoryError("in use")
        return finish(self, *args, **keywords)  # type: ignore[arg-type]

    monkeypatch.setattr(ArrivalRepository, "finish", failing)
    watching.watch()
    image_file("a.png", folder=watching.folder)
    watching.wait_for("a.png")
    assert watching.notices == ["in use"]


def test_a_share_that_does_not_answer_holds_up_no_local_folder(watching: Watching, image_file: Draw) -> None:
    watching.watch()
    watching.look_twice()
    answers = threading.Event()
    watching.workers.run(lambda: answers.wait(30), lane=Lane.NETWORK)
    image_file("a.png", folder=watching.folder)
    watching.wait_for("a.png")
    answers.set()


def test_nothing_arrives_in_the_programs_own_folder(watching: Watching, image_file: Draw) -> None:
    own = watching.folder / "MelaScreen"
    watching.end()
    watching.start(own=own)
    watching.watch()
    image_file("copy.png", folder=own, radius=30)
    image_file("a.png", folder=watching.folder, radius=40)
    watching.wait_for("a.png")
    watching.look_twice()
    watching.wait_for_counts(new=1)


def test_a_folder_that_does_not_answer_does_not_hold_up_the_end(
    watching: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()
    monkeypatch.setitem(PATIENCE, Lane.WATCH, 0.05)
    watching.workers.run(lambda: answers.wait(30), lane=Lane.WATCH)
    watching.workers.close()
    answers.set()


def test_files_are_neither_moved_nor_changed(watching: Watching, image_file: Draw) -> None:
    watching.watch()
    path = image_file("a.png", folder=watching.folder)
    before = path.read_bytes(), path.stat().st_mtime_ns
    watching.wait_for("a.png")
    watching.watched.open_all()
    watching.wait_for_counts(new=0)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(watching.folder.iterdir()) == [path]
