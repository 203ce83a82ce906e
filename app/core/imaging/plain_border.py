"""Plain borders that are not black: a white page, a phone's frame, the corners of a turned picture.

Such a border is not the dermatoscope's. It is cut away whatever it takes, and what is left of it, as around a round
field or a turned picture, is made black, as the network knows it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from app.core.domain.geometry import WHOLE, Box, Mask, Rgb
from app.core.imaging.blocks import BLACK, SEARCH_SIDE, Block, largest_block, reduced

SAME_COLOUR: Final = 12
"""0..255; how far a pixel's channels may be from the colour of the corners and be of the border."""
PLAIN: Final = 3.5
"""0..255; largest standard deviation of a border's channels.

Of the 27,529 images of dermoscopy_v2 and more_clinics 3,244 have four corners of one colour, nearly all of them skin.
With this limit, `STEP` and `SMALLEST` 42 of them have a border, all of which show a round field on white."""
STEP: Final = 35
"""0..255; median difference of the border to what lies two samples within. Those 42 have 47 at least."""
SMALLEST: Final = 0.01
"""Of the image's area."""
REACHING: Final = 0.9
"""Of the image's area: what takes more than this with its bounding box is a picture whatever its shape."""
MISFIT: Final = 0.05
"""Of the bounding box: how much a picture on a page may differ from a rectangle or an ellipse."""
_CUT_SIDE = 1024
"""As `SEARCH_SIDE`, where a border is cut: four times what the network is shown."""


def without_plain_border(rgb: Rgb) -> tuple[Rgb, Box]:
    """The picture within a plain border, of an image (height, width, 3), 0..255, and where it lies in the image.

    What is left of the border is black in it. The image itself and `WHOLE` where there is no such border.
    """
    sample, _ = reduced(rgb, SEARCH_SIDE)
    colour = _border_colour(sample)
    if colour is None or not _is_picture(~_reached(sample, colour)):
        return rgb, WHOLE
    sample, step = reduced(rgb, _CUT_SIDE)
    border = _reached(sample, colour)
    block = largest_block(~border)
    if block is None:
        return rgb, WHOLE
    left, top, right, bottom = block[0], block[1], block[2] + 1, block[3] + 1
    picture = rgb[top * step : bottom * step, left * step : right * step].copy()
    around = Image.fromarray(border[top:bottom, left:right]).convert("L").filter(ImageFilter.MaxFilter(3))
    picture[_enlarged(np.asarray(around) > 0, step, picture.shape)] = 0  # by a pixel more: the edge is a mixture
    height, width = rgb.shape[:2]
    return picture, Box(
        left * step / width, top * step / height, min(right * step / width, 1.0), min(bottom * step / height, 1.0)
    )


def _border_colour(sample: Rgb) -> tuple[int, int, int] | None:
    """The colour of a border that is of one colour, not black, and has a sharp edge within; `None` without one."""
    corners = [sample[y, x].tolist() for y in (0, -1) for x in (0, -1)]
    red, green, blue = (sorted(channel) for channel in zip(*corners, strict=True))
    if max(channel[-1] - channel[0] for channel in (red, green, blue)) > 2 * SAME_COLOUR:
        return None
    colour = (red[1] + red[2]) // 2, (green[1] + green[2]) // 2, (blue[1] + blue[2]) // 2
    if max(colour) < BLACK:
        return None
    sides = np.concatenate([sample[0], sample[-1], sample[:, 0], sample[:, -1]])
    if sides[_alike(sides, colour)].std(axis=0).max() > PLAIN:  # as skin nearly always has, in a tenth of the time
        return None
    border = _reached(sample, colour)
    if not SMALLEST <= border.mean() < 1 or sample[border].std(axis=0).max() > PLAIN:
        return None
    return colour if _step_within(sample, border, colour) >= STEP else None


def _reached(rgb: Rgb, colour: tuple[int, int, int]) -> Mask:
    """The map (height, width) of pixels between which and a side of the image nothing but the border's colour lies."""
    alike = _alike(rgb, colour)
    along = np.logical_and.accumulate
    from_top_or_left = along(alike, axis=0) | along(alike, axis=1)
    return from_top_or_left | along(alike[::-1], axis=0)[::-1] | along(alike[:, ::-1], axis=1)[:, ::-1]


def _alike(rgb: Rgb, colour: tuple[int, int, int]) -> Mask:
    """The map (…) of pixels (…, 3) that may be of the border's colour."""
    alike = np.ones(rgb.shape[:-1], bool)
    for channel, value in enumerate(colour):
        alike &= np.abs(rgb[..., channel].astype(np.int16) - value) <= SAME_COLOUR
    return alike


def _step_within(sample: Rgb, border: Mask, colour: tuple[int, int, int]) -> float:
    """The median difference to the border's colour two samples within its edge, the largest of the channels'."""
    difference = np.abs(sample.astype(np.int16) - np.array(colour, np.int16)).max(axis=2)
    steps = []
    for turns in range(4):
        within, beside = np.rot90(difference, turns), np.rot90(border, turns)
        steps.append(within[:, 2:][beside[:, :-2] & ~beside[:, 1:-1]])
    found = np.concatenate(steps)
    return float(np.median(found)) if found.size else 0.0


def _is_picture(inside: Mask) -> bool:
    """Whether what a border encloses has the shape of a picture, not of a lesion on skin too bright to show.

    That is what nearly reaches all four sides of the map, as a round field or a turned picture does; elsewhere a
    rectangle or an ellipse.
    """
    block: Block | None = largest_block(inside)
    if block is None:
        return False
    left, top, right, bottom = block
    part = inside[top : bottom + 1, left : right + 1]
    if part.size > REACHING * inside.size:
        return True
    y, x = (np.linspace(-1, 1, length) for length in part.shape)
    ellipse = x**2 + y[:, np.newaxis] ** 2 <= 1
    return bool(min((~part).mean(), (part ^ ellipse).mean()) <= MISFIT)


def _enlarged(mask: NDArray[np.bool_], step: int, shape: tuple[int, ...]) -> Mask:
    """A map of every n-th pixel as one of all pixels, of `shape` (height, width, …)."""
    return mask.repeat(step, axis=0)[: shape[0]].repeat(step, axis=1)[:, : shape[1]]
