from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from app.core.quality.black_hat import CLOSING, black_hat


def test_it_is_a_closing_by_a_square_minus_the_channel() -> None:
    channel = np.random.default_rng(0).integers(0, 256, (256, 256), np.uint8)
    wide = np.pad(channel, 2 * (CLOSING // 2), mode="edge")
    largest = sliding_window_view(wide, (CLOSING, CLOSING)).max(axis=(2, 3))
    closed = sliding_window_view(largest, (CLOSING, CLOSING)).min(axis=(2, 3))
    assert np.array_equal(black_hat(channel), closed - channel)


def test_a_narrow_dark_line_stands_out_and_a_broad_one_does_not() -> None:
    channel = np.full((256, 256), 200, np.uint8)
    channel[:, 100:103] = 50
    channel[:, 150:160] = 50
    found = black_hat(channel)
    assert (found[:, 101] == 150).all()
    assert not found[:, 150:160].any()
