"""Calibration of the probabilities of melanoma and of the diagnoses, fitted on `val`."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from app.core.domain.clinical import MELANOMA_ABBREVIATION
from app.core.domain.results import CLASSES, MELANOMA
from app.core.model.card import CalibratedShares, Calibration
from training.data.examples import Example
from training.errors import ExportError
from training.export.operating_points import kinds
from training.metrics import Weights, chance_calibration_error, expected_calibration_error
from training.recipe import Recipe
from training.softmax_fit import fit_softmax

log = logging.getLogger(__name__)

Array = NDArray[np.float64]

MAX_DIAGNOSIS_ECE = 0.03
"""The largest expected calibration error of a diagnosis on `val`, cross-validated, at which its probability holds:
beyond the error that chance gives so many images whose probabilities hold."""
FOLDS = 5


def source_weights(examples: Sequence[Example], sources: Sequence[Sequence[str]]) -> Weights:
    """How much each image counts, (n,), so that each of the groups of sources counts the same, by its images of the
    collection `main` alone; 1 on the average. Without groups, every image counts the same."""
    if not sources:
        return np.ones(len(examples))
    weights = np.zeros(len(examples))
    for names in sources:
        inside = [e.source in names and e.is_main for e in examples]
        if not any(inside):
            raise ExportError(f"val has no image of {' or '.join(names)}, which the recipe calibrates by.")
        weights[inside] = len(examples) / len(sources) / sum(inside)
    return weights


def calibrated_shares(examples: Sequence[Example], weights: Weights, *, other_cancers: bool) -> CalibratedShares:
    """Shares of melanomas, and of other cancers among the images of which it is known, that the weights make."""
    is_melanoma = np.array([example.melanoma for example in examples]) == 1
    is_benign, is_other = kinds(examples)
    known = is_melanoma | is_benign | is_other
    other = float(weights[is_other].sum() / weights[known].sum()) if other_cancers and is_other.any() else 0.0
    return CalibratedShares(round(float(weights[is_melanoma].sum() / weights.sum()), 4), round(other, 4) or None)


def calibrate(margins: Array, labels: NDArray[np.int64], weights: Weights, *, fitted_on: str) -> Calibration:
    """Temperature and bias of melanoma by maximum likelihood."""
    found = LogisticRegression(C=np.inf).fit(margins[:, np.newaxis], labels, sample_weight=weights)
    slope, intercept = float(found.coef_[0, 0]), float(found.intercept_[0])
    if slope <= 0:
        raise ExportError("On val, the network ranks melanomas below the others: it has learned nothing of use.")
    bias = [0.0] * len(CLASSES)
    bias[MELANOMA] = intercept
    return Calibration(temperature=1 / slope, bias=tuple(bias), fitted_on=fitted_on)


def diagnosis_calibration(
    logits: Array, melanoma: Array, val: Sequence[Example], weights: Weights, recipe: Recipe, *, fitted_on: str
) -> Calibration | None:
    """The calibration of the diagnoses other than melanoma, given that it is none; or `None` where it would not hold.

    `logits` (n, diagnoses), `melanoma` (n,) its calibrated probabilities. Fitted on the images of `val` whose
    diagnosis is one of the recipe's. `None` where there is no diagnosis beside melanoma, where `val` has no image of
    one, and where the probabilities (see `app.core.model.card`), on images whose groups took no part in the fit, are
    off by more than `MAX_DIAGNOSIS_ECE` beyond chance for one of them.
    """
    index = {name: number for number, names in enumerate(recipe.network.diagnoses) for name in names}
    if MELANOMA_ABBREVIATION not in index or len(recipe.network.diagnoses) < 2:
        return None
    places = np.array([p for p, example in enumerate(val) if example.diagnosis in index and weights[p] > 0], dtype=int)
    labels = np.array([index[val[place].diagnosis] for place in places])
    found = calibrate_diagnoses(
        logits[places],
        labels,
        melanoma[places],
        [val[place].group for place in places],
        weights[places],
        melanoma_index=index[MELANOMA_ABBREVIATION],
    )
    if found is None:
        return None
    temperature, bias, worst = found
    return Calibration(
        temperature, tuple(bias.tolist()), f"{fitted_on}; error of a diagnosis at most {worst:.3f} beyond chance"
    )


def calibrate_diagnoses(
    logits: Array,
    labels: NDArray[np.int64],
    melanoma: Array,
    groups: Sequence[str],
    weights: Weights,
    *,
    melanoma_index: int,
) -> tuple[float, Array, float] | None:
    """A temperature, a bias for each diagnosis (0 for melanoma), and the largest error; see `diagnosis_calibration`."""
    count = logits.shape[1]
    if set(labels.tolist()) != set(range(count)):
        log.warning("val has not an image of each diagnosis: no probabilities of diagnoses are given.")
        return None
    others = np.array([number for number in range(count) if number != melanoma_index])
    rest, own = logits[:, others], labels != melanoma_index
    place = np.searchsorted(others, labels)
    fold = _folds(groups)
    held_out = np.zeros_like(rest)
    for index in range(FOLDS):
        inside = own & (fold != index)
        temperature, bias = fit_softmax(rest[inside], place[inside], weights[inside])
        held_out[fold == index] = softmax(rest[fold == index] / temperature + bias, axis=1)
    held_out *= 1 - melanoma[:, np.newaxis]
    worst = max(
        _error_beyond_chance((labels == number).astype(int), held_out[:, column], weights)
        for column, number in enumerate(others)
    )
    if worst > MAX_DIAGNOSIS_ECE:
        log.warning("The probabilities of the diagnoses are off by %.3f beyond chance on val: none are given.", worst)
        return None
    temperature, bias = fit_softmax(rest[own], place[own], weights[own])
    return temperature, np.insert(bias, melanoma_index, 0.0), worst


def _error_beyond_chance(labels: NDArray[np.int64], probabilities: Array, weights: Weights) -> float:
    error = expected_calibration_error(labels, probabilities, weights=weights)
    return max(0.0, error - chance_calibration_error(probabilities, weights=weights))


def _folds(groups: Sequence[str]) -> NDArray[np.int64]:
    names = sorted(set(groups))
    fold_of = dict(zip(names, (np.random.default_rng(0).permutation(len(names)) % FOLDS).tolist(), strict=True))
    return np.array([fold_of[group] for group in groups])
