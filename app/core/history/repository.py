"""Repository of the history's entries: results with their clinical records and annotations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.core.domain import times
from app.core.domain.advice import Advice
from app.core.domain.clinical import ClinicalRecord, merged
from app.core.domain.entry import Annotation, Entry, Mark, SimilarCase
from app.core.domain.results import Screening
from app.core.history import lesions
from app.core.history.database import Database
from app.core.history.entries import (
    RECORD_COLUMNS,
    in_parts,
    insert,
    read_entries,
    record_once,
    write_record,
)
from app.core.history.image_store import ImageStore
from app.core.history.query import BY_CARD, EVERYTHING, IS_ANSWER, Query, Sort, by_card
from app.core.model.out_of_distribution import similarities

_EMPTY_BATCHES = (
    "DELETE FROM batch WHERE (closed OR command <> '')"
    " AND id NOT IN (SELECT batch_id FROM batch_item WHERE screening_id IS NOT NULL)"
)
"""Their items' names, and what was opened, go with the last of their results."""
_OF_PATIENT = (
    "UPDATE screening SET lesion = NULL WHERE lesion IN (SELECT id FROM lesion WHERE patient = ?)",
    "DELETE FROM follow_up WHERE patient = ?",
    "DELETE FROM lesion WHERE patient = ?",
    "DELETE FROM patient WHERE identifier = ?",
)
"""Statements that remove a patient beside the entries."""
_VERY_ENTRY = "id = ? AND sha256 = ? AND taken_at = ?"
"""SQL condition for an entry, and for none of another history that took this one's place; see `_key_of`."""


class EntryRepository:
    """Entries in an SQLite file. Every method raises `HistoryError` where it can't be used."""

    def __init__(self, file: Path, images: ImageStore | None = None) -> None:
        """`images` are the copies that go when no entry needs them any more."""
        self.database = Database(file)
        self._images = images

    @property
    def file(self) -> Path:
        return self.database.file

    def add(self, screening: Screening, record: ClinicalRecord | None = None) -> Entry:
        """Write a result down. Only results that were computed have a place here: else `ValueError`."""
        with self.database.transaction() as connection:
            return insert(connection, screening, record)

    def record_once(self, screening: Screening, content: bytes = b"", *, keep: ImageStore | None = None) -> Entry:
        """The entry of a result: the one that is there already (see `record_once`), or a new one.

        With `keep`, a copy of the image's `content` goes there first: after a kill there is no entry without its copy.
        `ValueError` as for `add`.
        """
        if keep is not None:
            keep.add_judged(screening, content)
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            return record_once(connection, screening)[0]

    def get(self, entry_id: int) -> Entry | None:
        """An entry by its number, with its thumbnail; `None` where it was deleted."""
        return self.by_id([entry_id]).get(entry_id)

    def by_id(self, entry_ids: Sequence[int]) -> dict[int, Entry]:
        """Entries by number, with thumbnails; deleted ones are left out."""
        with self.database.transaction() as connection:
            found = [
                entry
                for placeholders, part in in_parts(entry_ids)
                for entry in read_entries(connection, f"screening.id IN ({placeholders})", part)
            ]
        return {entry.id: entry for entry in found}

    def entries(self, query: Query = EVERYTHING, *, limit: int = 500, after: Entry | None = None) -> list[Entry]:
        """Entries of a query, at most `limit`, with thumbnails; `after` is the last entry of the previous page."""
        where, values = query.where()
        order, sign = ("DESC", "<") if query.descending else ("ASC", ">")
        ordered = f"ORDER BY {query.sort} {order}, screening.id {order} LIMIT ?"
        with self.database.transaction() as connection:
            if after is None:
                return read_entries(connection, f"{where} {ordered}", (*values, limit))
            # in two steps, each of which an index leads to at once, however many entries are equal
            last = _sorted_by(after, query.sort)
            equal = f"{where} AND {query.sort} = ? AND screening.id {sign} ? {ordered}"
            found = read_entries(connection, equal, (*values, last, after.id, limit))
            beyond = f"{where} AND {query.sort} {sign} ? {ordered}"
            return found + read_entries(connection, beyond, (*values, last, limit - len(found)))

    def count(self, query: Query = EVERYTHING) -> int:
        """Number of entries of a query."""
        where, values = query.where()
        with self.database.transaction() as connection:
            return int(connection.execute(f"SELECT count(*) FROM screening WHERE {where}", values).fetchone()[0])  # noqa: S608

    def counts(self, query: Query = EVERYTHING) -> dict[Advice, int]:
        """Numbers of entries of a query by advice, whichever advices the query names."""
        where, values = replace(query, advices=frozenset()).where()
        with self.database.transaction() as connection:
            rows = connection.execute(
                f"SELECT advice, count(*) FROM screening WHERE {where} GROUP BY advice",  # noqa: S608
                values,
            ).fetchall()
        return {Advice(advice): int(count) for advice, count in rows if advice}

    def thumbnails(self, entry_ids: Sequence[int]) -> dict[int, bytes]:
        """Thumbnails (JPEG) by entry number; deleted entries are left out."""
        with self.database.transaction() as connection:
            return {
                int(entry_id): bytes(jpeg)
                for placeholders, part in in_parts(entry_ids)
                for entry_id, jpeg in connection.execute(
                    f"SELECT screening_id, jpeg FROM thumbnail WHERE screening_id IN ({placeholders})",  # noqa: S608
                    part,
                )
            }

    def update_record(
        self, entry: Entry, record: ClinicalRecord, *, base: ClinicalRecord | None = None
    ) -> tuple[ClinicalRecord, tuple[str, ...]]:
        """Write an entry's clinical record; gives what is stored then, and the fields that were in conflict.

        With `base`, the record that was read before it was edited, what somebody else stored since stays (see
        `app.core.domain.clinical.merged`); without, the record is replaced. A deleted entry is no error. It must be the
        very entry: another history that was put in the place of this one has numbers of its own.
        """
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")  # what is stored must not change between the look and the writing
            found = connection.execute(
                f"SELECT {RECORD_COLUMNS} FROM screening WHERE {_VERY_ENTRY}",  # noqa: S608
                _key_of(entry),
            ).fetchone()
            conflicts: tuple[str, ...] = ()
            if found is None:
                return record, conflicts
            if base is not None:
                record, conflicts = merged(record, base, ClinicalRecord(*found))
            write_record(connection, entry, record, _VERY_ENTRY, _key_of(entry))
            if found[0] != record.patient:
                lesions.follow_patient(connection, entry.id, record.patient)
        return record, conflicts

    def update_annotation(self, entry: Entry, annotation: Annotation) -> None:
        """Replace an entry's annotation, as `update_record` does the record."""
        outline = annotation.outline.to_json() if annotation.outline else ""
        values = (outline, annotation.outline_by_hand, annotation.field_width)
        with self.database.transaction() as connection:
            connection.execute(
                f"UPDATE screening SET outline = ?, outline_by_hand = ?, field_width = ? WHERE {_VERY_ENTRY}",  # noqa: S608
                (*values, *_key_of(entry)),
            )

    def latest_field_width(self) -> float | None:
        """The width in mm of what the latest result shows whose scale is known; `None` without any."""
        with self.database.transaction() as connection:
            found = connection.execute(
                "SELECT field_width FROM screening WHERE field_width IS NOT NULL ORDER BY taken_at DESC LIMIT 1"
            ).fetchone()
        return float(found[0]) if found else None

    def similar(self, screening: Screening, *, count: int) -> list[SimilarCase]:
        """The most similar confirmed cases by the same model and card, at most `count`, most similar first.

        Images of the same content are left out, and of several entries of one content there is the newest. None for
        what is no answer, and none of such.
        """
        if not screening.embedding or not screening.is_answer:
            return []
        with self.database.transaction() as connection:
            found = connection.execute(
                "SELECT max(id), embedding FROM screening INDEXED BY screening_by_diagnosis WHERE diagnosis <> ''"  # noqa: S608
                f" AND {BY_CARD} AND sha256 <> ? AND embedding <> x'' AND {IS_ANSWER} GROUP BY sha256",
                (*by_card(screening.model), screening.sha256),
            ).fetchall()
        alike = similarities(screening.embedding, [bytes(case) for _, case in found])
        nearest = sorted(zip(alike.tolist(), (int(row[0]) for row in found), strict=True), reverse=True)[:count]
        entries = self.by_id([entry_id for _, entry_id in nearest])
        return [SimilarCase(entries[entry_id], alike) for alike, entry_id in nearest if entry_id in entries]

    def set_mark(self, entry_ids: Sequence[int], mark: Mark | None) -> None:
        """Give entries a mark, or none."""
        with self.database.transaction() as connection:
            connection.executemany(
                "UPDATE screening SET mark = ? WHERE id = ?", [(mark or "", entry_id) for entry_id in entry_ids]
            )

    def join_lesion(self, entry_ids: Sequence[int]) -> int:
        """Group entries, and the lesions they belong to, as one lesion. Returns its id."""
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            return lesions.join(connection, entry_ids)

    def leave_lesion(self, entry_ids: Sequence[int]) -> None:
        """Remove entries from their lesions."""
        with self.database.transaction() as connection:
            lesions.leave(connection, entry_ids)

    def delete(self, entry_ids: Sequence[int]) -> int:
        """Delete entries permanently. Returns how many; a deleted one is no error."""
        return self._delete("id = ?", [(entry_id,) for entry_id in entry_ids])

    def delete_patient(self, patient: str) -> int:
        """Delete a patient permanently: entries, lesions, follow-ups. Returns how many entries."""
        return self._delete("patient = ?", [(patient,)], also=_OF_PATIENT)

    def delete_before(self, day: dt.date) -> int:
        """Delete permanently the entries from before a day. Returns how many."""
        return self._delete("taken_at < ?", [(times.as_text(times.start_of_day(day)),)])

    def _delete(self, condition: str, values: Sequence[tuple[object, ...]], *, also: Sequence[str] = ()) -> int:
        with self.database.transaction() as connection:
            gone = [
                (int(entry_id), str(content))
                for value in values
                for entry_id, content in connection.execute(
                    f"SELECT id, sha256 FROM screening WHERE {condition}",  # noqa: S608
                    value,
                )
            ]
            shown = lesions.lesions_of(connection, [entry_id for entry_id, _ in gone])
            connection.executemany(f"DELETE FROM screening WHERE {condition}", values)  # noqa: S608
            for statement in also:
                connection.executemany(statement, values)
            lesions.delete_empty(connection, shown)
            connection.execute(_EMPTY_BATCHES)
            used = "SELECT 1 FROM screening WHERE sha256 = ? LIMIT 1"
            unused = [
                content
                for content in {content for _, content in gone}
                if connection.execute(used, (content,)).fetchone() is None
            ]
        try:
            if self._images is not None:
                self._images.remove(unused)
        finally:
            self.database.compact()
        return len(gone)


def _key_of(entry: Entry) -> tuple[int, str | None, str]:
    """The values of `_VERY_ENTRY`."""
    return entry.id, entry.screening.sha256, times.as_text(entry.screening.screened_at)


def _sorted_by(entry: Entry, sort: Sort) -> object:
    prediction = entry.screening.prediction
    return {
        Sort.TIME: times.as_text(entry.screening.screened_at),
        Sort.PROBABILITY: prediction and prediction.melanoma_probability,
        Sort.PATIENT: entry.record.patient,
    }[sort]
