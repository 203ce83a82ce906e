"""Black borders around the field of view: bars of a video capture, the tube of a dermatoscope.

A frame that takes a large part of the image leaves the lesion few of the network's pixels, so it is cut away down
to the bounding box of what is not black. Nothing that is lit is lost but a sliver of 2 % of a side's length. The
corners of a round field of view stay as they are: the network has learned from images that have them.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.core.domain.geometry import WHOLE, Box

BLACK: Final = 32
"""0..255; a pixel none of whose channels reaches it is black. Frames in train and val lie at 0 to 25."""
LIT_SHARE: Final = 0.02
"""Of a row or column: one with no more lit pixels than this is black (dust, hot pixels, compression)."""
LARGEST_KEPT: Final = 0.4
"""Of the image's area: a frame is cut away where the bounding box takes no more than this.

Round fields in a box of 0.36 and of 0.16 put around val images lower the AUROC by 0.05 and 0.12, by 0.01 and 0.02
once cut free. The network has learned from real fields of 0.42 and more as they are; to cut those free changes val's
AUROC by less than 0.0001 (16 images up to 0.5), so they are left alone."""
BRIGHT_WITHIN: Final = 2 * BLACK
"""0..255; what a quarter of the box reaches at least, or it is a dark image and no frame."""
_SEARCH_SIDE = 128
"""Pixels that the reduced copy's shorter side has at least, which the frame is looked for in."""


def crop_borders(rgb: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Box]:
    """Cut a heavy frame away from an image of shape (height, width, 3), 0..255.

    Gives a view of the image and where it lay; the image itself and `WHOLE` where there is no such frame.
    """
    box = find_border(rgb)
    if box is None:
        return rgb, WHOLE
    left, top, right, bottom = box.pixels(rgb.shape[1], rgb.shape[0])
    return rgb[top:bottom, left:right], box


def find_border(rgb: NDArray[np.uint8]) -> Box | None:
    """What a heavy black frame encloses in an image of shape (height, width, 3), 0..255; `None` without one.

    A frame is black on two opposite sides at least, so a lesion that is black up to one edge is none, and its inside
    is bright, so a dark image is none. Only every n-th pixel is looked at; the box is rounded outwards.
    """
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8 or not rgb.size:
        raise ValueError(f"expected 8-bit RGB of shape (height, width, 3), got {rgb.dtype} {rgb.shape}")
    height, width = rgb.shape[:2]
    step = max(1, min(height, width) // _SEARCH_SIDE)
    red, green, blue = np.moveaxis(rgb[::step, ::step], 2, 0)
    brightest = np.maximum(np.maximum(red, green), blue)  # in a tenth of the time that `max` takes along the last axis
    lit = brightest >= BLACK
    around = lit_box(lit)
    if around is None:
        return None
    left, top, right, bottom = around
    above_and_below = top > 0 and bottom < lit.shape[0] - 1
    at_both_sides = left > 0 and right < lit.shape[1] - 1
    if not (above_and_below or at_both_sides):
        return None
    if np.percentile(brightest[top : bottom + 1, left : right + 1], 75) < BRIGHT_WITHIN:
        return None
    (x0, x1), (y0, y1) = _outwards(left, right, step, width), _outwards(top, bottom, step, height)
    box = Box(x0, y0, x1, y1)
    return box if box.area <= LARGEST_KEPT else None


def lit_box(lit: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """The first and last column and row of a map (rows, columns) that are lit: (left, top, right, bottom), all within.

    `None` where there is none (see `LIT_SHARE`).
    """
    rows, columns = np.flatnonzero(lit.mean(axis=1) > LIT_SHARE), np.flatnonzero(lit.mean(axis=0) > LIT_SHARE)
    if not rows.size or not columns.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]), int(rows[-1])


def _outwards(first: int, last: int, step: int, length: int) -> tuple[float, float]:
    """From the first and the last lit sample to the fractions between which all that is lit lies."""
    start = (first - 1) * step + 1 if first else 0
    return start / length, min((last + 1) * step, length) / length
