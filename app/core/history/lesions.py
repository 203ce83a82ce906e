"""Repository of lesions: their numbers, places on the body, and the entries that show them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.core.domain.body import Place, View
from app.core.domain.entry import Entry
from app.core.domain.errors import HistoryError
from app.core.domain.messages import Message
from app.core.domain.patient import FollowUp, Lesion
from app.core.history import follow_ups
from app.core.history.database import Database
from app.core.history.entries import in_parts, read_entries, with_record
from app.core.model.out_of_distribution import similarities

_LESION = "id, patient, number, view, x, y"


@dataclass(frozen=True, slots=True)
class LesionHistory:
    """A lesion with the entries that show it, the oldest picture first."""

    lesion: Lesion
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lesion that a new picture may show: its similarity (cosine of the embeddings, -1..1) and its distance on the
    body map (fractions of a drawing's size). Each is `None` where it is not known."""

    history: LesionHistory
    similarity: float | None
    distance: float | None


class LesionRepository:
    """Lesions in the history's file. Every method raises `HistoryError` where it can't be used."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def get(self, lesion_id: int) -> Lesion | None:
        """A lesion by its id; `None` where it was removed."""
        with self.database.transaction() as connection:
            return _get(connection, lesion_id)

    def history_of(self, lesion_id: int) -> LesionHistory | None:
        """A lesion with its entries; `None` where it was removed."""
        lesion = self.get(lesion_id)
        if lesion is None:
            return None
        with self.database.transaction() as connection:
            entries = read_entries(connection, "lesion = ?", (lesion_id,))
        return LesionHistory(lesion, _by_time(entries))

    def pictures(self, lesion_id: int) -> int:
        """How many entries show a lesion."""
        with self.database.transaction() as connection:
            found = connection.execute("SELECT count(*) FROM screening WHERE lesion = ?", (lesion_id,))
            return int(found.fetchone()[0])

    def of_patient(self, patient: str) -> tuple[list[LesionHistory], list[Entry]]:
        """A patient's lesions in the order of their numbers, and the entries that belong to none."""
        with self.database.transaction() as connection:
            lesions = [
                _lesion(row)
                for row in connection.execute(
                    f"SELECT {_LESION} FROM lesion WHERE patient = ? ORDER BY number",  # noqa: S608
                    (patient,),
                )
            ]
            entries = read_entries(connection, "patient = ?", (patient,))
        of_each: dict[int | None, list[Entry]] = {lesion.id: [] for lesion in lesions}
        for entry in entries:
            of_each.setdefault(entry.lesion if entry.lesion in of_each else None, []).append(entry)
        loose = of_each.pop(None, [])
        return [LesionHistory(lesion, _by_time(of_each[lesion.id])) for lesion in lesions], list(_by_time(loose))

    def add(self, patient: str, place: Place | None = None) -> Lesion:
        """A new lesion with the patient's next free number."""
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            return add_lesion(connection, patient, place)

    def move(self, lesion_id: int, place: Place | None) -> None:
        """Put a lesion elsewhere on the body, or nowhere."""
        with self.database.transaction() as connection:
            values = _stored(place)
            connection.execute("UPDATE lesion SET view = ?, x = ?, y = ? WHERE id = ?", (*values, lesion_id))

    def restore(self, lesion: Lesion, follow_up_rows: Sequence[FollowUp] = ()) -> None:
        """Put a removed lesion back with its id, number and follow-ups, without entries. One that is there stays as it
        is."""
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT OR IGNORE INTO lesion (id, patient, number, view, x, y) VALUES (?, ?, ?, ?, ?, ?)",
                (lesion.id, lesion.patient, lesion.number, *_stored(lesion.place)),
            )
            follow_ups.restore(connection, follow_up_rows)

    def remove(self, lesion_id: int) -> tuple[list[int], list[FollowUp]]:
        """Remove a lesion and its follow-ups. Its entries stay, without one. Gives their ids, and the follow-ups."""
        with self.database.transaction() as connection:
            left = [
                int(row[0]) for row in connection.execute("SELECT id FROM screening WHERE lesion = ?", (lesion_id,))
            ]
            noted = follow_ups.of_lesion(connection, lesion_id)
            connection.execute("UPDATE screening SET lesion = NULL WHERE lesion = ?", (lesion_id,))
            connection.execute("DELETE FROM lesion WHERE id = ?", (lesion_id,))
        return left, noted

    def assign(self, entry_ids: Sequence[int], lesion: Lesion) -> list[int]:
        """Note that entries show a lesion; their records take its patient, and its site where they have none.

        Open follow-ups of the lesion that were made before a picture was taken are done by it; gives their ids.
        `HistoryError` where the lesion was removed.
        """
        done: list[int] = []
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            found = _get(connection, lesion.id)
            if found is None:
                raise HistoryError(Message("lesion-gone", number=lesion.number))
            lesion = found
            left = lesions_of(connection, entry_ids) - {lesion.id}
            for placeholders, part in in_parts(entry_ids):
                entries = read_entries(connection, f"screening.id IN ({placeholders})", part, thumbnails=False)
                for entry in entries:
                    site = entry.record.site or (lesion.place.site if lesion.place else "")
                    with_record(connection, entry, patient=lesion.patient or entry.record.patient, site=site)
                    connection.execute("UPDATE screening SET lesion = ? WHERE id = ?", (lesion.id, entry.id))
                    done += follow_ups.complete_by_picture(connection, lesion.id, entry.screening.shown_at.date())
            delete_empty(connection, left)
        return done

    def candidates(self, entry: Entry, patient: str, place: Place | None = None) -> list[Candidate]:
        """The patient's lesions that a picture may show, the likeliest first.

        With a place the nearest on the body map come first, else those with a picture most like it by the model's
        embedding; pictures by another model are not compared. The similarity orders and decides nothing: of six lesions
        of one source, the right one comes first in 173 of 250 cases (`dermoscopy_v2`, `val` and `test`).
        """
        histories, _ = self.of_patient(patient)
        found = [
            Candidate(history, _similarity(entry, history.entries), _distance(history.lesion.place, place))
            for history in histories
        ]

        def rank(candidate: Candidate) -> tuple[float, float, int]:
            similarity = candidate.similarity if candidate.similarity is not None else -1.0
            distance = candidate.distance if candidate.distance is not None else 2.0
            return distance if place else 0.0, -similarity, candidate.history.lesion.number

        return sorted(found, key=rank)


def add_lesion(connection: sqlite3.Connection, patient: str, place: Place | None = None) -> Lesion:
    """A new lesion within a transaction."""
    number = _next_number(connection, patient)
    cursor = connection.execute(
        "INSERT INTO lesion (patient, number, view, x, y) VALUES (?, ?, ?, ?, ?)", (patient, number, *_stored(place))
    )
    return Lesion(int(cursor.lastrowid or 0), patient, number, place)


def give_to(connection: sqlite3.Connection, lesion_id: int, patient: str) -> None:
    """Make a lesion another patient's, under that patient's next number, within a transaction."""
    number = _next_number(connection, patient)
    connection.execute("UPDATE lesion SET patient = ?, number = ? WHERE id = ?", (patient, number, lesion_id))


def join(connection: sqlite3.Connection, entry_ids: Sequence[int]) -> int:
    """Group entries, and the lesions they belong to, as one lesion: the earliest, or a new one. Returns its id.

    Entries without a patient take the lesion's. `HistoryError` where entries or lesions are of several patients: a
    lesion is on one body.
    """
    lesions = lesions_of(connection, entry_ids)
    patients = {
        str(row[0])
        for placeholders, part in in_parts(entry_ids)
        for row in connection.execute(f"SELECT patient FROM screening WHERE id IN ({placeholders})", part)  # noqa: S608
    } - {""}
    patients |= {
        str(row[0])
        for lesion in lesions
        for row in connection.execute("SELECT patient FROM lesion WHERE id = ?", (lesion,))
    } - {""}
    if len(patients) > 1:
        raise HistoryError(Message("lesion-of-several", patients=", ".join(sorted(patients))))
    patient = patients.pop() if patients else ""
    kept = min(lesions, default=0) or add_lesion(connection, patient).id
    connection.executemany("UPDATE screening SET lesion = ? WHERE id = ?", [(kept, entry_id) for entry_id in entry_ids])
    for other in lesions - {kept}:
        connection.execute("UPDATE screening SET lesion = ? WHERE lesion = ?", (kept, other))
        connection.execute("UPDATE follow_up SET lesion = ? WHERE lesion = ?", (kept, other))
        connection.execute("DELETE FROM lesion WHERE id = ?", (other,))
    if patient:
        if connection.execute("SELECT patient FROM lesion WHERE id = ?", (kept,)).fetchone()[0] == "":
            give_to(connection, kept, patient)
        for entry in read_entries(connection, "lesion = ? AND patient = ''", (kept,), thumbnails=False):
            with_record(connection, entry, patient=patient)
    return kept


def leave(connection: sqlite3.Connection, entry_ids: Sequence[int]) -> None:
    """Remove entries from their lesions; a lesion that then has neither picture, place nor follow-up goes."""
    left = lesions_of(connection, entry_ids)
    connection.executemany("UPDATE screening SET lesion = NULL WHERE id = ?", [(i,) for i in entry_ids])
    delete_empty(connection, left)


def lesions_of(connection: sqlite3.Connection, entry_ids: Sequence[int]) -> set[int]:
    """The ids of the lesions that entries show."""
    return {
        int(row[0])
        for placeholders, part in in_parts(entry_ids)
        for row in connection.execute(f"SELECT lesion FROM screening WHERE id IN ({placeholders})", part)  # noqa: S608
        if row[0] is not None
    }


def delete_empty(connection: sqlite3.Connection, lesions: Iterable[int]) -> None:
    """Delete those of some lesions that have neither a picture, a place nor a follow-up."""
    connection.executemany(
        "DELETE FROM lesion WHERE id = ? AND view = ''"
        " AND NOT EXISTS (SELECT 1 FROM screening WHERE screening.lesion = lesion.id)"
        " AND NOT EXISTS (SELECT 1 FROM follow_up WHERE follow_up.lesion = lesion.id)",
        [(lesion,) for lesion in lesions],
    )


def follow_patient(connection: sqlite3.Connection, entry_id: int, patient: str) -> None:
    """Keep an entry's lesion right after the entry's patient was changed.

    A lesion without a patient gets this one. One that has neither a place, a follow-up nor another patient's picture
    moves along. Else the entry leaves it: a lesion, its place and its follow-ups are on one body.
    """
    found = connection.execute(
        "SELECT lesion.id, lesion.patient FROM lesion JOIN screening ON lesion = lesion.id WHERE screening.id = ?",
        (entry_id,),
    ).fetchone()
    if found is None or found[1] == patient:
        return
    is_bound = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM screening WHERE lesion = ?1 AND patient NOT IN (?2, '') AND id <> ?3)"
        " OR EXISTS (SELECT 1 FROM follow_up WHERE lesion = ?1)"
        " OR EXISTS (SELECT 1 FROM lesion WHERE id = ?1 AND view <> '')",
        (found[0], patient, entry_id),
    ).fetchone()[0]
    if patient and (found[1] == "" or not is_bound):
        give_to(connection, found[0], patient)
        connection.execute("UPDATE follow_up SET patient = ? WHERE lesion = ?", (patient, found[0]))
    else:
        leave(connection, [entry_id])


def _get(connection: sqlite3.Connection, lesion_id: int) -> Lesion | None:
    found = connection.execute(f"SELECT {_LESION} FROM lesion WHERE id = ?", (lesion_id,)).fetchone()  # noqa: S608
    return _lesion(found) if found else None


def _next_number(connection: sqlite3.Connection, patient: str) -> int:
    """The number of a patient's next lesion. Numbers of removed lesions in between are not given again."""
    found = connection.execute("SELECT coalesce(max(number), 0) FROM lesion WHERE patient = ?", (patient,))
    return int(found.fetchone()[0]) + 1


def _similarity(entry: Entry, others: Sequence[Entry]) -> float | None:
    """The largest similarity of an entry to others by the same model; `None` without any."""
    comparable = [
        other.screening.embedding
        for other in others
        if other.id != entry.id and other.screening.model == entry.screening.model and other.screening.embedding
    ]
    if not comparable or not entry.screening.embedding:
        return None
    return float(similarities(entry.screening.embedding, comparable).max())


def _distance(place: Place | None, other: Place | None) -> float | None:
    if place is None or other is None or place.view is not other.view:
        return None
    return ((place.x - other.x) ** 2 + (place.y - other.y) ** 2) ** 0.5


def _by_time(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(entries, key=lambda entry: (entry.screening.shown_at, entry.id)))


def _stored(place: Place | None) -> tuple[str, float | None, float | None]:
    return (place.view.value, place.x, place.y) if place else ("", None, None)


def _lesion(row: Sequence[object]) -> Lesion:
    lesion_id, patient, number, view, x, y = row
    place = Place(View(str(view)), float(x), float(y)) if view in set(View) else None  # type: ignore[arg-type]
    return Lesion(int(lesion_id), str(patient), int(number), place)  # type: ignore[call-overload]
