"""Closed polygons as points (n, 2), x and y; the first follows the last without being repeated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Polygon = NDArray[np.float64]


def signed_area(polygon: Polygon) -> float:
    """The area within, by the shoelace formula; its sign says which way round the points go."""
    x, y = (polygon - polygon[0]).T  # of small numbers, whose products lose nothing
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2


def area(polygon: Polygon) -> float:
    """The area within, 0 or more; meant where no sides cross."""
    return abs(signed_area(polygon))


def side_lengths(polygon: Polygon) -> NDArray[np.float64]:
    """How far each point is from its next: (n,)."""
    return np.hypot(*(np.roll(polygon, -1, axis=0) - polygon).T)


def perimeter(polygon: Polygon) -> float:
    """The length of the whole way round."""
    return float(side_lengths(polygon).sum())


def evenly_spaced(polygon: Polygon, count: int) -> Polygon:
    """`count` points at equal distances along a polygon, from its first on: (count, 2)."""
    closed = np.vstack([polygon, polygon[:1]])
    along = np.append(0.0, side_lengths(polygon).cumsum())
    places = np.arange(count) * (along[-1] / count)
    return np.column_stack([np.interp(places, along, closed[:, axis]) for axis in (0, 1)])
