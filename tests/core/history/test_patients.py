"""Patients of the history: migration, lists, renaming, merging, deletion, import."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.domain.advice import Advice
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry, Mark
from app.core.domain.errors import HistoryError
from app.core.domain.patient import Patient, Risk, Sex
from app.core.history.follow_ups import FollowUpRepository
from app.core.history.lesions import LesionRepository
from app.core.history.patients import PatientRepository, PatientSort
from app.core.history.query import Query
from app.core.history.repository import EntryRepository
from app.core.history.transfer import export_history, import_history
from tests.factories import load_version, screening

DAY = dt.date(2026, 12, 3)


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    return EntryRepository(tmp_path / "h.sqlite3")


@pytest.fixture
def patients(history: EntryRepository) -> PatientRepository:
    return PatientRepository(history.database)


def add(history: EntryRepository, patient: str, probability: float = 0.5, *, day: dt.date = DAY) -> Entry:
    number = history.count()
    taken = dt.datetime.combine(day, dt.time(9))
    result = screening(f"{patient}-{number}.jpg", probability, sha256=f"{number:064}", captured_at=taken)
    return history.add(result, ClinicalRecord(patient=patient))


def identifiers(patients: PatientRepository, text: str = "", **how: object) -> list[str]:
    return [row.patient.identifier for row in patients.rows(text, **how)]  # type: ignore[arg-type]


def test_a_history_of_schema_8_becomes_patients_and_lesions_without_loss(tmp_path: Path) -> None:
    load_version(8, tmp_path / "h.sqlite3")
    history = EntryRepository(tmp_path / "h.sqlite3")
    patients = PatientRepository(history.database)
    assert patients.identifiers() == ["KD-20417", "kd 20417", "Пациент 7"]
    (first, second, *_), loose = LesionRepository(history.database).of_patient("KD-20417")
    assert [entry.id for entry in first.entries] == [1, 2]
    assert (first.lesion.id, first.lesion.number, second.lesion.id, second.lesion.number) == (1, 1, 4, 2)
    assert not loose
    assert [entry.record.patient for entry in history.entries(Query(descending=False))] == [
        "KD-20417", "KD-20417", "kd 20417", "", "Пациент 7", "KD-20417",
    ]  # fmt: skip
    assert patients.rows(sort=PatientSort.LAST_VISIT)[0].last_visit == dt.date(2026, 1, 7)
    assert patients.same_spellings() == [("KD-20417", "kd 20417")]


def test_a_patient_comes_with_the_first_record_that_names_one(
    history: EntryRepository, patients: PatientRepository
) -> None:
    entry = add(history, "")
    assert patients.count() == 0
    history.update_record(entry, ClinicalRecord(patient="KD-1"))
    assert patients.get("KD-1") == Patient("KD-1")


def test_a_row_counts_lesions_and_pictures_and_tells_the_worst_open_answer(
    history: EntryRepository, patients: PatientRepository
) -> None:
    benign, suspected = add(history, "KD-1", 0.01), add(history, "KD-1", 0.9, day=DAY - dt.timedelta(days=9))
    LesionRepository(history.database).add("KD-1")
    row = patients.rows()[0]
    assert (row.lesions, row.pictures, row.last_visit, row.worst) == (1, 2, DAY, Advice.REFER_MELANOMA)
    history.set_mark([suspected.id], Mark.REFER)
    assert patients.rows()[0].worst is Advice.BELOW_THRESHOLD
    history.set_mark([benign.id], Mark.CLEAR)
    assert patients.rows()[0].worst is None


def test_the_last_visit_follows_pictures_that_move_or_go(history: EntryRepository, patients: PatientRepository) -> None:
    add(history, "KD-1", day=DAY - dt.timedelta(days=30))
    late = add(history, "KD-1")
    history.update_record(late, ClinicalRecord(patient="KD-2"))
    assert {row.patient.identifier: row.last_visit for row in patients.rows()} == {
        "KD-1": DAY - dt.timedelta(days=30),
        "KD-2": DAY,
    }
    history.delete([late.id])
    assert {row.patient.identifier: row.last_visit for row in patients.rows()}["KD-2"] is None


def test_pages_go_through_all_patients_in_each_order(history: EntryRepository, patients: PatientRepository) -> None:
    for number in range(7):
        add(history, f"KD-{number}", day=DAY - dt.timedelta(days=number // 2))
    for sort in (PatientSort.LAST_VISIT, PatientSort.IDENTIFIER, PatientSort.DUE):
        for descending in (True, False):
            whole = patients.rows(sort=sort, descending=descending)
            paged, after = [], None
            while page := patients.rows(sort=sort, descending=descending, limit=2, after=after):
                paged += page
                after = page[-1]
            assert paged == whole
            assert len(whole) == 7


def test_search_finds_identifier_and_note_whatever_their_case(patients: PatientRepository) -> None:
    patients.save(Patient("KD-20417", note="Outdoor WORK"))
    patients.save(Patient("KD-3"))
    assert identifiers(patients, "outdoor work") == ["KD-20417"]
    assert identifiers(patients, "kd-3") == ["KD-3"]
    assert patients.count("kd") == 2


def test_what_is_saved_is_read_back(patients: PatientRepository) -> None:
    whole = Patient("KD-1", 1961, Sex.MALE, 2, frozenset({Risk.FAMILY_MELANOMA, Risk.MANY_NAEVI}), "a note")
    patients.save(whole)
    assert patients.get("KD-1") == whole
    with pytest.raises(ValueError, match="identifier"):
        patients.save(Patient("  "))


def test_renaming_takes_records_lesions_search_and_follow_ups_along(
    history: EntryRepository, patients: PatientRepository
) -> None:
    add(history, "KD-1")
    patients.save(Patient("KD-1", 1961))
    lesion = LesionRepository(history.database).add("KD-1")
    follow_ups = FollowUpRepository(history.database)
    follow_ups.add("KD-1", DAY, lesion=lesion.id)
    patients.rename("KD-1", "  KD-9 ")
    assert patients.identifiers() == ["KD-9"]
    assert patients.get("KD-9") == Patient("KD-9", 1961)
    assert history.count(Query(text="kd-9")) == history.count(Query(patient="KD-9")) == 1
    assert history.count(Query(patient="KD-1")) == 0
    assert [item.due_on for item in follow_ups.of_patient("KD-9")] == [DAY]
    assert patients.rows(due=True)[0].due_on == DAY
    assert LesionRepository(history.database).of_patient("KD-9")[0][0].lesion == replace(lesion, patient="KD-9")


def test_renaming_to_another_patient_is_refused_and_changes_nothing(
    history: EntryRepository, patients: PatientRepository
) -> None:
    add(history, "KD-1")
    add(history, "KD-2")
    with pytest.raises(HistoryError, match="KD-2"):
        patients.rename("KD-1", "KD-2")
    assert history.count(Query(patient="KD-1")) == 1


def test_a_merge_unites_both_and_can_be_undone(history: EntryRepository, patients: PatientRepository) -> None:
    lesions, follow_ups = LesionRepository(history.database), FollowUpRepository(history.database)
    kept, other = Patient("KD-7", sex=Sex.FEMALE, note="a"), Patient("kd 07", 1980, Sex.MALE, note="b")
    for patient in (kept, other):
        add(history, patient.identifier)
        patients.save(patient)
        lesions.add(patient.identifier)
    follow_ups.add("kd 07", DAY)
    merge = patients.merge("KD-7", "kd 07")
    assert patients.get("KD-7") == Patient("KD-7", 1980, Sex.FEMALE, note="a\nb")
    assert [each.lesion.number for each in lesions.of_patient("KD-7")[0]] == [1, 2]
    assert (history.count(Query(patient="KD-7")), len(follow_ups.of_patient("KD-7"))) == (2, 1)
    patients.undo(merge)
    assert (patients.get("KD-7"), patients.get("kd 07")) == (kept, other)
    for patient in (kept, other):
        assert [each.lesion.number for each in lesions.of_patient(patient.identifier)[0]] == [1]
        assert history.count(Query(patient=patient.identifier)) == 1
    assert len(follow_ups.of_patient("kd 07")) == 1


def test_spellings_are_offered_and_not_merged(history: EntryRepository, patients: PatientRepository) -> None:
    for identifier in ("KD-20417", "kd 20417", "KD-020417", "KD-20418", "KD 2 0417"):
        add(history, identifier)
    assert set(patients.same_spellings()[0]) == {"KD-20417", "kd 20417", "KD-020417"}
    assert patients.spelled_alike("kd20417") == ["KD-020417", "KD-20417", "kd 20417"]
    assert patients.count() == 5


def test_deleting_a_patient_leaves_nothing_of_it(history: EntryRepository, patients: PatientRepository) -> None:
    add(history, "Very Secret")
    add(history, "other")
    lesion = LesionRepository(history.database).add("Very Secret")
    FollowUpRepository(history.database).add("Very Secret", DAY, "Very Secret reason", lesion=lesion.id)
    assert history.delete_patient("Very Secret") == 1
    assert patients.identifiers() == ["other"]
    assert b"Secret" not in history.file.read_bytes()


def test_an_import_brings_patients_lesions_and_follow_ups_once(history: EntryRepository, tmp_path: Path) -> None:
    entry = add(history, "KD-1")
    lesions = LesionRepository(history.database)
    lesion = lesions.add("KD-1")
    lesions.assign([entry.id], lesion)
    PatientRepository(history.database).save(Patient("KD-1", 1961))
    FollowUpRepository(history.database).add("KD-1", DAY, lesion=lesion.id)
    export_history(history, tmp_path / "e.zip")
    mine = EntryRepository(tmp_path / "mine.sqlite3")
    add(mine, "KD-0")
    LesionRepository(mine.database).add("KD-0")
    for _ in range(2):
        import_history(mine, tmp_path / "e.zip")
        assert PatientRepository(mine.database).get("KD-1") == Patient("KD-1", 1961)
        (found,), loose = LesionRepository(mine.database).of_patient("KD-1")
        assert (found.lesion.number, [entry.screening.path.name for entry in found.entries]) == (1, ["KD-1-0.jpg"])
        assert not loose
        assert [item.lesion for item in FollowUpRepository(mine.database).of_patient("KD-1")] == [found.lesion.id]
        assert PatientRepository(mine.database).rows(due=True)[0].patient.identifier == "KD-1"


def test_parting_leaves_what_was_moved_typed_or_deleted_since(
    history: EntryRepository, patients: PatientRepository
) -> None:
    lesions = LesionRepository(history.database)
    mine, theirs, moved = add(history, "A"), add(history, "B"), add(history, "B")
    patients.save(Patient("A", 1950))
    lesion = lesions.add("A")
    lesions.assign([mine.id], lesion)
    merge = patients.merge("A", "B")
    lesions.assign([theirs.id], lesion)
    history.update_record(moved, ClinicalRecord(patient="C"))
    patients.save(Patient("A", 1950, note="typed"))
    patients.undo(merge)
    assert patients.get("A") == Patient("A", 1950, note="typed")
    assert [entry.id for entry in lesions.of_patient("A")[0][0].entries] == [mine.id]
    assert {entry.id: entry.lesion for entry in history.entries(Query(patient="B"))} == {theirs.id: None}
    assert [entry.id for entry in history.entries(Query(patient="C"))] == [moved.id]


@pytest.mark.parametrize("change", ["deleted", "renamed"])
def test_what_was_deleted_or_renamed_is_not_brought_back_by_parting(
    history: EntryRepository, patients: PatientRepository, change: str
) -> None:
    add(history, "A")
    add(history, "B")
    merge = patients.merge("A", "B")
    if change == "deleted":
        history.delete_patient("A")
    else:
        patients.rename("A", "A2")
    before = patients.identifiers()
    with pytest.raises(HistoryError, match="A"):
        patients.undo(merge)
    assert patients.identifiers() == before


def test_an_edit_keeps_what_another_window_wrote_in_other_fields(patients: PatientRepository) -> None:
    read = Patient("A")
    patients.save(read)
    patients.save(replace(read, note="from another window"), base=read)
    patients.save(replace(read, birth_year=1950), base=read)
    assert patients.get("A") == Patient("A", 1950, note="from another window")
    with pytest.raises(HistoryError, match="gone"):
        patients.save(Patient("gone"), base=read)


def test_a_note_on_a_deleted_result_brings_no_patient_back(
    history: EntryRepository, patients: PatientRepository
) -> None:
    entry = add(history, "A")
    history.delete_patient("A")
    history.update_record(entry, ClinicalRecord(patient="A"))
    assert patients.identifiers() == []
