"""Fields: float arrays of an image's height and width, from noise to what is laid over what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
Field = NDArray[Any]
"""Floats of an image's height and width, with three channels where it is coloured."""
Colour = tuple[int, int, int]
"""Red, green and blue, 0..255."""
Size = tuple[int, int]
"""Width and height, in pixels."""
Random = np.random.Generator

SMALLEST, LARGEST = 300, 800
"""Sides of an image, in pixels."""


def grid(size: Size) -> tuple[Field, Field]:
    """x and y of each pixel, each of shape (height, width)."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    return x, y


def _resized(field: Field, size: Size) -> Field:
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC))


def softened(field: Field, by: int) -> Field:
    """Smoothed over about `by` pixels; by 1 or less leaves it as it is."""
    height, width = field.shape
    if by <= 1:
        return field
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    small = image.resize((max(2, width // by), max(2, height // by)), Image.Resampling.BOX)
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def smooth(random: Random, size: Size, cell: tuple[float, float]) -> Field:
    """Noise of mean 0 and standard deviation near 1 whose lumps are `cell` (width, height) pixels large."""
    shape = (max(2, round(size[1] / cell[1])), max(2, round(size[0] / cell[0])))
    return _resized(random.standard_normal(shape), size)


def fractal(random: Random, size: Size, cell: float, octaves: int = 5, stretch: float = 1.0) -> Field:
    """Lumps of several sizes, each half as large and as strong as the one before; 0..1."""
    field: Field = np.zeros((size[1], size[0]), np.float32)
    for octave in range(octaves):
        lump = max(1.0, cell / 2**octave)
        field = field + smooth(random, size, (max(1.0, lump * stretch), lump)) / 2**octave
    low, high = float(field.min()), float(field.max())
    return (field - low) / max(high - low, 1e-6)


def worley_cells(random: Random, size: Size, cell: float) -> tuple[Field, Field]:
    """Worley's cells: the distance to the nearest and to the second nearest of scattered points, in cells."""
    across, down_ = grid(size)
    x, y = across / cell, down_ / cell
    shape = (int(size[1] / cell) + 4, int(size[0] / cell) + 4)
    jitter = random.uniform(0.05, 0.95, (2, *shape)).astype(np.float32)
    row, column = np.floor(y).astype(int) + 1, np.floor(x).astype(int) + 1
    first = np.full(x.shape, 9.0, np.float32)
    second = first.copy()
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            i, j = row + down, column + right
            distance = np.hypot(x - (j - 1) - jitter[0, i, j], y - (i - 1) - jitter[1, i, j])
            second = np.minimum(second, np.maximum(first, distance))
            first = np.minimum(first, distance)
    return first, second


def ramp(field: Field, colours: Sequence[Colour]) -> Field:
    """Colours for a field of 0..1, evenly spaced and mixed between: shape (height, width, 3)."""
    places = np.linspace(0, 1, len(colours))
    return np.stack(
        [np.interp(field, places, [colour[i] for colour in colours]) for i in range(3)], axis=-1, dtype=np.float32
    )


def as_image(values: Field) -> Image.Image:
    """RGB of (height, width, 3), or grey of (height, width); what lies outside 0..255 is cut."""
    pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels).convert("RGB")


def as_values(image: Image.Image) -> Field:
    """The RGB of an image: shape (height, width, 3), 0..255."""
    return np.asarray(image.convert("RGB")).astype(np.float32)


def flat_field(size: Size, colour: Sequence[float]) -> Field:
    """One colour all over: shape (height, width, 3)."""
    return np.broadcast_to(np.asarray(colour, np.float32), (size[1], size[0], 3)).copy()


def over(below: Field, above: Field | Sequence[float], cover: Field) -> Field:
    """`above` laid over `below` where `cover`, of shape (height, width), is 1."""
    share = np.clip(np.asarray(cover, np.float32), 0, 1)[..., np.newaxis]
    return below + (np.asarray(above, np.float32) - below) * share


def grained(random: Random, values: Field, strength: float) -> Field:
    """A camera's noise: half of it grey, half coloured."""
    grey = random.standard_normal(values.shape[:2], np.float32)[..., np.newaxis]
    return values + (0.7 * strength) * (grey + random.standard_normal(values.shape, np.float32))


def within(away: Field, reach: float, soft: float) -> Field:
    """1 nearer than `reach`, 0 beyond, over about `soft` pixels."""
    return 1 / (1 + np.exp(np.clip((away - reach) / soft, -30, 30)))
