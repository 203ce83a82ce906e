from __future__ import annotations

import numpy as np
import pytest

from training.errors import ExportError
from training.networks import convert

IMAGES = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3), dtype=np.uint8)


def shares(images: np.ndarray) -> np.ndarray:
    return images.mean(axis=(1, 2, 3)) / 255


def test_what_gives_the_same_passes() -> None:
    convert.check(shares, lambda images: shares(images) + 0.9 * convert.MAX_DIFFERENCE, IMAGES)
    convert.check(shares, lambda images: shares(images) - 0.015, IMAGES, limit=0.02)


@pytest.mark.parametrize("off", [0.02, -0.02, np.nan])
def test_what_differs_for_one_image_is_an_error(off: float) -> None:
    def wrong(images: np.ndarray) -> np.ndarray:
        return shares(images) + np.array([0, off, 0])

    with pytest.raises(ExportError, match="on 3 images"):
        convert.check(shares, wrong, IMAGES)


def test_what_differs_on_average_is_an_error() -> None:
    with pytest.raises(ExportError, match=r"0\.0150 on average"):
        convert.check(shares, lambda images: shares(images) + 0.015, IMAGES, limit=1.0, mean_limit=0.01)
