from __future__ import annotations

import numpy as np
import pytest

from app.core.lesion.alignment import align
from app.core.lesion.similarity import Similarity
from tests.drawn import as_picture, blob, detailed_lesion, framed, seen_again, spot

MOVE = Similarity(angle=-140.0, scale=1.25, shift=(0.08, -0.12))
GRID = np.stack(np.meshgrid(*2 * [np.linspace(-0.25, 0.25, 3)]), axis=-1).reshape(-1, 2)
TOLERANCE = 0.005
"""Of the later picture's longer side; about a pixel of the drawn ones."""


def distance(one: Similarity, other: Similarity) -> float:
    """The largest one between where points near the centre lie."""
    return float(np.hypot(*(one.points(GRID) - other.points(GRID)).T).max())


def found(then: np.ndarray, now: np.ndarray) -> Similarity:
    alignment = align(then, now)
    assert alignment is not None
    return alignment.similarity


def test_a_lesion_turned_scaled_and_shifted_is_aligned() -> None:
    alignment = align(spot(1), seen_again(spot(1), MOVE, (256, 256)))
    assert alignment is not None
    assert distance(alignment.similarity, MOVE) < TOLERANCE
    assert alignment.similarity.angle == pytest.approx(MOVE.angle, abs=0.5)
    assert alignment.similarity.scale == pytest.approx(MOVE.scale, rel=0.01)
    assert 0.8 < alignment.quality <= 1


def test_the_other_way_round_it_is_the_inverse() -> None:
    assert distance(found(seen_again(spot(1), MOVE, (256, 256)), spot(1)), MOVE.inverse()) < TOLERANCE


def test_pictures_of_other_sizes_and_shapes_are_aligned() -> None:
    move = Similarity(70.0, 0.9, (0.0, 0.05))
    small = seen_again(spot(2), move, (200, 150))
    large = np.repeat(np.repeat(small, 3, axis=0), 3, axis=1)
    assert distance(found(spot(2), large), move) < TOLERANCE


def test_other_light_colours_and_contrast_do_not_matter() -> None:
    now = seen_again(detailed_lesion(), MOVE, (256, 256))
    changed = as_picture(0.5 * now * np.array([1.1, 0.8, 1.2]) + np.linspace(10, 80, 256)[:, np.newaxis])
    assert distance(found(detailed_lesion(), changed), MOVE) < TOLERANCE


def test_hairs_in_one_of_the_pictures_do_not_matter() -> None:
    now = seen_again(spot(3), MOVE, (256, 256)).copy()
    for column in range(20, 240, 40):
        now[:, column : column + 3] = 30
    assert distance(found(spot(3), now), MOVE) < TOLERANCE


def test_black_around_a_round_field_is_no_structure() -> None:
    then, now, other = (
        framed(picture, width=300, height=300, at=(22, 22), round_field=True)
        for picture in (spot(1), seen_again(spot(1), MOVE, (256, 256)), spot(2))
    )
    in_frame = Similarity(MOVE.angle, MOVE.scale, (MOVE.shift[0] * 256 / 300, MOVE.shift[1] * 256 / 300))
    assert distance(found(then, now), in_frame) < TOLERANCE
    assert align(then, other) is None


def test_an_outline_in_common_is_not_enough() -> None:
    assert align(spot(1), seen_again(spot(2), MOVE, (256, 256))) is None
    assert align(blob(), seen_again(blob(), MOVE, (256, 256))) is None


def test_nothing_is_found_where_nothing_is_to_be_seen() -> None:
    flat, black = np.full((200, 300, 3), 150, np.uint8), np.zeros((90, 120, 3), np.uint8)
    assert align(flat, flat) is None
    assert align(flat, spot(1)) is None
    assert align(black, black) is None
    assert align(spot(1)[:1, :2], spot(1)) is None


def test_noise_is_not_aligned() -> None:
    random = np.random.default_rng(0)
    one, other = (as_picture(random.normal(150, 8, (256, 256, 3))) for _ in range(2))
    assert align(one, other) is None
