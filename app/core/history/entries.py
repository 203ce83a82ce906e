"""Entries as rows of the database: written, found and read within the caller's transaction."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields, replace
from pathlib import Path

from app.core.domain import times
from app.core.domain.advice import advice_of
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Annotation, Entry, Mark
from app.core.domain.outline import Outline
from app.core.domain.patient import spelling
from app.core.domain.results import Consistency, ModelId, Prediction, Screening
from app.core.history.migrations import search_text
from app.core.history.query import BY_CARD, IS_ANSWER, IS_FORCED, by_card

_RESULT = (
    "taken_at, path, sha256, melanoma_probability, threshold, decision,"
    " model_name, model_version, model_sha256, card_sha256,"
    " warnings, pictured_at, lowest, highest, steady, other_lowest, other_highest,"
    " forced, unfamiliarity, dermoscopy_probability, other_cancer_probability, other_cancer_threshold, embedding,"
    " borderline, diagnoses, advice"
)
RECORD_COLUMNS = ", ".join(field.name for field in fields(ClinicalRecord))
_ANNOTATION = "outline, outline_by_hand, field_width"
_LESION_NUMBER = "(SELECT number FROM lesion WHERE lesion.id = screening.lesion)"
_ENTRY = f"screening.id, mark, lesion, {_LESION_NUMBER}, {_RESULT}, {_ANNOTATION}, {RECORD_COLUMNS}"
AT_ONCE = 500
"""Question marks in a statement."""


def insert(connection: sqlite3.Connection, screening: Screening, record: ClinicalRecord | None = None) -> Entry:
    """Write a result down within a transaction; see `EntryRepository.add`. Without a record, the one that the file
    has."""
    prediction = screening.prediction
    if prediction is None or screening.sha256 is None:
        raise ValueError("a failed screening has no place in the history")
    record = record or screening.record
    model = screening.model
    consistency = prediction.consistency
    values = (
        times.as_text(screening.screened_at),
        storable(screening.path),
        screening.sha256,
        prediction.melanoma_probability,
        prediction.threshold,
        prediction.label,
        model.name,
        model.version,
        model.sha256,
        model.card_sha256,
        json.dumps(screening.warnings),
        screening.captured_at and screening.captured_at.isoformat(),
        consistency and consistency.lowest,
        consistency and consistency.highest,
        consistency and consistency.consistent,
        *((consistency and consistency.other_cancer) or (None, None)),
        screening.forced,
        screening.ood_distance,
        screening.dermoscopy_probability,
        prediction.other_cancer_probability,
        prediction.other_cancer_threshold,
        screening.embedding,
        prediction.borderline,
        json.dumps(prediction.diagnoses),
        advice_of(screening).value,
        *astuple(record),
        search_text_of(storable(screening.path), record),
    )
    ensure_patient(connection, record.patient)
    placeholders = ", ".join("?" * len(values))
    columns = f"{_RESULT}, {RECORD_COLUMNS}, search"
    cursor = connection.execute(f"INSERT INTO screening ({columns}) VALUES ({placeholders})", values)  # noqa: S608
    entry_id = int(cursor.lastrowid or 0)
    connection.execute("INSERT INTO thumbnail VALUES (?, ?)", (entry_id, screening.thumbnail))
    return Entry(entry_id, screening, record)


def with_record(connection: sqlite3.Connection, entry: Entry, **changed: str) -> None:
    """Write an entry's record with some fields changed, and what a search looks through, within a transaction."""
    record = replace(entry.record, **changed)
    if record != entry.record:
        write_record(connection, entry, record, "id = ?", (entry.id,))


def write_record(
    connection: sqlite3.Connection, entry: Entry, record: ClinicalRecord, where: str, values: Sequence[object]
) -> None:
    """Replace the record of the entry for which a condition holds, within a transaction."""
    ensure_patient(connection, record.patient)
    assignments = ", ".join(f"{field.name} = ?" for field in fields(ClinicalRecord))
    searched = search_text_of(storable(entry.screening.path), record)
    connection.execute(
        f"UPDATE screening SET {assignments}, search = ? WHERE {where}",  # noqa: S608
        (*astuple(record), searched, *values),
    )


def ensure_patient(connection: sqlite3.Connection, identifier: str) -> None:
    """Add a patient of whom the identifier alone is known, within a transaction; one that is there stays as it is."""
    if identifier:
        connection.execute(
            "INSERT OR IGNORE INTO patient (identifier, search, spelling) VALUES (?, ?, ?)",
            (identifier, search_text(identifier), spelling(identifier)),
        )


def record_once(connection: sqlite3.Connection, screening: Screening) -> tuple[Entry, bool]:
    """The entry of the same content by the same model and threshold, or else a new one; and whether it was there.

    It is the first such entry, without its thumbnail. Nobody else may write between the look and the writing
    (`BEGIN IMMEDIATE`). One whose consistency was not computed does not stand for a result
    with it, and a number that was asked for although the image is refused stands for such numbers only.
    """
    prediction = screening.prediction
    if prediction is None or screening.sha256 is None:
        raise ValueError("a failed screening has no place in the history")
    known = find_known(
        connection,
        screening.sha256,
        screening.model,
        prediction.threshold,
        consistency=prediction.consistency is not None,
        condition=IS_ANSWER if screening.is_answer else IS_FORCED,
    )
    return (known, True) if known else (insert(connection, screening), False)


def find_known(
    connection: sqlite3.Connection,
    sha256: str,
    model: ModelId,
    threshold: float,
    *,
    consistency: bool = False,
    condition: str = IS_ANSWER,
) -> Entry | None:
    """The first entry of a content (SHA-256, hex) by a model and its card at a threshold, without its thumbnail.

    With `consistency`, one where that was computed. `condition` is what else must hold, as SQL.
    """
    computed = "lowest IS NOT NULL" if consistency else "TRUE"
    found = read_entries(
        connection,
        f"sha256 = ? AND {BY_CARD} AND threshold = ? AND {condition} AND {computed} ORDER BY screening.id LIMIT 1",
        (sha256, *by_card(model), threshold),
        thumbnails=False,
    )
    return found[0] if found else None


def read_entries(
    connection: sqlite3.Connection, where: str, values: Sequence[object], *, thumbnails: bool = True
) -> list[Entry]:
    """Entries for which an SQL condition holds; it may end with an order and a limit."""
    jpeg = "jpeg" if thumbnails else "x''"
    join = "LEFT JOIN thumbnail ON screening_id = screening.id" if thumbnails else ""
    return [
        _entry(row)
        for row in connection.execute(
            f"SELECT {jpeg}, {_ENTRY} FROM screening {join} WHERE {where}",  # noqa: S608
            list(values),
        )
    ]


def in_parts(numbers: Sequence[int]) -> Iterator[tuple[str, list[int]]]:
    """Parts of many numbers, each with question marks for it: SQLite limits those of a statement."""
    for start in range(0, len(numbers), AT_ONCE):
        part = list(numbers[start : start + AT_ONCE])
        yield ", ".join("?" * len(part)), part


def storable(path: Path) -> str:
    """A path as Unicode for SQLite; other bytes are escaped."""
    return str(path).encode("utf-8", "backslashreplace").decode()


def _entry(row: tuple[object, ...]) -> Entry:
    jpeg, entry_id, mark, lesion, number, screened_at, path, sha256, probability, threshold, _, *rest = row
    name, version, model_sha256, card_sha256, warnings, captured_at, *rest = rest
    lowest, highest, consistent, other_lowest, other_highest, forced, *rest = rest
    ood_distance, dermoscopy_probability, other_probability, other_threshold, embedding, *rest = rest
    borderline, diagnoses, _, *rest = rest
    outline, outline_by_hand, field_width, *noted = rest
    record = ClinicalRecord(*map(str, noted))
    others = None if other_lowest is None else (float(other_lowest), float(other_highest))  # type: ignore[arg-type]
    consistency = None if lowest is None else Consistency(float(lowest), float(highest), bool(consistent), others)  # type: ignore[arg-type]
    prediction = Prediction(
        float(probability),  # type: ignore[arg-type]
        float(threshold),  # type: ignore[arg-type]
        consistency,
        other_cancer_probability=_number(other_probability),
        other_cancer_threshold=_number(other_threshold),
        borderline=None if borderline is None else bool(borderline),
        diagnoses=tuple((str(name), float(share)) for name, share in json.loads(str(diagnoses))),
    )
    annotation = Annotation(
        Outline.from_json(str(outline)) if outline else None,
        bool(outline_by_hand),
        _number(field_width),
    )
    screening = Screening(
        path=Path(str(path)),
        model=ModelId(str(name), str(version), str(model_sha256), str(card_sha256)),
        screened_at=times.from_text(str(screened_at)),
        sha256=str(sha256),
        prediction=prediction,
        forced=bool(forced),
        ood_distance=_number(ood_distance),
        dermoscopy_probability=_number(dermoscopy_probability),
        embedding=bytes(embedding or b""),  # type: ignore[call-overload]
        warnings=tuple(json.loads(str(warnings))),
        thumbnail=bytes(jpeg or b""),  # type: ignore[call-overload]
        captured_at=dt.datetime.fromisoformat(str(captured_at)) if captured_at else None,
    )
    return Entry(int(entry_id), screening, record, mark_of(mark), lesion, annotation, number)  # type: ignore[call-overload, arg-type]


def mark_of(stored: object) -> Mark | None:
    """A mark as it is stored: its value, empty for none."""
    return Mark(str(stored)) if stored else None


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


def search_text_of(path: str, record: ClinicalRecord) -> str:
    """What a search looks through."""
    return search_text(path, record.patient, record.site, record.note, record.diagnosis)
