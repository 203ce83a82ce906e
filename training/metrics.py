"""Figures of merit for a binary classifier, each with a 95 % confidence interval."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

from app.core.domain import statistics
from app.core.domain.statistics import Interval

Labels = NDArray[np.int64]
Probabilities = NDArray[np.float64]
Places = NDArray[np.int64]
Groups = NDArray[np.str_]
Weights = NDArray[np.float64]
BOOTSTRAP_ROUNDS = 2000
BOOTSTRAP_SEED = 1337
CALIBRATION_BINS = 15
CHANCE_ROUNDS = 200


def auroc(labels: Labels, scores: Probabilities) -> float:
    """Area under the receiver operating characteristic; ties count half."""
    return float(roc_auc_score(labels, scores))


def cross_entropy(labels: Labels, probabilities: Probabilities) -> float:
    """Mean negative log-likelihood, in nats: the thesis's loss."""
    return float(log_loss(labels, probabilities, labels=[0, 1]))


def accuracy(labels: Labels, probabilities: Probabilities, *, threshold: float = 0.5) -> float:
    """Share of the images on the right side of the threshold."""
    return float(np.mean((probabilities >= threshold) == (labels == 1)))


def average_precision(labels: Labels, scores: Probabilities) -> float:
    """Area under the precision-recall curve, as a sum of steps."""
    return float(average_precision_score(labels, scores))


def auroc_estimate(labels: Labels, scores: Probabilities, groups: Groups) -> Interval:
    """AUROC with its bootstrap interval (see `bootstrap`)."""
    return bootstrap(labels, groups, lambda positive, negative: _rank_auroc(scores[positive], scores[negative]))


def bootstrap(labels: Labels, groups: Groups, figure: Callable[[Places, Places], float]) -> Interval:
    """A figure with the percentile bootstrap's interval, melanomas and others resampled apart.

    Whole groups (of a lesion or patient) are resampled, for the images of one are alike. `figure` computes from places
    (indices) of melanomas and of others. For a comparison of two models it takes the difference of theirs on the same
    places: a paired bootstrap.
    """
    value, values = _rounds(labels, groups, figure)
    low, high = np.quantile(values, [0.025, 0.975])
    return Interval(value, float(low), float(high))


def _rounds(
    labels: Labels, groups: Groups, figure: Callable[[Places, Places], float]
) -> tuple[float, NDArray[np.float64]]:
    """The figure, and what it is in each round of the bootstrap."""
    random = np.random.default_rng(BOOTSTRAP_SEED)
    classes = [_by_group(np.flatnonzero(labels == label), groups) for label in (1, 0)]
    values = [
        figure(*(_resampled(places, of_group, random) for places, of_group in classes)) for _ in range(BOOTSTRAP_ROUNDS)
    ]
    return figure(*(places for places, _ in classes)), np.array(values)


def _by_group(places: Places, groups: Groups) -> tuple[Places, Places]:
    """The places of a class, and the number of each one's lesion."""
    return places, np.unique(groups[places], return_inverse=True)[1]


def _resampled(places: Places, of_group: Places, random: np.random.Generator) -> Places:
    count = int(of_group.max()) + 1
    times = np.bincount(random.integers(count, size=count), minlength=count)
    return np.repeat(places, times[of_group])


def auroc_difference(labels: Labels, groups: Groups, scores: Probabilities, others: Probabilities) -> Interval:
    """By how much `scores` rank better than `others`, on the same images: paired bootstrap."""

    def difference(positive: Places, negative: Places) -> float:
        return _rank_auroc(scores[positive], scores[negative]) - _rank_auroc(others[positive], others[negative])

    return bootstrap(labels, groups, difference)


def _rank_auroc(positive: Probabilities, negative: Probabilities) -> float:
    """Mann-Whitney's U over the number of pairs: the same as `auroc`, for many rounds."""
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, side="left")
    not_above = np.searchsorted(ordered, positive, side="right")
    return float((below + not_above).sum() / 2 / positive.size / negative.size)


def proportion(successes: int, total: int) -> Interval:
    """A share with its interval (see `app.core.domain.statistics`); not a number where there is nothing to count."""
    return statistics.proportion(successes, total) if total else Interval(float("nan"), 0.0, 1.0)


def sensitivity(labels: Labels, probabilities: Probabilities, threshold: float) -> Interval:
    """Share of the melanomas at the threshold or above."""
    melanomas = probabilities[labels == 1]
    return proportion(int((melanomas >= threshold).sum()), melanomas.size)


def specificity(labels: Labels, probabilities: Probabilities, threshold: float) -> Interval:
    """Share of the others below the threshold."""
    others = probabilities[labels == 0]
    return proportion(int((others < threshold).sum()), others.size)


def threshold_for_sensitivity(labels: Labels, probabilities: Probabilities, target: float) -> float:
    """The highest threshold at which at least `target` (0..1) of the melanomas lie at it or above.

    It lies halfway between that melanoma's probability and the next lower one among all images, so that
    rounding in another run of the network does not move an image across it.
    """
    melanomas = np.sort(probabilities[labels == 1])
    lowest = melanomas[int(np.floor(melanomas.size * (1 - target) + 1e-9))]
    lower = probabilities[probabilities < lowest]
    return float((lowest + lower.max()) / 2) if lower.size else float(lowest)


def balanced_threshold(labels: Labels, probabilities: Probabilities) -> float:
    """The threshold at which sensitivity and specificity come closest to each other."""
    candidates = np.unique(probabilities)
    sensitivities = 1 - np.searchsorted(np.sort(probabilities[labels == 1]), candidates) / (labels == 1).sum()
    specificities = np.searchsorted(np.sort(probabilities[labels == 0]), candidates) / (labels == 0).sum()
    chosen = int(np.argmin(np.abs(sensitivities - specificities)))
    return float(np.mean(candidates[max(chosen - 1, 0) : chosen + 1]))  # halfway, as `threshold_for_sensitivity`


def equal_weights(names: Sequence[str]) -> Weights:
    """How much each of the names counts, (n,), so that all that are the same add up to 1."""
    _, of_each, counts = np.unique(np.array(names), return_inverse=True, return_counts=True)
    return np.asarray(1 / counts[of_each])


def calibration_bins(probabilities: Probabilities, *, bins: int = CALIBRATION_BINS) -> Places:
    """The bin of equal width that each probability falls into, 0 to `bins` - 1."""
    return np.minimum((probabilities * bins).astype(int), bins - 1)


def expected_calibration_error(
    labels: Labels, probabilities: Probabilities, *, weights: Weights | None = None, bins: int = CALIBRATION_BINS
) -> float:
    """Mean distance of probability and frequency over bins of equal width, weighted by their images.

    Of the probability of one class (Naeini et al., AAAI 2015), not of the predicted class. With `weights`, an image
    counts as much as its weight, in a bin's probability and frequency too; they need not add up to 1.
    """
    index = calibration_bins(probabilities, bins=bins)
    counted = np.ones(labels.size) if weights is None else weights
    distances = np.bincount(index, counted * (labels - probabilities), minlength=bins)
    return float(np.abs(distances).sum() / counted.sum())


def chance_calibration_error(probabilities: Probabilities, *, weights: Weights | None = None) -> float:
    """The mean `expected_calibration_error` of as many images for which the probabilities hold: what chance gives.

    The error of few images is above 0 however well the probabilities are calibrated, for each bin's frequency is that
    of few draws.
    """
    random = np.random.default_rng(BOOTSTRAP_SEED)
    drawn = (random.uniform(size=probabilities.size) < probabilities for _ in range(CHANCE_ROUNDS))
    return float(
        np.mean([expected_calibration_error(labels.astype(int), probabilities, weights=weights) for labels in drawn])
    )


def calibration_error_estimate(
    labels: Labels, probabilities: Probabilities, groups: Groups, weights: Weights | None = None
) -> Interval:
    """`expected_calibration_error` (15 bins) with its bootstrap interval.

    Resampling adds noise, and noise adds to the error: the rounds lie too high, on average by as much as is taken
    off here (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 10).
    """

    def error(positive: Places, negative: Places) -> float:
        places = np.concatenate([positive, negative])
        counted = None if weights is None else weights[places]
        return expected_calibration_error(labels[places], probabilities[places], weights=counted)

    value, values = _rounds(labels, groups, error)
    low, high = np.quantile(values - (values.mean() - value), [0.025, 0.975])
    return Interval(value, float(max(0.0, low)), float(high))
