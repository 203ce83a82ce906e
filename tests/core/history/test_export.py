from __future__ import annotations

import csv
import datetime as dt
import errno
import io
import os
import re
import zipfile
from pathlib import Path

import pytest

from app.core.domain.errors import HistoryError
from app.core.history import transfer
from app.core.history.backup import back_up, latest_backup
from app.core.history.repository import EntryRepository
from app.core.history.transfer import check_export, export_history
from tests.conftest import NAMES
from tests.core.history.exports import NOW, damage, entries, files, kill_midway
from tests.factories import screening


# The export
def test_what_is_in_an_export(history: EntryRepository, archive: Path, tmp_path: Path) -> None:
    written = entries(history)
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        pictures = {name: opened.read(name) for name in opened.namelist() if name.startswith("thumbnails/")}
        table = list(csv.DictReader(io.StringIO(opened.read("history.csv").decode("utf-8"), newline="")))
        opened.extract("history.sqlite3", tmp_path / "out")
        assert set(opened.namelist()) == {*pictures, "history.csv", "history.sqlite3"}
    assert pictures == {f"thumbnails/{entry.id}.jpg": entry.screening.thumbnail for entry in written}
    assert [row["path"] for row in table] == [f"/pictures/{name}.jpg" for name in NAMES]
    assert table[1] == {
        "id": "2",
        "taken_at": "2026-01-02T00:04:05.000000Z",
        "path": "/pictures/Родинка пациента.jpg",
        "advice": "below-threshold",
        "prediction": "non-melanoma",
        "melanoma_probability": "0.1",
        "threshold": "0.2",
        "lowest_probability": "",
        "highest_probability": "",
        "stability": "",
        "unfamiliarity": "",
        "dermoscopy_probability": "",
        "other_cancer_probability": "",
        "other_cancer_threshold": "",
        **{f"diagnosis_{number}{suffix}": "" for number in (1, 2, 3) for suffix in ("", "_probability")},
        "model": "model",
        "model_version": "1.2",
        "warnings": "a ruler; perhaps; ещё",
        "sha256": "a" * 64,
        "patient": "Пациент 7",
        "site": "head/neck",
        "note": 'a "note"; с кириллицей\nوسطر',
        "diagnosis": "nevus",
        "confirmed_on": "2026-02-03",
        "confirmed_by": "histopathology",
        "mark": "",
        "lesion": "1",
    }
    assert [(row["mark"], row["lesion"]) for row in table] == [("", "1"), ("", "1"), ("watch", ""), ("", "")]
    assert entries(EntryRepository(tmp_path / "out" / "history.sqlite3")) == written


def test_an_export_of_many_pages_has_every_entry_once(
    history: EntryRepository, other: EntryRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.delete([2])  # a gap in the numbers
    for number in range(4):
        history.add(screening(str(number)))
    monkeypatch.setattr(transfer, "_AT_ONCE", 3)
    export_history(history, tmp_path / "e.zip")
    with zipfile.ZipFile(tmp_path / "e.zip") as opened:
        rows = list(csv.DictReader(io.StringIO(opened.read("history.csv").decode())))
    assert [row["id"] for row in rows] == ["1", "3", "4", "5", "6", "7", "8"]
    assert check_export(tmp_path / "e.zip") == 7


def test_an_empty_history_is_exported(other: EntryRepository, tmp_path: Path) -> None:
    export_history(other, tmp_path / "new folder" / "e.zip")
    assert check_export(tmp_path / "new folder" / "e.zip") == 0


def test_an_export_while_another_window_writes(history: EntryRepository, tmp_path: Path) -> None:
    with history.database.transaction() as connection:
        connection.execute("UPDATE screening SET patient = 'not committed'")
        export_history(history, tmp_path / "e.zip")
    with zipfile.ZipFile(tmp_path / "e.zip") as opened:
        assert b"not committed" not in opened.read("history.sqlite3")
    assert {entry.record.patient for entry in history.entries()} == {"not committed"}


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_an_export_that_fails_midway_leaves_what_was_there(
    history: EntryRepository, archive: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    before, around = archive.read_bytes(), files(archive.parent)
    sizes = []

    def fail(opened: zipfile.ZipFile, *_: object) -> None:
        sizes.extend(file.stat().st_size for file in archive.parent.glob(".*.partial"))
        raise error

    monkeypatch.setattr(zipfile.ZipFile, "write", fail)
    history.add(screening("new"))
    expected = HistoryError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected, match="No space left" if isinstance(error, OSError) else None):
        export_history(history, archive)
    assert len(sizes) == 1  # it was underway
    assert archive.read_bytes() == before
    assert files(archive.parent) == around
    assert files(history.file.parent) == ["history.sqlite3"]
    with pytest.raises(expected):
        export_history(history, archive.with_name("new.zip"))
    assert files(archive.parent) == around


@pytest.mark.parametrize("delay", [0.01, 0.05, 0.1])
def test_a_kill_leaves_an_export_whole(history: EntryRepository, archive: Path, delay: float) -> None:
    kill_midway(delay, "export", history.file, archive)
    assert check_export(archive) == 4
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None


@pytest.mark.skipif(os.name == "nt", reason="there are no named pipes in folders, and links need rights")
def test_targets_that_are_no_place_for_an_export(history: EntryRepository, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(history.file)
    before = entries(history)
    for target in (tmp_path, tmp_path / "pipe", history.file, tmp_path / "link", history.file / "e.zip"):
        with pytest.raises(HistoryError, match=re.escape(f"exported to {target.parent}")):
            export_history(history, target)
    assert entries(history) == before
    assert files(tmp_path) == ["link", "one", "pipe"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_to_an_export_stays_one(history: EntryRepository, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "link.zip").symlink_to(archive)
    history.add(screening("new"))
    export_history(history, tmp_path / "link.zip")
    assert (tmp_path / "link.zip").is_symlink()
    assert check_export(archive) == 5


def test_a_damaged_history_does_not_push_out_good_backups(history: EntryRepository, tmp_path: Path) -> None:
    good = back_up(history, tmp_path, keep=1, now=NOW)
    damage(history)
    with pytest.raises(HistoryError, match="is damaged and was not exported"):
        back_up(history, tmp_path, keep=1, now=NOW + dt.timedelta(days=1))
    assert latest_backup(tmp_path) == good
    assert check_export(good) == 4
