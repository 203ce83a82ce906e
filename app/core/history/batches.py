"""Batches in the history's file, image by image: what is done stays done after a kill."""

from __future__ import annotations

import datetime as dt
import json
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path

from app.core.domain import times
from app.core.domain.advice import Advice
from app.core.domain.clinical import EMPTY_RECORD
from app.core.domain.entry import Entry, Mark
from app.core.domain.errors import HistoryError
from app.core.domain.messages import Message
from app.core.domain.results import ModelId, Rejection, Screening
from app.core.history.database import Database
from app.core.history.entries import find_known, mark_of, read_entries, record_once
from app.core.history.image_store import ImageStore
from app.core.history.query import IS_ANSWER


@dataclass(frozen=True, slots=True)
class Batch:
    """A list of images to screen: `roots` is what was opened, `done` of `total` images have a result or a reason."""

    id: int
    begun_at: dt.datetime
    roots: tuple[Path, ...]
    total: int
    done: int
    command: str = ""
    """Empty for the window's batches, else a checksum of a command with its options."""


@dataclass(frozen=True, slots=True)
class FinishedBatch:
    """A batch with nothing pending: how many images it has, with which advice to refer, and decided on."""

    batch: Batch
    melanomas: int
    other_cancers: int
    decided: int


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The result of an item: computed, or that of an entry with the same content, `known`.

    `content` is the file's, where a copy of it is to be kept.
    """

    position: int
    screening: Screening
    known: Entry | None = None
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A done item as a table shows it, without its thumbnail, since there may be many rows.

    `entry_id` is `None` for what failed. `is_repeated`: its content had been judged before, with the same model and
    threshold, and was not computed again; the screening is the earlier one, under this item's path.
    """

    position: int
    screening: Screening
    entry_id: int | None
    is_repeated: bool
    mark: Mark | None = None
    patient: str = ""
    lesion: int | None = None
    """The lesion's number within the patient."""


class ResultCache:
    """Looks up what a model has judged before at a threshold, by content. One thread at a time (see `find_known`)."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        model: ModelId,
        threshold: float,
        *,
        consistency: bool = False,
        force_prediction: bool = False,
    ) -> None:
        """With `consistency`, a result without it is not known; with `force_prediction`, one that is no answer is."""
        self._connection = connection
        self._model, self._threshold = model, threshold
        self._consistency = consistency
        self._condition = "TRUE" if force_prediction else IS_ANSWER

    def find(self, sha256: str) -> Entry | None:
        """The first entry with that content, without its thumbnail. Raises `HistoryError`."""
        try:
            return find_known(
                self._connection,
                sha256,
                self._model,
                self._threshold,
                consistency=self._consistency,
                condition=self._condition,
            )
        except sqlite3.Error as error:
            raise HistoryError(Message("history-unreadable", cause=error)) from error


class BatchRepository:
    """The batches in the history's file. Every method raises `HistoryError` where it can't be used."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def create(self, files: Sequence[Path], roots: Sequence[Path], *, command: str = "") -> Batch:
        """Write down what is to be done, before any of it is.

        A command's batch takes the place of the one that the same command left when it was killed: its results are in
        the history, and are found there by each file's content as it is now.
        """
        now = times.now()
        written = json.dumps([os.fsencode(root).hex() for root in roots])
        with self.database.transaction() as connection:
            if command:
                connection.execute("DELETE FROM batch WHERE command = ?", (command,))
            cursor = connection.execute(
                "INSERT INTO batch (begun_at, roots, command) VALUES (?, ?, ?)", (times.as_text(now), written, command)
            )
            batch_id = int(cursor.lastrowid or 0)
            connection.executemany(
                "INSERT INTO batch_item (batch_id, position, path) VALUES (?, ?, ?)",
                ((batch_id, position, os.fsencode(file)) for position, file in enumerate(files)),
            )
        return Batch(batch_id, now, tuple(roots), len(files), 0, command)

    def open(self) -> list[Batch]:
        """The window's that are neither done nor given up, the latest first."""
        with self.database.transaction() as connection:
            return [
                Batch(int(batch_id), times.from_text(begun_at), _paths(roots), int(total), int(done))
                for batch_id, begun_at, roots, total, done in connection.execute(
                    "SELECT id, begun_at, roots, count(*), sum(screening_id IS NOT NULL OR failure IS NOT NULL)"
                    " FROM batch JOIN batch_item ON batch_id = id WHERE NOT closed AND command = ''"
                    " GROUP BY id ORDER BY id DESC"
                )
            ]

    def finished(self, limit: int) -> list[FinishedBatch]:
        """The window's that have nothing pending, the latest first; of those of the same folder only the latest."""
        with self.database.transaction() as connection:
            found = connection.execute(
                "SELECT max(id), begun_at, roots, total, melanomas, other_cancers, decided FROM ("
                "SELECT batch.id AS id, begun_at, roots, count(*) AS total, sum(coalesce(advice = ?, 0)) AS melanomas,"
                " sum(coalesce(advice = ?, 0)) AS other_cancers,"
                " sum(coalesce(screening.mark, batch_item.mark) <> '') AS decided"
                " FROM batch JOIN batch_item ON batch_id = batch.id LEFT JOIN screening ON screening.id = screening_id"
                " WHERE command = '' GROUP BY batch.id"
                " HAVING sum(screening_id IS NULL AND failure IS NULL) = 0)"
                " GROUP BY roots ORDER BY max(id) DESC LIMIT ?",
                (Advice.REFER_MELANOMA, Advice.REFER_OTHER_CANCER, limit),
            ).fetchall()
        return [
            FinishedBatch(
                Batch(int(batch_id), times.from_text(begun_at), _paths(roots), int(total), int(total)),
                *(int(count) for count in counts),
            )
            for batch_id, begun_at, roots, total, *counts in found
        ]

    def pending(self, batch_id: int) -> list[tuple[int, Path]]:
        """Position and path of what is still to be done, in order."""
        with self.database.transaction() as connection:
            return [
                (int(position), Path(os.fsdecode(path)))
                for position, path in connection.execute(
                    "SELECT position, path FROM batch_item"
                    " WHERE batch_id = ? AND screening_id IS NULL AND failure IS NULL ORDER BY position",
                    (batch_id,),
                )
            ]

    def rows(self, batch_id: int) -> list[BatchRow]:
        """What is done, in order."""
        with self.database.transaction() as connection:
            items = connection.execute(
                "SELECT position, path, screening_id, is_repeated, failure, mark FROM batch_item"
                " WHERE batch_id = ? AND (screening_id IS NOT NULL OR failure IS NOT NULL) ORDER BY position",
                (batch_id,),
            ).fetchall()
            within = "screening.id IN (SELECT screening_id FROM batch_item WHERE batch_id = ?)"
            entries = {entry.id: entry for entry in read_entries(connection, within, (batch_id,), thumbnails=False)}
        return [_row(entries, *item) for item in items]

    def write(self, batch: Batch, outcomes: Sequence[ItemResult], *, keep: ImageStore | None = None) -> list[BatchRow]:
        """Write outcomes down, results into the history once, all of them or none; gives them as rows.

        With `keep`, copies of the images that have a result go there first (as in `EntryRepository.record_once`). An
        item of the window's that is done already is an error; the same command may well run twice at a time.
        """
        if keep is not None:
            for outcome in outcomes:
                keep.add_judged(outcome.screening, outcome.content)
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")  # what is known must not change between the look and the writing
            return [_write(connection, batch, outcome) for outcome in outcomes]

    def set_mark(self, batch_id: int, position: int, mark: Mark | None) -> None:
        """Give an item that has no entry (it was refused) a mark, or none."""
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE batch_item SET mark = ? WHERE batch_id = ? AND position = ?", (mark or "", batch_id, position)
            )

    def close(self, batch: Batch) -> None:
        """Mark a batch as done or given up: it is not offered again. Its results stay in the history.

        Of a command's nothing else stays: no page shows it again.
        """
        with self.database.transaction() as connection:
            if batch.command:
                connection.execute("DELETE FROM batch WHERE id = ?", (batch.id,))
                return
            connection.execute(
                "DELETE FROM batch_item WHERE batch_id = ? AND screening_id IS NULL AND failure IS NULL", (batch.id,)
            )
            connection.execute("UPDATE batch SET closed = 1 WHERE id = ?", (batch.id,))


def _write(connection: sqlite3.Connection, batch: Batch, outcome: ItemResult) -> BatchRow:
    screening, entry, failure = outcome.screening, outcome.known, None
    is_repeated = entry is not None
    if screening.prediction is None:
        screening = replace(screening, record=EMPTY_RECORD, captured_at=None)  # as it is read again
        failure = json.dumps(
            {
                "error": screening.error,
                "refusal": screening.refusal,
                "unfamiliarity": screening.ood_distance,
                "dermoscopy_probability": screening.dermoscopy_probability,
                "warnings": screening.warnings,
                "sha256": screening.sha256,
                "taken_at": times.as_text(screening.screened_at),
                "model": astuple(screening.model),
            }
        )
    elif entry is None:
        entry, is_repeated = record_once(connection, screening)
        screening = replace(entry.screening, path=screening.path)
    entry_id = entry.id if entry else None
    written = connection.execute(
        "UPDATE batch_item SET screening_id = ?, is_repeated = ?, failure = ? WHERE batch_id = ? AND position = ?"
        " AND screening_id IS NULL AND failure IS NULL",
        (entry_id, is_repeated, failure, batch.id, outcome.position),
    )
    if not written.rowcount and not batch.command:
        raise HistoryError(Message("batch-item-done", position=outcome.position))
    return BatchRow(
        outcome.position,
        replace(screening, thumbnail=b""),
        entry_id,
        is_repeated,
        entry.mark if entry else None,
        *_owner(entry),
    )


def _owner(entry: Entry | None) -> tuple[str, int | None]:
    """Whose picture it is, and which lesion it shows."""
    return (entry.record.patient, entry.lesion_number) if entry is not None else ("", None)


def _row(
    entries: dict[int, Entry],
    position: int,
    path: bytes,
    entry_id: int | None,
    is_repeated: int,
    failure: str | None,
    mark: str,
) -> BatchRow:
    where = Path(os.fsdecode(path))
    if entry_id is not None:
        entry = entries[entry_id]
        screening = replace(entry.screening, path=where)
        return BatchRow(position, screening, entry_id, bool(is_repeated), entry.mark, *_owner(entry))
    failed = json.loads(failure or "{}")
    screening = Screening(
        where,
        ModelId(*failed["model"]),
        times.from_text(failed["taken_at"]),
        sha256=failed["sha256"],
        error=failed["error"],
        refusal=Rejection(failed["refusal"]) if failed.get("refusal") else None,
        ood_distance=failed.get("unfamiliarity"),
        dermoscopy_probability=failed.get("dermoscopy_probability"),
        warnings=tuple(failed.get("warnings", ())),
    )
    return BatchRow(position, screening, None, is_repeated=False, mark=mark_of(mark))


def _paths(roots: str) -> tuple[Path, ...]:
    return tuple(Path(os.fsdecode(bytes.fromhex(root))) for root in json.loads(roots))
