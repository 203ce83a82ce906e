"""Colour spaces that a file names without a profile, to sRGB."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Point = tuple[float, float]
STRIP = 64
"""Rows that are converted at once, so that no large copy of the image is made."""
LEVELS = 65_536
"""Of light, each of which has a value: 20 in the darkest step of sRGB."""
D65: Point = (0.3127, 0.3290)
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
"""XYZ to cone responses (Lam, 1985; ICC.1:2022, annex E)."""


def srgb_curve(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light of sRGB's values, both 0..1 (IEC 61966-2-1)."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def power(exponent: float) -> Curve:
    return lambda values: values**exponent


@dataclass(frozen=True)
class RgbSpace:
    """A space of red, green and blue: the chromaticities (CIE x, y) of these and of white, and light by value."""

    red: Point
    green: Point
    blue: Point
    white: Point = D65
    curve: Curve = srgb_curve

    def to_xyz(self) -> NDArray[np.float64]:
        """Linear RGB to XYZ of the space's own white (SMPTE RP 177)."""
        columns = np.array([_xyz(point) for point in (self.red, self.green, self.blue)]).T
        scale = np.linalg.solve(columns, _xyz(self.white))
        return np.asarray(columns * scale)


SRGB = RgbSpace((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
DISPLAY_P3 = RgbSpace((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
"""SMPTE EG 432-1 with the white and the curve of sRGB."""
ADOBE_RGB = RgbSpace((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), curve=power(563 / 256))
"""Adobe RGB (1998) Color Image Encoding, 4.3."""
CURVES: dict[int, Curve] = {4: power(2.2), 8: power(1.0), 13: srgb_curve} | dict.fromkeys((1, 6, 14, 15), srgb_curve)
"""By transfer characteristics; a film camera's (BT.709 and others) are shown as pictures are, which differ little."""
PQ, HLG = 16, 18
"""Transfer characteristics of HDR."""
BT2020 = RgbSpace((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
"""ITU-R BT.2020-2, table 3; the curve is another's to say."""


def of_code_points(primaries: int, transfer: int, warnings: list[Message]) -> RgbSpace | None:
    """A space by its code points (ITU-T H.273, tables 2 and 3); `None` for sRGB. Raises `ImageError` for HDR."""
    if transfer in (PQ, HLG):
        raise ImageError(ImageProblem.UNSUPPORTED, Message("image-hdr"))
    found = {1: SRGB, 9: BT2020, 12: DISPLAY_P3}.get(primaries)
    curve = CURVES.get(transfer)
    if found is None or curve is None:
        warnings.append(Message("colours-unknown"))
        return None
    space = replace(found, curve=curve)
    return None if space == SRGB else space


def to_srgb(rgb: NDArray[np.uint8], space: RgbSpace) -> NDArray[np.uint8]:
    """An image (height, width, 3), 0..255, in sRGB; what lies beyond its colours is cut off."""
    light = space.curve(np.arange(256) / 255).astype(np.float32)
    matrix = (np.linalg.inv(SRGB.to_xyz()) @ _adapted(space.white) @ space.to_xyz()).astype(np.float32)
    values = np.searchsorted(srgb_curve((np.arange(255) + 0.5) / 255), np.arange(LEVELS) / (LEVELS - 1))
    table = values.astype(np.uint8)
    made = np.empty_like(rgb)
    for top in range(0, len(rgb), STRIP):
        found = light[rgb[top : top + STRIP]] @ matrix.T
        made[top : top + STRIP] = table[(found.clip(0, 1) * (LEVELS - 1) + 0.5).astype(np.uint16)]
    return made


def _xyz(point: Point) -> NDArray[np.float64]:
    x, y = point
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _adapted(white: Point) -> NDArray[np.float64]:
    """From XYZ under a white to XYZ under that of sRGB."""
    cones = BRADFORD @ np.array([_xyz(white), _xyz(D65)]).T
    return np.asarray(np.linalg.inv(BRADFORD) @ np.diag(cones[:, 1] / cones[:, 0]) @ BRADFORD)
