"""Which images are near enough to a threshold that their copies count."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from app.core.domain.statistics import Interval
from app.core.model.operating_point import OperatingPoint, OtherCancerPoint, log_odds
from training.export.borderline import borderline_limit

SHARE = Interval(0.9, 0.8, 0.95)
POINT = OperatingPoint("screening", 0.2, "for a test", "nothing", SHARE, SHARE)
BOTH = replace(POINT, other_cancer=OtherCancerPoint(0.5, "for a test", "nothing", SHARE, SHARE))


def below(threshold: float, distances: np.ndarray) -> np.ndarray:
    """Probabilities so many logits below a threshold."""
    return 1 / (1 + np.exp(-(log_odds(threshold) - distances)))


def test_95_of_100_borderlines_lie_within_the_limit() -> None:
    distances = np.arange(1, 201) / 100
    melanoma = below(0.2, distances)
    copies = np.where(np.arange(200) % 2 == 1, 0.2, 0.1)  # every second one: 0.02, 0.04 … 2.00
    limit = borderline_limit(POINT, (melanoma, None), [(copies * 0, None), (copies, None)], fitted_on="val")
    assert limit is not None
    assert limit.distance == pytest.approx(1.9, abs=2e-4)
    assert limit.distance >= 1.9
    assert (limit.copied.value, limit.borderline.value, limit.missed.value) == (0.95, 0.475, 0.05)
    near = replace(POINT, near=limit).is_near(melanoma)
    assert near.tolist() == (distances < 1.9001).tolist()


def test_what_reaches_a_threshold_itself_is_no_borderline() -> None:
    melanoma = np.array([0.2, 0.9, 0.19])
    assert borderline_limit(POINT, (melanoma, None), [(np.array([0.3, 0.1, 0.1]), None)], fitted_on="val") is None


def test_a_copy_may_reach_either_threshold_and_the_nearer_counts() -> None:
    melanoma, other = below(0.2, np.array([2.0, 1.0, 0.5])), below(0.5, np.array([0.25, 3.0, -1.0]))
    copies = (np.array([0.1, 0.2, 0.9]), np.array([0.5, 0.1, 0.9]))
    limit = borderline_limit(BOTH, (melanoma, other), [copies], fitted_on="val")
    assert limit is not None
    assert limit.distance == pytest.approx(1.0, abs=2e-4)
    assert BOTH.reaches(melanoma, other).tolist() == [False, False, True]
    assert replace(BOTH, near=replace(limit, distance=0.5)).is_near(melanoma, other).tolist() == [True, False, False]


def test_without_a_limit_nothing_is_near() -> None:
    assert POINT.is_near(np.array([0.1999, 0.3])).tolist() == [False, False]
