"""Lesions of a patient: numbers, places, the pictures that show them, follow-ups."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from app.core.domain.body import Place, View
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry
from app.core.domain.errors import HistoryError
from app.core.domain.patient import DoneBy
from app.core.history.follow_ups import FollowUpRepository
from app.core.history.lesions import LesionRepository
from app.core.history.repository import EntryRepository
from tests.factories import screening

BACK = Place(View.BACK, 0.45, 0.3)
TODAY = dt.datetime.now().date()


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    return EntryRepository(tmp_path / "h.sqlite3")


@pytest.fixture
def lesions(history: EntryRepository) -> LesionRepository:
    return LesionRepository(history.database)


@pytest.fixture
def follow_ups(history: EntryRepository) -> FollowUpRepository:
    return FollowUpRepository(history.database)


def add(history: EntryRepository, patient: str, *, day: dt.date = TODAY, embedding: tuple[float, ...] = ()) -> Entry:
    number = history.count()
    result = screening(
        f"{number}.jpg",
        0.5,
        sha256=f"{number:064}",
        captured_at=dt.datetime.combine(day, dt.time(9)),
        embedding=np.array(embedding, np.float16).tobytes(),
    )
    return history.add(result, ClinicalRecord(patient=patient))


def test_numbers_count_within_a_patient(lesions: LesionRepository) -> None:
    assert [lesions.add(patient).number for patient in ("KD-1", "KD-1", "KD-2")] == [1, 2, 1]


def test_a_place_is_kept_and_can_be_moved_and_taken_away(lesions: LesionRepository) -> None:
    lesion = lesions.add("KD-1", BACK)
    assert lesions.get(lesion.id) == lesion
    lesions.move(lesion.id, Place(View.FACE, 0.1, 0.2))
    moved = lesions.get(lesion.id)
    assert moved is not None
    assert moved.place == Place(View.FACE, 0.1, 0.2)
    lesions.move(lesion.id, None)
    assert lesions.of_patient("KD-1")[0][0].lesion.place is None


def test_an_assigned_picture_takes_patient_and_site(history: EntryRepository, lesions: LesionRepository) -> None:
    lesion, entry = lesions.add("KD-1", BACK), add(history, "")
    lesions.assign([entry.id], lesion)
    found = history.get(entry.id)
    assert found is not None
    assert (found.lesion, found.record.patient, found.record.site) == (lesion.id, "KD-1", "posterior torso")


def test_pictures_come_in_the_order_of_their_days(history: EntryRepository, lesions: LesionRepository) -> None:
    late, early = add(history, "KD-1"), add(history, "KD-1", day=TODAY - dt.timedelta(days=200))
    lesion = lesions.add("KD-1")
    lesions.assign([late.id, early.id], lesion)
    found = lesions.history_of(lesion.id)
    assert found is not None
    assert [entry.id for entry in found.entries] == [early.id, late.id]


def test_a_lesion_stays_on_one_body(history: EntryRepository, lesions: LesionRepository) -> None:
    first, second = add(history, "KD-1"), add(history, "KD-1")
    joined = history.join_lesion([first.id, second.id])
    history.update_record(first, ClinicalRecord(patient="KD-2"))
    assert [entry.id for entry in lesions.of_patient("KD-1")[0][0].entries] == [second.id]
    assert lesions.of_patient("KD-2")[1][0].lesion is None
    history.update_record(second, ClinicalRecord(patient="KD-2"))  # the last of its pictures takes it along
    moved = lesions.get(joined)
    assert moved is not None
    assert (moved.patient, moved.number) == ("KD-2", 1)


def test_a_removed_lesion_leaves_its_pictures_and_can_be_put_back(
    history: EntryRepository, lesions: LesionRepository
) -> None:
    lesion, entry = lesions.add("KD-1", BACK), add(history, "KD-1")
    lesions.assign([entry.id], lesion)
    assert lesions.remove(lesion.id) == ([entry.id], [])
    assert lesions.of_patient("KD-1")[1][0].id == entry.id
    lesions.restore(lesion)
    lesions.assign([entry.id], lesion)
    assert lesions.of_patient("KD-1")[0][0].lesion == lesion


def test_joined_lesions_keep_their_follow_ups(
    history: EntryRepository, lesions: LesionRepository, follow_ups: FollowUpRepository
) -> None:
    pairs = [(lesions.add("KD-1"), add(history, "KD-1")) for _ in range(2)]
    for lesion, entry in pairs:
        lesions.assign([entry.id], lesion)
        follow_ups.add("KD-1", TODAY, lesion=lesion.id)
    kept = history.join_lesion([entry.id for _, entry in pairs])
    assert [item.lesion for item in follow_ups.of_patient("KD-1")] == [kept, kept]


def test_the_lesion_with_the_most_similar_picture_comes_first(
    history: EntryRepository, lesions: LesionRepository
) -> None:
    unlike, alike, empty = (lesions.add("KD-1") for _ in range(3))
    lesions.assign([add(history, "KD-1", embedding=(0, 1)).id], unlike)
    lesions.assign([add(history, "KD-1", embedding=(1, 0.1)).id], alike)
    found = lesions.candidates(add(history, "KD-1", embedding=(1, 0)), "KD-1")
    assert [candidate.history.lesion for candidate in found] == [alike, unlike, empty]
    assert found[2].similarity is None


def test_the_nearest_lesion_comes_first_where_a_place_is_given(
    history: EntryRepository, lesions: LesionRepository
) -> None:
    far, near = lesions.add("KD-1", Place(View.BACK, 0.9, 0.9)), lesions.add("KD-1", Place(View.BACK, 0.46, 0.3))
    found = lesions.candidates(add(history, "KD-1"), "KD-1", BACK)
    assert [candidate.history.lesion for candidate in found] == [near, far]
    assert found[0].distance == pytest.approx(0.01)


def test_a_later_picture_does_a_follow_up_and_an_earlier_one_does_not(
    history: EntryRepository, lesions: LesionRepository, follow_ups: FollowUpRepository
) -> None:
    lesion = lesions.add("KD-1")
    follow_ups.add("KD-1", TODAY + dt.timedelta(days=90), "borderline", lesion=lesion.id)
    lesions.assign([add(history, "KD-1").id], lesion)
    assert follow_ups.due()[0].reason == "borderline"
    later = TODAY + dt.timedelta(days=80)
    lesions.assign([add(history, "KD-1", day=later).id], lesion)
    assert not follow_ups.due()
    done = follow_ups.of_patient("KD-1")[0]
    assert (done.done_on, done.done_by) == (later, DoneBy.PICTURE)


def test_what_is_due_comes_by_its_day_and_can_be_done_and_opened_again(follow_ups: FollowUpRepository) -> None:
    late = follow_ups.add("KD-1", TODAY + dt.timedelta(days=30))
    soon = follow_ups.add("KD-2", TODAY)
    assert [item.id for item in follow_ups.due()] == [soon.id, late.id]
    assert [item.id for item in follow_ups.due(TODAY)] == [soon.id]
    follow_ups.complete(soon.id)
    assert [item.id for item in follow_ups.due()] == [late.id]
    follow_ups.reopen(soon.id)
    follow_ups.delete(late.id)
    assert [item.id for item in follow_ups.due()] == [soon.id]


def test_a_lesion_with_a_place_or_a_follow_up_stays_with_its_patient(
    history: EntryRepository, lesions: LesionRepository, follow_ups: FollowUpRepository
) -> None:
    for lesion in (lesions.add("KD-1", BACK), lesions.add("KD-1")):
        entry = add(history, "KD-1")
        lesions.assign([entry.id], lesion)
        if lesion.place is None:
            follow_ups.add("KD-1", TODAY, lesion=lesion.id)
        history.update_record(entry, ClinicalRecord(patient="KD-2"))
        assert lesions.get(lesion.id) == lesion
    assert all(entry.lesion is None for entry in lesions.of_patient("KD-2")[1])
    assert [item.patient for item in follow_ups.due()] == ["KD-1"]


def test_pictures_of_several_patients_are_no_lesion(history: EntryRepository, lesions: LesionRepository) -> None:
    first, second, nobody = (add(history, patient) for patient in ("KD-1", "KD-2", ""))
    with pytest.raises(HistoryError, match="KD-1, KD-2"):
        history.join_lesion([first.id, second.id])
    history.join_lesion([first.id, nobody.id])
    assert [entry.id for entry in lesions.of_patient("KD-1")[0][0].entries] == [first.id, nobody.id]


def test_a_removed_lesion_comes_back_with_its_follow_ups(
    history: EntryRepository, lesions: LesionRepository, follow_ups: FollowUpRepository
) -> None:
    lesion, entry = lesions.add("KD-1", BACK), add(history, "KD-1")
    lesions.assign([entry.id], lesion)
    noted = follow_ups.add("KD-1", TODAY, "naevus back", lesion=lesion.id)
    left, gone = lesions.remove(lesion.id)
    assert follow_ups.due() == []
    lesions.restore(lesion, gone)
    lesions.assign(left, lesion)
    assert [(item.id, item.reason, item.lesion) for item in follow_ups.due()] == [(noted.id, "naevus back", lesion.id)]
    lesions.remove(lesion.id)
    with pytest.raises(HistoryError, match="removed"):
        lesions.assign([entry.id], lesion)
