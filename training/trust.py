"""When a trained network is to be trusted: which pictures are like those that it has learned from, which answers are
steady, and whether its probabilities of diagnoses hold. Fitted on `train`, limits and calibration chosen on `val`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

from app.core.model.card import Calibration
from app.core.model.out_of_distribution import Familiarity
from training.errors import ExportError
from training.metrics import expected_calibration_error

Array = NDArray[np.float64]

COMPONENTS = 128
"""Principal components of the middle features that are kept; 32 to 512 tell strangers about equally well."""
CASE_COMPONENTS = 64
"""Numbers that a case is compared by."""
REFUSED_OF_VAL, REFUSED_OF_A_SOURCE = 0.01, 0.025
"""The largest shares of `val`, and of any source within it, that may lie beyond the limit of familiarity."""
UNSTEADY_OF_VAL = 0.1
"""The share of `val` whose copies are further apart than the limit of steady answers."""
HOLDS = 0.03
"""The largest expected calibration error of a diagnosis on `val`, cross-validated, at which its probability holds."""
FOLDS = 5


def fit_familiarity(middle_features: Array, embeddings: Array, groups: Sequence[str]) -> Familiarity:
    """What the pictures of `train` are like: (n, features), (n, embedding), and the source of each.

    Each source counts the same, or the largest would call the smallest strange.
    """
    roots = np.sqrt(np.maximum(middle_features, 0))
    names = np.array(groups)
    weights = np.zeros(len(names))
    for name in np.unique(names):
        weights[names == name] = 1 / (names == name).sum()
    weights /= weights.sum()
    mean = weights @ roots
    scale = np.sqrt(weights @ (roots - mean) ** 2)
    scale = np.maximum(scale, 1e-3 * scale.max())  # a feature that is always 0 says little, but not nothing
    standard = (roots - mean) / scale
    centres = np.stack([standard[names == name].mean(axis=0) for name in np.unique(names)])
    within = standard - centres[np.searchsorted(np.unique(names), names)]
    variances, directions = _principal(within, weights)
    kept = min(COMPONENTS, int(np.count_nonzero(variances > 1e-9 * variances[0])) - 1)
    rest = variances[kept:].mean()
    case_mean = embeddings.mean(axis=0)
    _, case_directions = _principal(embeddings - case_mean, np.full(len(embeddings), 1 / len(embeddings)))

    def as_stored(values: Array, precision: type = np.float32) -> NDArray[np.float32]:
        return values.astype(precision).astype(np.float32)

    return Familiarity(
        mean=as_stored(mean),
        scale=as_stored(scale),
        centres=as_stored(centres),
        components=as_stored(directions[:, :kept], np.float16),
        variances=as_stored(np.maximum(variances[:kept], rest)),
        rest=as_stored(np.array([rest])),
        case_mean=as_stored(case_mean),
        case_components=as_stored(case_directions[:, :CASE_COMPONENTS], np.float16),
    )


def _principal(centred: Array, weights: Array) -> tuple[Array, Array]:
    """Variances, the largest first, and the directions that they belong to, as columns."""
    variances, directions = np.linalg.eigh((centred * weights[:, np.newaxis]).T @ centred)
    return np.maximum(variances[::-1], 0), directions[:, ::-1]


def familiarity_limit(distances: Array, groups: Sequence[str]) -> float:
    """The distance beyond which at most `REFUSED_OF_VAL` of all lie, and `REFUSED_OF_A_SOURCE` of any source."""
    names = np.array(groups)
    limits = [np.quantile(distances, 1 - REFUSED_OF_VAL, method="higher")]
    limits += [
        np.quantile(distances[names == name], 1 - REFUSED_OF_A_SOURCE, method="higher") for name in np.unique(names)
    ]
    return float(max(limits))


def stability_limit(margins: Array) -> float:
    """The range of the logits (n, copies) that all but `UNSTEADY_OF_VAL` of the images keep to."""
    return float(np.quantile(np.ptp(margins, axis=1), 1 - UNSTEADY_OF_VAL))


def calibrate_diagnoses(
    logits: Array, labels: NDArray[np.int64], lesions: Sequence[str], *, fitted_on: str
) -> Calibration | None:
    """A temperature and a bias for each diagnosis, for logits (n, diagnoses) and their true indices; or `None`.

    `None` where the probabilities would not hold: their error, on images whose lesions took no part in the fit, is
    above `HOLDS` for one of them. Raises `ExportError` where a diagnosis has no image.
    """
    count = logits.shape[1]
    if set(labels.tolist()) != set(range(count)):
        raise ExportError("val has not an image of each diagnosis.")
    folds = np.random.default_rng(0).permutation(len(set(lesions))) % FOLDS
    fold_of = dict(zip(sorted(set(lesions)), folds.tolist(), strict=True))
    fold = np.array([fold_of[lesion] for lesion in lesions])
    held_out = np.zeros_like(logits)
    for index in range(FOLDS):
        temperature, bias = _fit_diagnoses(logits[fold != index], labels[fold != index])
        held_out[fold == index] = softmax(logits[fold == index] / temperature + bias, axis=1)
    worst = max(expected_calibration_error((labels == k).astype(int), held_out[:, k]) for k in range(count))
    if worst > HOLDS:
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
