"""Maximum likelihood of a softmax's temperature and biases, which calibrates logits of several classes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax, softmax

Array = NDArray[np.float64]


def fit_softmax(logits: Array, labels: NDArray[np.int64], weights: Array) -> tuple[float, Array]:
    """A temperature and biases (classes,), the first of them 0, such that softmax(logits / temperature + biases) fits.

    Takes logits (n, classes), the true classes (n,), and how much each row counts (n,).
    """
    truth = np.eye(logits.shape[1])[labels]
    share = (weights / weights.sum())[:, np.newaxis]

    def loss(parameters: Array) -> tuple[float, Array]:
        scaled = parameters[0] * logits + np.concatenate([[0.0], parameters[1:]])
        off = (softmax(scaled, axis=1) - truth) * share
        gradient = np.concatenate([[(off * logits).sum()], off[:, 1:].sum(axis=0)])
        return float(-(log_softmax(scaled, axis=1) * truth * share).sum()), gradient

    start = np.concatenate([[1.0], np.zeros(logits.shape[1] - 1)])
    slope, *bias = minimize(loss, start, jac=True, bounds=[(1e-3, None)] + [(None, None)] * len(start[1:])).x.tolist()
    return 1 / slope, np.array([0.0, *bias])
