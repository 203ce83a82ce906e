"""The folders that are done, as they are offered to be opened again."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.domain.entry import Mark
from app.core.domain.results import Prediction, Rejection, Screening
from app.core.history.batches import Batch, BatchRepository, ItemResult
from app.core.history.repository import EntryRepository
from tests.factories import screening

ALL = 100


@pytest.fixture
def batches(tmp_path: Path) -> BatchRepository:
    return BatchRepository(EntryRepository(tmp_path / "history.sqlite3").database)


@pytest.fixture
def history(batches: BatchRepository) -> EntryRepository:
    return EntryRepository(batches.database.file)


def result(name: str, prediction: Prediction | None) -> Screening:
    """Each of another content; without a prediction, a picture that was refused."""
    changes: dict[str, object] = {"sha256": name.encode().hex().ljust(64, "0"), "prediction": prediction}
    if prediction is None:
        changes |= {"error": "no", "refusal": Rejection.QUALITY, "thumbnail": b""}
    return screening(name, **changes)


MELANOMA = Prediction(0.9, 0.2)
CARCINOMA = Prediction(0.1, 0.2, other_cancer_probability=0.9, other_cancer_threshold=0.5)
BOTH = Prediction(0.9, 0.2, other_cancer_probability=0.9, other_cancer_threshold=0.5)
BELOW = Prediction(0.1, 0.2)


def make(
    batches: BatchRepository, name: str, *predictions: Prediction | None, pending: int = 0, command: str = ""
) -> Batch:
    """A folder with a result for each prediction, and some pictures that are still to be done."""
    root = Path("/pictures") / name
    files = [root / f"{number}.jpg" for number in range(len(predictions) + pending)]
    batch = batches.create(files, [root], command=command)
    results = [result(f"{name}-{number}", prediction) for number, prediction in enumerate(predictions)]
    batches.write(batch, [ItemResult(position, each) for position, each in enumerate(results)])
    return batch


def names(batches: BatchRepository, limit: int = ALL) -> list[str]:
    return [folder.batch.roots[0].name for folder in batches.finished(limit)]


def test_a_finished_folder_is_counted_by_its_advices(batches: BatchRepository) -> None:
    batch = make(batches, "card", MELANOMA, BOTH, CARCINOMA, BELOW, BELOW, None)
    batches.close(batch)
    (folder,) = batches.finished(ALL)
    assert (folder.batch.id, folder.batch.roots, folder.batch.begun_at) == (batch.id, batch.roots, batch.begun_at)
    assert (folder.batch.total, folder.batch.done) == (6, 6)
    assert (folder.melanomas, folder.other_cancers, folder.decided) == (2, 1, 0)  # by what decides, each counted once


def test_decisions_are_counted_with_those_on_refused_pictures(
    batches: BatchRepository, history: EntryRepository
) -> None:
    batch = make(batches, "card", MELANOMA, BELOW, None, None)
    batches.close(batch)
    row = batches.rows(batch.id)[0]
    assert row.entry_id is not None
    history.set_mark([row.entry_id], Mark.CLEAR)
    assert batches.finished(ALL)[0].decided == 1
    batches.set_mark(batch.id, 3, Mark.REFER)
    assert batches.finished(ALL)[0].decided == 2
    history.set_mark([row.entry_id], None)
    batches.set_mark(batch.id, 3, None)
    assert batches.finished(ALL)[0].decided == 0


def test_the_latest_come_first_and_no_more_than_asked_for(batches: BatchRepository) -> None:
    for name in ("first", "second", "third"):
        batches.close(make(batches, name, BELOW))
    assert names(batches) == ["third", "second", "first"]
    assert names(batches, 2) == ["third", "second"]


def test_what_is_not_finished_is_not_offered_as_finished(batches: BatchRepository) -> None:
    begun = make(batches, "begun", MELANOMA, pending=1)
    make(batches, "not begun", pending=2)
    batches.close(make(batches, "done", BELOW))
    assert names(batches) == ["done"]
    assert {batch.id for batch in batches.open()} >= {begun.id}
    batches.write(begun, [ItemResult(1, result("last", BELOW))])
    assert names(batches) == ["done", "begun"]


def test_what_was_given_up_is_finished_with_what_was_done(batches: BatchRepository) -> None:
    batches.close(make(batches, "given up", MELANOMA, BELOW, pending=5))
    batches.close(make(batches, "given up at once", pending=5))
    (folder,) = batches.finished(ALL)
    assert (folder.batch.roots[0].name, folder.batch.total, folder.melanomas) == ("given up", 2, 1)


def test_the_folders_of_commands_are_not_offered(batches: BatchRepository) -> None:
    make(batches, "of a command", BELOW, command="a checksum")
    assert names(batches) == []


def test_a_result_that_was_deleted_is_not_counted_any_more(batches: BatchRepository, history: EntryRepository) -> None:
    batch = make(batches, "card", MELANOMA, BELOW)
    batches.close(batch)
    history.delete([batches.rows(batch.id)[0].entry_id or 0])
    (folder,) = batches.finished(ALL)
    assert (folder.batch.total, folder.melanomas) == (1, 0)
    history.delete([batches.rows(batch.id)[0].entry_id or 0])
    assert batches.finished(ALL) == []


def test_a_folder_that_was_assessed_twice_is_offered_once(batches: BatchRepository) -> None:
    make(batches, "card", MELANOMA)
    make(batches, "other", BELOW)
    latest = make(batches, "card", MELANOMA, BELOW)
    assert names(batches) == ["card", "other"]
    assert batches.finished(ALL)[0].batch.id == latest.id
    assert [folder.melanomas for folder in batches.finished(ALL)] == [1, 0]
    make(batches, "card", pending=1)  # the one before stays until this one is done
    assert batches.finished(ALL)[0].batch.id == latest.id
