"""The local history: every answer that was given, in an SQLite file in the user's data folder.

Each call opens the file, does its work in one transaction and closes it, so that any thread may call and
several windows may be open at once. A result is on disk when `add` returns; a kill at any moment leaves
the entries whole (write-ahead log, `synchronous=FULL`).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.migrations import migrate
from app.core.types import HistoryError, ModelId, Prediction, Screening

BUSY_SECONDS = 10.0
"""How long a call waits for another window's."""

_COLUMNS = (
    "taken_at, path, sha256, melanoma_probability, threshold, decision,"
    " model_name, model_version, model_sha256, warnings, thumbnail"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A screening as it stands in the history, under its number there."""

    id: int
    screening: Screening


class History:
    """The entries in a file, which is made when it is first needed. Every method raises `HistoryError`."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def add(self, screening: Screening) -> Entry:
        """Write a result down. Only results that were computed have a place here: else `ValueError`."""
        prediction = screening.prediction
        if prediction is None or screening.sha256 is None:
            raise ValueError("a failed screening has no place in the history")
        model = screening.model
        values = (
            screening.taken_at.isoformat(),
            _storable(screening.path),
            screening.sha256,
            prediction.melanoma_probability,
            prediction.threshold,
            prediction.label,
            model.name,
            model.version,
            model.sha256,
            json.dumps(screening.warnings),
            screening.thumbnail,
        )
        marks = ", ".join("?" * len(values))
        with self._connection() as connection:
            cursor = connection.execute(f"INSERT INTO screening ({_COLUMNS}) VALUES ({marks})", values)  # noqa: S608
            return Entry(int(cursor.lastrowid or 0), screening)

    def entries(self, *, limit: int = 500, before: int | None = None) -> list[Entry]:
        """Newest first, `limit` at most; `before` is the number that an earlier page ended with."""
        with self._connection() as connection:
            rows = connection.execute(
                f"SELECT id, {_COLUMNS} FROM screening WHERE ? IS NULL OR id < ? ORDER BY id DESC LIMIT ?",  # noqa: S608
                (before, before, limit),
            )
            return [_entry(row) for row in rows]

    def count(self) -> int:
        """How many entries there are."""
        with self._connection() as connection:
            return int(connection.execute("SELECT count(*) FROM screening").fetchone()[0])

    def delete(self, entry_id: int) -> None:
        """Delete an entry for good. One that is gone already is no error."""
        with self._connection() as connection:
            connection.execute("DELETE FROM screening WHERE id = ?", (entry_id,))

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.file, timeout=BUSY_SECONDS)
            with contextlib.closing(connection):
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA secure_delete = ON")
                migrate(connection, self.file)
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as error:
            raise HistoryError(f"The history {self.file} can't be used: {error}.") from error


def _entry(row: tuple[object, ...]) -> Entry:
    entry_id, taken_at, path, sha256, probability, threshold, _, name, version, model_sha256, warnings, thumbnail = row
    screening = Screening(
        path=Path(str(path)),
        model=ModelId(str(name), str(version), str(model_sha256)),
        taken_at=dt.datetime.fromisoformat(str(taken_at)),
        sha256=str(sha256),
        prediction=Prediction(float(probability), float(threshold)),  # type: ignore[arg-type]
        warnings=tuple(json.loads(str(warnings))),
        thumbnail=bytes(thumbnail),  # type: ignore[call-overload]
    )
    return Entry(int(entry_id), screening)  # type: ignore[call-overload]


def _storable(path: Path) -> str:
    """SQLite takes Unicode only; bytes of a path that are none are written as escapes."""
    return str(path).encode("utf-8", "backslashreplace").decode()
