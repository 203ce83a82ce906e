"""Export of the history to one ZIP, and its import into another history."""

from __future__ import annotations

import contextlib
import csv
import logging
import os
import shutil
import sqlite3
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import IO

from app.core.domain import times
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry
from app.core.domain.errors import HistoryError
from app.core.domain.messages import Message
from app.core.exchange.table import DIAGNOSIS_COLUMNS, as_csv_row, guarded
from app.core.history.database import BUSY_SECONDS, Database
from app.core.history.entries import read_entries
from app.core.history.migrations import STEPS
from app.core.history.repository import EntryRepository
from app.core.system.files import atomic_writer
from app.core.system.log import Event

_log = logging.getLogger(__name__)

DATABASE = "history.sqlite3"
TABLE = "history.csv"
THUMBNAILS = "thumbnails"
COLUMNS = (
    "id",
    "taken_at",
    "path",
    "advice",
    "prediction",
    "melanoma_probability",
    "threshold",
    "lowest_probability",
    "highest_probability",
    "stability",
    "unfamiliarity",
    "dermoscopy_probability",
    "other_cancer_probability",
    "other_cancer_threshold",
    *DIAGNOSIS_COLUMNS,
    "model",
    "model_version",
    "warnings",
    "sha256",
    *(field.name for field in fields(ClinicalRecord)),
    "mark",
    "lesion",
)
"""The columns of the table. Those that `exchange.table.COLUMNS` has too are written alike."""

_AT_ONCE = 500
"""Entries in memory at a time: a history may hold 100,000."""


def export_history(history: EntryRepository, target: Path) -> int:
    """Write the history to one ZIP, atomically. Returns the number of entries.

    In it are the database (`history.sqlite3`, which is all that `import_history` needs), and for other programs a
    thumbnail of each entry (`thumbnails/ID.jpg`) and a table (`history.csv`, UTF-8, one row an entry). The copies of
    images that the user may have kept (`ImageStore`) are not in it. Others may go on writing meanwhile. Makes the
    target's folder if need be. Raises `HistoryError`, also where the history is damaged.
    """
    began = time.perf_counter()
    target = Path(os.path.realpath(target))  # a link stays one
    try:
        if target.exists() and (not target.is_file() or target == Path(os.path.realpath(history.file))):
            raise HistoryError(Message("export-name-taken", target=target))
        history.file.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(history.file.parent) as folder:
            copy = folder / DATABASE  # not beside the target: SQLite and network drives don't go together
            history.database.copy_to(copy)
            if damage := Database(copy).integrity_error():
                raise HistoryError(Message("export-of-damaged", file=history.file, cause=damage))
            checkpoint_wal(copy)
            with atomic_writer(target) as file:
                count = _pack(copy, file)
                size = file.tell()
    except OSError as error:
        raise HistoryError(Message("export-not-written", target=target, cause=error.strerror or error)) from error
    except sqlite3.Error as error:
        raise HistoryError(Message("export-failed", file=history.file, cause=error)) from error
    _log.info(Event.HISTORY_EXPORTED, time.perf_counter() - began, count, size)
    return count


def check_export(archive: Path) -> int:
    """Check that an export can be imported or restored. Returns its number of entries.

    An export of an older program is migrated first, as it would be then. Raises `HistoryError` with the file's name
    and what is wrong with it: it is no ZIP, or damaged, has no history in it, or a newer program's.
    """
    try:
        with scratch_folder() as folder:
            return unpack(archive, folder / DATABASE)
    except OSError as error:
        raise HistoryError(Message("export-not-checked", archive=archive, cause=error.strerror or error)) from error


def import_history(history: EntryRepository, archive: Path) -> int:
    """Add an export's new entries to the history, all or none. Returns how many.

    An entry with the same time, path, content, model and threshold is there already and stays as it is. Thumbnails,
    records and review marks come along, batches don't. New entries that showed one lesion do so still, under a new
    number. Raises `HistoryError` as `check_export` does, and where the history can't be written.
    """
    began = time.perf_counter()
    try:
        history.file.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(history.file.parent) as folder:
            file = folder / DATABASE
            unpack(archive, file)
            with history.database.transaction() as connection:
                connection.execute("ATTACH DATABASE ? AS archive", (os.fsencode(file),))
                connection.execute("BEGIN IMMEDIATE")  # what is there already must not change between look and write
                count = _merge(connection)
    except OSError as error:
        raise HistoryError(Message("export-not-imported", archive=archive, cause=error.strerror or error)) from error
    _log.info(Event.HISTORY_IMPORTED, time.perf_counter() - began, count)
    return count


def unpack(archive: Path, file: Path) -> int:
    """Write the database of an export to `file`, checked and migrated. Returns the number of entries.

    It is one file, without a log beside it. Raises `HistoryError` as `check_export` does.
    """
    _extract(archive, file)
    database = Database(file)
    if damage := database.integrity_error():
        raise HistoryError(Message("export-damaged", archive=archive, cause=damage))
    try:
        with contextlib.closing(sqlite3.connect(file)) as connection:
            if connection.execute("PRAGMA foreign_key_check").fetchone():
                raise HistoryError(Message("export-incomplete", archive=archive))
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == 0:  # else any empty file would pass for a history without entries
            raise HistoryError(Message("export-without-history", archive=archive))
        if version > len(STEPS):
            raise HistoryError(Message("export-newer", archive=archive))
        try:
            with database.reader() as connection:
                count = sum(1 for _ in _entries(connection, thumbnails=False))
        except HistoryError as error:  # which names the file that was unpacked
            raise HistoryError(Message("export-unusable", archive=archive, cause=error.__cause__ or error)) from error
        checkpoint_wal(file)
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise HistoryError(Message("export-unusable", archive=archive, cause=error)) from error
    return count


def checkpoint_wal(file: Path) -> None:
    """Checkpoint the write-ahead log into the file. Raises `sqlite3.Error`.

    That is `SQLITE_BUSY` where anyone else has it open.
    """
    with contextlib.closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


@contextlib.contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Path]:
    """A temporary folder readable by this user only, removed afterwards. Raises `OSError`."""
    with tempfile.TemporaryDirectory(prefix=".melascreen-", dir=parent, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _pack(database: Path, target: IO[bytes]) -> int:
    table = database.with_name(TABLE)
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as opened,
        contextlib.closing(sqlite3.connect(database)) as connection,
        table.open("w", encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        count = 0
        for entry in _entries(connection, thumbnails=True):
            count += 1
            writer.writerow(map(guarded, _row(entry)))
            if entry.screening.thumbnail:
                opened.writestr(f"{THUMBNAILS}/{entry.id}.jpg", entry.screening.thumbnail, zipfile.ZIP_STORED)
        text.flush()
        opened.write(table, TABLE)
        opened.write(database, DATABASE)
    return count


def _row(entry: Entry) -> tuple[object, ...]:
    screening = entry.screening
    values = as_csv_row(screening) | {
        "id": entry.id,
        "taken_at": times.as_text(screening.screened_at),
        **asdict(entry.record),
        "mark": entry.mark,
        "lesion": entry.lesion,
    }
    return tuple(values[column] for column in COLUMNS)


def _entries(connection: sqlite3.Connection, *, thumbnails: bool) -> Iterator[Entry]:
    """All entries in order of their numbers, read page by page."""
    last = 0
    where = "screening.id > ? ORDER BY screening.id LIMIT ?"
    while page := read_entries(connection, where, (last, _AT_ONCE), thumbnails=thumbnails):
        yield from page
        last = page[-1].id


def _extract(archive: Path, file: Path) -> None:
    try:
        with (
            zipfile.ZipFile(archive) as opened,
            opened.open(DATABASE) as source,
            file.open("wb") as target,
        ):
            shutil.copyfileobj(source, target, 1 << 20)
    except KeyError as error:
        raise HistoryError(Message("export-none", archive=archive, file=DATABASE)) from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise HistoryError(Message("export-zip-damaged", archive=archive, cause=error)) from error
    except (NotImplementedError, RuntimeError, ValueError) as error:  # packed otherwise, a password, a mad header
        raise HistoryError(Message("export-not-unpacked", archive=archive, cause=error)) from error
    except OSError as error:
        raise HistoryError(Message("export-not-unpacked", archive=archive, cause=error.strerror or error)) from error


def _merge(connection: sqlite3.Connection) -> int:
    """Insert the new rows of the attached `archive`. Returns how many entries."""
    columns = [row[1] for row in connection.execute("PRAGMA main.table_info(screening)")]
    taken_over = ", ".join(column for column in columns if column not in ("id", "lesion"))
    # The highest number ever given, here as for AUTOINCREMENT: deleted entries' numbers are not given again.
    last = connection.execute("SELECT coalesce(max(seq), 0) FROM main.sqlite_sequence WHERE name = 'screening'")
    start = int(last.fetchone()[0])
    connection.execute("CREATE TEMP TABLE added (id INTEGER PRIMARY KEY, there INTEGER NOT NULL)")
    connection.execute(
        "INSERT INTO added SELECT ? + row_number() OVER (ORDER BY id), id"
        " FROM archive.screening AS theirs WHERE NOT EXISTS (SELECT 1 FROM main.screening AS ours"
        " WHERE ours.sha256 = theirs.sha256 AND ours.model_sha256 = theirs.model_sha256"
        " AND ours.threshold = theirs.threshold AND ours.taken_at = theirs.taken_at AND ours.path = theirs.path)",
        (start,),
    )
    _add_patients(connection)
    connection.execute(
        f"INSERT INTO main.screening (id, lesion, {taken_over})"  # noqa: S608
        f" SELECT added.id, added_lesion.id, {taken_over}"
        " FROM added JOIN archive.screening AS theirs ON theirs.id = added.there"
        " LEFT JOIN added_lesion ON added_lesion.there = theirs.lesion"
    )
    connection.execute(
        "INSERT INTO main.thumbnail SELECT added.id, jpeg FROM added JOIN archive.thumbnail ON screening_id = there"
    )
    return int(connection.execute("SELECT count(*) FROM added").fetchone()[0])


def _add_patients(connection: sqlite3.Connection) -> None:
    """Insert the `archive`'s patients, lesions and follow-ups.

    New patients come whole, of others the lesions of new entries. What is known of a patient here stays as it is.
    Lesions take the patient's next numbers.
    """
    connection.execute(
        "CREATE TEMP TABLE new_patient AS SELECT identifier FROM archive.patient EXCEPT"
        " SELECT identifier FROM main.patient"
    )
    columns = "identifier, birth_year, sex, skin_type, risks, note, search, spelling"
    connection.execute(
        f"INSERT INTO main.patient ({columns}) SELECT {columns} FROM archive.patient"  # noqa: S608
        " WHERE identifier IN (SELECT identifier FROM new_patient)"
    )
    last = connection.execute("SELECT coalesce(max(seq), 0) FROM main.sqlite_sequence WHERE name = 'lesion'")
    connection.execute("CREATE TEMP TABLE added_lesion (id INTEGER PRIMARY KEY, there INTEGER NOT NULL)")
    connection.execute(
        "INSERT INTO added_lesion SELECT coalesce(?, 0) + row_number() OVER (ORDER BY id), id FROM archive.lesion"
        " WHERE patient IN (SELECT identifier FROM new_patient) OR id IN ("
        " SELECT lesion FROM archive.screening JOIN added ON there = archive.screening.id)",
        last.fetchone(),
    )
    connection.execute(
        "INSERT INTO main.lesion (id, patient, number, view, x, y)"
        " SELECT added_lesion.id, patient, coalesce((SELECT max(number) FROM main.lesion AS ours"
        " WHERE ours.patient = theirs.patient), 0) + row_number() OVER (PARTITION BY patient ORDER BY number),"
        " view, x, y"
        " FROM added_lesion JOIN archive.lesion AS theirs ON theirs.id = there"
    )
    connection.execute(
        "INSERT INTO main.follow_up (patient, lesion, due_on, reason, made_on, done_on, done_by)"
        " SELECT patient, added_lesion.id, due_on, reason, made_on, done_on, done_by FROM archive.follow_up AS theirs"
        " LEFT JOIN added_lesion ON there = lesion"
        " WHERE patient IN (SELECT identifier FROM new_patient) OR added_lesion.id IS NOT NULL"
    )
