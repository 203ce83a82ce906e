"""A picture's local structure: what remains of its grey values once light, colour and contrast are taken out.

A grey value less the mean around it, over the standard deviation around it; both over a Gaussian window and only over
what belongs to the picture, so neither the black around a round field nor the picture's edge shows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain.geometry import Mask, Rgb

Plane = NDArray[np.float32]
"""One value a pixel: (h, w)."""
Places = NDArray[np.complex128]
"""Places in a picture as x + iy, in units of its longer side from its centre."""

NOISE: Final = 2.0
"""0..255; added to the standard deviation around a pixel, so that noise on flat skin does not count as structure."""
CLIPPED: Final = 2.5
"""Standard deviations; so a hair or a gleam counts no more than a pigmented dot."""
DARK: Final = 0.4
"""Of the 80th percentile of a picture's brightest channel: what is darker, up to an edge, lies around the field."""
WHITE: Final = 250
"""0..255, the darkest channel: what is brighter, up to an edge, lies around the field (or is overexposed skin)."""
RIM: Final = 0.02
"""Of the longer side: the standard deviation of the blur by which what lies around the field grows."""
LEAST_SIDE: Final = 8


@dataclass(frozen=True)
class Grey:
    """A picture's grey values (0..255) and which of them count (1, else 0)."""

    values: Plane
    valid: Plane
    step: tuple[float, float]
    """Pixels a unit of the longer side, along x and y: they differ by what rounding to whole pixels does."""

    @property
    def places(self) -> Places:
        """Where its pixels lie: (h, w)."""
        height, width = self.values.shape
        y, x = np.mgrid[:height, :width]
        return (x + 0.5 - width / 2) / self.step[0] + 1j * (y + 0.5 - height / 2) / self.step[1]


def grey_pictures(rgb: Rgb, sides: tuple[int, ...]) -> tuple[Grey, ...]:
    """The picture (h, w, 3) with these lengths of its longer side, the longest first.

    Grey is the green channel, in which pigment and vessels are darkest against skin.
    """
    height, width = rgb.shape[:2]
    longer = max(height, width)
    picture, field, pictures = Image.fromarray(rgb), None, []
    for side in sides:
        size = max(round(width * side / longer), LEAST_SIDE), max(round(height * side / longer), LEAST_SIDE)
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        small = np.asarray(picture)
        if field is None:
            field = Image.fromarray(_field(small))
        valid = np.asarray(field.resize(size, Image.Resampling.BOX)) > 0.8
        step = size[0] * longer / width, size[1] * longer / height
        pictures.append(Grey(small[..., 1].astype(np.float32), valid.astype(np.float32), step))
    return tuple(pictures)


def _field(rgb: Rgb) -> Plane:
    """1 where the skin is, 0 in and near what lies around a round field."""
    around = _surroundings(rgb).astype(np.float32)
    sigma = RIM * max(around.shape)
    near = blur(around, sigma) / (2 * math.pi * sigma * sigma) > 0.05
    return np.asarray(~near, np.float32)


def _surroundings(rgb: Rgb) -> Mask:
    """What is black or white without a break from an edge of the picture on, along a row or a column."""
    brightest, darkest = rgb.max(axis=2), rgb.min(axis=2)
    around = np.zeros(brightest.shape, np.bool_)
    for blank in (brightest < DARK * np.percentile(brightest, 80), darkest >= WHITE):
        for axis in (0, 1):
            around |= np.logical_and.accumulate(blank, axis)
            around |= np.flip(np.logical_and.accumulate(np.flip(blank, axis), axis), axis)
    return around


def blur(plane: Plane, sigma: float) -> Plane:
    """Sums over a Gaussian window of the height 1 and the standard deviation `sigma` in pixels, cut off at three; 0
    outside. Without a product of matrices, whose threads would wait for each other on a busy machine."""
    reach = int(3 * sigma)
    heights = np.exp(-0.5 * (np.arange(reach + 1) / sigma) ** 2).astype(np.float32)
    for _ in range(2):  # along one axis, then the other
        length = plane.shape[0]
        padded = np.zeros((length + 2 * reach, plane.shape[1]), np.float32)
        padded[reach : reach + length] = plane
        sums = heights[0] * plane
        for away in range(1, reach + 1):
            both = padded[reach + away : reach + away + length] + padded[reach - away : reach - away + length]
            sums += heights[away] * both
        plane = np.ascontiguousarray(sums.T)
    return plane


def structure(values: Plane, valid: Plane, sigma: float) -> Plane:
    """The local structure of grey values, about -2.5..2.5; 0 where they do not count. `sigma` is the window's."""
    weight = blur(valid, sigma) + np.float32(1e-6)
    detail = (values - blur(values * valid, sigma) / weight) * valid
    deviation = np.sqrt(blur(detail * detail, sigma) / weight)
    return np.clip(detail / (deviation + np.float32(NOISE)), -CLIPPED, CLIPPED)


def sample(planes: NDArray[np.float32], places: Places, step: tuple[float, float]) -> NDArray[np.float32]:
    """The values of planes (n, h, w) at places of any shape, between their pixels' centres linearly; 0 outside."""
    count, height, width = planes.shape
    padded = np.zeros((count, height + 2, width + 2), np.float32)
    padded[:, 1:-1, 1:-1] = planes
    x = np.clip(places.real * step[0] + (width / 2 + 0.5), 0, width + 0.999).astype(np.float32)
    y = np.clip(places.imag * step[1] + (height / 2 + 0.5), 0, height + 0.999).astype(np.float32)
    row, column = y.astype(np.int32), x.astype(np.int32)
    down, right = y - row, x - column
    first = row * (width + 2) + column
    flat = padded.reshape(count, -1)
    above = flat[:, first] * (1 - right) + flat[:, first + 1] * right
    below = flat[:, first + (width + 2)] * (1 - right) + flat[:, first + (width + 3)] * right
    return above * (1 - down) + below * down
