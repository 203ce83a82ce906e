"""Borders around the picture, cut away: a black tube or bars, and plain ones (see `app.core.imaging.plain_border`).

A black border that takes a large part of the image leaves the lesion few of the network's pixels, so it is cut away
down to the bounding box of what is not black. Nothing that is lit is lost but a sliver of 2 % of a side's length. The
corners of a round field of view stay as they are: the network has learned from images that have them.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from app.core.domain.geometry import Box, Rgb
from app.core.imaging.blocks import BLACK, SEARCH_SIDE, Block, largest_block, reduced
from app.core.imaging.plain_border import without_plain_border

LARGEST_KEPT: Final = 0.4
"""Of the image's area: a black frame is cut away where the bounding box takes no more than this.

Round fields in a box of 0.36 and of 0.16 put around val images lower the AUROC by 0.05 and 0.12, by 0.01 and 0.02
once cut free. The network has learned from real fields of 0.42 and more as they are; to cut those free changes val's
AUROC by less than 0.0001 (16 images up to 0.5), so they are left alone."""
BRIGHT_WITHIN: Final = 2 * BLACK
"""0..255; what a quarter of the box reaches at least, or it is a dark image and no frame."""


def crop_borders(rgb: Rgb) -> tuple[Rgb, Box]:
    """The picture within its borders, of an image of shape (height, width, 3), 0..255, and where it lies in that.

    The image itself and `WHOLE` where there is no border to be cut.
    """
    picture, around = without_plain_border(rgb)
    box = find_border(picture)
    if box is None:
        return picture, around
    left, top, right, bottom = box.pixels(picture.shape[1], picture.shape[0])
    return picture[top:bottom, left:right], box.within(around)


def find_border(rgb: Rgb) -> Box | None:
    """What a heavy black frame encloses in an image of shape (height, width, 3), 0..255; `None` without one.

    A frame is black on two opposite sides at least, so a lesion that is black up to one edge is none, and its inside
    is bright, so a dark image is none. Only every n-th pixel is looked at; the box is rounded outwards.
    """
    sample, step = reduced(rgb, SEARCH_SIDE)
    red, green, blue = np.moveaxis(sample, 2, 0)
    brightest = np.maximum(np.maximum(red, green), blue)  # in a tenth of the time that `max` takes along the last axis
    lit = brightest >= BLACK
    around = largest_block(lit)
    if around is None:
        return None
    left, top, right, bottom = around
    above_and_below = top > 0 and bottom < lit.shape[0] - 1
    at_both_sides = left > 0 and right < lit.shape[1] - 1
    if not (above_and_below or at_both_sides):
        return None
    if np.percentile(brightest[top : bottom + 1, left : right + 1], 75) < BRIGHT_WITHIN:
        return None
    box = _outwards(around, step, rgb.shape)
    return box if box.area <= LARGEST_KEPT else None


def _outwards(block: Block, step: int, shape: tuple[int, ...]) -> Box:
    """From the first and last samples of a block, every `step`-th pixel, to the box between the next ones."""
    (left, top, right, bottom), (height, width) = block, shape[:2]

    def between(first: int, last: int, length: int) -> tuple[float, float]:
        return ((first - 1) * step + 1 if first else 0) / length, min((last + 1) * step, length) / length

    (x0, x1), (y0, y1) = between(left, right, width), between(top, bottom, height)
    return Box(x0, y0, x1, y1)
