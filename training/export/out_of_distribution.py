"""Fits the out-of-distribution detector on `train` and chooses its limit, and that of consistency, on `val`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.core.model.out_of_distribution import OutOfDistributionDetector
from training.metrics import equal_weights

Array = NDArray[np.float64]
COMPONENTS = 128
"""Principal components of the intermediate features that are kept; 32 to 512 separate negatives about equally well."""
CASE_COMPONENTS = 64
"""Numbers that a case is compared by."""
REFUSED_OF_VAL, REFUSED_OF_A_SOURCE = 0.01, 0.025
"""Largest shares of `val`, and of any source within it, that may lie beyond the limit of distance."""
INCONSISTENT_OF_VAL = 0.1
"""Share of `val` whose augmented views are further apart than the limit of consistency."""


def fit_detector(intermediate_features: Array, embeddings: Array, groups: Sequence[str]) -> OutOfDistributionDetector:
    """The detector for the images of `train`: (n, features), (n, embedding), and the source of each.

    Each source has the same weight, or the smallest would be out of the largest's distribution.
    """
    roots = np.sqrt(np.maximum(intermediate_features, 0))
    names = np.array(groups)
    weights = equal_weights(groups)
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

    return OutOfDistributionDetector(
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


def distance_limit(distances: Array, groups: Sequence[str]) -> float:
    """The distance beyond which at most `REFUSED_OF_VAL` of all lie, and `REFUSED_OF_A_SOURCE` of any source."""
    names = np.array(groups)
    limits = [np.quantile(distances, 1 - REFUSED_OF_VAL, method="higher")]
    limits += [
        np.quantile(distances[names == name], 1 - REFUSED_OF_A_SOURCE, method="higher") for name in np.unique(names)
    ]
    return float(max(limits))


def consistency_limit(margins: Array) -> float:
    """Range of the logits (n, views) that all but `INCONSISTENT_OF_VAL` of the images keep to."""
    return float(np.quantile(np.ptp(margins, axis=1), 1 - INCONSISTENT_OF_VAL))
