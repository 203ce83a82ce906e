"""A result is recorded once: by its content, its model with the card, and the threshold."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry
from app.core.domain.errors import HistoryError
from app.core.domain.results import Consistency, ModelId, Prediction
from app.core.history.image_store import ImageStore
from app.core.history.repository import EntryRepository
from app.core.screening.options import ScreeningOptions
from app.core.screening.service import ImageSource, ScreeningService
from tests.factories import load_version, screening

MODEL = ModelId("model", "1.2", "f" * 64, "c" * 64)
SURE = Prediction(0.25, 0.2, Consistency(0.2, 0.3, consistent=True))


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    return EntryRepository(tmp_path / "history.sqlite3")


def test_the_same_content_has_one_entry_with_what_was_noted(history: EntryRepository) -> None:
    first = history.record_once(screening(model=MODEL))
    history.update_record(first, ClinicalRecord(note="watch"))
    again = history.record_once(screening("another name.jpg", model=MODEL))
    assert (again.id, again.record.note, again.screening.path) == (first.id, "watch", first.screening.path)
    assert history.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "b" * 64},
        {"prediction": Prediction(0.25, 0.3)},
        {"model": replace(MODEL, sha256="e" * 64)},
        {"model": replace(MODEL, card_sha256="d" * 64)},
        {"prediction": SURE},
        {"forced": True},
    ],
)
def test_what_differs_has_an_entry_of_its_own(history: EntryRepository, changes: dict[str, object]) -> None:
    first = history.record_once(screening(model=MODEL))
    other = history.record_once(screening(**{"model": MODEL, **changes}))
    assert other.id != first.id
    assert history.record_once(screening(**{"model": MODEL, **changes})).id == other.id
    assert history.record_once(screening(model=MODEL)).id == first.id


def test_an_entry_with_consistency_stands_for_a_result_without(history: EntryRepository) -> None:
    first = history.record_once(screening(model=MODEL, prediction=SURE))
    assert history.record_once(screening(model=MODEL)).id == first.id


def test_an_entry_from_before_the_card_was_kept_is_told_by_the_cards_name_and_version(
    history: EntryRepository,
) -> None:
    load_version(4, history.file)
    old = history.entries()[-1]
    assert old.screening.model.card_sha256 == ""
    now = replace(old.screening, model=replace(old.screening.model, card_sha256="c" * 64))
    assert history.record_once(now).id == old.id
    assert history.record_once(replace(now, model=replace(now.model, version="5"))).id != old.id
    assert history.count() == 4


def test_a_copy_is_kept_of_what_is_recorded_and_of_what_was(history: EntryRepository, tmp_path: Path) -> None:
    images = ImageStore(tmp_path / "images")
    history.record_once(screening(), b"content")
    assert images.content("a" * 64) is None
    history.record_once(screening(), b"content", keep=images)
    assert images.content("a" * 64) == b"content"


def test_without_its_copy_there_is_no_entry(history: EntryRepository, tmp_path: Path) -> None:
    (tmp_path / "images").touch()
    with pytest.raises(HistoryError, match="can't be kept"):
        history.record_once(screening(), b"content", keep=ImageStore(tmp_path / "images"))
    assert history.count() == 0


WRITER = """
import sys
from pathlib import Path
from app.core.history.repository import EntryRepository
from tests.factories import screening
for number in range(30):
    EntryRepository(Path(sys.argv[1])).record_once(screening(sha256=f"{number:064x}"))
"""


def test_two_processes_record_once_together(history: EntryRepository) -> None:
    history.count()
    command = [sys.executable, "-c", WRITER, str(history.file)]
    with subprocess.Popen(command) as one, subprocess.Popen(command) as other:
        assert (one.wait(60), other.wait(60)) == (0, 0)
    assert history.count() == 30


def test_a_picture_judged_again_in_the_window_shows_the_entry_that_is_there(
    model: Path, history: EntryRepository, image_file: Callable[..., Path], tmp_path: Path
) -> None:
    images = ImageStore(tmp_path / "images")
    service = ScreeningService(model, history, images)
    _, first = service.screen(ImageSource(image_file("a.png")))
    assert isinstance(first, Entry)
    history.update_record(first, ClinicalRecord(patient="P 7"))
    source = ImageSource(image_file("b.png"))
    given, again = service.screen(source, ScreeningOptions(keep_images=True))
    assert isinstance(again, Entry)
    assert (again.id, again.record.patient) == (first.id, "P 7")
    assert given.prediction == first.screening.prediction
    assert images.content(first.screening.sha256 or "") == source.read()
    assert history.count() == 1
