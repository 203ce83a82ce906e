"""Histories, their exports, and ways to damage them."""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry, Mark
from app.core.history.query import Query
from app.core.history.repository import EntryRepository
from tests.conftest import NAMES
from tests.factories import DATA, screening

RECORD = ClinicalRecord(
    "Пациент 7", "head/neck", 'a "note"; с кириллицей\nوسطر', "nevus", "2026-02-03", "histopathology"
)
NOW = dt.datetime(2026, 5, 6, 7, 8, 9)


def fill(history: EntryRepository) -> list[Entry]:
    for number, name in enumerate(NAMES):
        content = screening(f"{name}.jpg", number / 10, thumbnail=b"\xff\xd8\xff" + bytes([number]) * 50)
        history.add(content, RECORD if number == 1 else None)
    history.join_lesion([1, 2])
    history.set_mark([3], Mark.WATCH)
    return entries(history)


def entries(history: EntryRepository) -> list[Entry]:
    return history.entries(Query(descending=False), limit=10_000)


def but_numbers(history: EntryRepository) -> list[Entry]:
    return [replace(entry, id=0, lesion=None) for entry in entries(history)]


def lesions(history: EntryRepository) -> dict[str, int | None]:
    return {entry.screening.path.name: entry.lesion for entry in entries(history)}


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def repacked(archive: Path, change: Callable[[Path], None], folder: Path) -> Path:
    """The export with its database changed."""
    file = folder / "changed.sqlite3"
    with zipfile.ZipFile(archive) as opened:
        file.write_bytes(opened.read("history.sqlite3"))
    change(file)
    return packed(file, folder)


def packed(database: Path, folder: Path) -> Path:
    target = folder / "changed.zip"
    with zipfile.ZipFile(target, "w") as opened:
        opened.write(database, "history.sqlite3")
    return target


def execute(*statements: str) -> Callable[[Path], None]:
    def change(file: Path) -> None:
        with closing(sqlite3.connect(file)) as connection, connection:
            for statement in statements:
                connection.execute(statement)

    return change


def version_1(folder: Path) -> Path:
    file = folder / "version-1.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript((DATA / "history-1.sql").read_text(encoding="utf-8"))
    return packed(file, folder)


LOOP = """
import sys
from pathlib import Path
from app.core.history.backup import restore_history
from app.core.history.repository import EntryRepository
from app.core.history.transfer import export_history
history = EntryRepository(Path(sys.argv[2]))
while True:
    print("again", flush=True)
    for archive in sys.argv[3:]:
        {"export": export_history, "restore": restore_history}[sys.argv[1]](history, Path(archive))
"""


def kill_midway(delay: float, *arguments: object) -> None:
    command = [sys.executable, "-c", LOOP, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "again\n"
        time.sleep(delay)
        process.kill()


def damage(history: EntryRepository) -> bytes:
    """Overwrite pages in the midst of the file."""
    for number in range(200):
        history.add(screening(f"damaged-{number}", thumbnail=bytes(3000)))
    content = bytearray(history.file.read_bytes())
    content[200_000:360_000] = b"\xa5" * 160_000  # beyond the pages of the schema
    history.file.write_bytes(content)
    return bytes(content)


def fail_to(error: BaseException) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail
