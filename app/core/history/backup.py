"""Daily backups of the history into a folder of the user's choice, and restoring them."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import re
import shutil
import sqlite3
import time
from pathlib import Path

from app.core.domain.errors import HistoryError
from app.core.domain.messages import Message
from app.core.history.database import ENDINGS, quarantine_name
from app.core.history.repository import EntryRepository
from app.core.history.transfer import DATABASE, checkpoint_wal, export_history, scratch_folder, unpack
from app.core.system.log import Event

_log = logging.getLogger(__name__)

_NAME = re.compile(r"melascreen-backup-([0-9]{8}-[0-9]{6})\.zip")
_TIME = "%Y%m%d-%H%M%S"


def back_up(history: EntryRepository, folder: Path, *, keep: int, now: dt.datetime) -> Path:
    """Export the history to `melascreen-backup-YYYYMMDD-HHMMSS.zip`. Returns its path.

    Once it is there whole, the oldest backups beyond `keep` (the new one counted) are deleted; other files are left
    alone. Raises `HistoryError` where the folder is missing, can't be written or is full; it is not made, because it
    may lie on a drive that isn't plugged in. `ValueError` for a `keep` below 1.
    """
    if keep < 1:
        raise ValueError("at least one backup is kept")
    if not os.path.isdir(folder):
        raise HistoryError(Message("backup-folder-missing", folder=folder))
    began = time.perf_counter()
    new = folder / f"melascreen-backup-{now:{_TIME}}.zip"
    count = export_history(history, new)
    # The new one is set apart: with a clock that was put back, it isn't the latest by name.
    others = [file for _, file in _backups(folder) if file.name != new.name]
    too_old = others[: max(len(others) - (keep - 1), 0)]
    for old in too_old:
        try:
            old.unlink(missing_ok=True)  # another window may have been faster
        except OSError as error:
            message = Message("backup-old-not-deleted", file=new, old=old, cause=error.strerror)
            raise HistoryError(message) from error
    _log.info(Event.BACKED_UP, time.perf_counter() - began, count, len(too_old))
    return new


def latest_backup(folder: Path) -> Path | None:
    """The latest backup in a folder by its name; `None` where there is none, or no folder.

    Raises `HistoryError` for a folder that can't be read.
    """
    found = _backups(folder)
    return found[-1][1] if found else None


def backup_due(folder: Path, *, at: dt.time, now: dt.datetime) -> bool:
    """Whether no backup was written since it was last `at` o'clock. Times are local, without a zone.

    Raises `HistoryError` for a folder that can't be read; in a folder that is missing, one is due.
    """
    now = now.replace(tzinfo=None)
    due = dt.datetime.combine(now.date(), at.replace(tzinfo=None))
    if due > now:
        due -= dt.timedelta(days=1)
    # A name from the future was given by a clock that went wrong: it must not put off backups until then.
    return not any(due <= written <= now for written, _ in _backups(folder))


def restore_history(history: EntryRepository, archive: Path) -> Path | None:
    """Replace the history by a checked export. Returns the path of the replaced history.

    That is `history.replaced-DATE.sqlite3` beside it, or `None` where there was none. Open batches are the export's;
    kept images stay. If anything fails, the present history is in place as before; it is at no moment missing.
    Raises `HistoryError` as `check_export` does, and while the history is in use by another thread or window.
    """
    began = time.perf_counter()
    file = history.file
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(file.parent) as folder:
            new = folder / DATABASE
            unpack(archive, new)
            _sync(new)
            if file.exists():
                _checkpoint_wal_if_whole(file)
            replaced = _put_in_place(new, file)
    except OSError as error:
        raise HistoryError(Message("history-not-replaced", file=file, cause=error.strerror or error)) from error
    _log.info(Event.HISTORY_RESTORED, time.perf_counter() - began)
    return replaced


def _backups(folder: Path) -> list[tuple[dt.datetime, Path]]:
    """The backups in a folder with the times in their names, the oldest first."""
    found = []
    try:
        for file in folder.iterdir():
            name = _NAME.fullmatch(file.name)
            if name and file.is_file():
                with contextlib.suppress(ValueError):  # a thirteenth month: no file of ours
                    found.append((dt.datetime.strptime(name[1], _TIME), file))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise HistoryError(Message("backup-folder-unreadable", folder=folder, cause=error.strerror)) from error
    return sorted(found)


def _checkpoint_wal_if_whole(file: Path) -> None:
    """Checkpoint the present history's log, unless the history is damaged."""
    try:
        checkpoint_wal(file)
    except sqlite3.Error as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise HistoryError(Message("history-in-use-elsewhere", file=file)) from error


def _put_in_place(new: Path, file: Path) -> Path | None:
    was_there = file.exists()
    aside = quarantine_name(file, "replaced")
    moved: list[tuple[Path, Path]] = []
    try:
        for ending in ENDINGS[1:]:  # SQLite would take a log that stays for the new file's
            log, log_aside = file.with_name(file.name + ending), aside.with_name(aside.name + ending)
            if log.exists():
                moved.append((log, log_aside))
                log.rename(log_aside)
        if was_there:
            _name_too(file, aside)
        new.replace(file)
    except BaseException:
        if new.exists():  # else it is in place, and the name aside is the only one that the present history has
            aside.unlink(missing_ok=True)
            for log, log_aside in moved:
                if log_aside.exists():
                    log_aside.rename(log)
        raise
    return aside if was_there else None


def _name_too(file: Path, aside: Path) -> None:
    """Hard-link a file to a second name, so that the first exists at every moment."""
    try:
        aside.hardlink_to(file)
    except OSError:  # not on every kind of drive
        shutil.copyfile(file, aside)
        _sync(aside)


def _sync(file: Path) -> None:
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())
