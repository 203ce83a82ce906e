"""sRGB to CIELAB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.core.domain.geometry import Rgb

_LINEAR: NDArray[np.float32] = np.array(
    [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (value / 255 for value in range(256))],
    np.float32,
)
"""sRGB's 8-bit values as linear light (IEC 61966-2-1)."""
_TO_XYZ: NDArray[np.float32] = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]],
    np.float32,
)
"""Linear sRGB to CIE XYZ (D65, 2° observer; IEC 61966-2-1)."""


def to_lab(rgb: Rgb) -> NDArray[np.float32]:
    """sRGB (..., 3), values 0..255, to CIELAB with D65 white (CIE 15): L* 0..100, a*, b*."""
    xyz = _LINEAR[rgb] @ (_TO_XYZ / _TO_XYZ.sum(axis=1, keepdims=True)).T
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * np.float32((29 / 6) ** 2 / 3) + np.float32(4 / 29))
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
