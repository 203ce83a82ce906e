from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from training import metrics


@pytest.fixture
def scored() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    labels = (random.random(600) < 0.3).astype(np.int64)
    return labels, np.round(1 / (1 + np.exp(-random.normal(2 * labels - 1.5, 1))), 2)


def test_calibration_errors_interval_encloses_it() -> None:
    """Of calibrated probabilities, whose error is small against the noise of a resample."""
    probabilities = np.random.default_rng(4).random(1000)
    labels = (np.random.default_rng(5).random(1000) < probabilities).astype(np.int64)
    for given, true in ((probabilities, 0.0), (probabilities**2, np.mean(probabilities - probabilities**2))):
        estimate = metrics.calibration_error_estimate(labels, given, each_its_own(labels))
        assert 0 <= estimate.low < estimate.value < estimate.high
        assert estimate.value == pytest.approx(true, abs=0.04)
        assert estimate.high - estimate.low < 0.08


def each_its_own(labels: np.ndarray) -> np.ndarray:
    """Lesions of one image each."""
    return np.arange(labels.size).astype(str)


def test_images_of_one_lesion_count_as_one(scored: tuple[np.ndarray, np.ndarray]) -> None:
    """Every image four times over tells nothing new: the interval stays as wide."""
    labels, scores = scored
    once = metrics.auroc_estimate(labels, scores, each_its_own(labels))
    augmented_views = [np.tile(values, 4) for values in (labels, scores, each_its_own(labels))]
    again = metrics.auroc_estimate(*augmented_views)
    assert again.value == pytest.approx(once.value)
    assert again.high - again.low == pytest.approx(once.high - once.low, rel=0.01)
    apart = metrics.auroc_estimate(augmented_views[0], augmented_views[1], each_its_own(augmented_views[0]))
    assert apart.high - apart.low == pytest.approx((once.high - once.low) / 2, rel=0.15)


def test_auroc_interval(scored: tuple[np.ndarray, np.ndarray]) -> None:
    estimate = metrics.auroc_estimate(*scored, each_its_own(scored[0]))
    assert estimate.value == pytest.approx(roc_auc_score(*scored))
    assert estimate.low < estimate.value < estimate.high
    # DeLong's standard error (Biometrics 44, 1988) gives about the same width
    labels, scores = scored
    positive, negative = scores[labels == 1], scores[labels == 0]
    wins = np.heaviside(positive[:, np.newaxis] - negative, 0.5)
    variance = wins.mean(axis=1).var(ddof=1) / positive.size + wins.mean(axis=0).var(ddof=1) / negative.size
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * np.sqrt(variance), rel=0.1)


def test_proportion_lies_within_its_interval() -> None:
    for total in range(1, 400):
        for successes in {0, 1, total // 2, total}:
            estimate = metrics.proportion(successes, total)
            assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1


def test_proportion_is_wilsons() -> None:
    """Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 and 0 of 20."""
    estimate = metrics.proportion(81, 263)
    assert (estimate.low, estimate.high) == (pytest.approx(0.2553, abs=1e-4), pytest.approx(0.3662, abs=1e-4))
    none = metrics.proportion(0, 20)
    assert (none.low, none.high) == (pytest.approx(0, abs=1e-9), pytest.approx(0.1611, abs=1e-4))


@pytest.mark.parametrize("target", [0.5, 0.9, 0.95, 1.0])
def test_threshold_is_the_highest_that_reaches_the_sensitivity(
    scored: tuple[np.ndarray, np.ndarray], target: float
) -> None:
    labels, probabilities = scored
    threshold = metrics.threshold_for_sensitivity(labels, probabilities, target)
    assert metrics.sensitivity(labels, probabilities, threshold).value >= target
    higher = probabilities[probabilities >= threshold].min() + 1e-9
    assert metrics.sensitivity(labels, probabilities, higher).value < target


def test_sensitivity_and_specificity() -> None:
    labels, probabilities = np.array([1, 1, 0, 0, 0]), np.array([0.5, 0.4, 0.5, 0.49, 0.1])
    assert metrics.sensitivity(labels, probabilities, 0.5).value == 0.5
    assert metrics.specificity(labels, probabilities, 0.5).value == pytest.approx(2 / 3)


def test_expected_calibration_error() -> None:
    labels = np.array([1, 0, 0, 0, 1, 1])
    probabilities = np.array([0.25, 0.25, 0.25, 0.25, 0.9, 0.9])
    assert metrics.expected_calibration_error(labels, probabilities) == pytest.approx(0.1 / 3)


def test_the_error_that_chance_gives_falls_with_the_images_and_is_that_of_right_probabilities() -> None:
    random = np.random.default_rng(0)
    found = []
    for count in (200, 20_000):
        probabilities = random.uniform(size=count)
        labels = (random.uniform(size=count) < probabilities).astype(int)
        chance = metrics.chance_calibration_error(probabilities)
        assert metrics.expected_calibration_error(labels, probabilities) == pytest.approx(chance, abs=0.6 * chance)
        found.append(chance)
    assert found[0] > 5 * found[1]
    weights = np.concatenate([np.full(2000, 1.0), np.zeros(18_000)])
    assert metrics.chance_calibration_error(probabilities, weights=weights) > 2 * found[1]
