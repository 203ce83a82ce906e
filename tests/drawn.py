"""Drawn pictures that several tests look at: a lesion on skin, and borders around it."""

from __future__ import annotations

import numpy as np
from PIL import Image

from app.core.imaging.reference_image import reference_image
from app.core.lesion.similarity import Similarity


def as_picture(values: np.ndarray) -> np.ndarray:
    """Rounded and clipped to 8 bits."""
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def details(seed: int) -> np.ndarray:
    """Differences of grey of all sizes, as skin has: shape (256, 256, 1), other ones for each seed."""
    random = np.random.default_rng(seed)
    drawn = np.zeros((256, 256))
    for side in (8, 16, 32, 64, 128, 256):
        noise = Image.fromarray(random.normal(size=(side, side)).astype(np.float32))
        drawn += 3 * np.asarray(noise.resize((256, 256), Image.Resampling.BICUBIC))
    return drawn[..., np.newaxis]


def detailed_lesion() -> np.ndarray:
    """The drawn lesion with details of all sizes: shape (256, 256, 3)."""
    return as_picture(reference_image() + details(0))


def blob() -> np.ndarray:
    """A dark spot on skin with an outline and nothing else: shape (256, 256, 3)."""
    y, x = np.mgrid[0:256, 0:256] - 128.0
    angle = np.arctan2(y, x)
    edge = 60 * (1 + 0.15 * np.cos(3 * angle) + 0.1 * np.sin(2 * angle))
    inside = 1 / (1 + np.exp((np.hypot(x, y) - edge) / 3))[..., np.newaxis]
    return as_picture(np.array([222.0, 178.0, 156.0]) * (1 - inside) + np.array([96.0, 60.0, 50.0]) * inside)


def spot(seed: int) -> np.ndarray:
    """The blob with details of its own for each seed: lesions that have only the outline in common."""
    return as_picture(blob() + details(seed))


def seen_again(rgb: np.ndarray, move: Similarity, size: tuple[int, int]) -> np.ndarray:
    """The picture moved so, in one of this size (width, height); its mirror image lies around it."""
    height, width = rgb.shape[:2]
    around = np.pad(rgb, ((height, height), (width, width), (0, 0)), "symmetric")
    back = move.inverse().matrix(size, (width, height))
    back[:2, 2] += width, height
    moved = Image.fromarray(around).transform(
        size, Image.Transform.AFFINE, tuple(back[:2].ravel()), Image.Resampling.BICUBIC
    )
    return np.asarray(moved)


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
