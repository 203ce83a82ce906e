from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.domain.entry import Mark
from app.core.domain.messages import Message
from app.core.exchange.table import as_csv
from app.core.history.batches import Batch, BatchRepository, BatchRow
from app.core.history.image_store import ImageStore
from app.core.history.repository import EntryRepository
from app.core.imaging.find import find_images
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from app.core.screening.batch_runner import BatchInterruptedError, run_batch
from app.core.screening.pipeline import screen_file
from tests.conftest import NAMES
from tests.factories import with_gate


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    return EntryRepository(tmp_path / "history.sqlite3")


@pytest.fixture
def batches(history: EntryRepository) -> BatchRepository:
    return BatchRepository(history.database)


@pytest.fixture
def make_classifier(model: Path) -> Callable[[], Classifier]:
    bundle = load_bundle(model)
    return lambda: Classifier(bundle, threads=1)


@pytest.fixture
def card(tmp_path: Path, image_file: Callable[..., Path]) -> Path:
    """A folder of nine pictures that differ, and three files that are none."""
    folder = tmp_path / "card"
    for number in range(9):
        image_file(f"{NAMES[number % 4]} {number}.png", folder=folder, radius=30 + 5 * number)
    (folder / "broken.jpg").write_bytes(b"no image")
    (folder / "empty.png").touch()
    (folder / "cut.png").write_bytes((folder / f"{NAMES[0]} 0.png").read_bytes()[:500])
    return folder


def begin(batches: BatchRepository, *roots: Path) -> Batch:
    return batches.create(list(find_images(roots, recursive=True)), roots)


def run(batches: BatchRepository, batch: Batch, make_classifier: Callable[[], Classifier]) -> list[BatchRow]:
    return [row for group in run_batch(batches, batch, make_classifier) for row in group]


def test_every_image_once_and_the_reasons_of_the_rest(
    history: EntryRepository, batches: BatchRepository, card: Path, make_classifier: Callable[[], Classifier]
) -> None:
    batch = begin(batches, card)
    rows = run(batches, batch, make_classifier)
    assert sorted(row.position for row in rows) == list(range(12))
    assert batches.rows(batch.id) == sorted(rows, key=lambda row: row.position)
    assert history.count() == 9
    failed = {row.screening.path.name: row.screening.error for row in rows if row.entry_id is None}
    assert failed == {
        "broken.jpg": "This is not a JPEG, PNG, TIFF, BMP, WebP, HEIC or DICOM picture.",
        "empty.png": "The file is empty.",
        "cut.png": failed["cut.png"],
    }
    assert "damaged" in str(failed["cut.png"])
    assert batches.open() == []


def test_a_reason_knows_its_code_until_it_is_read_from_the_history(
    batches: BatchRepository, card: Path, make_classifier: Callable[[], Classifier]
) -> None:
    batch = begin(batches, card)
    reasons = {row.screening.path.name: row.screening.error for row in run(batches, batch, make_classifier)}
    codes = {name: error.code for name, error in reasons.items() if isinstance(error, Message)}
    assert codes == {
        "broken.jpg": "image-format-unknown",
        "empty.png": "file-empty",
        "cut.png": "png-damaged",
    }
    for row in batches.rows(batch.id):
        assert row.screening.error == reasons[row.screening.path.name]
        assert not isinstance(row.screening.error, Message)


@pytest.mark.usefixtures("one_by_one")
def test_a_run_is_logged_also_when_it_is_stopped_or_interrupted(
    batches: BatchRepository,
    card: Path,
    make_classifier: Callable[[], Classifier],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "app.core.screening.batch_runner")
    batch = begin(batches, card)
    groups = run_batch(batches, batch, make_classifier, workers=1)
    done = len(next(groups))
    groups.close()
    assert 0 < done < 12
    assert re.fullmatch(rf"batch: {done} images in .* 0 known before, \d without a result", caplog.messages[-1])
    shutil.rmtree(card)
    with pytest.raises(BatchInterruptedError):
        run(batches, batch, make_classifier)
    assert caplog.messages[-2].startswith("batch interrupted: ")
    assert caplog.messages[-1].startswith("batch: 0 images in ")
    assert [record.levelname for record in caplog.records] == ["INFO", "WARNING", "INFO"]


def test_the_table_is_that_of_the_command_line(
    batches: BatchRepository, card: Path, make_classifier: Callable[[], Classifier]
) -> None:
    batch = begin(batches, card)
    run(batches, batch, make_classifier)
    classifier = make_classifier()
    expected = as_csv(screen_file(path, classifier) for path in find_images([card]))
    assert as_csv(row.screening for row in batches.rows(batch.id)) == expected


@pytest.mark.usefixtures("one_by_one")
def test_stopped_and_taken_up_again(
    history: EntryRepository,
    batches: BatchRepository,
    card: Path,
    make_classifier: Callable[[], Classifier],
) -> None:
    batch = begin(batches, card)
    running = run_batch(batches, batch, make_classifier)
    given = next(running)
    running.close()
    (stopped,) = batches.open()
    assert (stopped.total, stopped.done, stopped.roots) == (12, len(given), (card,))
    assert 0 < stopped.done < 12
    rest = run(batches, stopped, make_classifier)
    assert sorted(row.position for row in given + rest) == list(range(12))
    assert history.count() == 9
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batch")]


RUNNER = """
import sys
from pathlib import Path
from app.core.history.batches import BatchRepository
from app.core.model.classifier import Classifier
from app.core.history.repository import EntryRepository
from app.core.model.bundle import load_bundle
from app.core.screening import batch_runner
batch_runner.COMMIT_INTERVAL, batch_runner.CHUNK_SIZE, batch_runner.PREFETCH = 0.0, 1, 1
bundle = load_bundle(Path(sys.argv[2]))
batches = BatchRepository(EntryRepository(Path(sys.argv[1])).database)
for group in batch_runner.run_batch(batches, batches.open()[0], lambda: Classifier(bundle, threads=1)):
    print(*(row.position for row in group), flush=True)
"""


def test_kill(
    history: EntryRepository,
    batches: BatchRepository,
    card: Path,
    make_classifier: Callable[[], Classifier],
    model: Path,
) -> None:
    """What was given is there after kill -9, the rest is done afterwards, and nothing twice."""
    batch = begin(batches, card)
    command = [sys.executable, "-c", RUNNER, str(history.file), str(model)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [int(position) for position in process.stdout.readline().split()]
        assert said  # else it died by itself
        process.kill()
    done = {row.position for row in batches.rows(batch.id)}
    assert done >= set(said)
    (stopped,) = batches.open()
    rest = run(batches, stopped, make_classifier)
    assert {row.position for row in rest} == set(range(12)) - done
    assert sorted(entry.screening.path.name for entry in history.entries()) == sorted(
        file.name for file in card.iterdir() if file.name[:5] not in ("broke", "empty", "cut.p")
    )


def test_the_same_content_is_computed_once(
    history: EntryRepository, batches: BatchRepository, card: Path, make_classifier: Callable[[], Classifier]
) -> None:
    again = card / "zz copy.png"
    shutil.copy(card / f"{NAMES[0]} 0.png", again)
    rows = run(batches, begin(batches, card), make_classifier)
    (copy,) = [row for row in rows if row.is_repeated]
    (first,) = [row for row in rows if row.entry_id == copy.entry_id and row is not copy]
    assert {copy.screening.path, first.screening.path} == {again, card / f"{NAMES[0]} 0.png"}
    assert copy.screening.prediction == first.screening.prediction
    assert history.count() == 9
    later = run(batches, begin(batches, card), make_classifier)
    assert [row.is_repeated for row in later if row.entry_id] == [True] * 10
    assert history.count() == 9


def test_a_file_that_vanishes_is_a_row_and_a_card_pulled_out_is_none(
    history: EntryRepository,
    batches: BatchRepository,
    card: Path,
    make_classifier: Callable[[], Classifier],
    tmp_path: Path,
) -> None:
    batch = begin(batches, card)
    (card / f"{NAMES[1]} 1.png").unlink()
    away = tmp_path / "pulled out"
    card.rename(away)
    for mount_point in (False, True):  # it may be gone, or be left behind empty
        if mount_point:
            card.mkdir()
        with pytest.raises(BatchInterruptedError, match="found any more"):
            run(batches, batch, make_classifier)
        assert batches.rows(batch.id) == []
    card.rmdir()
    away.rename(card)
    rows = run(batches, batch, make_classifier)
    assert [row.screening.path.name for row in rows if row.screening.error == "There is no such file."] == [
        f"{NAMES[1]} 1.png"
    ]
    assert history.count() == 8


def test_a_zip(
    history: EntryRepository, batches: BatchRepository, card: Path, make_classifier: Callable[[], Classifier]
) -> None:
    packed = card.parent / "Карта.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for file in card.iterdir():
            target.write(file, f"DCIM/{file.name}")
        target.writestr("__MACOSX/DCIM/._x.png", b"side-car")
        target.writestr("DCIM/.hidden.png", b"hidden")
        target.writestr("DCIM/Thumbs.db", b"junk")
    rows = run(batches, begin(batches, packed), make_classifier)
    assert {row.screening.path for row in rows} == {packed / "DCIM" / file.name for file in card.iterdir()}
    plain = {row.screening.path.name: row.screening for row in run(batches, begin(batches, card), make_classifier)}
    for row in rows:
        assert row.screening.prediction == plain[row.screening.path.name].prediction
        assert row.screening.error == plain[row.screening.path.name].error
    assert history.count() == 9


def test_what_is_odd_in_a_zip_is_a_row_or_passed_over(
    batches: BatchRepository, tmp_path: Path, card: Path, make_classifier: Callable[[], Classifier]
) -> None:
    """None of it ends the batch."""
    packed = tmp_path / "odd.zip"
    good = (card / f"{NAMES[0]} 0.png").read_bytes()
    with zipfile.ZipFile(packed, "w") as target:
        for name in ("/absolute.png", "../outside.png", "C:/drive.png", "good.png"):
            target.writestr(name, good)
        target.writestr("lzma.png", good, zipfile.ZIP_LZMA)
    content = bytearray(packed.read_bytes())
    begin_of_lzma = content.rindex(b"lzma.png", 0, content.index(b"PK\1\2")) + 8
    content[begin_of_lzma + 40 : begin_of_lzma + 400] = b"\xff" * 360
    packed.write_bytes(content)
    rows = {row.screening.path.name: row.screening for row in run(batches, begin(batches, packed), make_classifier)}
    assert set(rows) == {"good.png", "lzma.png"}
    assert rows["good.png"].prediction is not None
    assert "ZIP is damaged" in str(rows["lzma.png"].error)


def test_a_zip_that_is_none(
    batches: BatchRepository, tmp_path: Path, make_classifier: Callable[[], Classifier]
) -> None:
    (tmp_path / "card.zip").write_bytes(b"no zip")
    (row,) = run(batches, begin(batches, tmp_path / "card.zip"), make_classifier)
    assert "damaged ZIP, or not a ZIP at all" in str(row.screening.error)


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode there")
def test_a_name_that_is_no_text(
    batches: BatchRepository, tmp_path: Path, make_classifier: Callable[[], Classifier]
) -> None:
    folder = tmp_path / "odd"
    folder.mkdir()
    Image.fromarray(reference_image()).save(folder / "x.png")
    (folder / "x.png").rename(folder / os.fsdecode(b"\xff.png"))
    (row,) = run(batches, begin(batches, folder), make_classifier)
    assert row.screening.prediction is not None


def test_deleting_an_entry_leaves_nothing_of_it(
    history: EntryRepository, batches: BatchRepository, card: Path, make_classifier: Callable[[], Classifier]
) -> None:
    batch = begin(batches, card)
    rows = run(batches, batch, make_classifier)
    gone = next(row for row in rows if row.entry_id)
    assert gone.entry_id is not None
    history.delete([gone.entry_id])
    left = batches.rows(batch.id)
    assert gone.position not in {row.position for row in left}
    assert batches.pending(batch.id) == []
    name = os.fsencode(gone.screening.path.name)
    assert not any(name in file.read_bytes() for file in history.file.parent.glob("history.sqlite3*"))


def test_all_cores_at_once(
    batches: BatchRepository, card: Path, make_classifier: Callable[[], Classifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(2, timeout=20)
    predict = Classifier.answer
    seen: set[str] = set()

    def meet(self: Classifier, pictures: list[np.ndarray], **how: bool) -> object:
        if threading.current_thread().name not in seen and len(seen) < 2:
            seen.add(threading.current_thread().name)
            together.wait()
        return predict(self, pictures, **how)

    monkeypatch.setattr(Classifier, "answer", meet)
    rows = [row for group in run_batch(batches, begin(batches, card), make_classifier, workers=2) for row in group]
    assert len(rows) == 12
    assert len(seen) == 2


@pytest.fixture(autouse=True)
def no_worker_left() -> Iterator[None]:
    yield
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batch")]


@pytest.fixture
def makes_refusing(model: Path) -> Callable[[], Classifier]:
    bundle = with_gate(load_bundle(model), 0.25)
    return lambda: Classifier(bundle, threads=1)


def test_what_is_refused_is_not_kept_and_can_be_marked(
    history: EntryRepository,
    batches: BatchRepository,
    card: Path,
    makes_refusing: Callable[[], Classifier],
    tmp_path: Path,
) -> None:
    """No entry would ever let their copies go."""
    images = ImageStore(tmp_path / "kept")
    batch = begin(batches, card)
    rows = [row for group in run_batch(batches, batch, makes_refusing, keep=images) for row in group]
    refused = [row for row in rows if row.screening.status == "refused"]
    assert len(refused) == 9
    assert history.count() == 0
    assert not (tmp_path / "kept").exists() or not list((tmp_path / "kept").iterdir())
    batches.set_mark(batch.id, refused[0].position, Mark.REFER)
    assert [row.position for row in batches.rows(batch.id) if row.mark is Mark.REFER] == [refused[0].position]


def test_a_result_without_stability_is_computed_again_where_that_is_asked_for(
    history: EntryRepository, batches: BatchRepository, card: Path, make_classifier: Callable[[], Classifier]
) -> None:
    run(batches, begin(batches, card), make_classifier)
    before = history.count()
    predictions = [entry.screening.prediction for entry in history.entries()]
    lacking = sum(one is not None and one.consistency is None for one in predictions)  # those near a threshold have it
    assert lacking
    again = begin(batches, card)
    rows = [row for group in run_batch(batches, again, make_classifier, consistency=True) for row in group]
    judged = [row.screening.prediction for row in rows if row.screening.prediction is not None]
    assert judged
    assert all(prediction.consistency is not None for prediction in judged)
    assert history.count() == before + lacking
    third = [
        row for group in run_batch(batches, begin(batches, card), make_classifier, consistency=True) for row in group
    ]
    assert all(row.is_repeated for row in third if row.entry_id is not None)
