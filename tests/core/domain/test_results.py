from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.domain.results import ModelId, Prediction, Rejection, Screening

MODEL = ModelId("m", "1", "0" * 64)
NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


def test_prediction_at_the_threshold_is_suspected() -> None:
    at = Prediction(0.2, 0.2)
    assert (at.label, at.confidence) == ("melanoma", 0.2)
    below = Prediction(0.1999, 0.2)
    assert (below.label, below.confidence) == ("non-melanoma", pytest.approx(0.8001))


def test_a_screening_has_a_prediction_or_an_error() -> None:
    assert Screening(Path("a"), MODEL, NOW, error="no").status == "failed"
    assert Screening(Path("a"), MODEL, NOW, prediction=Prediction(0.1, 0.2)).status == "ok"
    with pytest.raises(ValueError, match="either"):
        Screening(Path("a"), MODEL, NOW)
    with pytest.raises(ValueError, match="either"):
        Screening(Path("a"), MODEL, NOW, prediction=Prediction(0.1, 0.2), error="no")


def test_a_number_that_was_asked_for_is_no_answer() -> None:
    """Whatever the distance from the training's images: a gate may have refused it, or let it pass."""
    far = Screening(Path("a"), MODEL, NOW, prediction=Prediction(0.3, 0.2), ood_distance=3.0)
    assert (far.status, far.is_answer) == ("ok", True)
    forced = replace(far, forced=True, ood_distance=0.5)
    assert (forced.status, forced.is_answer) == ("unfamiliar", False)
    with pytest.raises(ValueError, match="asked for"):
        Screening(Path("a"), MODEL, NOW, error="no", forced=True)


@pytest.mark.parametrize(
    ("probability", "threshold", "suspected"),
    [(None, None, False), (0.3, None, False), (None, 0.3, False), (0.3, 0.3, True), (0.2999, 0.3, False)],
)
def test_other_cancer_is_suspected_at_its_threshold(
    probability: float | None, threshold: float | None, suspected: bool
) -> None:
    one = Prediction(0.1, 0.2, other_cancer_probability=probability, other_cancer_threshold=threshold)
    assert one.other_cancer_suspected == suspected


def test_what_is_refused_for_its_content_has_a_number() -> None:
    assert [reason for reason in Rejection if reason.is_of_content] == [
        Rejection.OUT_OF_DISTRIBUTION,
        Rejection.NOT_DERMOSCOPY,
    ]
