from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from app.core.domain.errors import BundleError
from app.core.history.arrivals import Arrival, ArrivalRepository
from app.core.history.repository import EntryRepository
from app.core.imaging.watch import FolderWatch
from app.core.screening.arriving import FolderArrivals, Judged, Outcome, judge
from app.core.screening.options import ScreeningOptions
from app.core.screening.service import ScreeningService

OPTIONS = ScreeningOptions(consistency=False)


@dataclass
class Program:
    """The program as far as it watches a folder; `restart` is a kill and the next start."""

    folder: Path
    model: Path
    file: Path

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self.restart()

    def restart(self) -> None:
        self.history = EntryRepository(self.file)
        self.arrivals = ArrivalRepository(self.history.database)
        self.service = ScreeningService(self.model, self.history)
        self.watched = FolderArrivals(
            self.folder, self.arrivals, watch=lambda folder: FolderWatch(folder, settle=0.0, raw_patience=0.0)
        )

    def look(self) -> list[Arrival]:
        """Two looks, and what came is written down."""
        self.watched.look()
        look = self.watched.look()
        return self.watched.write([(file, "") for file in look.still], look.passed)

    def judge_all(self) -> list[Judged]:
        return [judge(arrival, self.service, self.arrivals, OPTIONS) for arrival in self.arrivals.waiting()]

    def shown(self) -> list[str]:
        return sorted(arrival.path.name for arrival in self.arrivals.newest(50))


@pytest.fixture
def program(tmp_path: Path, model: Path) -> Program:
    return Program(tmp_path / "camera", model, tmp_path / "history.sqlite3")


def test_a_picture_that_comes_is_judged_and_shown_and_what_lay_there_is_not(
    program: Program, image_file: Callable[..., Path]
) -> None:
    image_file("old.png", folder=program.folder)
    assert program.look() == []
    image_file("new.png", folder=program.folder, radius=40)
    program.look()
    (judged,) = program.judge_all()
    assert judged.outcome is Outcome.DONE
    assert judged.arrival.entry is not None
    assert program.shown() == ["new.png"]
    assert program.look() == []


def test_what_waited_and_what_came_while_the_program_was_closed_is_judged_after_a_restart_once(
    program: Program, image_file: Callable[..., Path]
) -> None:
    program.look()
    image_file("a.png", folder=program.folder, radius=30)
    program.look()
    image_file("b.png", folder=program.folder, radius=40)
    program.restart()
    program.look()
    program.judge_all()
    program.restart()
    assert program.look() == []
    assert program.judge_all() == []
    assert program.shown() == ["a.png", "b.png"]
    assert program.history.count() == 2


def test_a_picture_that_is_renamed_after_it_was_judged_is_shown_once_and_judged_once(
    program: Program, image_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    program.look()
    path = image_file("tmp.png", folder=program.folder)
    program.look()
    program.judge_all()
    path.rename(program.folder / "IMG_1.png")
    monkeypatch.setattr(ScreeningService, "screen", None)
    program.look()
    (judged,) = program.judge_all()
    assert judged.renamed
    assert program.shown() == ["IMG_1.png"]
    assert program.history.count() == 1


def test_a_picture_that_is_renamed_before_it_was_judged_is_judged_once(
    program: Program, image_file: Callable[..., Path]
) -> None:
    program.look()
    path = image_file("tmp.png", folder=program.folder)
    program.look()
    path.rename(program.folder / "IMG_1.png")
    assert [judged.outcome for judged in program.judge_all()] == [Outcome.GONE]
    program.look()
    program.judge_all()
    assert program.shown() == ["IMG_1.png"]
    assert program.history.count() == 1


def test_a_copy_of_a_picture_that_was_seen_comes_with_the_same_entry(
    program: Program, image_file: Callable[..., Path]
) -> None:
    program.look()
    image_file("a.png", folder=program.folder)
    program.look()
    program.judge_all()
    program.arrivals.mark_seen(program.arrivals.newest(5))
    image_file("again.png", folder=program.folder)
    program.look()
    program.judge_all()
    assert program.shown() == ["again.png"]
    assert program.history.count() == 1


def test_a_half_written_picture_gets_its_reason_and_its_result_when_it_is_whole(
    program: Program, image_file: Callable[..., Path], tmp_path: Path
) -> None:
    program.look()
    whole = image_file("whole.png", folder=tmp_path / "elsewhere").read_bytes()
    path = program.folder / "a.png"
    path.write_bytes(whole[: len(whole) // 2])
    program.look()
    program.judge_all()
    (half,) = program.arrivals.newest(5)
    assert half.entry is None
    assert half.failure
    path.write_bytes(whole)
    program.look()
    program.judge_all()
    (arrival,) = program.arrivals.newest(5)
    assert arrival.entry is not None
    assert arrival.failure == ""


def test_while_its_folder_is_away_an_arrival_waits(program: Program, image_file: Callable[..., Path]) -> None:
    program.look()
    image_file("a.png", folder=program.folder)
    program.look()
    away = program.folder.with_name("away")
    program.folder.rename(away)
    assert [judged.outcome for judged in program.judge_all()] == [Outcome.LATER]
    assert program.watched.look().problem is not None
    away.rename(program.folder)
    assert [judged.outcome for judged in program.judge_all()] == [Outcome.DONE]
    assert program.shown() == ["a.png"]


def test_a_folder_that_is_away_when_it_is_first_watched_is_known_from_when_it_is_there(
    program: Program, image_file: Callable[..., Path]
) -> None:
    program.folder.rmdir()
    assert program.watched.look().problem is not None
    image_file("old.png", folder=program.folder)
    assert program.look() == []
    image_file("new.png", folder=program.folder, radius=40)
    assert [arrival.path.name for arrival in program.look()] == ["new.png"]


def test_an_arrival_that_changed_since_it_was_found_waits_for_the_look_that_finds_it_once_more(
    program: Program, image_file: Callable[..., Path]
) -> None:
    program.look()
    path = image_file("a.png", folder=program.folder)
    (arrival,) = program.look()
    image_file("a.png", folder=program.folder, radius=44)
    os.utime(path, ns=(1, arrival.file.stamp.modified + 1_000_000_000))
    assert [judged.outcome for judged in program.judge_all()] == [Outcome.LATER]
    program.look()
    assert [judged.outcome for judged in program.judge_all()] == [Outcome.DONE]


def test_a_raw_file_alone_gets_its_reason_and_goes_when_its_jpeg_comes(
    program: Program, image_file: Callable[..., Path]
) -> None:
    program.look()
    (program.folder / "IMG_1.cr2").write_bytes(b"II*\0raw")
    program.look()
    program.judge_all()
    assert program.shown() == ["IMG_1.cr2"]
    image_file("IMG_1.png", folder=program.folder)
    program.look()
    program.judge_all()
    assert program.shown() == ["IMG_1.png"]


def test_without_a_model_an_arrival_waits(program: Program, image_file: Callable[..., Path], tmp_path: Path) -> None:
    program.look()
    image_file("a.png", folder=program.folder)
    (arrival,) = program.look()
    with pytest.raises(BundleError):
        judge(arrival, ScreeningService(tmp_path / "none", program.history), program.arrivals, OPTIONS)
    assert len(program.arrivals.waiting()) == 1


def test_a_folder_that_is_watched_once_more_after_it_was_forgotten_begins_with_what_lies_there(
    program: Program, image_file: Callable[..., Path]
) -> None:
    program.look()
    image_file("a.png", folder=program.folder)
    program.look()
    program.arrivals.forget(program.folder)
    assert judge(_waiting(program), program.service, program.arrivals, OPTIONS).outcome is Outcome.DONE
    program.restart()
    assert program.look() == []
    assert program.shown() == []


def _waiting(program: Program) -> Arrival:
    """An arrival of a folder that was forgotten meanwhile."""
    (program.folder / "b.png").write_bytes((program.folder / "a.png").read_bytes())
    program.restart()
    program.look()
    image = program.folder / "c.png"
    image.write_bytes((program.folder / "a.png").read_bytes())
    (arrival,) = program.look()
    program.arrivals.forget(program.folder)
    return replace(arrival)


def test_files_are_neither_moved_nor_changed(program: Program, image_file: Callable[..., Path]) -> None:
    program.look()
    path = image_file("a.png", folder=program.folder)
    before = path.read_bytes(), path.stat().st_mtime_ns
    program.look()
    program.judge_all()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert list(program.folder.iterdir()) == [path]
