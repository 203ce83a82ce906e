"""Batches that are done by processes: the same results, each image once, whatever becomes of a worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing import active_children
from pathlib import Path

import pytest

from app.core.history.batches import Batch, BatchRepository, BatchRow, ItemResult
from app.core.history.repository import EntryRepository
from app.core.imaging.find import find_images
from app.core.model.bundle import ModelBundle, load_bundle
from app.core.model.classifier import Classifier
from app.core.screening import batch_runner, processes
from app.core.screening.batch_runner import run_batch
from app.core.screening.chunk_screener import Item

COUNT = 30
screen = processes._screen


def screen_or_end(chunk: Sequence[Item]) -> list[ItemResult]:
    """As a worker does, which ends at a picture by that name."""
    if any(path.name == "deadly.png" for _, path in chunk):
        os._exit(1)
    return screen(chunk)


@pytest.fixture
def batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BatchRepository:
    monkeypatch.setattr(batch_runner, "PROCESSES_FROM", 1)
    return BatchRepository(EntryRepository(tmp_path / "history.sqlite3").database)


@pytest.fixture
def bundle(model: Path) -> ModelBundle:
    return load_bundle(model)


@pytest.fixture
def card(tmp_path: Path, image_file: Callable[..., Path]) -> Path:
    for number in range(COUNT - 1):
        image_file(f"{number:02}.png", folder=tmp_path / "card", radius=30 + 2 * number)
    (tmp_path / "card" / "broken.jpg").write_bytes(b"no image")
    return tmp_path / "card"


def begin(batches: BatchRepository, card: Path) -> Batch:
    return batches.create(list(find_images([card])), [card])


def run(batches: BatchRepository, batch: Batch, bundle: ModelBundle, *, by_processes: bool = True) -> list[BatchRow]:
    groups = run_batch(
        batches, batch, lambda: Classifier(bundle, threads=1), bundle=bundle if by_processes else None, workers=2
    )
    return [row for rows in groups for row in rows]


def told(rows: Sequence[BatchRow]) -> list[tuple[int, object, str]]:
    return sorted((row.position, row.screening.prediction, str(row.screening.error)) for row in rows)


def test_the_results_are_those_of_threads(
    batches: BatchRepository, card: Path, bundle: ModelBundle, tmp_path: Path
) -> None:
    others = BatchRepository(EntryRepository(tmp_path / "threads.sqlite3").database)
    by_threads = told(run(others, begin(others, card), bundle, by_processes=False))
    assert told(run(batches, begin(batches, card), bundle)) == by_threads
    assert len(by_threads) == COUNT
    assert active_children() == []
    again = run(batches, begin(batches, card), bundle)
    assert sum(row.is_repeated for row in again) == COUNT - 1  # known by their content


def test_the_images_of_a_worker_that_died_are_given_to_another(
    batches: BatchRepository, card: Path, bundle: ModelBundle
) -> None:
    batch = begin(batches, card)
    groups = run_batch(batches, batch, lambda: Classifier(bundle, threads=1), bundle=bundle, workers=2)
    rows = list(next(groups))
    active_children()[0].kill()
    rows += [row for group in groups for row in group]
    assert sorted(row.position for row in rows) == list(range(COUNT))
    assert sum(row.screening.prediction is None for row in rows) == 1  # the broken one
    assert len(EntryRepository(batches.database.file).entries()) == COUNT - 1


def test_a_picture_that_ends_its_worker_twice_has_a_reason(
    batches: BatchRepository, card: Path, bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    (card / "10.png").rename(card / "deadly.png")
    monkeypatch.setattr(processes, "_screen", screen_or_end)
    rows = run(batches, begin(batches, card), bundle)
    reasons = {row.screening.path.name: str(row.screening.error) for row in rows if row.screening.prediction is None}
    assert reasons.keys() == {"broken.jpg", "deadly.png"}
    assert "ended the program that looked at it" in reasons["deadly.png"]
    assert sorted(row.position for row in rows) == list(range(COUNT))


def test_a_batch_that_is_stopped_leaves_no_worker(batches: BatchRepository, card: Path, bundle: ModelBundle) -> None:
    batch = begin(batches, card)
    groups = run_batch(batches, batch, lambda: Classifier(bundle, threads=1), bundle=bundle, workers=2)
    assert next(groups)
    assert len(active_children()) == 2
    groups.close()
    assert active_children() == []


RUNNER = """
import sys
from multiprocessing import active_children
from pathlib import Path
from app.core.history.batches import BatchRepository
from app.core.history.repository import EntryRepository
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from app.core.screening import batch_runner

def main():
    batch_runner.PROCESSES_FROM = 1
    bundle = load_bundle(Path(sys.argv[2]))
    batches = BatchRepository(EntryRepository(Path(sys.argv[1])).database)
    groups = batch_runner.run_batch(
        batches, batches.open()[0], lambda: Classifier(bundle, threads=1), bundle=bundle, workers=2
    )
    next(groups)
    print(*(child.pid for child in active_children()), flush=True)
    sys.stdin.read()

if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="it asks Linux's and macOS's table of processes")
def test_workers_end_with_a_program_that_is_killed(
    batches: BatchRepository, card: Path, bundle: ModelBundle, model: Path, tmp_path: Path
) -> None:
    batch = begin(batches, card)
    script = tmp_path / "runner.py"
    script.write_text(RUNNER)
    command = [sys.executable, str(script), str(batches.database.file), str(model)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        children = [int(pid) for pid in process.stdout.readline().split()]
        process.kill()
    assert len(children) == 2
    deadline = time.monotonic() + 20
    while any(is_there(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(is_there(pid) for pid in children)
    rows = run(batches, batches.open()[0], bundle)
    assert {row.position for row in batches.rows(batch.id)} == set(range(COUNT))
    assert len(rows) < COUNT


def is_there(pid: int) -> bool:
    """Whether a process lives; one that ended and that nobody asked about does not."""
    try:
        os.kill(pid, signal.SIG_DFL)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
