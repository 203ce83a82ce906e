from __future__ import annotations

import os
import shutil
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.core.imaging.watch import FolderWatch, FoundFile, Known, Look

WATCHED = 10_000


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Watched:
    """A folder, and looks at it that are two seconds apart; what is given is known from then on."""

    folder: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.watch = FolderWatch(self.folder, clock=self.clock)

    def look(self, seconds: float = 2.0) -> Look:
        self.clock.now += seconds
        look = self.watch.look()
        self.watch.learn({file.key: Known(file.stamp, judged=True) for file in look.still})
        self.watch.learn({file.key: Known(file.stamp, judged=False) for file in look.passed})
        return look

    def came(self, seconds: float = 2.0) -> list[str]:
        return names(self.look(seconds).still)

    def lay(self) -> None:
        """All that lies there is known, and was not judged."""
        files, problem = self.watch.everything()
        assert problem is None
        self.watch.learn({file.key: Known(file.stamp, judged=False) for file in files})


def names(files: tuple[FoundFile, ...]) -> list[str]:
    return sorted(file.path.name for file in files)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "watched")


def write(path: Path, size: int = 10) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def test_a_new_file_comes_once_its_size_stands_still(watched: Watched) -> None:
    write(watched.folder / "a.jpg")
    assert watched.came() == []
    assert watched.came() == ["a.jpg"]
    assert watched.came() == []


def test_two_looks_in_the_same_second_are_not_enough(watched: Watched) -> None:
    write(watched.folder / "a.jpg")
    assert watched.came() == []
    assert watched.came(0.3) == []
    assert watched.came(0.8) == ["a.jpg"]


def test_a_file_that_grows_waits_until_it_is_written(watched: Watched) -> None:
    for size in (10, 20, 30):
        write(watched.folder / "a.jpg", size)
        look = watched.look()
        assert look.still == ()
        assert len(look.unsettled) == 1
    assert watched.came() == ["a.jpg"]


def test_a_file_that_only_its_time_tells_from_the_one_before_waits_too(watched: Watched) -> None:
    path = write(watched.folder / "a.jpg")
    watched.look()
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 5_000_000))
    assert watched.came() == []
    assert watched.came() == ["a.jpg"]


def test_a_file_that_is_renamed_after_writing_comes_under_its_last_name(watched: Watched) -> None:
    part = write(watched.folder / "IMG_1.jpg.part")
    watched.look()
    watched.look()
    part.rename(watched.folder / "IMG_1.jpg")
    assert watched.came() == []
    assert watched.came() == ["IMG_1.jpg"]


def test_a_file_that_was_changed_after_it_came_comes_once_more(watched: Watched) -> None:
    path = write(watched.folder / "a.jpg")
    watched.look()
    assert watched.came() == ["a.jpg"]
    write(path, 500)
    assert watched.came() == []
    assert watched.came() == ["a.jpg"]


def test_what_lies_there_already_does_not_come(watched: Watched) -> None:
    write(watched.folder / "old.jpg")
    write(watched.folder / "old.cr2")
    watched.lay()
    write(watched.folder / "new.jpg")
    watched.look()
    assert watched.came() == ["new.jpg"]


def test_what_lay_there_and_is_moved_within_the_folder_does_not_come(watched: Watched) -> None:
    old = write(watched.folder / "old.jpg")
    watched.lay()
    (watched.folder / "2026").mkdir()
    old.rename(watched.folder / "2026" / "tidied.jpg")
    watched.look()
    look = watched.look()
    assert look.still == ()
    assert names(look.passed) == ["tidied.jpg"]
    assert watched.look().passed == ()


def test_of_a_raw_file_and_a_jpeg_the_jpeg_comes_alone(watched: Watched) -> None:
    write(watched.folder / "IMG_1.CR2")
    write(watched.folder / "IMG_1.jpg")
    write(watched.folder / "IMG_2.nef")
    write(watched.folder / "img_2.JPG")
    look = watched.look()
    assert names(look.passed) == ["IMG_1.CR2", "IMG_2.nef"]
    assert watched.came() == ["IMG_1.jpg", "img_2.JPG"]
    assert watched.came(100) == []


def test_a_raw_file_waits_for_its_jpeg(watched: Watched) -> None:
    write(watched.folder / "IMG_1.CR2")
    watched.look()
    assert watched.came() == []
    write(watched.folder / "IMG_1.JPG")
    watched.look()
    assert watched.came() == ["IMG_1.JPG"]


def test_a_raw_file_that_stays_alone_comes_and_goes_when_its_jpeg_comes_late(watched: Watched) -> None:
    write(watched.folder / "IMG_1.CR2")
    watched.look()
    assert watched.came(20) == ["IMG_1.CR2"]
    write(watched.folder / "IMG_1.JPG")
    assert names(watched.look().passed) == ["IMG_1.CR2"]
    assert watched.came() == ["IMG_1.JPG"]


def test_subfolders_are_looked_into_and_what_is_no_picture_is_passed_over(watched: Watched) -> None:
    for name in ("100CANON/a.jpg", "deep/er/b.PNG", "c.txt", ".hidden.jpg", ".trash/d.jpg", "@eaDir/e.jpg", "f.zip"):
        write(watched.folder / name)
    watched.look()
    assert watched.came() == ["a.jpg", "b.PNG"]


def test_a_folder_that_is_watched_by_itself_is_left_out(watched: Watched) -> None:
    write(watched.folder / "own" / "a.jpg")
    write(watched.folder / "b.jpg")
    apart = [watched.folder / "own"]
    watched.watch.look(apart)
    watched.clock.now += 2
    assert names(watched.watch.look(apart).still) == ["b.jpg"]


def test_a_file_without_an_ending_comes_if_its_content_is_a_picture(watched: Watched, image_file: object) -> None:
    write(watched.folder / "notes")
    (watched.folder / "IM0001").write_bytes(b"\0" * 128 + b"DICM" + b"rest")
    watched.look()
    assert watched.came() == ["IM0001"]
    assert watched.look().unsettled == frozenset()


def test_an_empty_file_waits_and_comes_in_the_end_to_get_its_reason(watched: Watched) -> None:
    write(watched.folder / "a.jpg", 0)
    watched.look()
    assert watched.came() == []
    assert watched.came(100) == ["a.jpg"]


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="all may read")
def test_a_file_that_may_not_be_read_yet_waits(watched: Watched) -> None:
    path = write(watched.folder / "a.jpg")
    path.chmod(0)
    watched.look()
    assert watched.came() == []
    path.chmod(stat.S_IRUSR)
    assert watched.came() == ["a.jpg"]


def test_a_folder_that_goes_away_is_a_reason_and_comes_back_without_its_files_coming_twice(watched: Watched) -> None:
    write(watched.folder / "a.jpg")
    watched.look()
    assert watched.came() == ["a.jpg"]
    away = watched.folder.with_name("away")
    watched.folder.rename(away)
    look = watched.look()
    assert look.still == ()
    assert look.problem is not None
    assert look.problem.code == "folder-missing"
    write(away / "b.jpg")
    away.rename(watched.folder)
    assert watched.look().problem is None
    assert watched.came() == ["b.jpg"]


def test_a_file_in_the_place_of_the_folder_is_a_reason_too(watched: Watched) -> None:
    shutil.rmtree(watched.folder)
    write(watched.folder)
    problem = watched.look().problem
    assert problem is not None
    assert problem.code == "folder-missing"


def test_an_error_of_the_disk_is_a_reason_and_not_an_exception(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> object:
        raise OSError(112, "Host is down")

    monkeypatch.setattr("app.core.imaging.watch.os.scandir", fail)
    problem = watched.look().problem
    assert problem == f"The folder {watched.folder} can't be looked into: Host is down."


def test_two_thousand_files_at_once_come_each_once(watched: Watched) -> None:
    for number in range(2000):
        write(watched.folder / f"IMG_{number:04}.jpg")
    assert watched.came() == []
    assert len(watched.came()) == 2000
    assert watched.came() == []


def test_files_are_neither_moved_nor_changed(watched: Watched) -> None:
    paths = [write(watched.folder / name) for name in ("a.jpg", "b.cr2", "c")]
    before = [(path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in paths]
    for _ in range(3):
        watched.look(30)
    assert [(path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in paths] == before


def test_a_slow_folder_is_asked_for_each_files_size_at_some_looks_only(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(watched.folder / "a.jpg")
    monkeypatch.setattr("app.core.imaging.watch.OFTEN", -1.0)
    watched.look()
    watched.look()
    write(path, 500)
    came: list[str] = []
    for _ in range(11):
        came += watched.came()
    assert came == ["a.jpg"]
    write(watched.folder / "b.jpg")
    watched.look()
    assert watched.came() == ["b.jpg"]


def test_a_look_at_ten_thousand_known_files_is_quick(watched: Watched) -> None:
    known = {}
    for number in range(WATCHED):
        write(watched.folder / f"IMG_{number:05}.jpg", 1)
    watched.lay()
    look: Callable[[], Look] = watched.look
    took = []
    for _ in range(3):
        began = time.perf_counter()
        known = look()
        took.append(time.perf_counter() - began)
    assert known.still == ()
    assert min(took) < 2.0
