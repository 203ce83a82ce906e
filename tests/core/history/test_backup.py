from __future__ import annotations

import csv
import datetime as dt
import errno
import io
import os
import re
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry
from app.core.domain.errors import HistoryError
from app.core.domain.results import ModelId, Prediction
from app.core.history import transfer
from app.core.history.backup import back_up, backup_due, latest_backup, restore_history
from app.core.history.batches import BatchRepository
from app.core.history.database import Database
from app.core.history.query import Query
from app.core.history.repository import EntryRepository
from app.core.history.transfer import check_export, export_history, import_history
from tests.conftest import NAMES
from tests.core.history.test_repository import DATA, names, screening

RECORD = ClinicalRecord(
    "Пациент 7", "head/neck", 'a "note"; с кириллицей\nوسطر', "nevus", "2026-02-03", "histopathology"
)
NOW = dt.datetime(2026, 5, 6, 7, 8, 9)


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    """Four entries with all that an entry may have; the first two show one lesion."""
    history = EntryRepository(tmp_path / "one" / "history.sqlite3")
    fill(history)
    return history


@pytest.fixture
def other(tmp_path: Path) -> EntryRepository:
    """Not there yet."""
    return EntryRepository(tmp_path / "Другая история" / "history.sqlite3")


@pytest.fixture
def archive(history: EntryRepository, tmp_path: Path) -> Path:
    target = tmp_path / "شامة und Копия.zip"
    export_history(history, target)
    return target


def fill(history: EntryRepository) -> list[Entry]:
    for number, name in enumerate(NAMES):
        content = screening(f"{name}.jpg", number / 10, thumbnail=b"\xff\xd8\xff" + bytes([number]) * 50)
        history.add(content, RECORD if number == 1 else None)
    history.join_lesion([1, 2])
    history.set_reviewed([3], reviewed=True)
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
        "taken_at": "2026-01-02T03:04:05+03:00",
        "path": "/pictures/Родинка пациента.jpg",
        "prediction": "non-melanoma",
        "melanoma_probability": "0.1",
        "threshold": "0.2",
        "lowest_probability": "",
        "highest_probability": "",
        "stability": "",
        "unfamiliarity": "",
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
        "reviewed": "no",
        "lesion": "1",
    }
    assert [(row["reviewed"], row["lesion"]) for row in table] == [("no", "1"), ("no", "1"), ("yes", ""), ("no", "")]
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
    assert history.patients() == ["not committed"]


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


def damage(history: EntryRepository) -> bytes:
    """Overwrite pages in the midst of the file."""
    for number in range(200):
        history.add(screening(f"damaged-{number}", thumbnail=bytes(3000)))
    content = bytearray(history.file.read_bytes())
    content[40_000:200_000] = b"\xa5" * 160_000
    history.file.write_bytes(content)
    return bytes(content)


def test_a_damaged_history_does_not_push_out_good_backups(history: EntryRepository, tmp_path: Path) -> None:
    good = back_up(history, tmp_path, keep=1, now=NOW)
    damage(history)
    with pytest.raises(HistoryError, match="is damaged and was not exported"):
        back_up(history, tmp_path, keep=1, now=NOW + dt.timedelta(days=1))
    assert latest_backup(tmp_path) == good
    assert check_export(good) == 4


# Merging


def test_import_into_an_empty_history(history: EntryRepository, other: EntryRepository, archive: Path) -> None:
    assert check_export(archive) == 4
    assert import_history(other, archive) == 4
    assert but_numbers(other) == but_numbers(history)
    assert entries(other)[1].record == RECORD
    assert [entry.reviewed for entry in entries(other)] == [False, False, True, False]
    assert names(other.entries(Query(text="пациент"))) == ["Родинка пациента.jpg"]
    assert files(other.file.parent) == ["history.sqlite3"]
    assert other.database.integrity_error() == ""


def test_import_into_a_history_that_has_some_of_it(
    history: EntryRepository, other: EntryRepository, archive: Path
) -> None:
    for entry in reversed(entries(history)[1:3]):
        other.add(entry.screening)
    other.update_record(entries(other)[1], ClinicalRecord(note="mine"))
    own = other.add(screening("own.jpg"))
    before = entries(other)
    assert import_history(other, archive) == 2
    assert entries(other)[:3] == before
    assert before[1].record.note == "mine"
    assert before[2].screening == own.screening
    assert names(entries(other)[3:]) == [f"{NAMES[0]}.jpg", f"{NAMES[3]}.jpg"]
    assert import_history(other, archive) == 0
    assert import_history(history, archive) == 0
    assert (other.count(), history.count()) == (5, 4)


@pytest.mark.parametrize(
    "changes",
    [
        {"screened_at": dt.datetime(2026, 1, 2, 3, 4, 6, tzinfo=dt.UTC)},
        {"path": Path("/elsewhere/lesion.jpg")},
        {"sha256": "b" * 64},
        {"model": ModelId("model", "1.2", "e" * 64)},
        {"prediction": Prediction(0.0, 0.3)},
    ],
)
def test_what_makes_another_entry(
    history: EntryRepository, other: EntryRepository, archive: Path, changes: dict[str, object]
) -> None:
    same = entries(history)[0].screening
    other.add(replace(same, **changes))
    assert import_history(other, archive) == 4
    assert other.count() == 5


def test_entries_that_are_alike_within_an_export_all_come_along(
    history: EntryRepository, other: EntryRepository, tmp_path: Path
) -> None:
    history.add(entries(history)[0].screening)
    export_history(history, tmp_path / "e.zip")
    assert import_history(other, tmp_path / "e.zip") == 5
    assert import_history(other, tmp_path / "e.zip") == 0


def test_lesions_of_two_histories_do_not_mix(history: EntryRepository, other: EntryRepository, tmp_path: Path) -> None:
    five, six, alone = (history.add(screening(name)).id for name in ("five", "six", "alone"))
    history.join_lesion([five, six])
    history.join_lesion([alone])
    there = [other.add(screening(f"there-{number}")).id for number in range(6)]
    assert {other.join_lesion(there[:2]), other.join_lesion(there[4:])} >= {1, 5}  # numbers that the export has too
    gone = other.add(screening("gone")).id
    other.delete([gone])
    before = lesions(other)
    export_history(history, tmp_path / "e.zip")
    assert import_history(other, tmp_path / "e.zip") == 7
    assert [entry.id for entry in entries(other)[6:]] == list(range(gone + 1, gone + 8))
    assert lesions(other) == before | {
        f"{NAMES[0]}.jpg": gone + 1,
        f"{NAMES[1]}.jpg": gone + 1,
        f"{NAMES[2]}.jpg": None,
        f"{NAMES[3]}.jpg": None,
        "five": gone + 5,
        "six": gone + 5,
        "alone": gone + 7,
    }
    assert other.add(screening("later")).id == gone + 8


def test_a_new_lesion_has_the_smallest_number_that_came_along(
    history: EntryRepository, other: EntryRepository, tmp_path: Path
) -> None:
    history.join_lesion([1, 2, 4])
    other.add(entries(history)[0].screening)
    export_history(history, tmp_path / "e.zip")
    assert import_history(other, tmp_path / "e.zip") == 3
    assert list(lesions(other).values()) == [None, 2, None, 2]


def test_batches_do_not_come_along(history: EntryRepository, other: EntryRepository, tmp_path: Path) -> None:
    BatchRepository(history.database).create([Path("/a.jpg")], [Path("/")])
    export_history(history, tmp_path / "e.zip")
    assert import_history(other, tmp_path / "e.zip") == 4
    assert BatchRepository(other.database).open() == []


def test_an_import_that_fails_midway_adds_nothing(other: EntryRepository, archive: Path) -> None:
    other.add(screening("own.jpg"))
    execute(
        "CREATE TRIGGER full BEFORE INSERT ON thumbnail WHEN new.screening_id = 4"
        " BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    )(other.file)
    before = entries(other)
    with pytest.raises(HistoryError, match="the disk is full"):
        import_history(other, archive)
    assert entries(other) == before
    execute("DROP TRIGGER full")(other.file)
    assert import_history(other, archive) == 4


# Exports of other versions, and what is none


def test_an_export_of_version_1(history: EntryRepository, other: EntryRepository, tmp_path: Path) -> None:
    archive = version_1(tmp_path)
    before = archive.read_bytes()
    assert check_export(archive) == 3
    assert import_history(other, archive) == 3
    assert names(entries(other)) == ["lesion.jpg", "شامة المريض.jpg", "a b'c.jpg"]
    assert names(other.entries(Query(text="المريض"))) == ["شامة المريض.jpg"]
    aside = restore_history(history, archive)
    assert aside is not None
    assert [entry.id for entry in entries(history)] == [1, 3, 4]
    assert files(history.file.parent) == sorted([aside.name, "history.sqlite3"])
    assert archive.read_bytes() == before


def no_zip(archive: Path, folder: Path) -> Path:
    archive.write_bytes(b"no ZIP" * 1000)
    return archive


def empty_file(archive: Path, folder: Path) -> Path:
    archive.write_bytes(b"")
    return archive


def missing(archive: Path, folder: Path) -> Path:
    return folder / "missing.zip"


def a_folder(archive: Path, folder: Path) -> Path:
    return folder


def truncated(archive: Path, folder: Path) -> Path:
    archive.write_bytes(archive.read_bytes()[:-100])
    return archive


def flipped(archive: Path, folder: Path) -> Path:
    """Bytes of the database, as it is packed, are others."""
    with zipfile.ZipFile(archive) as opened:
        info = opened.getinfo("history.sqlite3")
    content = bytearray(archive.read_bytes())
    middle = info.header_offset + 100 + info.compress_size // 2
    content[middle : middle + 20] = bytes(byte ^ 0xFF for byte in content[middle : middle + 20])
    archive.write_bytes(content)
    return archive


def longer_than_the_file(archive: Path, folder: Path) -> Path:
    """The ZIP says that more bytes belong to the database than there are."""
    stored = repacked(archive, lambda file: None, folder)
    with zipfile.ZipFile(stored) as opened:
        start, size = opened.start_dir, opened.getinfo("history.sqlite3").file_size
    content = bytearray(stored.read_bytes())
    content[start + 20 : start + 28] = (size * 2).to_bytes(4, "little") * 2  # packed and unpacked
    stored.write_bytes(content)
    return stored


def locked(archive: Path, folder: Path) -> Path:
    """As if with a password."""
    content = archive.read_bytes().replace(b"PK\x01\x02\x14\x03\x14\x00\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01\x00")
    archive.write_bytes(content)
    return archive


def another_zip(archive: Path, folder: Path) -> Path:
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("letter.txt", "Dear")
    return archive


def damaged_database(archive: Path, folder: Path) -> Path:
    def change(file: Path) -> None:
        content = bytearray(file.read_bytes())
        content[4096 : 4096 * 3] = b"\xa5" * 4096 * 2
        file.write_bytes(content)

    return repacked(archive, change, folder)


def no_database(archive: Path, folder: Path) -> Path:
    return repacked(archive, lambda file: file.write_bytes(b"no database" * 1000) and None, folder)


def empty_database(archive: Path, folder: Path) -> Path:
    return repacked(archive, lambda file: file.write_bytes(b"") and None, folder)


def other_database(archive: Path, folder: Path) -> Path:
    return repacked(archive, execute("ALTER TABLE screening RENAME TO patients"), folder)


def unreadable_entry(archive: Path, folder: Path) -> Path:
    return repacked(archive, execute("UPDATE screening SET taken_at = 'yesterday' WHERE id = 2"), folder)


def lost_thumbnail(archive: Path, folder: Path) -> Path:
    return repacked(archive, execute("UPDATE thumbnail SET screening_id = 77 WHERE screening_id = 2"), folder)


def newer(archive: Path, folder: Path) -> Path:
    return repacked(archive, execute("PRAGMA user_version = 99"), folder)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (no_zip, "no ZIP"),
        (empty_file, "no ZIP"),
        (missing, "No such file"),
        (a_folder, "a directory"),
        (truncated, "is damaged, or"),
        (flipped, "is damaged, or"),
        (longer_than_the_file, "is damaged, or"),
        (locked, "password"),
        (another_zip, "no history.sqlite3"),
        (damaged_database, "history in .* is damaged"),
        (no_database, "history in .* is damaged"),
        (empty_database, "no history of MelaScreen"),
        (other_database, "no such table"),
        (unreadable_entry, "yesterday"),
        (lost_thumbnail, "lost"),
        (newer, "newer MelaScreen"),
    ],
)
def test_what_is_no_whole_export_is_refused(
    other: EntryRepository, archive: Path, tmp_path: Path, make: Callable[[Path, Path], Path], reason: str
) -> None:
    other.add(screening("own.jpg"))
    before = other.file.read_bytes()
    wrong = make(archive, tmp_path)
    for use in (
        lambda: check_export(wrong),
        lambda: import_history(other, wrong),
        lambda: restore_history(other, wrong),
    ):
        with pytest.raises(HistoryError, match=reason) as caught:
            use()
        assert str(wrong) in str(caught.value)
        assert ".melascreen" not in str(caught.value)  # where it was unpacked is nobody's concern
    assert other.file.read_bytes() == before
    assert files(other.file.parent) == ["history.sqlite3"]


def test_an_export_that_is_cut_off_or_changed_anywhere_raises_nothing_else(archive: Path, tmp_path: Path) -> None:
    whole = archive.read_bytes()
    wrong = tmp_path / "wrong.zip"
    for length in range(0, len(whole), len(whole) // 60):
        wrong.write_bytes(whole[:length])
        with pytest.raises(HistoryError):
            check_export(wrong)
    refused = 0
    with zipfile.ZipFile(archive) as opened:
        directory = opened.start_dir
    step = max((len(whole) - directory) // 150, 1)
    for position in (*range(0, directory, directory // 40), *range(directory, len(whole), step)):
        wrong.write_bytes(whole[:position] + bytes([whole[position] ^ 0xFF]) + whole[position + 1 :])
        try:
            assert check_export(wrong) == 4  # a byte that the history has no need of
        except HistoryError:
            refused += 1
    assert refused > 20


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


def fail_to(error: BaseException) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


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
