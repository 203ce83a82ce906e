"""The program on real dermoscopy images; skipped where they are not at hand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from app.core.imaging.decode import decode
from app.core.imaging.read import read_bytes
from app.core.model.classifier import Classifier
from app.core.screening.pipeline import screen_file
from training.data.examples import load_source, of_split
from training.metrics import auroc

WHOLE = 1_000_000


@pytest.fixture
def many_clinics(dermoscopy: Path) -> list[Path]:
    """The tables that the shipped model's card was measured on."""
    tables = [dermoscopy.parent / name for name in ("dermoscopy_v2", "more_clinics")]
    if not all((table / "metadata.csv").is_file() for table in tables):
        pytest.skip(f"not all of {tables} are there")
    return tables


def test_the_test_split_gives_the_cards_auroc(many_clinics: list[Path], classifier: Classifier) -> None:
    """All of it: the AUROC of 200 of its images varies by more than the width of the card's interval."""
    test = of_split(load_source(*many_clinics), "test")
    screenings = [screen_file(Path(example.path), classifier) for example in test]
    probabilities = np.array([screening.prediction.melanoma_probability for screening in screenings])
    labels = np.array([example.melanoma for example in test])
    (figure,) = [figure for figure in classifier.card.figures if figure.metric == "AUROC"]
    assert (figure.split, figure.images, figure.melanomas) == ("test", labels.size, labels.sum())
    assert auroc(labels, probabilities) == pytest.approx(figure.estimate.value, abs=0.001)


def test_reduced_scale_hardly_moves_the_probability(dermoscopy: Path, classifier: Classifier) -> None:
    """By a thousandth on average; of the integers that the network computes with, a few are rounded otherwise."""
    reduced, moved = 0, []
    for path in sorted((dermoscopy / "fullsize").iterdir()):
        data = read_bytes(path)
        quick, whole = decode(data), decode(data, at_least=WHOLE)
        assert whole.rgb.shape[1::-1] == whole.full_size == quick.full_size
        reduced += quick.rgb.shape != whole.rgb.shape
        probabilities = [classifier.predict(picture.rgb).melanoma_probability for picture in (quick, whole)]
        moved.append(abs(probabilities[0] - probabilities[1]))
    assert reduced >= 5
    assert np.mean(moved) <= 0.001
    assert max(moved) <= 0.02


def test_the_shared_splits_keep_groups_together(many_clinics: list[Path]) -> None:
    sides = {(example.group, example.split) for example in load_source(*many_clinics)}
    assert max(Counter(group for group, _ in sides).values()) == 1
