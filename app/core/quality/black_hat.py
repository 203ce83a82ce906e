"""What is darker than its surroundings and narrow, in one channel of a standard image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.core.imaging.preprocess import STANDARD_SIDE

CLOSING = 5
"""Side of the square of the closing: what is darker than its surroundings and narrower than this stands out. `_extreme`
is made for this number."""


def black_hat(channel: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A closing by a square minus the channel, of shape (256, 256); 0 for all that is broad or bright."""
    around = 2 * (CLOSING // 2)
    side = STANDARD_SIDE + 2 * around
    wide = np.empty((side, side), np.uint8)
    wide[around:-around, around:-around] = channel
    wide[:around], wide[-around:] = wide[around], wide[-around - 1]
    wide[:, :around], wide[:, -around:] = wide[:, [around]], wide[:, [-around - 1]]
    closed = np.zeros(side * side, np.uint8)
    found = _extreme(np.minimum, _extreme(np.maximum, wide.ravel(), side), side)
    closed[: len(found)] = found
    return np.asarray(closed.reshape(side, side)[:STANDARD_SIDE, :STANDARD_SIDE] - channel)


def _extreme(choose: np.ufunc, pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The largest or smallest of each `CLOSING`-sided square of an image's pixels, row by row, at its first one.

    Those of squares that go beyond a row's end mean nothing. All rows at once, as one, take half the time.
    """
    for step in (side, 1):
        two = choose(pixels[:-step], pixels[step:])
        four = choose(two[: -2 * step], two[2 * step :])
        pixels = choose(four[:-step], pixels[4 * step :])
    return pixels
