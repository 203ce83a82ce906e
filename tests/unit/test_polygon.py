from __future__ import annotations

import math

import numpy as np
import pytest

from app.core import polygon

SQUARE = np.array([(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)])


def test_the_sign_of_an_area_is_the_way_round_and_the_place_does_not_matter() -> None:
    assert polygon.signed_area(SQUARE) == 4
    assert polygon.signed_area(SQUARE[::-1]) == -4
    assert polygon.area(SQUARE[::-1]) == 4
    assert polygon.area(SQUARE + 1e6) == 4


def test_the_last_side_counts() -> None:
    assert polygon.side_lengths(SQUARE).tolist() == [2, 2, 2, 2]
    assert polygon.perimeter(SQUARE) == 8


def test_points_lie_on_the_line_equally_far_apart() -> None:
    assert polygon.evenly_spaced(SQUARE, 8).tolist() == [
        [0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [0, 1],
    ]  # fmt: skip
    angles = np.sort(np.random.default_rng(0).uniform(0, 2 * math.pi, 400))
    points = polygon.evenly_spaced(np.column_stack([np.cos(angles), np.sin(angles)]), 12)
    assert np.ptp(polygon.side_lengths(points)) < 0.02
    assert np.hypot(*points.T) == pytest.approx(1, abs=0.01)
