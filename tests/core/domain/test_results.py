from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from app.core.domain.results import ModelId, Prediction, Screening

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
