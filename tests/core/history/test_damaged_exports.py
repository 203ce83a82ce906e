from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.domain.errors import HistoryError
from app.core.history.backup import restore_history
from app.core.history.query import Query
from app.core.history.repository import EntryRepository
from app.core.history.transfer import check_export, import_history
from tests.core.history.exports import entries, execute, files, repacked, version_1
from tests.factories import names, screening


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
