"""An image drawn by code, the same everywhere: what a model is tested with where there are no images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SIDE = 256


def reference_image(*, centre: tuple[float, float] = (128.0, 120.0), radius: float = 70.0) -> NDArray[np.uint8]:
    """A dark, uneven, lobed spot on skin: shape (256, 256, 3), RGB, 0..255.

    `centre` is (x, y) and `radius` the mean radius, in pixels.
    """
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)
    dx, dy = x - centre[0], y - centre[1]
    angle = np.arctan2(dy, dx)
    edge = radius * (1 + 0.12 * np.cos(3 * angle) + 0.08 * np.sin(5 * angle))
    inside = 1 / (1 + np.exp((np.hypot(dx, dy) - edge) / 3))[..., np.newaxis]
    texture = (np.sin(x / 4) * np.cos(y / 5))[..., np.newaxis]
    skin = np.array([222.0, 178.0, 156.0]) + 5 * texture
    spot = np.array([96.0, 60.0, 50.0]) + 22 * texture
    return np.clip(np.rint(skin * (1 - inside) + spot * inside), 0, 255).astype(np.uint8)
