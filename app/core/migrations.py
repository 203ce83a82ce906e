"""The history's schema, step by step. A step that has shipped is never changed; a new one is added."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from app.core.types import HistoryError

STEPS = (
    """
    CREATE TABLE screening (
        id INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice, so a deleted entry stays deleted
        taken_at TEXT NOT NULL,                -- ISO 8601 with zone
        path TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        melanoma_probability REAL NOT NULL CHECK (melanoma_probability BETWEEN 0 AND 1),
        threshold REAL NOT NULL CHECK (threshold BETWEEN 0 AND 1),
        decision TEXT NOT NULL CHECK (decision IN ('melanoma', 'non-melanoma')),
        model_name TEXT NOT NULL,
        model_version TEXT NOT NULL,
        model_sha256 TEXT NOT NULL,
        warnings TEXT NOT NULL,                -- a JSON array of strings
        thumbnail BLOB NOT NULL                -- JPEG
    ) STRICT;
    """,
)
"""Step n takes a database from `user_version` n to n + 1."""


def migrate(connection: sqlite3.Connection, file: Path) -> None:
    """Bring a database up to date, having copied one with data in it to `FILE.before-N`.

    Raises `HistoryError` for one from a newer program, which is left as it is.
    """
    if _version(connection) == len(STEPS):
        return
    connection.execute("BEGIN IMMEDIATE")  # a second window waits here and then finds nothing to do
    try:
        version = _version(connection)
        if version > len(STEPS):
            raise HistoryError(
                f"The history {file} was written by a newer MelaScreen. Install that version to open it."
            )
        if 0 < version < len(STEPS):
            _copy(file, file.with_name(f"{file.name}.before-{len(STEPS)}"))
        for step in STEPS[version:]:
            for statement in _statements(step):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(step: str) -> list[str]:
    """One by one: `executescript` would commit in between."""
    statements, part = [], ""
    for line in step.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            statements.append(part)
            part = ""
    return statements


def _copy(file: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(file)) as source,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
