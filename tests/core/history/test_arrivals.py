from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

import pytest

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.patient import Patient
from app.core.history.arrivals import Arrival, ArrivalRepository, FolderCounts, State
from app.core.history.patients import PatientRepository
from app.core.history.repository import EntryRepository
from app.core.imaging.watch import FoundFile, Stamp
from tests.factories import screening

FOLDER = Path("/camera")


def file(name: str = "a.jpg", *, size: int = 10, modified: int = 5, folder: Path = FOLDER) -> FoundFile:
    return FoundFile(folder / name, Stamp(size, modified))


def names(arrivals: list[Arrival]) -> list[str]:
    return [arrival.path.name for arrival in arrivals]


@pytest.fixture
def store(tmp_path: Path) -> EntryRepository:
    return EntryRepository(tmp_path / "history.sqlite3")


@pytest.fixture
def arrivals(store: EntryRepository) -> ArrivalRepository:
    made = ArrivalRepository(store.database)
    made.begin(FOLDER, [])
    return made


def came(arrivals: ArrivalRepository, *files: FoundFile, patient: str = "") -> list[Arrival]:
    return arrivals.add(FOLDER, [(each, patient) for each in files])


def test_what_came_waits_until_it_is_judged(arrivals: ArrivalRepository, store: EntryRepository) -> None:
    (arrival,) = came(arrivals, file())
    assert names(arrivals.waiting()) == ["a.jpg"]
    assert arrivals.counts() == {FOLDER: FolderCounts(new=0, waiting=1)}
    entry = store.add(screening())
    arrivals.finish(arrival, "a" * 64, entry=entry)
    assert arrivals.waiting() == []
    assert arrivals.counts() == {FOLDER: FolderCounts(new=1)}
    (new,) = arrivals.newest(5)
    assert new.entry is not None
    assert new.entry.id == entry.id
    assert new.entry.screening.thumbnail == entry.screening.thumbnail
    assert new.file == file()


def test_the_same_path_size_and_time_is_the_same_arrival(arrivals: ArrivalRepository) -> None:
    assert len(came(arrivals, file())) == 1
    assert came(arrivals, file()) == []
    assert len(arrivals.waiting()) == 1


def test_a_file_with_another_size_or_time_is_a_new_arrival_in_the_place_of_the_old_one(
    arrivals: ArrivalRepository,
) -> None:
    (first,) = came(arrivals, file())
    arrivals.finish(first, failure="cut short")
    assert len(came(arrivals, file(size=20))) == 1
    assert arrivals.newest(5) == []
    assert [arrival.file.stamp.size for arrival in arrivals.waiting()] == [20]


def test_a_result_of_a_file_that_changed_meanwhile_is_not_written(arrivals: ArrivalRepository) -> None:
    (first,) = came(arrivals, file())
    came(arrivals, file(size=20))
    arrivals.finish(first, failure="cut short")
    assert [arrival.file.stamp.size for arrival in arrivals.waiting()] == [20]


def test_what_waited_when_the_program_ended_waits_at_the_next_start(
    arrivals: ArrivalRepository, store: EntryRepository
) -> None:
    came(arrivals, file("a.jpg"), file("b.jpg"), patient="P-1")
    again = ArrivalRepository(EntryRepository(store.file).database)
    assert sorted(names(again.waiting())) == ["a.jpg", "b.jpg"]
    assert {arrival.patient for arrival in again.waiting()} == {"P-1"}


def test_what_lay_in_a_folder_when_it_was_first_watched_is_seen_and_its_name_is_not_kept(
    arrivals: ArrivalRepository, store: EntryRepository
) -> None:
    folder = Path("/other")
    arrivals.begin(folder, [file("secret name.jpg", folder=folder)])
    assert arrivals.waiting() == []
    assert arrivals.newest(5, folder) == []
    (known,) = arrivals.known(folder).values()
    assert known.stamp == Stamp(10, 5)
    assert not known.judged
    assert arrivals.add(folder, [(file("secret name.jpg", folder=folder), "")]) == []
    store.database.compact()
    assert b"secret" not in store.file.read_bytes()


def test_the_newest_comes_first_and_what_was_seen_not_at_all(arrivals: ArrivalRepository) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        (arrival,) = came(arrivals, file(name))
        arrivals.finish(arrival, failure="no picture")
    assert names(arrivals.newest(2)) == ["c.jpg", "b.jpg"]
    arrivals.mark_seen(arrivals.newest(1))
    assert names(arrivals.newest(5, FOLDER)) == ["b.jpg", "a.jpg"]
    assert arrivals.newest(5, Path("/elsewhere")) == []
    assert arrivals.counts() == {FOLDER: FolderCounts(new=2)}


def test_what_waits_can_not_be_seen_yet(arrivals: ArrivalRepository) -> None:
    came(arrivals, file())
    arrivals.mark_seen(arrivals.waiting())
    assert len(arrivals.waiting()) == 1


def test_the_same_content_under_another_name_is_shown_once(arrivals: ArrivalRepository) -> None:
    for name in ("a.jpg", "copy.jpg"):
        (arrival,) = came(arrivals, file(name))
        arrivals.finish(arrival, "c" * 64, failure="no picture")
    assert names(arrivals.newest(5)) == ["copy.jpg"]


def test_a_renamed_file_is_the_same_arrival_under_its_new_name(
    arrivals: ArrivalRepository, store: EntryRepository
) -> None:
    (first,) = came(arrivals, file("tmp.jpg"))
    arrivals.finish(first, "a" * 64, entry=store.add(screening()))
    (second,) = came(arrivals, file("IMG_1.jpg"))
    same = arrivals.same_content(second, "a" * 64)
    assert same is not None
    arrivals.take_over(second, same, "a" * 64)
    assert names(arrivals.newest(5)) == ["IMG_1.jpg"]
    assert arrivals.newest(5)[0].entry is not None


def test_a_renamed_file_that_was_seen_stays_seen(arrivals: ArrivalRepository) -> None:
    (first,) = came(arrivals, file("tmp.jpg"))
    arrivals.mark_seen([arrivals.finish(first, "a" * 64, failure="no picture")])
    (second,) = came(arrivals, file("IMG_1.jpg"))
    same = arrivals.same_content(second, "a" * 64)
    assert same is not None
    taken = arrivals.take_over(second, same, "a" * 64)
    assert taken.state is State.SEEN
    assert arrivals.newest(5) == []
    assert arrivals.waiting() == []


def test_a_folder_that_is_forgotten_leaves_nothing_but_the_results(
    arrivals: ArrivalRepository, store: EntryRepository
) -> None:
    (arrival,) = came(arrivals, file())
    entry = store.add(screening())
    arrivals.finish(arrival, "a" * 64, entry=entry)
    came(arrivals, file("b.jpg"))
    arrivals.forget(FOLDER)
    assert arrivals.folders() == []
    assert arrivals.known(FOLDER) == {}
    assert arrivals.waiting() == arrivals.newest(5) == []
    assert store.get(entry.id) is not None


def test_a_folder_within_another_leaves_its_arrivals_to_that_one(arrivals: ArrivalRepository) -> None:
    within = FOLDER / "today"
    arrivals.begin(within, [file("old.jpg", folder=within)])
    arrivals.add(within, [(file("new.jpg", folder=within), "")])
    arrivals.forget(within, within=FOLDER)
    assert arrivals.known(FOLDER).keys() == {file(name, folder=within).key for name in ("old.jpg", "new.jpg")}
    assert arrivals.counts() == {FOLDER: FolderCounts(waiting=1)}


def test_what_waits_is_not_lost_when_a_folder_within_is_watched_too(arrivals: ArrivalRepository) -> None:
    within = FOLDER / "today"
    came(arrivals, file("a.jpg", folder=within))
    arrivals.begin(within, [file("a.jpg", folder=within)])
    assert names(arrivals.waiting()) == ["a.jpg"]
    assert arrivals.counts() == {within: FolderCounts(waiting=1)}


def test_a_file_that_went_before_it_was_judged_may_come_again(arrivals: ArrivalRepository) -> None:
    (arrival,) = came(arrivals, file())
    arrivals.drop(arrival)
    assert arrivals.counts() == {}
    assert len(came(arrivals, file())) == 1


def test_the_patient_is_kept_until_the_result_is_noted(arrivals: ArrivalRepository, store: EntryRepository) -> None:
    (arrival,) = came(arrivals, file(), patient="P-1")
    entry = store.add(screening())
    assert arrivals.finish(arrival, "a" * 64, entry=entry).patient == "P-1"
    assert [each.patient for each in arrivals.to_note()] == ["P-1"]
    arrivals.noted(entry.id)
    assert arrivals.to_note() == []


def test_an_entry_that_is_of_a_patient_is_to_be_noted_under_no_other(
    arrivals: ArrivalRepository, store: EntryRepository
) -> None:
    (arrival,) = came(arrivals, file(), patient="P-1")
    entry = store.add(screening(), ClinicalRecord(patient="P-2"))
    assert arrivals.finish(arrival, "a" * 64, entry=entry).patient == ""
    assert arrivals.to_note() == []


def test_nothing_is_noted_under_a_patient_who_was_deleted_meanwhile(
    arrivals: ArrivalRepository, store: EntryRepository
) -> None:
    PatientRepository(store.database).save(Patient("P-1"))
    (arrival,) = came(arrivals, file(), patient="P-1")
    store.delete_patient("P-1")
    assert arrivals.finish(arrival, entry=store.add(screening())).patient == ""
    assert arrivals.to_note() == []


def test_it_is_noted_under_the_new_name_of_a_patient_who_was_renamed_or_merged_meanwhile(
    arrivals: ArrivalRepository, store: EntryRepository
) -> None:
    patients = PatientRepository(store.database)
    patients.save(Patient("P-1"))
    (arrival,) = came(arrivals, file(), patient="P-1")
    patients.rename("P-1", "P-2")
    patients.save(Patient("P-3"))
    patients.merge("P-3", "P-2")
    assert arrivals.finish(arrival, entry=store.add(screening())).patient == "P-3"


def test_with_a_deleted_entry_goes_the_name_of_its_file_but_it_is_still_no_new_arrival(
    arrivals: ArrivalRepository, store: EntryRepository
) -> None:
    (arrival,) = came(arrivals, file("Mrs Smith.jpg"), patient="P-1")
    entry = store.add(screening("Mrs Smith.jpg"))
    arrivals.finish(arrival, "a" * 64, entry=entry)
    store.delete([entry.id])
    assert b"Smith" not in store.file.read_bytes()
    assert b"P-1" not in store.file.read_bytes()
    assert arrivals.newest(5) == []
    assert came(arrivals, file("Mrs Smith.jpg")) == []
    assert arrivals.known(FOLDER)[file("Mrs Smith.jpg").key].judged


def test_a_name_that_is_no_unicode_is_kept_as_it_is(arrivals: ArrivalRepository, store: EntryRepository) -> None:
    odd = FoundFile(Path(os.fsdecode(b"/camera/l\xe9sion.jpg")), Stamp(1, 2))
    came(arrivals, odd)
    assert arrivals.waiting()[0].path == odd.path
    with contextlib.closing(sqlite3.connect(store.file)) as connection:
        assert connection.execute("SELECT path FROM arrival").fetchone() == (b"/camera/l\xe9sion.jpg",)


def test_two_thousand_files_are_written_down_at_once(arrivals: ArrivalRepository) -> None:
    files = [file(f"IMG_{number:04}.jpg") for number in range(2000)]
    assert len(came(arrivals, *files)) == 2000
    assert came(arrivals, *files) == []
    assert len(arrivals.waiting()) == 2000
