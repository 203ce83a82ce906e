from __future__ import annotations

import math

import numpy as np
import pytest

from app.core.domain import geometry

SQUARE = np.array([(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)])


def test_the_sign_of_an_area_is_the_way_round_and_the_place_does_not_matter() -> None:
    assert geometry.signed_area(SQUARE) == 4
    assert geometry.signed_area(SQUARE[::-1]) == -4
    assert geometry.area(SQUARE[::-1]) == 4
    assert geometry.area(SQUARE + 1e6) == 4


def test_the_last_side_counts() -> None:
    assert geometry.side_lengths(SQUARE).tolist() == [2, 2, 2, 2]
    assert geometry.perimeter(SQUARE) == 8


def test_points_lie_on_the_line_equally_far_apart() -> None:
    assert geometry.evenly_spaced(SQUARE, 8).tolist() == [
        [0, 0], [1, 0], [2, 0], [2, 1], [2, 2], [1, 2], [0, 2], [0, 1],
    ]  # fmt: skip
    angles = np.sort(np.random.default_rng(0).uniform(0, 2 * math.pi, 400))
    points = geometry.evenly_spaced(np.column_stack([np.cos(angles), np.sin(angles)]), 12)
    assert np.ptp(geometry.side_lengths(points)) < 0.02
    assert np.hypot(*points.T) == pytest.approx(1, abs=0.01)
