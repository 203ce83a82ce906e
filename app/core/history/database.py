"""Opens, migrates, checks and quarantines the SQLite file. Its tables belong to the repositories."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from app.core.domain import times
from app.core.domain.errors import HistoryError
from app.core.domain.messages import Message
from app.core.history.migrations import migrate
from app.core.system.log import Event

_log = logging.getLogger(__name__)

ENDINGS = ("", "-wal", "-shm")
"""Of the file itself, of its log and of the log's index."""
BUSY_SECONDS = 10.0
"""How long a call waits for another window's."""


class Database:
    """An SQLite file, created on first use.

    Each call opens it, does its work in one transaction and closes it, so that any thread may call and several
    windows may be open at once. What a transaction wrote is on disk when it ends; a kill at any moment leaves the
    file whole (write-ahead log, `synchronous=FULL`), and what is deleted is overwritten (`secure_delete`).
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._connections = 0
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are committed at the end, or undone. Raises `HistoryError`."""
        with self._connection() as connection, connection:
            yield connection

    @contextlib.contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A connection for many reads, from any thread, one at a time. Raises `HistoryError`."""
        with self._connection(any_thread=True) as connection:
            yield connection

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Exclusive use of the file within this process, so that it may be renamed. Raises `HistoryError`."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._connections == 0, timeout=BUSY_SECONDS):
                raise HistoryError(Message("history-in-use", file=self.file))
            yield

    def compact(self) -> None:
        """Free the space of deleted entries, and remove them from the log and the migration's copy.

        Raises `HistoryError`, also where another window keeps the log from being emptied.
        """
        with self._connection() as connection:
            for copy in self.file.parent.glob(f"{self.file.name}.before-*"):
                copy.unlink()
            connection.execute("VACUUM")
            is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            raise HistoryError(Message("history-log-in-use"))

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy while others may write. Raises `HistoryError`."""
        with self._connection() as connection, contextlib.closing(sqlite3.connect(target)) as copy:
            connection.backup(copy)

    def integrity_error(self) -> str:
        """SQLite's description of damage; empty for a whole file or none."""
        if not self.file.exists():
            return ""
        began = time.perf_counter()
        try:
            with contextlib.closing(sqlite3.connect(self.file, timeout=BUSY_SECONDS)) as connection:
                found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
        except sqlite3.DatabaseError as error:
            is_damage = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
            return str(error) if is_damage else ""  # locked, no permission: told when it is used
        problems = [problem for problem in found if problem != "ok"]
        _log.info(Event.HISTORY_CHECKED, time.perf_counter() - began, len(problems))
        return "; ".join(problems)

    def quarantine(self) -> Path:
        """Rename the file and its log, so that a new one can be created. Returns the new name. Raises
        `HistoryError`."""
        try:
            with self.exclusive():
                aside = quarantine_name(self.file, "damaged")
                for ending in ENDINGS:
                    part = self.file.with_name(self.file.name + ending)
                    if part.exists():
                        part.rename(aside.with_name(aside.name + ending))
        except OSError as error:
            raise HistoryError(Message("history-not-set-aside", file=self.file, cause=error.strerror)) from error
        _log.warning(Event.HISTORY_QUARANTINED)
        return aside

    @contextlib.contextmanager
    def _connection(self, *, any_thread: bool = False) -> Iterator[sqlite3.Connection]:
        with self._changed:
            self._connections += 1
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.file, timeout=BUSY_SECONDS, check_same_thread=not any_thread)
            with contextlib.closing(connection):
                _use_write_ahead_log(connection)
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA secure_delete = ON")
                migrate(connection, self.file)
                connection.execute("PRAGMA foreign_keys = ON")
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise HistoryError(Message("history-unusable", file=self.file, cause=error)) from error
        finally:
            with self._changed:
                self._connections -= 1
                self._changed.notify_all()


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """SQLite does not wait by itself here, where another process makes the same new file use its log."""
    latest = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > latest:
                raise
            time.sleep(0.01)
        else:
            return


def quarantine_name(file: Path, why: str) -> Path:
    """An unused name beside a database, with the time in it."""
    stem = f"{file.stem}.{why}-{times.local(times.now()):%Y%m%d-%H%M%S}"
    name, number = file.with_name(stem + file.suffix), 2
    while any(name.with_name(name.name + ending).exists() for ending in ENDINGS):
        name, number = file.with_name(f"{stem}-{number}{file.suffix}"), number + 1
    return name
