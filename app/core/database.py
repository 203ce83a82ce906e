"""The SQLite file behind the history: opened, migrated, checked, set aside. What stands in it is others' matter."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from app.core.migrations import migrate
from app.core.types import HistoryError

BUSY_SECONDS = 10.0
"""How long a call waits for another window's."""


class Database:
    """An SQLite file, made when it is first needed.

    Each call opens it, does its work in one transaction and closes it, so that any thread may call and several
    windows may be open at once. What a transaction wrote is on disk when it ends; a kill at any moment leaves the
    file whole (write-ahead log, `synchronous=FULL`), and what is deleted is overwritten (`secure_delete`).
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are committed at the end, or undone. Raises `HistoryError`."""
        with self._connection() as connection, connection:
            yield connection

    @contextlib.contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A connection for many quick looks, for any thread (one at a time). Raises `HistoryError`."""
        with self._connection(any_thread=True) as connection:
            yield connection

    def compact(self) -> None:
        """Give back the space of what was deleted, and leave nothing of it in the log. Raises `HistoryError`."""
        with self._connection() as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy, also while others write. Raises `HistoryError`."""
        with self._connection() as connection, contextlib.closing(sqlite3.connect(target)) as copy:
            connection.backup(copy)

    def damage(self) -> str:
        """What is wrong with the file, in words; empty where nothing is, or where there is no file yet."""
        if not self.file.exists():
            return ""
        try:
            with contextlib.closing(sqlite3.connect(self.file, timeout=BUSY_SECONDS)) as connection:
                found = [str(row[0]) for row in connection.execute("PRAGMA quick_check(3)")]
                broken = connection.execute("PRAGMA foreign_key_check").fetchmany(3)
        except sqlite3.OperationalError as error:  # locked, no permission: no damage, and told when it is used
            return "" if error.sqlite_errorcode not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) else str(error)
        except sqlite3.DatabaseError as error:
            return str(error)
        problems = [problem for problem in found if problem != "ok"]
        return "; ".join(problems + [f"{row[0]} {row[1]} has lost what it belongs to" for row in broken])

    def set_aside(self) -> Path:
        """Rename the file and its log, so that a new one can begin. Gives the new name. Raises `HistoryError`."""
        now = f"{dt.datetime.now():%Y%m%d-%H%M%S}"
        aside = self.file.with_name(f"{self.file.stem}.damaged-{now}{self.file.suffix}")
        try:
            for ending in ("", "-wal", "-shm"):
                part = self.file.with_name(self.file.name + ending)
                if part.exists():
                    part.rename(aside.with_name(aside.name + ending))
        except OSError as error:
            raise HistoryError(f"The history {self.file} can't be set aside: {error.strerror}.") from error
        return aside

    @contextlib.contextmanager
    def _connection(self, *, any_thread: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.file, timeout=BUSY_SECONDS, check_same_thread=not any_thread)
            with contextlib.closing(connection):
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA secure_delete = ON")
                migrate(connection, self.file)
                connection.execute("PRAGMA foreign_keys = ON")
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise HistoryError(f"The history {self.file} can't be used: {error}.") from error
