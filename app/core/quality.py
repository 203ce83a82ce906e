"""Whether a picture is fit to be looked at: what is wrong with it, and what to do about that.

All is measured on the standard 256×256 picture, which the network is shown a reduction of, so a finding means the same
for every camera. `measure` gives numbers, `assess` holds them against the limits. These were chosen on train and val:
no image of theirs is refused, and a warning comes about where the network's AUROC on val images damaged by code has
fallen by about 0.03. `training/quality_rates.py` counts how often each kind is found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain.geometry import WHOLE, Box
from app.core.imaging.borders import BLACK, LIT_SHARE
from app.core.imaging.preprocess import standard_picture

# The limits, in the units of `Measures`. "Least" and "most" are those of the 12,131 images of train and val; for
# `clipped`, `edge`, `fine` and `coarse` of 3,922 of them (all of val and of BCN20000). A "Gaussian" is its sigma.
SMALL_SIDE: Final = 128
"""Pixels of the shorter side as stored, without a frame: below, most of the network's 256 are made up."""
LONG: Final = 2.0
"""The longer side over the shorter. Squeezed by this much, val's AUROC is 0.03 lower."""
TOO_LONG: Final = 4.0
"""The same; nothing of a lesion's shape is left."""
DARK: Final = 70.0
"""`bright`; least 100. Three stops less light take more than half below it, four, at which val's AUROC is 0.03 lower,
nearly all."""
TOO_DARK: Final = 35.0
"""`bright`; five stops less light leave a few grey levels (and val's AUROC 0.06 lower)."""
CLIPPED_FROM: Final = 245
"""0..255; a channel that has this value or more has as good as none."""
BRIGHT: Final = 0.2
"""`clipped`. One and a half stops more light than val's, which lowers its AUROC by 0.03, takes three quarters there."""
TOO_BRIGHT: Final = 0.98
"""`clipped`; most 0.61."""
ONE_COLOUR: Final = 14.0
"""`spread`; least 27."""
NO_COLOUR: Final = 10.0
"""`colour`; least 17. A grey picture has 0, or a few through a JPEG's rounding."""
BLURRED_FINE: Final = 0.46
"""`fine`; least 0.49. A Gaussian of 2 standard pixels, which lowers val's AUROC by 0.03, takes nearly all below it."""
BLURRED_COARSE: Final = 0.41
"""`coarse`: the same for 4 pixels and more, where what is left of `fine` is rounding."""
TOO_BLURRED: Final = 0.32
"""`coarse`; least 0.43. A Gaussian of 6 pixels, which lowers val's AUROC by 0.14, takes three quarters below it."""
SKIN_RED: Final = (0.175, 0.147)
SKIN_BLUE: Final = (-0.012, 0.095)
"""Mean and standard deviation of `red` and `blue` in train, each source counted alike; they hardly correlate."""
CAST: Final = 3.5
"""Standard deviations. Gains of 1/2 to 2 between linear channels, which lower val's AUROC by 0.03, take 86 % there."""
VIGNETTE: Final = 0.82
"""`edge`. Light that falls with the squared radius to nothing at the border takes 83 % below it."""

Plane = NDArray[np.floating]

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
"""Rec. ITU-R BT.601, 2.5.1: the luma of R'G'B', as Pillow's mode L."""


class Kind(StrEnum):
    """What a finding is about."""

    SMALL = "small"
    LONG = "long"
    BLANK = "blank"
    GREY = "grey"
    DARK = "dark"
    BRIGHT = "bright"
    BLURRED = "blurred"
    CAST = "colour cast"
    VIGNETTE = "vignette"
    FRAME = "frame"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a picture, and what to do about it. One that `refuses` leaves nothing to be looked at."""

    kind: Kind
    text: str
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class Quality:
    """All that was found, or the one finding that refuses the picture."""

    findings: tuple[Finding, ...] = ()

    @property
    def refusal(self) -> str:
        """Why the picture is refused, in words; empty where it is not."""
        return next((finding.text for finding in self.findings if finding.refuses), "")

    @property
    def warnings(self) -> tuple[str, ...]:
        """What may have made the answer worse, in words."""
        return tuple(finding.text for finding in self.findings if not finding.refuses)


@dataclass(frozen=True, slots=True)
class Measures:
    """What is measured of a standard picture. Values are of 0..255 where nothing else is said.

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


def assess(rgb: NDArray[np.uint8], *, full_size: tuple[int, int], frame: Box = WHOLE) -> Quality:
    """Assess an upright sRGB picture of shape (height, width, 3), 0..255, of any size.

    `full_size` is (width, height) as stored. `rgb` is what the network is shown the standard picture of: where
    `framing.crop` cut a frame away, what was left, and `frame` its box. Nothing is resized when `rgb` is the standard
    picture itself.
    """
    left, top, right, bottom = frame.pixels(*full_size)
    return judge(measure(rgb), size=(right - left, bottom - top), framed=frame != WHOLE)


def judge(found: Measures, *, size: tuple[int, int], framed: bool = False) -> Quality:
    """Hold measures against the limits. `size` is (width, height) in pixels as stored, without a frame."""
    refusal = _refusal(found, size)
    return Quality((refusal,) if refusal else tuple(_warnings(found, size, framed=framed)))


def _refusal(found: Measures, size: tuple[int, int]) -> Finding | None:
    if max(size) > TOO_LONG * min(size):
        return _TOO_LONG
    if found.bright < TOO_DARK:
        return _TOO_DARK
    is_dark, is_bright = found.bright < DARK, found.clipped > BRIGHT  # then this is why nothing is seen
    if found.spread < ONE_COLOUR:
        return _TOO_DARK if is_dark else _TOO_BRIGHT if is_bright else _ONE_COLOUR
    if found.colour < NO_COLOUR:
        return _TOO_DARK if is_dark else _NO_COLOUR
    if found.clipped > TOO_BRIGHT:
        return _TOO_BRIGHT
    if found.coarse < TOO_BLURRED:
        return _TOO_BRIGHT if is_bright else _TOO_BLURRED
    return None


def _warnings(found: Measures, size: tuple[int, int], *, framed: bool) -> Iterator[Finding]:
    if min(size) < SMALL_SIDE:
        yield Finding(
            Kind.SMALL,
            f"The picture is small: {size[0]}×{size[1]} pixels. Use the camera's original, with at least "
            f"{SMALL_SIDE} pixels on each side.",
        )
    if max(size) > LONG * min(size):
        yield _LONG
    if found.bright < DARK:
        yield _DARK
    if found.clipped > BRIGHT:
        yield _BRIGHT
    if found.fine < BLURRED_FINE or found.coarse < BLURRED_COARSE:
        yield _BLURRED
    if _cast(found) > CAST:
        yield _CAST
    if found.edge < VIGNETTE:
        yield _VIGNETTE
    if framed:
        yield _FRAME


def _cast(found: Measures) -> float:
    """How far the skin's colour lies from that of train's skin, in standard deviations."""
    return math.hypot((found.red - SKIN_RED[0]) / SKIN_RED[1], (found.blue - SKIN_BLUE[0]) / SKIN_BLUE[1])


def measure(rgb: NDArray[np.uint8]) -> Measures:
    """Measure a picture of shape (height, width, 3), 0..255; a standard picture is not resized again."""
    image = Image.fromarray(standard_picture(rgb))
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
    middle, bright = np.percentile(luma[is_lit], (50, 90))
    is_skin = is_lit & (luma >= middle)
    skin = [max(1.0, float(channel[is_skin].mean())) for channel in (red, green, blue)]
    fine, coarse = _sharpness(image, field)
    return Measures(
        lit=lit,
        bright=float(bright),
        clipped=float((second >= CLIPPED_FROM).mean()) / lit,
        spread=max(float(np.diff(_percentiles(channel[is_lit], 2, 98))[0]) for channel in (red, green, blue)),
        colour=float(_percentiles((highest - lowest)[is_lit], 99)[0]),
        red=math.log(skin[0] / skin[1]),
        blue=math.log(skin[2] / skin[1]),
        edge=_edge(luma, field),
        fine=fine,
        coarse=coarse,
    )


def _percentiles(values: NDArray[np.uint8], *percents: float) -> NDArray[np.intp]:
    """The smallest values that these shares of the values do not exceed; in a third of NumPy's time."""
    counts = np.bincount(values, minlength=256).cumsum()
    return counts.searchsorted([percent / 100 * counts[-1] for percent in percents])


def _field(is_lit: NDArray[np.bool_]) -> Box | None:
    """The bounding box of what is lit: it touches the circle of a round field of view. `None` where all is black."""
    rows = np.flatnonzero(is_lit.mean(axis=1) > LIT_SHARE)
    columns = np.flatnonzero(is_lit.mean(axis=0) > LIT_SHARE)
    if not rows.size or not columns.size:
        return None
    height, width = is_lit.shape
    left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    return Box(left / width, top / height, right / width, bottom / height)


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
    return float(np.percentile(ring, 90) / max(1.0, float(np.percentile(middle, 90))))


def _sharpness(image: Image.Image, field: Box) -> tuple[float, float]:
    """The contrast at 4 and at 8 pixels over the next coarser one: bands of a Laplacian pyramid, RMS.

    Within 0.8 of the field's radius, so that the edge of a frame is no detail. After Burt and Adelson, IEEE Trans.
    Commun. 31 (1983); the first level is left out, as rounding to 8 bits drowns it.
    """
    level = _halved(np.asarray(image.convert("L"), dtype=np.float32))
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
    return (rows[:, 0::2] + rows[:, 1::2]) / 4


def _smoothed(plane: Plane) -> Plane:
    """Weights 1, 2, 1 in both directions; the result is smaller by a pixel on each side."""
    rows = plane[:-2] + 2 * plane[1:-1] + plane[2:]
    return (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16


_TOO_LONG = Finding(
    Kind.LONG,
    "The picture is a narrow strip, in which no lesion keeps its shape. Crop it to about as wide as high, "
    "with the whole lesion within.",
    refuses=True,
)
_LONG = Finding(
    Kind.LONG,
    "The picture is much longer on one side, and the network sees it squeezed. Crop it to about as wide as high, "
    "with the whole lesion within.",
)
_TOO_DARK = Finding(
    Kind.DARK,
    "The picture is far too dark to show anything. Uncover the lens, switch on the dermatoscope's light "
    "and take it again.",
    refuses=True,
)
_DARK = Finding(
    Kind.DARK,
    "The picture is too dark. Switch on the dermatoscope's light or expose longer, and take it again.",
)
_ONE_COLOUR = Finding(
    Kind.BLANK,
    "The picture has almost one colour all over, and shows nothing. Check that the lens is free and in focus, "
    "and take it again.",
    refuses=True,
)
_NO_COLOUR = Finding(
    Kind.GREY,
    "The picture has no colours, which dermoscopy needs. Take it in colour, with a dermatoscope.",
    refuses=True,
)
_TOO_BRIGHT = Finding(
    Kind.BRIGHT,
    "The picture is far too bright to show anything. Expose shorter and take it again.",
    refuses=True,
)
_BRIGHT = Finding(
    Kind.BRIGHT,
    "The picture is too bright; its light parts have lost their details. Expose shorter and take it again.",
)
_TOO_BLURRED = Finding(
    Kind.BLURRED,
    "The picture is so blurred that no structure can be seen. Clean the lens, hold the dermatoscope still "
    "and focus again.",
    refuses=True,
)
_BLURRED = Finding(
    Kind.BLURRED,
    "The picture is blurred. Clean the lens, hold the dermatoscope still and focus again.",
)
_CAST = Finding(
    Kind.CAST,
    "The picture has a strong colour cast. Set the camera's white balance to the dermatoscope's light, "
    "and take it again without a filter.",
)
_VIGNETTE = Finding(
    Kind.VIGNETTE,
    "The picture gets much darker towards its border. Hold the dermatoscope flat on the skin and the camera "
    "straight behind it.",
)
_FRAME = Finding(
    Kind.FRAME,
    "A wide black frame around the picture was left out. Zoom in until the skin fills the picture: it shows more.",
)
