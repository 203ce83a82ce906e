"""How near its thresholds an image has to lie for its copies to be looked at, chosen on `val`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from app.core.model.operating_point import BorderlineLimit, OperatingPoint
from training.metrics import Probabilities, proportion

SEEN = 0.95
"""Share of the borderline images of `val` that the limit keeps."""
DIGITS = 4

Pair = tuple[Probabilities, Probabilities | None]
"""Probabilities (n,) of melanoma and of other cancers, `None` where the model has none."""


def borderline_limit(
    point: OperatingPoint, own: Pair, copies: Sequence[Pair], *, fitted_on: str
) -> BorderlineLimit | None:
    """The smallest limit at which `SEEN` of the borderline images are seen as such; `None` where there are none.

    Takes the probabilities of melanoma and of other cancers, of the images and of each of their copies. Borderline is
    what lies below both thresholds with a copy that does not.
    """
    below = ~point.reaches(*own)
    borderline = below & np.any([point.reaches(*copy) for copy in copies], axis=0)
    if not borderline.any():
        return None
    distances = point.distances_below(*own)
    needed = np.sort(distances[borderline])[math.ceil(SEEN * borderline.sum()) - 1]
    distance = math.ceil(needed * 10**DIGITS) / 10**DIGITS
    near = below & (distances <= distance)
    count = len(below)
    return BorderlineLimit(
        distance=distance,
        chosen=f"{SEEN:.0%} of the borderline images of val lie within it",
        measured_on=fitted_on,
        copied=proportion(int(near.sum()), count).rounded(),
        borderline=proportion(int((borderline & near).sum()), count).rounded(),
        missed=proportion(int((borderline & ~near).sum()), int(borderline.sum())).rounded(),
    )
