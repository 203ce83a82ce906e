"""Measures of an image: light, colour, sharpness, vignette."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain.geometry import Box
from app.core.imaging.blocks import BLACK, lit_box
from app.core.imaging.preprocess import standard_image
from app.core.quality.percentiles import interpolated, of_bytes

CLIPPED_FROM: Final = 245
"""0..255; a channel that has this value or more has as good as none."""
Plane = NDArray[np.floating]
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Rec. ITU-R BT.601, 2.5.1: the luma of R'G'B', as Pillow's mode L."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Measures of a standard image, 0..255 unless stated otherwise.

    `lit` is the share of pixels that are not black (0..1); what follows is measured on these. `bright` is the 90th
    percentile of luma, `clipped` the share of pixels (0..1) with two channels at `CLIPPED_FROM` or above. `spread`
    is the difference between the 2nd and the 98th percentile of the channel where it is largest, `colour` the 99th
    percentile of the difference between a pixel's largest and smallest channel. `red` and `blue` are the natural
    logarithms of R/G and B/G of the skin (the brighter half). `edge` is the brightness of a ring near the
    border of the field of view over that of its middle. `fine` and `coarse` are the contrast of details of about
    4 and 8 standard pixels over that of details twice as large: blur takes the finer ones first.
    """

    lit: float
    bright: float
    clipped: float
    spread: float
    colour: float
    red: float
    blue: float
    edge: float
    fine: float
    coarse: float


def measure(rgb: NDArray[np.uint8]) -> Measures:
    """Measure an image of shape (height, width, 3), 0..255; a standard image is not resized again."""
    image = Image.fromarray(standard_image(rgb))
    half = np.asarray(image.reduce(2))
    red, green, blue = (np.ascontiguousarray(half[..., channel]) for channel in range(3))
    lower, higher = np.minimum(red, green), np.maximum(red, green)
    lowest, second, highest = (
        np.minimum(lower, blue),
        np.maximum(lower, np.minimum(higher, blue)),
        np.maximum(higher, blue),
    )
    luma = half.astype(np.float32) @ _LUMA
    is_lit = highest >= BLACK
    lit, field = float(is_lit.mean()), _field(is_lit)
    if field is None:
        return Measures(lit, bright=0, clipped=0, spread=0, colour=0, red=0, blue=0, edge=1, fine=1, coarse=1)
    middle, bright = interpolated(luma[is_lit], 50, 90)
    is_skin = is_lit & (luma >= middle)
    skin = [max(1.0, float(channel[is_skin].mean())) for channel in (red, green, blue)]
    fine, coarse = _sharpness(image, field)
    return Measures(
        lit=lit,
        bright=bright,
        clipped=float((second >= CLIPPED_FROM).mean()) / lit,
        spread=max(float(np.diff(of_bytes(channel[is_lit], 2, 98))[0]) for channel in (red, green, blue)),
        colour=float(of_bytes((highest - lowest)[is_lit], 99)[0]),
        red=math.log(skin[0] / skin[1]),
        blue=math.log(skin[2] / skin[1]),
        edge=_edge(luma, field),
        fine=fine,
        coarse=coarse,
    )


def _field(is_lit: NDArray[np.bool_]) -> Box | None:
    """The bounding box of what is lit: it touches the circle of a round field of view. `None` where all is black."""
    around = lit_box(is_lit)
    if around is None:
        return None
    height, width = is_lit.shape
    left, top, right, bottom = around
    return Box(left / width, top / height, (right + 1) / width, (bottom + 1) / height)


def _squared_radius(field: Box, side: int) -> Plane:
    """The distance from the field's middle, squared; 1 at the middles of its sides. Shape (side, side)."""
    place = (np.arange(side, dtype=np.float32) + 0.5) / side
    x = (2 * place - field.left - field.right) / (field.right - field.left)
    y = (2 * place - field.top - field.bottom) / (field.bottom - field.top)
    return x * x + y[:, np.newaxis] * y[:, np.newaxis]


def _edge(luma: Plane, field: Box) -> float:
    """The 90th percentile of luma at 0.8 to 0.95 of the field's radius, over that within 0.5 of it."""
    radius2 = _squared_radius(field, len(luma))
    ring, middle = luma[(radius2 >= 0.8**2) & (radius2 <= 0.95**2)], luma[radius2 <= 0.5**2]
    if not ring.size or not middle.size:
        return 1.0
    (of_ring,), (of_middle,) = interpolated(ring, 90), interpolated(middle, 90)
    return of_ring / max(1.0, of_middle)


def _sharpness(image: Image.Image, field: Box) -> tuple[float, float]:
    """The contrast at 4 and at 8 pixels over the next coarser one: bands of a Laplacian pyramid, RMS.

    Within 0.8 of the field's radius, so that the edge of a frame is no detail. After Burt and Adelson, IEEE Trans.
    Commun. 31 (1983); the first level is left out, as rounding to 8 bits drowns it.
    """
    level = _halved(np.asarray(image.convert("L")).astype(np.uint16))  # four pixels' sum is an integer: faster
    contrasts = []
    for _ in range(3):
        inside = _squared_radius(field, len(level))[1:-1, 1:-1] <= 0.8**2
        details = (level[1:-1, 1:-1] - _smoothed(level))[inside]
        contrasts.append(float(np.sqrt(np.mean(details * details))) if details.size else 0.0)
        level = _halved(level)
    return contrasts[0] / max(contrasts[1], 0.1), contrasts[1] / max(contrasts[2], 0.1)


def _halved(plane: Plane) -> Plane:
    """Means of 2×2 pixels."""
    rows = plane[0::2] + plane[1::2]
    return (rows[:, 0::2] + rows[:, 1::2]) * np.float32(0.25)


def _smoothed(plane: Plane) -> Plane:
    """Weights 1, 2, 1 in both directions; the result is smaller by a pixel on each side."""
    rows = plane[:-2] + 2 * plane[1:-1] + plane[2:]
    return (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16
