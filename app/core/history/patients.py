"""Repository of patients: what is known of them, lists, renaming and merging."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from app.core.domain.advice import Advice
from app.core.domain.errors import HistoryError
from app.core.domain.messages import Message
from app.core.domain.patient import Patient, Sex, edited, risks_of, spelling, united
from app.core.history.database import Database
from app.core.history.entries import ensure_patient, in_parts, read_entries, with_record
from app.core.history.lesions import give_to
from app.core.history.migrations import search_text

_PATIENT = "identifier, birth_year, sex, skin_type, risks, note"
OPEN_FIRST = (Advice.REFER_MELANOMA, Advice.REFER_OTHER_CANCER, Advice.BORDERLINE, Advice.BELOW_THRESHOLD)
"""Advice from the worst to the best."""


class PatientSort(StrEnum):
    """Sort keys; each value is an indexed column of the table `patient`."""

    LAST_VISIT = "last_visit"
    IDENTIFIER = "identifier"
    DUE = "due_on"


@dataclass(frozen=True, slots=True)
class PatientRow:
    """A patient in a list: numbers of lesions and pictures, the latest picture's day, the first open follow-up, and
    the worst advice among the results that nobody decided on."""

    patient: Patient
    lesions: int
    pictures: int
    last_visit: dt.date | None
    due_on: dt.date | None
    worst: Advice | None


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge changed, so that it can be undone: both patients as they were, the ids of what was moved, and the
    numbers that the moved lesions had."""

    kept: Patient
    other: Patient
    entries: tuple[int, ...]
    lesions: tuple[tuple[int, int], ...]
    follow_ups: tuple[int, ...]


class PatientRepository:
    """Patients in the history's file. Every method raises `HistoryError` where it can't be used."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def get(self, identifier: str) -> Patient | None:
        """A patient by the identifier; `None` where there is none."""
        with self.database.transaction() as connection:
            return _get(connection, identifier)

    def save(self, patient: Patient, *, base: Patient | None = None) -> None:
        """Write what is known of a patient; a new one is added. `ValueError` for an empty identifier.

        With `base`, what was read before it was edited, only what differs from it is written: what somebody else wrote
        since in other fields stays. A patient who was deleted since is not added again: `HistoryError`.
        """
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            if base is not None:
                stored = _get(connection, patient.identifier)
                if stored is None:
                    raise HistoryError(Message("patient-gone", patient=patient.identifier))
                patient = edited(stored, base, patient)
            _save(connection, patient)

    def identifiers(self) -> list[str]:
        """All identifiers, sorted."""
        with self.database.transaction() as connection:
            return [str(row[0]) for row in connection.execute("SELECT identifier FROM patient ORDER BY identifier")]

    def count(self, text: str = "", *, due: bool = False) -> int:
        """Number of patients whose identifier or note holds a text; with `due`, of those with an open follow-up."""
        where, values = _where(text, due=due)
        with self.database.transaction() as connection:
            return int(connection.execute(f"SELECT count(*) FROM patient WHERE {where}", values).fetchone()[0])  # noqa: S608

    def rows(
        self,
        text: str = "",
        *,
        due: bool = False,
        sort: PatientSort = PatientSort.LAST_VISIT,
        descending: bool = True,
        limit: int = 200,
        after: PatientRow | None = None,
    ) -> list[PatientRow]:
        """Patients as `count` counts them, at most `limit`; `after` is the last row of the previous page."""
        where, values = _where(text, due=due)
        order, sign = ("DESC", "<") if descending else ("ASC", ">")
        ordered = f"ORDER BY {sort} {order}, identifier {order} LIMIT ?"
        with self.database.transaction() as connection:
            if after is None:
                found = _select(connection, f"{where} {ordered}", (*values, limit))
            else:
                last = _sorted_by(after, sort)
                equal = f"{where} AND {sort} = ? AND identifier {sign} ? {ordered}"
                found = _select(connection, equal, (*values, last, after.patient.identifier, limit))
                beyond = f"{where} AND {sort} {sign} ? {ordered}"
                found += _select(connection, beyond, (*values, last, limit - len(found)))
            return [_row(connection, *each) for each in found]

    def same_spellings(self) -> list[tuple[str, ...]]:
        """Groups of identifiers that differ in case, spaces, signs or leading zeros only."""
        with self.database.transaction() as connection:
            found = connection.execute(
                "SELECT spelling, identifier FROM patient WHERE spelling IN ("
                "SELECT spelling FROM patient WHERE spelling <> '' GROUP BY spelling HAVING count(*) > 1)"
                " ORDER BY spelling, identifier"
            )
            groups: dict[str, list[str]] = {}
            for key, identifier in found:
                groups.setdefault(key, []).append(identifier)
        return [tuple(group) for group in groups.values()]

    def spelled_alike(self, identifier: str) -> list[str]:
        """Other patients whose identifiers differ from this one in case, spaces, signs or leading zeros only."""
        with self.database.transaction() as connection:
            found = connection.execute(
                "SELECT identifier FROM patient WHERE spelling = ? AND identifier <> ? ORDER BY identifier",
                (spelling(identifier), identifier),
            )
            return [str(row[0]) for row in found]

    def rename(self, identifier: str, new: str) -> None:
        """Give a patient another identifier, in the records too. `HistoryError` where another patient has it."""
        new = new.strip()
        if not new:
            raise ValueError("a patient needs an identifier")
        if new == identifier:
            return
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            patient = _get(connection, identifier)
            if _get(connection, new) is not None:
                raise HistoryError(Message("patient-exists", patient=new))
            if patient is None:
                raise HistoryError(Message("patient-gone", patient=identifier))
            _save(connection, replace(patient, identifier=new))
            connection.execute("UPDATE lesion SET patient = ? WHERE patient = ?", (new, identifier))
            connection.execute("UPDATE follow_up SET patient = ? WHERE patient = ?", (new, identifier))
            connection.execute("UPDATE arrival SET patient = ? WHERE patient = ?", (new, identifier))
            _move_entries(connection, _entries_of(connection, identifier), new)
            connection.execute("DELETE FROM patient WHERE identifier = ?", (identifier,))

    def merge(self, kept: str, other: str) -> Merge:
        """Make two patients one under the first identifier; see `united`. Lesions of the other are numbered on."""
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            first, second = _get(connection, kept), _get(connection, other)
            if first is None or second is None or kept == other:
                raise HistoryError(Message("patient-gone", patient=other if second is None else kept))
            entries = _entries_of(connection, other)
            lesions = connection.execute("SELECT id, number FROM lesion WHERE patient = ? ORDER BY number", (other,))
            moved = tuple((int(lesion), int(number)) for lesion, number in lesions.fetchall())
            for lesion, _ in moved:
                give_to(connection, lesion, kept)
            follow_ups = tuple(
                int(row[0]) for row in connection.execute("SELECT id FROM follow_up WHERE patient = ?", (other,))
            )
            connection.execute("UPDATE follow_up SET patient = ? WHERE patient = ?", (kept, other))
            connection.execute("UPDATE arrival SET patient = ? WHERE patient = ?", (kept, other))
            _move_entries(connection, entries, kept)
            _save(connection, united(first, second))
            connection.execute("DELETE FROM patient WHERE identifier = ?", (other,))
        return Merge(first, second, tuple(entries), moved, follow_ups)

    def undo(self, merge: Merge) -> None:
        """Part two merged patients again. What was deleted or moved elsewhere since stays so, what was added stays with
        the kept patient, and so does what was entered of that patient. A picture that then shows a lesion of the
        other patient leaves it. `HistoryError` where the kept patient was deleted or renamed, or there is the other.
        """
        kept, other = merge.kept.identifier, merge.other.identifier
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            stored = _get(connection, kept)
            if stored is None:
                raise HistoryError(Message("patient-gone", patient=kept))
            if _get(connection, other) is not None:
                raise HistoryError(Message("patient-exists", patient=other))
            _save(connection, merge.other)
            if stored == united(merge.kept, merge.other):
                _save(connection, merge.kept)
            for lesion, number in merge.lesions:
                connection.execute(
                    "UPDATE lesion SET patient = ?, number = ? WHERE id = ? AND patient = ?",
                    (other, number, lesion, kept),
                )
            connection.executemany(
                "UPDATE follow_up SET patient = ? WHERE id = ? AND patient = ?",
                [(other, number, kept) for number in merge.follow_ups],
            )
            still = set(_entries_of(connection, kept))
            _move_entries(connection, [entry for entry in merge.entries if entry in still], other)
            connection.execute(
                "UPDATE screening SET lesion = NULL WHERE patient IN (?, ?) AND lesion IN ("
                "SELECT id FROM lesion WHERE patient IN (?, ?) AND lesion.patient <> screening.patient)",
                (kept, other, kept, other),
            )


def _save(connection: sqlite3.Connection, patient: Patient) -> None:
    if not patient.identifier.strip():
        raise ValueError("a patient needs an identifier")
    ensure_patient(connection, patient.identifier)
    connection.execute(
        "UPDATE patient SET birth_year = ?, sex = ?, skin_type = ?, risks = ?, note = ?, search = ?"
        " WHERE identifier = ?",
        (
            patient.birth_year,
            patient.sex or "",
            patient.skin_type,
            json.dumps(sorted(patient.risks)),
            patient.note,
            search_text(patient.identifier, patient.note),
            patient.identifier,
        ),
    )


def _get(connection: sqlite3.Connection, identifier: str) -> Patient | None:
    found = connection.execute(f"SELECT {_PATIENT} FROM patient WHERE identifier = ?", (identifier,)).fetchone()  # noqa: S608
    return _patient(found) if found else None


def _patient(row: Sequence[object]) -> Patient:
    identifier, birth_year, sex, skin_type, risks, note = row
    return Patient(
        str(identifier),
        None if birth_year is None else int(birth_year),  # type: ignore[call-overload]
        Sex(str(sex)) if sex in set(Sex) else None,
        None if skin_type is None else int(skin_type),  # type: ignore[call-overload]
        risks_of(json.loads(str(risks))),
        str(note),
    )


def _where(text: str, *, due: bool) -> tuple[str, list[object]]:
    conditions, values = ["TRUE"], list[object]()
    if wanted := search_text(text.strip()):
        matching = "SELECT identifier FROM patient INDEXED BY patient_by_search WHERE instr(search, ?)"
        conditions.append(f"identifier IN ({matching})")
        values.append(wanted)
    if due:
        conditions.append("due_on <> ''")
    return " AND ".join(conditions), values


def _select(connection: sqlite3.Connection, where: str, values: Sequence[object]) -> list[tuple[Patient, str, str]]:
    found = connection.execute(f"SELECT last_visit, due_on, {_PATIENT} FROM patient WHERE {where}", list(values))  # noqa: S608
    return [(_patient(rest), str(last_visit), str(due_on)) for last_visit, due_on, *rest in found]


def _row(connection: sqlite3.Connection, patient: Patient, last_visit: str, due_on: str) -> PatientRow:
    identifier = patient.identifier
    lesions = connection.execute("SELECT count(*) FROM lesion WHERE patient = ?", (identifier,)).fetchone()[0]
    told = dict(
        connection.execute(
            "SELECT CASE mark WHEN '' THEN advice ELSE '' END AS open, count(*) FROM screening WHERE patient = ?"
            " GROUP BY open",
            (identifier,),
        ).fetchall()
    )
    return PatientRow(
        patient,
        int(lesions),
        sum(told.values()),
        dt.date.fromisoformat(last_visit) if last_visit else None,
        dt.date.fromisoformat(due_on) if due_on else None,
        next((advice for advice in OPEN_FIRST if advice in told), None),
    )


def _sorted_by(row: PatientRow, sort: PatientSort) -> str:
    day = {PatientSort.LAST_VISIT: row.last_visit, PatientSort.DUE: row.due_on}.get(sort)
    return row.patient.identifier if sort is PatientSort.IDENTIFIER else day.isoformat() if day else ""


def _entries_of(connection: sqlite3.Connection, identifier: str) -> list[int]:
    return [int(row[0]) for row in connection.execute("SELECT id FROM screening WHERE patient = ?", (identifier,))]


def _move_entries(connection: sqlite3.Connection, entry_ids: Sequence[int], patient: str) -> None:
    """Write another patient into records; what a search looks through follows."""
    for placeholders, part in in_parts(entry_ids):
        for entry in read_entries(connection, f"screening.id IN ({placeholders})", part, thumbnails=False):
            with_record(connection, entry, patient=patient)
