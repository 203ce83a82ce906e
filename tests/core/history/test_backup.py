from __future__ import annotations

import datetime as dt
import errno
import re
import sqlite3
import sys
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from app.core.domain.errors import HistoryError
from app.core.history import transfer
from app.core.history.backup import back_up, backup_due, latest_backup
from app.core.history.database import Database
from app.core.history.repository import EntryRepository
from app.core.history.transfer import check_export
from tests.core.history.exports import NOW, fail_to, files


# Backups by the day
def test_backups_are_kept_to_a_number(history: EntryRepository, tmp_path: Path) -> None:
    folder = tmp_path / "Резервные копии"
    folder.mkdir()
    strangers = [
        "melascreen-backup-20200101-000000.zip.part",
        "melascreen-backup-20200101-000000 (2).zip",
        "melascreen-backup-20201301-000000.zip",
        "melascreen-backup-٢٠٢٠٠١٠١-000000.zip",
        "my melascreen-backup-20200101-000000.zip",
        "photo.jpg",
    ]
    for name in strangers:
        (folder / name).write_bytes(b"mine")
    (folder / "melascreen-backup-20200102-000000.zip").mkdir()
    written = [back_up(history, folder, keep=3, now=NOW + dt.timedelta(days=day)) for day in range(5)]
    assert written[0].name == "melascreen-backup-20260506-070809.zip"
    assert [file.exists() for file in written] == [False, False, True, True, True]
    assert files(folder) == sorted(
        [*strangers, "melascreen-backup-20200102-000000.zip", *(file.name for file in written[2:])]
    )
    assert latest_backup(folder) == written[-1]
    assert check_export(written[-1]) == 4
    assert back_up(history, folder, keep=1, now=NOW + dt.timedelta(days=9)) == latest_backup(folder)
    assert sum(file.is_file() for file in folder.glob("melascreen-backup-2026*")) == 1


def test_the_new_backup_stays_where_the_clock_was_put_back(history: EntryRepository, tmp_path: Path) -> None:
    old = [back_up(history, tmp_path, keep=9, now=NOW + dt.timedelta(days=day)) for day in (1, 2)]
    new = back_up(history, tmp_path, keep=2, now=NOW)
    assert [file.exists() for file in (*old, new)] == [False, True, True]


def test_a_backup_that_fails_deletes_none(
    history: EntryRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [back_up(history, tmp_path, keep=5, now=NOW + dt.timedelta(days=day)) for day in range(4)]
    around = files(tmp_path)
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(transfer, "_pack", fail_to(full))
    with pytest.raises(HistoryError, match=f"{re.escape(str(tmp_path))}.*No space left on device"):
        back_up(history, tmp_path, keep=1, now=NOW + dt.timedelta(days=5))
    assert files(tmp_path) == around
    assert all(check_export(file) == 4 for file in old)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_folder_that_cannot_be_written(history: EntryRepository) -> None:
    with pytest.raises(HistoryError, match=r"/proc/melascreen-backup-20260506-070809\.zip: \w"):
        back_up(history, Path("/proc"), keep=1, now=NOW)


def test_a_folder_that_is_missing_is_not_made(history: EntryRepository, tmp_path: Path) -> None:
    folder = tmp_path / "stick"
    with pytest.raises(HistoryError, match=re.escape(f"no folder {folder}")):
        back_up(history, folder, keep=1, now=NOW)
    assert not folder.exists()
    assert latest_backup(folder) is None
    assert backup_due(folder, at=dt.time(12), now=NOW)


def test_an_old_backup_that_cannot_be_deleted(
    history: EntryRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(history, tmp_path, keep=1, now=NOW)
    original = Path.unlink

    def fail(path: Path, missing_ok: bool = False) -> None:
        if path.suffix == ".zip":
            raise PermissionError(errno.EACCES, "Permission denied")
        original(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", fail)
    later = NOW + dt.timedelta(days=1)
    with pytest.raises(HistoryError, match=r"is written.*20260506-070809\.zip can't be deleted: Permission denied"):
        back_up(history, tmp_path, keep=1, now=later)
    assert not backup_due(tmp_path, at=dt.time(0), now=later)


def test_no_backup_at_all_is_not_kept(history: EntryRepository, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one"):
        back_up(history, tmp_path, keep=0, now=NOW)


def test_a_folder_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "iterdir", fail_to(PermissionError(errno.EACCES, "Permission denied")))
    for look in (latest_backup, lambda folder: backup_due(folder, at=dt.time(12), now=NOW)):
        with pytest.raises(HistoryError, match=f"{re.escape(str(tmp_path))} .*Permission denied"):
            look(tmp_path)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "20260506-130000", True),
        ("20260506-130000", "20260506-130000", False),  # just written
        ("20260505-130000", "20260506-125959", False),  # not yet
        ("20260505-130000", "20260506-130000", True),  # the very second
        ("20260505-125959", "20260506-125959", True),  # yesterday's was missed
        ("20260506-080000", "20260506-130000", True),  # one by hand, in the morning
        ("20260505-235900", "20260506-000100", False),  # midnight is no matter
        ("20260401-130000", "20260506-080000", True),
        ("20990101-000000", "20260506-130000", True),  # a clock that went wrong
    ],
)
def test_when_a_backup_is_due(tmp_path: Path, last: str | None, now: str, due: bool) -> None:
    if last is not None:
        (tmp_path / f"melascreen-backup-{last}.zip").touch()
    moment = dt.datetime.strptime(now, "%Y%m%d-%H%M%S")
    assert backup_due(tmp_path, at=dt.time(13), now=moment) is due
    assert backup_due(tmp_path, at=dt.time(13), now=moment.astimezone()) is due
    (tmp_path / f"melascreen-backup-{now}.zip").touch()
    assert not backup_due(tmp_path, at=dt.time(13), now=moment)


def test_a_copy_within_an_export_stands_by_itself(archive: Path, tmp_path: Path) -> None:
    """It can be opened where nothing can be written beside it: it needs no log."""
    with zipfile.ZipFile(archive) as opened:
        file = Path(opened.extract("history.sqlite3", tmp_path / "out"))
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=0", uri=True)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert Database(file).integrity_error() == ""
