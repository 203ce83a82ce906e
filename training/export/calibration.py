"""Calibration and operating points, fitted on `val`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax
from sklearn.linear_model import LogisticRegression

from app.core.domain.results import CLASSES, MELANOMA
from app.core.model.card import (
    Calibration,
    OperatingPoint,
)
from training import metrics
from training.data.examples import Example
from training.errors import ExportError
from training.metrics import expected_calibration_error
from training.recipe import Recipe

Array = NDArray[np.float64]

SCREENING, BALANCED = "screening", "balanced"
"""The operating points' names."""


def calibrate(margins: NDArray[np.float64], labels: NDArray[np.int64], *, fitted_on: str) -> Calibration:
    """Temperature and bias by maximum likelihood."""
    found = LogisticRegression(C=np.inf).fit(margins[:, np.newaxis], labels)
    slope, intercept = float(found.coef_[0, 0]), float(found.intercept_[0])
    if slope <= 0:
        raise ExportError("On val, the network ranks melanomas below the others: it has learned nothing of use.")
    bias = [0.0] * len(CLASSES)
    bias[MELANOMA] = intercept
    return Calibration(temperature=1 / slope, bias=tuple(bias), fitted_on=fitted_on)


def operating_points(
    labels: NDArray[np.int64], probabilities: NDArray[np.float64], recipe: Recipe, *, fitted_on: str
) -> tuple[OperatingPoint, ...]:
    def point(name: str, threshold: float, chosen: str) -> OperatingPoint:
        return OperatingPoint(
            name=name,
            threshold=threshold,
            chosen=f"{chosen} on val",
            measured_on=fitted_on,
            sensitivity=metrics.sensitivity(labels, probabilities, threshold).rounded(),
            specificity=metrics.specificity(labels, probabilities, threshold).rounded(),
        )

    wanted = recipe.screening_sensitivity
    screening = metrics.threshold_for_sensitivity(labels, probabilities, wanted)
    return (
        point(SCREENING, screening, f"{wanted:.0%} sensitivity"),
        point(BALANCED, metrics.balanced_threshold(labels, probabilities), "sensitivity equal to specificity"),
    )


def diagnosis_calibration(
    logits: NDArray[np.float64] | None, val: Sequence[Example], recipe: Recipe, *, fitted_on: str
) -> Calibration | None:
    """From the images of `val` whose diagnosis is one of the recipe's."""
    if logits is None:
        return None
    index = {name: number for number, names in enumerate(recipe.network.diagnoses) for name in names}
    places = [place for place, example in enumerate(val) if example.diagnosis in index]
    return calibrate_diagnoses(
        logits[places],
        np.array([index[val[place].diagnosis] for place in places]),
        [val[place].group for place in places],
        fitted_on=fitted_on,
    )


MAX_DIAGNOSIS_ECE = 0.03
"""The largest expected calibration error of a diagnosis on `val`, cross-validated, at which its probability holds."""
FOLDS = 5


def calibrate_diagnoses(
    logits: Array, labels: NDArray[np.int64], groups: Sequence[str], *, fitted_on: str
) -> Calibration | None:
    """A temperature and a bias for each diagnosis, for logits (n, diagnoses) and their true indices; or `None`.

    `None` where the probabilities would not hold: their error, on images whose groups took no part in the fit, is
    above `MAX_DIAGNOSIS_ECE` for one of them. Raises `ExportError` where a diagnosis has no image.
    """
    count = logits.shape[1]
    if set(labels.tolist()) != set(range(count)):
        raise ExportError("val has not an image of each diagnosis.")
    folds = np.random.default_rng(0).permutation(len(set(groups))) % FOLDS
    fold_of = dict(zip(sorted(set(groups)), folds.tolist(), strict=True))
    fold = np.array([fold_of[group] for group in groups])
    held_out = np.zeros_like(logits)
    for index in range(FOLDS):
        temperature, bias = _fit_diagnoses(logits[fold != index], labels[fold != index])
        held_out[fold == index] = softmax(logits[fold == index] / temperature + bias, axis=1)
    worst = max(expected_calibration_error((labels == k).astype(int), held_out[:, k]) for k in range(count))
    if worst > MAX_DIAGNOSIS_ECE:
        return None
    temperature, bias = _fit_diagnoses(logits, labels)
    return Calibration(temperature, tuple(bias.tolist()), f"{fitted_on}; error of a diagnosis at most {worst:.3f}")


def _fit_diagnoses(logits: Array, labels: NDArray[np.int64]) -> tuple[float, Array]:
    """A temperature and biases, the first of them 0, by maximum likelihood."""
    truth = np.eye(logits.shape[1])[labels]

    def loss(parameters: Array) -> tuple[float, Array]:
        scaled = parameters[0] * logits + np.concatenate([[0.0], parameters[1:]])
        off = softmax(scaled, axis=1) - truth
        gradient = np.concatenate([[(off * logits).sum()], off[:, 1:].sum(axis=0)])
        return float(-(log_softmax(scaled, axis=1) * truth).sum()) / len(labels), gradient / len(labels)

    start = np.concatenate([[1.0], np.zeros(logits.shape[1] - 1)])
    slope, *bias = minimize(loss, start, jac=True, bounds=[(1e-3, None)] + [(None, None)] * len(start[1:])).x.tolist()
    return 1 / slope, np.array([0.0, *bias])
