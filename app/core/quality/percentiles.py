"""Percentiles of pixels, in a third of the time that NumPy's take for so few values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def of_bytes(values: NDArray[np.uint8], *percents: float) -> NDArray[np.intp]:
    """Percentiles (0..100) of values (n,), each a value that occurs."""
    counts = np.bincount(values, minlength=256).cumsum()
    return counts.searchsorted([percent / 100 * counts[-1] for percent in percents])


def interpolated(values: NDArray[np.floating], *percents: float) -> list[float]:
    """Percentiles (0..100) of values (n,), interpolated between neighbours as `np.percentile` does."""
    places = [percent / 100 * (len(values) - 1) for percent in percents]
    neighbours = {min(int(place) + more, len(values) - 1) for place in places for more in (0, 1)}
    ordered = np.partition(values, sorted(neighbours))
    below = [ordered[int(place)].item() for place in places]
    above = [ordered[min(int(place) + 1, len(values) - 1)].item() for place in places]
    return [low + (high - low) * (place % 1) for low, high, place in zip(below, above, places, strict=True)]


def median(values: NDArray[np.floating]) -> float:
    """The median of values of any shape."""
    return interpolated(values.ravel(), 50)[0]
