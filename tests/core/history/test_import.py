from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Mark
from app.core.domain.errors import HistoryError
from app.core.domain.results import ModelId, Prediction
from app.core.history.batches import BatchRepository
from app.core.history.query import Query
from app.core.history.repository import EntryRepository
from app.core.history.transfer import check_export, export_history, import_history
from tests.conftest import NAMES
from tests.core.history.exports import RECORD, but_numbers, entries, execute, files, lesions
from tests.factories import names, screening


# Merging
def test_import_into_an_empty_history(history: EntryRepository, other: EntryRepository, archive: Path) -> None:
    assert check_export(archive) == 4
    assert import_history(other, archive) == 4
    assert but_numbers(other) == but_numbers(history)
    assert entries(other)[1].record == RECORD
    assert [entry.mark for entry in entries(other)] == [None, None, Mark.WATCH, None]
    assert names(other.entries(Query(text="кириллиц"))) == ["Родинка пациента.jpg"]
    assert files(other.file.parent) == ["history.sqlite3"]
    assert other.database.integrity_error() == ""


def test_import_into_a_history_that_has_some_of_it(
    history: EntryRepository, other: EntryRepository, archive: Path
) -> None:
    for entry in reversed(entries(history)[1:3]):
        other.add(entry.screening)
    other.update_record(entries(other)[1], ClinicalRecord(note="mine"))
    own = other.add(screening("own.jpg"))
    before = entries(other)
    assert import_history(other, archive) == 2
    assert entries(other)[:3] == before
    assert before[1].record.note == "mine"
    assert before[2].screening == own.screening
    assert names(entries(other)[3:]) == [f"{NAMES[0]}.jpg", f"{NAMES[3]}.jpg"]
    assert import_history(other, archive) == 0
    assert import_history(history, archive) == 0
    assert (other.count(), history.count()) == (5, 4)


@pytest.mark.parametrize(
    "changes",
    [
        {"screened_at": dt.datetime(2026, 1, 2, 3, 4, 6, tzinfo=dt.UTC)},
        {"path": Path("/elsewhere/lesion.jpg")},
        {"sha256": "b" * 64},
        {"model": ModelId("model", "1.2", "e" * 64)},
        {"prediction": Prediction(0.0, 0.3)},
    ],
)
def test_what_makes_another_entry(
    history: EntryRepository, other: EntryRepository, archive: Path, changes: dict[str, object]
) -> None:
    same = entries(history)[0].screening
    other.add(replace(same, **changes))
    assert import_history(other, archive) == 4
    assert other.count() == 5


def test_entries_that_are_alike_within_an_export_all_come_along(
    history: EntryRepository, other: EntryRepository, tmp_path: Path
) -> None:
    history.add(entries(history)[0].screening)
    export_history(history, tmp_path / "e.zip")
    assert import_history(other, tmp_path / "e.zip") == 5
    assert import_history(other, tmp_path / "e.zip") == 0


def test_what_the_gate_found_and_the_other_cancers_come_along(
    history: EntryRepository, other: EntryRepository, tmp_path: Path
) -> None:
    cancer = Prediction(0.25, 0.2, other_cancer_probability=0.375, other_cancer_threshold=0.125)
    added = [
        history.add(screening("cancer.jpg", prediction=cancer, dermoscopy_probability=0.875)),
        history.add(screening("forced.jpg", forced=True, dermoscopy_probability=0.0625)),
    ]
    export_history(history, tmp_path / "e.zip")
    import_history(other, tmp_path / "e.zip")
    assert [entry.screening for entry in entries(other)[-2:]] == [entry.screening for entry in added]
    with zipfile.ZipFile(tmp_path / "e.zip") as opened:
        rows = list(csv.DictReader(io.StringIO(opened.read("history.csv").decode())))[-2:]
    columns = ("prediction", "dermoscopy_probability", "other_cancer_probability", "other_cancer_threshold")
    assert [[row[column] for column in columns] for row in rows] == [
        ["melanoma", "0.875", "0.375", "0.125"],
        ["", "0.0625", "", ""],
    ]


def test_lesions_of_two_histories_do_not_mix(history: EntryRepository, other: EntryRepository, tmp_path: Path) -> None:
    five, six, alone = (history.add(screening(name)).id for name in ("five", "six", "alone"))
    history.join_lesion([five, six])
    history.join_lesion([alone])
    there = [other.add(screening(f"there-{number}")).id for number in range(6)]
    assert {other.join_lesion(there[:2]), other.join_lesion(there[4:])} == {1, 2}  # ids that the export has too
    gone = other.add(screening("gone")).id
    other.delete([gone])
    before = lesions(other)
    export_history(history, tmp_path / "e.zip")
    assert import_history(other, tmp_path / "e.zip") == 7
    assert [entry.id for entry in entries(other)[6:]] == list(range(gone + 1, gone + 8))
    assert lesions(other) == before | {
        f"{NAMES[0]}.jpg": 3,
        f"{NAMES[1]}.jpg": 3,
        f"{NAMES[2]}.jpg": None,
        f"{NAMES[3]}.jpg": None,
        "five": 4,
        "six": 4,
        "alone": 5,
    }
    assert other.add(screening("later")).id == gone + 8


def test_the_new_pictures_of_a_lesion_come_along_as_one(
    history: EntryRepository, other: EntryRepository, tmp_path: Path
) -> None:
    history.join_lesion([1, 2, 4])
    other.add(entries(history)[0].screening)
    export_history(history, tmp_path / "e.zip")
    assert import_history(other, tmp_path / "e.zip") == 3
    assert list(lesions(other).values()) == [None, 1, None, 1]


def test_batches_do_not_come_along(history: EntryRepository, other: EntryRepository, tmp_path: Path) -> None:
    BatchRepository(history.database).create([Path("/a.jpg")], [Path("/")])
    export_history(history, tmp_path / "e.zip")
    assert import_history(other, tmp_path / "e.zip") == 4
    assert BatchRepository(other.database).open() == []


def test_an_import_that_fails_midway_adds_nothing(other: EntryRepository, archive: Path) -> None:
    other.add(screening("own.jpg"))
    execute(
        "CREATE TRIGGER full BEFORE INSERT ON thumbnail WHEN new.screening_id = 4"
        " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    )(other.file)
    before = entries(other)
    with pytest.raises(HistoryError, match="the disk is full"):
        import_history(other, archive)
    assert entries(other) == before
    execute("DROP TRIGGER full")(other.file)
    assert import_history(other, archive) == 4
