"""`melascreen classify` as a batch: all cores, each result in the history once, nothing lost by a kill."""

from __future__ import annotations

import csv
import hashlib
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from app.__main__ import main
from app.core.domain.errors import HistoryError
from app.core.exchange.table import as_csv
from app.core.history.batches import BatchRepository
from app.core.history.image_store import ImageStore
from app.core.history.repository import EntryRepository
from app.core.imaging.find import find_images
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from app.core.screening.pipeline import screen_file
from app.core.system import paths
from app.core.system.paths import UserData
from app.core.system.settings import Settings, save_settings
from tests.factories import with_gate, write_bundle


@pytest.fixture(autouse=True)
def takes_drawn_pictures(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within this process, the program's own model refuses nothing as unfamiliar."""
    monkeypatch.setattr(paths, "bundled_model", lambda: model)


@pytest.fixture
def card(tmp_path: Path, image_file: Callable[..., Path]) -> Path:
    """A folder of nine pictures that differ."""
    for number in range(9):
        image_file(f"{number}.png", folder=tmp_path / "card", radius=30 + 5 * number)
    return tmp_path / "card"


@pytest.fixture
def history(user_data: UserData) -> EntryRepository:
    return EntryRepository(user_data.history)


def table_of(*arguments: object, status: int = 0) -> bytes:
    """The table of a command that ends with a status."""
    table = Path(os.environ[paths.DATA_VARIABLE]).parent / "out.csv"
    table.parent.mkdir(exist_ok=True)
    table.unlink(missing_ok=True)
    assert main(["classify", *map(str, arguments), "--csv", str(table)]) == status
    return table.read_bytes()


def left_batches(history: EntryRepository) -> int:
    with history.database.transaction() as connection:
        return int(connection.execute("SELECT count(*) FROM batch").fetchone()[0])


def test_the_table_is_that_of_one_by_one_under_the_paths_given(
    card: Path, history: EntryRepository, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files, folders and what can't be read, in the order given; the history holds absolute paths."""
    (card / "broken.jpg").write_bytes(b"no image")
    shutil.copy(card / "3.png", card / "copy of 3.png")
    (card / "sub").mkdir()
    shutil.copy(card / "4.png", card / "sub" / "4.png")
    monkeypatch.chdir(card.parent)
    named = [Path("card/5.png"), Path("card/gone.png"), Path("card"), Path("no-folder/x.png"), Path("card/0.png")]
    expected = as_csv(screen_file(path, classifier) for path in find_images(named, recursive=True))
    assert table_of(*named, "--recursive", "--no-history", status=1) == expected
    assert table_of(*named, "--recursive", status=1) == expected
    assert table_of(*named, "--recursive", status=1) == expected  # from the history
    assert history.count() == 9
    assert all(entry.screening.path.parent == card for entry in history.entries())


def test_all_cores_at_once(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(2, timeout=60)
    answer = Classifier.answer
    seen: set[str] = set()

    def meet(self: Classifier, pictures: list[np.ndarray], **how: bool) -> object:
        if threading.current_thread().name not in seen and len(seen) < 2:
            seen.add(threading.current_thread().name)
            together.wait()
        return answer(self, pictures, **how)

    monkeypatch.setattr(Classifier, "answer", meet)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert len(table_of(card).splitlines()) == 10
    assert len(seen) == 2


def test_copies_of_images_are_kept_where_the_settings_say_so(
    card: Path, history: EntryRepository, user_data: UserData
) -> None:
    table_of(card)
    assert not user_data.images.exists()
    save_settings(Settings(keep_images=True), user_data.settings)
    table_of(card, "--no-history")
    assert not user_data.images.exists()
    table_of(card)
    images = ImageStore(user_data.images)
    for file in card.iterdir():
        content = file.read_bytes()
        assert images.content(hashlib.sha256(content).hexdigest()) == content
    assert history.count() == 9


def test_stability_stands_in_the_table_only_where_it_was_asked_for(card: Path, history: EntryRepository) -> None:
    plain = table_of(card, "--no-history")
    asked = table_of(card, "--stability", "--no-history")
    assert asked != plain
    assert table_of(card, "--stability") == asked
    assert history.count() == 9
    assert table_of(card) == plain
    assert table_of(card, "--stability") == asked
    assert history.count() == 9


def test_a_number_asked_for_is_found_again_by_those_who_ask(
    card: Path, history: EntryRepository, model: Path, tmp_path: Path
) -> None:
    how = ("--model", write_bundle(with_gate(load_bundle(model), 0.25), tmp_path / "refusing"))
    asked = table_of(card, *how, "--although-unfamiliar")
    assert history.count() == 9
    assert table_of(card, *how, "--although-unfamiliar") == asked
    assert history.count() == 9
    refused = table_of(card, *how, status=1).decode()
    assert {row["status"] for row in csv.DictReader(refused.splitlines())} == {"refused"}
    assert history.count() == 9


def test_what_is_answered_in_the_window_is_not_recorded_again(
    card: Path, history: EntryRepository, classifier: Classifier
) -> None:
    history.record_once(screen_file(card / "0.png", classifier, consistency=True))
    table_of(card)
    assert history.count() == 9


@pytest.mark.usefixtures("one_by_one")
def test_a_history_that_fails_midway_costs_no_row(
    card: Path, history: EntryRepository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = table_of(card, "--no-history")
    write, calls = BatchRepository.write, []

    def fail_once(self: BatchRepository, *arguments: object, **named: object) -> object:
        calls.append(self.database.file)
        if len(calls) == 2:
            raise HistoryError("The disk is full.")
        return write(self, *arguments, **named)

    monkeypatch.setattr(BatchRepository, "write", fail_once)
    assert table_of(card, status=1) == whole
    assert capsys.readouterr().err.count("not recorded") == 1
    assert 0 < history.count() < 9
    assert not any(file.parent.exists() for file in calls if file != history.file)  # the temporary one is gone


def interrupt(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the command after its first group was written."""
    write = BatchRepository.write

    def stop(self: BatchRepository, *arguments: object, **named: object) -> object:
        write(self, *arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(BatchRepository, "write", stop)
        with pytest.raises(KeyboardInterrupt):
            main(["classify", str(card)])


@pytest.mark.usefixtures("one_by_one")
def test_a_file_that_changed_since_the_stop_is_judged_as_it_is_now(
    card: Path, history: EntryRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(card, monkeypatch)
    assert 0 < history.count() < 9
    assert left_batches(history) == 1
    assert BatchRepository(history.database).open() == []  # the window does not offer it
    done = history.entries()[0].screening.path
    shutil.copy(next(file for file in card.iterdir() if file != done), done)
    rows = {row["path"]: row["sha256"] for row in csv.DictReader(table_of(card).decode().splitlines())}
    assert rows[str(done)] == hashlib.sha256(done.read_bytes()).hexdigest()
    assert left_batches(history) == 0


@pytest.mark.usefixtures("one_by_one")
def test_what_a_stopped_command_left_goes_with_the_last_of_its_results(
    card: Path, history: EntryRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(card, monkeypatch)
    history.delete([entry.id for entry in history.entries()])
    assert left_batches(history) == 0
    assert not any(os.fsencode(card) in file.read_bytes() for file in history.file.parent.glob("history.sqlite3*"))


def command(model: Path, card: Path, table: Path) -> list[str]:
    return [sys.executable, "-m", "app", "classify", str(card), "--model", str(model), "--csv", str(table)]


def recorded(file: Path) -> int:
    """Entries so far, read beside the process that writes them."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM screening").fetchone()[0])
    except sqlite3.Error:
        return 0


def test_killed_five_times_there_is_one_entry_an_image_and_a_whole_table(
    tmp_path: Path, image_file: Callable[..., Path], history: EntryRepository, model: Path
) -> None:
    card, table = tmp_path / "card", tmp_path / "killed.csv"
    for number in range(60):
        image_file(f"{number:02}.png", folder=card, radius=30 + number)
    moments = random.Random(4)
    for _ in range(5):
        before = recorded(history.file)
        wanted = before + moments.randint(0, 10)
        with subprocess.Popen(command(model, card, table), stderr=subprocess.DEVNULL) as process:
            while process.poll() is None and recorded(history.file) <= wanted:
                time.sleep(0.01)
            time.sleep(moments.uniform(0, 0.1))
            process.kill()
        assert recorded(history.file) >= before
    assert 0 < history.count() <= 60
    assert BatchRepository(history.database).open() == []
    assert left_batches(history) <= 1
    subprocess.run(command(model, card, table), check=True, timeout=120)
    contents = [entry.screening.sha256 for entry in history.entries()]
    assert len(contents) == len(set(contents)) == 60
    assert left_batches(history) == 0
    assert table.read_bytes() == table_of(card, "--no-history")
    assert table_of(card) == table.read_bytes()
    assert history.count() == 60


def test_the_same_command_twice_at_once(card: Path, history: EntryRepository, model: Path, tmp_path: Path) -> None:
    tables = [tmp_path / "one.csv", tmp_path / "other.csv"]
    running = [subprocess.Popen(command(model, card, table)) for table in tables]
    assert [process.wait(120) for process in running] == [0, 0]
    assert tables[0].read_bytes() == tables[1].read_bytes()
    assert history.count() == 9
    assert left_batches(history) == 0
