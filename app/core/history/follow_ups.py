"""Repository of follow-ups: when patients and lesions are to be seen again, and what of it is done."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence

from app.core.domain import times
from app.core.domain.patient import DoneBy, FollowUp
from app.core.history.database import Database

_FOLLOW_UP = (
    "id, patient, due_on, reason, lesion, made_on, done_on, done_by,"
    " (SELECT number FROM lesion WHERE lesion.id = follow_up.lesion)"
)


class FollowUpRepository:
    """Follow-ups in the history's file. Every method raises `HistoryError` where it can't be used."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, patient: str, due_on: dt.date, reason: str = "", *, lesion: int | None = None) -> FollowUp:
        """A new follow-up, made today."""
        today = times.today()
        with self.database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO follow_up (patient, lesion, due_on, reason, made_on) VALUES (?, ?, ?, ?, ?)",
                (patient, lesion, due_on.isoformat(), reason.strip(), today.isoformat()),
            )
        return FollowUp(int(cursor.lastrowid or 0), patient, due_on, reason.strip(), lesion, today)

    def of_patient(self, patient: str) -> list[FollowUp]:
        """A patient's follow-ups: the open ones by their days, then the done ones, the latest first."""
        with self.database.transaction() as connection:
            return _read(connection, "WHERE patient = ? ORDER BY done_on <> '', done_on DESC, due_on, id", (patient,))

    def due(self, until: dt.date | None = None, *, limit: int = 1000) -> list[FollowUp]:
        """Open follow-ups up to a day (all, without one), the longest overdue first."""
        day = until.isoformat() if until else "9999-12-31"
        with self.database.transaction() as connection:
            return _read(
                connection, "WHERE done_on = '' AND due_on <= ? ORDER BY due_on, patient, id LIMIT ?", (day, limit)
            )

    def complete(self, follow_up_id: int, on: dt.date | None = None) -> None:
        """Note by hand that a follow-up is done."""
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE follow_up SET done_on = ?, done_by = ? WHERE id = ?",
                ((on or times.today()).isoformat(), DoneBy.HAND, follow_up_id),
            )

    def reopen(self, follow_up_id: int) -> None:
        """Open a follow-up again that was done."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE follow_up SET done_on = '', done_by = '' WHERE id = ?", (follow_up_id,))

    def delete(self, follow_up_id: int) -> None:
        """Delete a follow-up; one that is gone is no error."""
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM follow_up WHERE id = ?", (follow_up_id,))


def complete_by_picture(connection: sqlite3.Connection, lesion: int, taken_on: dt.date) -> list[int]:
    """Close a lesion's open follow-ups that were made before a picture was taken, within a transaction. Gives their
    ids."""
    day = taken_on.isoformat()
    found = connection.execute(
        "SELECT id FROM follow_up WHERE lesion = ? AND done_on = '' AND made_on < ?", (lesion, day)
    )
    ids = [int(row[0]) for row in found]
    connection.executemany(
        "UPDATE follow_up SET done_on = ?, done_by = ? WHERE id = ?", [(day, DoneBy.PICTURE, each) for each in ids]
    )
    return ids


def of_lesion(connection: sqlite3.Connection, lesion: int) -> list[FollowUp]:
    """A lesion's follow-ups, within a transaction."""
    return _read(connection, "WHERE lesion = ? ORDER BY id", (lesion,))


def restore(connection: sqlite3.Connection, follow_ups: Sequence[FollowUp]) -> None:
    """Write removed follow-ups again under their ids, within a transaction."""
    for each in follow_ups:
        connection.execute(
            "INSERT OR IGNORE INTO follow_up (id, patient, due_on, reason, lesion, made_on, done_on, done_by)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                each.id,
                each.patient,
                each.due_on.isoformat(),
                each.reason,
                each.lesion,
                (each.made_on or each.due_on).isoformat(),
                each.done_on.isoformat() if each.done_on else "",
                each.done_by or "",
            ),
        )


def _read(connection: sqlite3.Connection, where: str, values: Sequence[object]) -> list[FollowUp]:
    return [_follow_up(row) for row in connection.execute(f"SELECT {_FOLLOW_UP} FROM follow_up {where}", values)]  # noqa: S608


def _follow_up(row: Sequence[object]) -> FollowUp:
    follow_up_id, patient, due_on, reason, lesion, made_on, done_on, done_by, number = row
    return FollowUp(
        int(follow_up_id),  # type: ignore[call-overload]
        str(patient),
        dt.date.fromisoformat(str(due_on)),
        str(reason),
        None if lesion is None else int(lesion),  # type: ignore[call-overload]
        dt.date.fromisoformat(str(made_on)),
        dt.date.fromisoformat(str(done_on)) if done_on else None,
        DoneBy(str(done_by)) if done_by else None,
        None if number is None else int(number),  # type: ignore[call-overload]
    )
