"""Files that arrived in watched folders, in the history's file: what was found, judged and seen stays so."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from app.core.domain import times
from app.core.domain.entry import Entry
from app.core.history.database import Database
from app.core.history.entries import in_parts, read_entries
from app.core.imaging.watch import FoundFile, Known, Stamp, key_of


class State(StrEnum):
    """How far an arrival is."""

    WAITING = "waiting"
    """Not judged yet."""
    NEW = "new"
    """Judged, and nobody has looked at it."""
    SEEN = "seen"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that came into a watched folder, and what came of it: an entry, or the reason for none.

    `patient` is under whom the result is still to be noted; empty for nobody, and once it is.
    """

    file: FoundFile
    folder: Path
    arrived_at: dt.datetime
    state: State = State.WAITING
    patient: str = ""
    entry: Entry | None = None
    failure: str = ""

    @property
    def key(self) -> bytes:
        return self.file.key

    @property
    def path(self) -> Path:
        return self.file.path


@dataclass(frozen=True, slots=True)
class FolderCounts:
    """Numbers of the arrivals of a folder."""

    new: int = 0
    waiting: int = 0


class ArrivalRepository:
    """The arrivals in the history's file. Every method raises `HistoryError` where it can't be used.

    An arrival is told by its path, of which a file with another size or time of change makes a new one. Of a file that
    was not judged there is the path's checksum only, and the path of one whose entry was deleted goes with the entry.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def folders(self) -> list[Path]:
        """Those that are watched."""
        with self.database.transaction() as connection:
            return [Path(os.fsdecode(path)) for (path,) in connection.execute("SELECT path FROM watched_folder")]

    def begin(self, folder: Path, files: Sequence[FoundFile]) -> None:
        """Watch a folder from now on. The files that lie in it are not to be judged."""
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO watched_folder VALUES (?, ?)", (os.fsencode(folder), times.as_text(times.now()))
            )
            _pass_over(connection, folder, files, "folder = excluded.folder")

    def forget(self, folder: Path, *, within: Path | None = None) -> None:
        """Watch a folder no longer: nothing of its arrivals is kept here. Results stay in the history.

        Where it lies `within` another watched folder, its arrivals are that one's from now on.
        """
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM watched_folder WHERE path = ?", (os.fsencode(folder),))
            if within is None:
                connection.execute("DELETE FROM arrival WHERE folder = ?", (os.fsencode(folder),))
            else:
                connection.execute(
                    "UPDATE arrival SET folder = ? WHERE folder = ?", (os.fsencode(within), os.fsencode(folder))
                )

    def known(self, folder: Path) -> dict[bytes, Known]:
        """What is known of a folder's files, by the keys of their paths."""
        with self.database.transaction() as connection:
            return {
                bytes(key): Known(Stamp(int(size), int(modified)), bool(judged))
                for key, size, modified, judged in connection.execute(
                    "SELECT key, size, modified, path <> x'' OR sha256 <> '' FROM arrival WHERE folder = ?",
                    (os.fsencode(folder),),
                )
            }

    def add(self, folder: Path, files: Sequence[tuple[FoundFile, str]]) -> list[Arrival]:
        """Write down what came, to be judged; gives those that are new.

        With each file the patient under whom its result is to be noted. A file that is there already is no new one,
        unless it has changed since. Nothing comes into a folder that is watched no more.
        """
        now = times.now()
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            if not _is_watched(connection, folder):
                return []
            return [
                Arrival(file, folder, now, patient=patient)
                for file, patient in files
                if connection.execute(
                    "INSERT INTO arrival (key, path, size, modified, folder, arrived_at, patient)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET path = excluded.path,"
                    " size = excluded.size, modified = excluded.modified, folder = excluded.folder,"
                    " arrived_at = excluded.arrived_at, patient = excluded.patient, sha256 = '',"
                    " screening_id = NULL, failure = '', state = 'waiting'"
                    " WHERE size <> excluded.size OR modified <> excluded.modified",
                    (*_of_file(file), os.fsencode(folder), times.as_text(now), patient),
                ).rowcount
            ]

    def pass_over(self, folder: Path, files: Sequence[FoundFile]) -> None:
        """Write down files that are not to be judged, or no longer to be shown."""
        with self.database.transaction() as connection:
            connection.execute("BEGIN IMMEDIATE")
            if _is_watched(connection, folder):
                _pass_over(connection, folder, files, "state = 'seen', patient = ''")

    def waiting(self) -> list[Arrival]:
        """What is still to be judged, the oldest first."""
        return self._select("state = 'waiting' ORDER BY arrived_at, modified, key")

    def newest(self, limit: int, folder: Path | None = None) -> list[Arrival]:
        """What was judged and not seen, the latest first, with thumbnails; of all folders or of one."""
        order = "ORDER BY arrived_at DESC, modified DESC, key LIMIT ?"
        if folder is None:
            return self._select(f"state = 'new' {order}", limit)
        return self._select(f"state = 'new' AND folder = ? {order}", os.fsencode(folder), limit)

    def counts(self) -> dict[Path, FolderCounts]:
        """By folder; those without anything new or waiting are left out."""
        with self.database.transaction() as connection:
            return {
                Path(os.fsdecode(folder)): FolderCounts(int(new), int(waiting))
                for folder, new, waiting in connection.execute(
                    "SELECT folder, sum(state = 'new'), sum(state = 'waiting') FROM arrival"
                    " WHERE state <> 'seen' GROUP BY folder"
                )
            }

    def same_content(self, arrival: Arrival, sha256: str) -> Arrival | None:
        """Another arrival of the same content that was judged, if its path is known; the latest."""
        found = self._select(
            "sha256 = ? AND key <> ? AND state <> 'waiting' AND path <> x'' ORDER BY arrived_at DESC LIMIT 1",
            sha256,
            arrival.key,
        )
        return found[0] if found else None

    def finish(self, arrival: Arrival, sha256: str = "", *, entry: Entry | None = None, failure: str = "") -> Arrival:
        """Write down what came of an arrival, which is new then; one of the same content that nobody saw gives way.

        The patient is kept until `noted`, unless the entry is of one already or the patient was deleted meanwhile. Of a
        file that has changed since, nothing is written.
        """
        with self.database.transaction() as connection:
            patient = _patient_for(connection, arrival, entry)
            _write(connection, arrival, State.NEW, patient, sha256, entry.id if entry else None, failure)
            if sha256:
                connection.execute(
                    "UPDATE arrival SET state = 'seen' WHERE sha256 = ? AND key <> ? AND state = 'new'",
                    (sha256, arrival.key),
                )
        return replace(arrival, state=State.NEW, patient=patient, entry=entry, failure=failure)

    def take_over(self, arrival: Arrival, renamed: Arrival, sha256: str) -> Arrival:
        """Write down that an arrival is another one under a new name: what came of that one came of this."""
        entry = renamed.entry
        with self.database.transaction() as connection:
            patient = renamed.patient or _patient_for(connection, arrival, entry)
            _write(connection, arrival, renamed.state, patient, sha256, entry.id if entry else None, renamed.failure)
            connection.execute("UPDATE arrival SET state = 'seen', patient = '' WHERE key = ?", (renamed.key,))
        return replace(arrival, state=renamed.state, patient=patient, entry=entry, failure=renamed.failure)

    def drop(self, arrival: Arrival) -> None:
        """Forget an arrival whose file went before it was judged: should it come again, it is new."""
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM arrival WHERE key = ? AND state = 'waiting'", (arrival.key,))

    def mark_seen(self, arrivals: Sequence[Arrival]) -> None:
        """Show arrivals no longer as new."""
        with self.database.transaction() as connection:
            connection.executemany(
                "UPDATE arrival SET state = 'seen' WHERE key = ? AND state = 'new'",
                [(arrival.key,) for arrival in arrivals],
            )

    def to_note(self) -> list[Arrival]:
        """What has an entry that is still to be noted under a patient: the program ended in between."""
        return self._select("patient <> '' AND screening_id IS NOT NULL AND state <> 'waiting' ORDER BY arrived_at")

    def noted(self, entry_id: int) -> None:
        """Write down that an entry was noted under its patient."""
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE arrival SET patient = '' WHERE screening_id = ? AND state <> 'waiting'", (entry_id,)
            )

    def _select(self, where: str, *values: object) -> list[Arrival]:
        with self.database.transaction() as connection:
            rows = connection.execute(
                "SELECT path, size, modified, folder, arrived_at, state, patient, screening_id, failure"  # noqa: S608
                f" FROM arrival WHERE {where}",
                values,
            ).fetchall()
            numbers = [int(row[7]) for row in rows if row[7] is not None]
            entries = {
                entry.id: entry
                for placeholders, part in in_parts(numbers)
                for entry in read_entries(connection, f"screening.id IN ({placeholders})", part)
            }
        return [
            Arrival(
                FoundFile(Path(os.fsdecode(path)), Stamp(int(size), int(modified))),
                Path(os.fsdecode(folder)),
                times.from_text(arrived_at),
                State(state),
                patient,
                entries.get(entry_id),
                failure,
            )
            for path, size, modified, folder, arrived_at, state, patient, entry_id, failure in rows
        ]


def _is_watched(connection: sqlite3.Connection, folder: Path) -> bool:
    found = connection.execute("SELECT 1 FROM watched_folder WHERE path = ?", (os.fsencode(folder),))
    return found.fetchone() is not None


def _patient_for(connection: sqlite3.Connection, arrival: Arrival, entry: Entry | None) -> str:
    """Under whom an arrival's entry is still to be noted."""
    if entry is None or entry.record.patient:
        return ""
    found = connection.execute(  # of the very file: another that has taken its name may be another patient's
        "SELECT patient FROM arrival WHERE key = ? AND size = ? AND modified = ? AND state = 'waiting'",
        (arrival.key, arrival.file.stamp.size, arrival.file.stamp.modified),
    ).fetchone()
    return str(found[0]) if found else ""


def _write(
    connection: sqlite3.Connection,
    arrival: Arrival,
    state: State,
    patient: str,
    sha256: str,
    entry_id: int | None,
    failure: str,
) -> None:
    stamp = arrival.file.stamp
    connection.execute(
        "UPDATE arrival SET state = ?, patient = ?, sha256 = ?, screening_id = ?, failure = ?"
        " WHERE key = ? AND size = ? AND modified = ? AND state = 'waiting'",
        (state, patient, sha256, entry_id, failure, arrival.key, stamp.size, stamp.modified),
    )


def _pass_over(connection: sqlite3.Connection, folder: Path, files: Sequence[FoundFile], known: str) -> None:
    """Write files down as seen; of one that is there already, what `known` says is set."""
    now = times.as_text(times.now())
    connection.executemany(
        "INSERT INTO arrival (key, size, modified, folder, arrived_at, state) VALUES (?, ?, ?, ?, ?, 'seen')"  # noqa: S608
        f" ON CONFLICT (key) DO UPDATE SET {known}",
        [(file.key, file.stamp.size, file.stamp.modified, os.fsencode(folder), now) for file in files],
    )


def _of_file(file: FoundFile) -> tuple[bytes, bytes, int, int]:
    return key_of(file.path), os.fsencode(file.path), file.stamp.size, file.stamp.modified
