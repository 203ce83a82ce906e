"""Drawn pictures that several tests look at: a lesion on skin, and borders around it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from app.core.imaging.reference_image import reference_image


def as_picture(values: np.ndarray) -> np.ndarray:
    """Rounded and clipped to 8 bits."""
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def detailed_lesion() -> np.ndarray:
    """The drawn lesion with details of all sizes, as skin has: shape (256, 256, 3)."""
    random = np.random.default_rng(0)
    details = np.zeros((256, 256))
    for side in (8, 16, 32, 64, 128, 256):
        noise = Image.fromarray(random.normal(size=(side, side)).astype(np.float32))
        details += 3 * np.asarray(noise.resize((256, 256), Image.Resampling.BICUBIC))
    return as_picture(reference_image() + details[..., np.newaxis])


def framed(
    rgb: np.ndarray,
    *,
    width: int,
    height: int,
    at: tuple[int, int],
    round_field: bool = False,
    colour: tuple[int, int, int] = (6, 6, 6),
) -> np.ndarray:
    """The picture within a border of this size, black if not stated otherwise, its upper left corner at (x, y)."""
    out = np.full((height, width, 3), colour, np.uint8)
    inside = rgb.copy()
    if round_field:
        h, w = rgb.shape[:2]
        y, x = np.mgrid[0:h, 0:w]
        inside[np.hypot((y - (h - 1) / 2) / (h / 2), (x - (w - 1) / 2) / (w / 2)) > 1] = colour
    out[at[1] : at[1] + rgb.shape[0], at[0] : at[0] + rgb.shape[1]] = inside
    return out
