from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app.core.domain.errors import HistoryError
from app.core.history.backup import restore_history
from app.core.history.repository import EntryRepository
from app.core.history.transfer import export_history
from tests.core.history.exports import RECORD, entries, fail_to, files, kill_midway
from tests.factories import names, screening


# Restoring
def test_restore(history: EntryRepository, other: EntryRepository, archive: Path) -> None:
    own = other.add(screening("own.jpg"))
    aside = restore_history(other, archive)
    assert entries(other) == entries(history)
    assert aside is not None
    assert aside.parent == other.file.parent
    assert aside.name.startswith("history.replaced-")
    assert aside.suffix == ".sqlite3"
    assert entries(EntryRepository(aside)) == [own]
    again = restore_history(other, archive)  # within the same second
    assert again is not None
    assert entries(EntryRepository(aside)) == [own]
    assert entries(EntryRepository(again)) == entries(history)
    assert files(other.file.parent) == sorted([aside.name, again.name, "history.sqlite3"])
    assert other.add(screening("new")).id == 5


def test_restore_where_there_is_no_history(history: EntryRepository, other: EntryRepository, archive: Path) -> None:
    assert restore_history(other, archive) is None
    assert entries(other) == entries(history)
    assert files(other.file.parent) == ["history.sqlite3"]


def leave_log(history: EntryRepository) -> bytes:
    """A log with a committed change, as a crash leaves it. Gives its content."""
    augmented_views = []
    with closing(sqlite3.connect(history.file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE screening SET note = 'in the log'")
        connection.commit()
        for ending in ("", "-wal"):
            augmented_views.append(history.file.with_name(history.file.name + ending).read_bytes())
    for ending, content in zip(("", "-wal"), augmented_views, strict=True):
        history.file.with_name(history.file.name + ending).write_bytes(content)
    return augmented_views[1]


def test_restore_takes_along_what_is_in_the_log(other: EntryRepository, archive: Path) -> None:
    other.add(screening("own.jpg"))
    assert leave_log(other)
    aside = restore_history(other, archive)
    assert aside is not None
    assert [entry.record.note for entry in entries(EntryRepository(aside))] == ["in the log"]
    assert {entry.record.note for entry in entries(other)} == {"", RECORD.note}


@pytest.mark.parametrize("has_links", [True, False])
def test_restore_over_a_damaged_history(
    history: EntryRepository, other: EntryRepository, archive: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    """It is set aside as it is, with its log, which must not be taken for the new one's."""
    if not has_links:
        monkeypatch.setattr(Path, "hardlink_to", no_links)
    other.add(screening("own.jpg"))
    log = leave_log(other)
    damaged = other.file.read_bytes()
    monkeypatch.setattr("app.core.history.backup.checkpoint_wal", fail_to(malformed()))
    aside = restore_history(other, archive)
    assert aside is not None
    assert aside.read_bytes() == damaged
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == log
    assert entries(other) == entries(history)
    assert other.database.integrity_error() == ""


def test_restore_over_what_is_no_database(history: EntryRepository, other: EntryRepository, archive: Path) -> None:
    other.file.parent.mkdir()
    other.file.write_bytes(b"no database" * 1000)
    aside = restore_history(other, archive)
    assert aside is not None
    assert aside.read_bytes() == b"no database" * 1000
    assert entries(other) == entries(history)


def malformed() -> sqlite3.DatabaseError:
    """What SQLite says where it can make nothing of a file and its log."""
    error = sqlite3.DatabaseError("database disk image is malformed")
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def no_links(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize(
    ("step", "is_damaged"),
    [("rename", True), ("hardlink_to", True), ("hardlink_to", False), ("replace", True), ("replace", False)],
)
@pytest.mark.parametrize("error", [PermissionError(errno.EACCES, "Permission denied"), KeyboardInterrupt()])
def test_a_restore_that_fails_midway_leaves_the_history_in_place(
    other: EntryRepository,
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_damaged: bool,
    step: str,
    error: BaseException,
) -> None:
    """A damaged one's log is not folded into it but set aside too, and has to come back."""
    other.add(screening("own.jpg"))
    if is_damaged:
        leave_log(other)
        monkeypatch.setattr("app.core.history.backup.checkpoint_wal", fail_to(malformed()))
    around = files(other.file.parent)
    calls = []
    original = getattr(Path, step)

    def fail(path: Path, target: Path) -> object:
        calls.append(target)
        if len(calls) > 1:  # putting back
            return original(path, target)
        if step == "rename":
            original(path, target)
        raise error

    monkeypatch.setattr(Path, step, fail)
    if step == "hardlink_to":
        monkeypatch.setattr("app.core.history.backup.shutil.copyfile", fail_to(error))
    with pytest.raises(HistoryError if isinstance(error, OSError) else KeyboardInterrupt):
        restore_history(other, archive)
    monkeypatch.undo()
    assert calls
    assert files(other.file.parent) == around
    assert [entry.record.note for entry in entries(other)] == ["in the log" if is_damaged else ""]


def test_a_restore_interrupted_once_it_is_done_keeps_both(
    other: EntryRepository, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = other.add(screening("own.jpg"))
    original = Path.replace

    def interrupt(path: Path, target: Path) -> None:
        original(path, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        restore_history(other, archive)
    (aside,) = other.file.parent.glob("history.replaced-*.sqlite3")
    assert entries(EntryRepository(aside)) == [own]
    assert other.count() == 4


@pytest.mark.parametrize("delay", [0.01, 0.05, 0.1])
def test_a_kill_leaves_one_of_the_two_histories(
    history: EntryRepository, other: EntryRepository, archive: Path, delay: float
) -> None:
    other.add(screening("own.jpg"))
    single = archive.with_name("single.zip")
    export_history(other, single)
    kill_midway(delay, "restore", other.file, archive, single)
    assert names(entries(other)) in (["own.jpg"], names(entries(history)))
    assert other.database.integrity_error() == ""


def test_a_history_in_use_is_not_replaced(other: EntryRepository, archive: Path) -> None:
    other.add(screening("own.jpg"))
    with other.database.reader(), pytest.raises(HistoryError, match="in use"):
        restore_history(other, archive)
    assert names(entries(other)) == ["own.jpg"]
    assert restore_history(other, archive) is not None
