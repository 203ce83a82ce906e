"""The saliency map: where it is hot, its sign, and what it asks the network."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.model.occlusion import ROWS, occlusion_map

SIDE = 64
SKIN = 200


def picture(*, row: int = 18, column: int = 42, shade: int = 20) -> NDArray[np.uint8]:
    """A spot of 4 x 4 pixels on even skin."""
    drawn = np.full((SIDE, SIDE, 3), SKIN, np.uint8)
    drawn[row : row + 4, column : column + 4] = shade
    return drawn


def darkness(images: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray((SKIN - images.astype(np.float64)).sum(axis=(1, 2, 3)) / 1000)


def test_it_is_hottest_where_the_answer_comes_from() -> None:
    found = occlusion_map(darkness, picture())
    assert found.shape == (ROWS, ROWS)
    row, column = np.unravel_index(found.argmax(), found.shape)
    assert (row, column) == (2, 5)  # of cells of 8 pixels
    assert found[6, 1] == pytest.approx(0)


def test_what_speaks_against_is_below_zero() -> None:
    found = occlusion_map(lambda images: -darkness(images), picture())
    assert found.min() < 0
    assert found.max() == pytest.approx(0)


def test_an_even_picture_moves_nothing() -> None:
    even = np.full((SIDE, SIDE, 3), SKIN, np.uint8)
    assert occlusion_map(darkness, even) == pytest.approx(0)


def test_the_cover_has_the_colour_of_the_skin_and_leaves_the_rest() -> None:
    asked: list[NDArray[np.uint8]] = []

    def noted(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        asked.extend(images)
        return darkness(images)

    shown = picture()
    occlusion_map(noted, shown)
    assert np.array_equal(asked[0], shown)
    copies = np.stack(asked[1:])
    assert any((copy == SKIN).all() for copy in copies)
    changed = (copies != shown).any(axis=3)
    assert changed.any()
    assert not changed[:, shown[..., 0] == SKIN].any()
