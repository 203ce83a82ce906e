from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry
from app.core.domain.results import ModelId, Prediction
from app.core.domain.statistics import proportion
from app.core.history import own_cases as module
from app.core.history.own_cases import Share, own_case_metrics
from app.core.history.repository import EntryRepository
from tests.factories import screening

numbers = itertools.count()
OLD, NEW = ModelId("model", "1", "a" * 64), ModelId("model", "2", "b" * 64)


def add(
    history: EntryRepository, diagnosis: str, probability: float, *, threshold: float = 0.2, **changes: object
) -> Entry:
    """An entry of an image of its own, with a diagnosis."""
    changes = {"sha256": f"{next(numbers):064x}", "prediction": Prediction(probability, threshold)} | changes
    return history.add(screening(**changes), ClinicalRecord(diagnosis=diagnosis))


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    return EntryRepository(tmp_path / "history.sqlite3")


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [
        # By hand: (k + z²/2 ± z·sqrt(k(n - k)/n + z²/4)) / (n + z²), z² = 3.8415
        (17, 19, 0.6861, 0.9706),
        (5, 10, 0.2366, 0.7634),
        (0, 5, 0.0, 0.4345),
        (5, 5, 0.5655, 1.0),
    ],
)
def test_wilsons_interval(successes: int, total: int, low: float, high: float) -> None:
    share = proportion(successes, total)
    assert share.value == successes / total
    assert (share.low, share.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("successes", "total"), [(0, 0), (2, 1), (-1, 3)])
def test_no_share_without_cases(successes: int, total: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        proportion(successes, total)


def test_counts(history: EntryRepository) -> None:
    for probability in (0.9, 0.2, 0.21):  # the threshold itself is suspected
        add(history, "melanoma", probability)
    missed = add(history, "melanoma", 0.19)
    for diagnosis, probability in (("nevus", 0.1), ("nevus", 0.3), ("squamous cell carcinoma", 0.3)):
        add(history, diagnosis, probability)
    other = {"other_cancer_probability": 0.5, "other_cancer_threshold": 0.5}
    add(history, "basal cell carcinoma", 0.1, prediction=Prediction(0.1, 0.2, **other))
    borderline = Prediction(0.1, 0.2, borderline=True)
    overlooked = add(history, "other malignant", 0.1, prediction=borderline)  # to look again is not to refer
    add(history, "", 0.9)  # not confirmed
    ((model, threshold, found),) = own_case_metrics(history)
    assert (model, threshold) == (missed.screening.model, 0.2)
    assert (found.melanomas, found.other_cancers, found.benign) == (Share(4, 3), Share(3, 2), Share(2, 1))
    assert (found.images, found.misses) == (9, (missed, overlooked))
    assert found.melanomas.interval == proportion(3, 4)


def test_a_share_without_a_case_is_none(history: EntryRepository) -> None:
    add(history, "nevus", 0.1, model=OLD)
    add(history, "melanoma", 0.1, model=NEW)
    (_, _, melanoma), (_, _, nevus) = own_case_metrics(history)
    assert (melanoma.benign.interval, nevus.melanomas.interval) == (None, None)
    assert melanoma.melanomas.interval is not None
    assert nevus.benign.interval is not None


def test_nothing_confirmed(history: EntryRepository) -> None:
    add(history, "", 0.5)
    assert own_case_metrics(history) == []


def test_models_and_thresholds_are_not_mixed(history: EntryRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    for model, threshold, count in ((OLD, 0.2, 3), (OLD, 0.5, 4), (NEW, 0.2, 5)):
        for _ in range(count):
            add(history, "melanoma", 0.3, model=model, threshold=threshold)
    found = own_case_metrics(history)
    assert [(model, threshold, each.melanomas.images, each.melanomas.right) for model, threshold, each in found] == [
        (NEW, 0.2, 5, 5),
        (OLD, 0.5, 4, 0),
        (OLD, 0.2, 3, 3),
    ]


def test_an_image_counts_once_and_the_newest_diagnosis_holds(history: EntryRepository) -> None:
    add(history, "nevus", 0.1, sha256="c" * 64)
    add(history, "melanoma", 0.1, sha256="c" * 64)
    add(history, "", 0.1, sha256="c" * 64)
    ((_, _, found),) = own_case_metrics(history)
    assert (found.melanomas.images, found.benign.images, len(found.misses)) == (1, 0, 1)


def test_images_of_one_lesion_count_each(history: EntryRepository) -> None:
    joined = [add(history, "nevus", 0.1).id for _ in range(3)]
    history.join_lesion(joined)
    add(history, "nevus", 0.1)
    ((_, _, found),) = own_case_metrics(history)
    assert (found.images, found.lesions) == (4, 2)
