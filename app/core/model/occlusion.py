"""The saliency map of an image: how far the network's answer moves when a part of the image is covered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

WINDOW: Final = 4
"""Windows that lie side by side along the image; each begins half a window after the one before."""
ROWS: Final = 2 * WINDOW
"""Rows and columns of the map."""
SOFT: Final = 0.15
"""Share of a window's side over which it fades out: a hard edge would itself be a sign to the network."""
RING: Final = 0.06
"""Share of the image's side that the ring at its edge takes, whose colour is taken for the skin's."""
AT_ONCE: Final = 10
"""Covered copies that the network is asked about in one run."""


def occlusion_map(
    ask: Callable[[NDArray[np.uint8]], NDArray[np.float64]], picture: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """How far covering each place of an image lowers the network's answer (Zeiler and Fergus, ECCV 2014).

    `ask` gives the logits of melanoma against the rest, (n,), for images (n, side, side, 3), 0..255. A window is
    covered with the colour of the skin around the lesion, wherever it fits on a grid of half windows. A place has the
    mean over the windows that cover it: shape (`ROWS`, `ROWS`), in logits; above 0 speaks for melanoma.
    """
    masks = _masks(picture.shape[0])
    fill = _skin(picture)
    before = float(ask(picture[np.newaxis])[0])
    falls = np.concatenate(
        [
            before - ask(_covered(picture, masks[start : start + AT_ONCE], fill))
            for start in range(0, len(masks), AT_ONCE)
        ]
    )
    count = ROWS - 1
    total, times = np.zeros((ROWS, ROWS)), np.zeros((ROWS, ROWS))
    for number, fall in enumerate(falls.tolist()):
        row, column = divmod(number, count)
        total[row : row + 2, column : column + 2] += fall
        times[row : row + 2, column : column + 2] += 1
    return (total / times).astype(np.float32)


def _masks(side: int) -> NDArray[np.float64]:
    """How much of each pixel a window covers, 0..1: (windows, side, side)."""
    places = np.arange(side) + 0.5
    step, wide = side / ROWS, side / WINDOW
    fade = SOFT * wide
    along = np.stack(
        [np.clip((wide / 2 - np.abs(places - (number + 1) * step)) / fade + 0.5, 0, 1) for number in range(ROWS - 1)]
    )
    return np.stack([np.outer(rows, columns) for rows in along for columns in along])


def _covered(picture: NDArray[np.uint8], masks: NDArray[np.float64], fill: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Copies of an image with one window covered each."""
    weights = masks[..., np.newaxis]
    return np.rint(picture * (1 - weights) + fill * weights).astype(np.uint8)


def _skin(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The median colour of the ring at the image's edge, (3,)."""
    wide = max(1, round(RING * picture.shape[0]))
    inner = np.zeros(picture.shape[:2], dtype=bool)
    inner[wide:-wide, wide:-wide] = True
    return np.median(picture[~inner], axis=0)
