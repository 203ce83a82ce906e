from __future__ import annotations

import numpy as np
import pytest

from app.core.lesion.similarity import Similarity, from_points

MOVE = Similarity(angle=30.0, scale=1.5, shift=(0.1, -0.2))
POINTS = np.array([[0.0, 0.0], [0.5, 0.25], [-0.3, 0.1], [0.2, -0.4]])


def test_a_quarter_turn_leads_from_the_right_downwards() -> None:
    moved = Similarity(90.0, 2.0, (0.25, 0.0)).points(np.array([[0.5, 0.0], [0.0, 0.0]]))
    np.testing.assert_allclose(moved, [[0.25, 1.0], [0.25, 0.0]], atol=1e-12)


def test_the_inverse_leads_back() -> None:
    np.testing.assert_allclose(MOVE.inverse().points(MOVE.points(POINTS)), POINTS, atol=1e-12)


def test_the_matrix_maps_pixels_as_the_points_of_pictures_of_any_size() -> None:
    then, now = (640, 480), (300, 400)
    pixels = POINTS * max(then) + np.array(then) / 2
    mapped = MOVE.matrix(then, now) @ np.column_stack([pixels, np.ones(len(pixels))]).T
    expected = MOVE.points(POINTS) * max(now) + np.array(now) / 2
    np.testing.assert_allclose(mapped, [*expected.T, np.ones(len(pixels))], atol=1e-9)


def test_the_matrix_of_the_inverse_is_the_inverse_matrix() -> None:
    product = MOVE.inverse().matrix((300, 400), (640, 480)) @ MOVE.matrix((640, 480), (300, 400))
    np.testing.assert_allclose(product, np.eye(3), atol=1e-9)


def test_two_pairs_of_points_give_the_similarity() -> None:
    found = from_points(POINTS[:2], MOVE.points(POINTS[:2]))
    assert (found.angle, found.scale, *found.shift) == pytest.approx((30.0, 1.5, 0.1, -0.2))


def test_more_pairs_share_out_their_errors() -> None:
    moved = MOVE.points(POINTS) + np.array([[0.01, 0.0], [-0.01, 0.0], [0.0, 0.01], [0.0, -0.01]])

    def squares(move: Similarity) -> float:
        return float(((move.points(POINTS) - moved) ** 2).sum())

    found = from_points(POINTS, moved)
    assert found.angle == pytest.approx(30.0, abs=2)
    near = [
        Similarity(found.angle + turned, found.scale * scaled, (found.shift[0] + x, found.shift[1] + y))
        for turned, scaled, x, y in (
            (0.1, 1, 0, 0),
            (-0.1, 1, 0, 0),
            (0, 1.002, 0, 0),
            (0, 1, 0.001, 0),
            (0, 1, 0, 0.001),
        )
    ]
    assert squares(found) < min(map(squares, near))


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (POINTS[:1], POINTS[:1]),
        (POINTS[:2], POINTS[:3]),
        (POINTS[[1, 1]], POINTS[:2]),
        (POINTS[:2], POINTS[[1, 1]]),
    ],
)
def test_points_that_give_no_similarity_are_an_error(then: np.ndarray, now: np.ndarray) -> None:
    with pytest.raises(ValueError, match="points"):
        from_points(then, now)


def test_a_similarity_of_scale_0_is_an_error() -> None:
    with pytest.raises(ValueError, match="scale 0"):
        Similarity.of(0j, 0j)
