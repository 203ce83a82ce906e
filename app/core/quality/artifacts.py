"""Artefacts over the skin: hair, ink, stickers, rulers.

Simple means, with limits chosen on `val` such that few images without the thing are warned about: no warning does
not mean that nothing is there. `training/evaluation/artifact_rates.py` has the figures, and says why gel bubbles are
left out.

All lengths are pixels of the standard image, whose aspect ratio may differ from the original's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain.messages import Message
from app.core.imaging.preprocess import STANDARD_SIDE


class Artifact(StrEnum):
    """Kinds of artefacts."""

    HAIR = "hair"
    INK = "ink"
    RULER = "ruler"


WARNINGS: Mapping[Artifact, Message] = MappingProxyType(
    {
        Artifact.HAIR: Message("artifact-hair"),
        Artifact.INK: Message("artifact-ink"),
        Artifact.RULER: Message("artifact-ruler"),
    }
)
"""What is said of each, and what to do. Skin markings: Winkler et al., JAMA Dermatology 155, 1135 (2019). Rulers: Narla
et al., J. Invest. Dermatol. 138, 2108 (2018)."""

CLOSING = 5
"""Side of the square of the closing: what is darker than its surroundings and narrower than this stands out."""

CENTRE = 80
"""Radius of the disc about the middle that hair has to lie in to be warned about."""
HAIR_CONTRAST = 16
"""Grey levels (0..255) by which dark hair is darker than its surroundings, in red: vessels hardly show there."""
BRIGHT_HAIR_CONTRAST = 28
"""The same for bright hair, in green, where it stands out from a lesion most; skin lines and scales are fainter."""
HAIR_SEGMENTS = (
    ((0, 1), 22),
    ((1, 0), 22),
    ((1, 1), 16),
    ((1, -1), 16),
    ((1, 2), 10),
    ((2, 1), 10),
    ((1, -2), 10),
    ((2, -1), 10),
)
"""The straight segments that hair is made of, (down, right) and how many such steps: 22 pixels long, 8 directions. A
single straight hair between two of them is missed, but hair is curved and rarely alone; 16 found no more on val."""
HAIR_SHARE = 0.0043
BRIGHT_HAIR_SHARE = 0.0011
"""Shares of the disc that such segments cover; more is hair over the lesion."""

INK_SATURATION = 0.1
"""By how much more of a marker's light (red + green + blue) is blue and not green than of the skin's. Half as much
is enough against red, of which violet has some."""
INK_DIFFERENCE, INK_LIGHT = 25, 300
"""Blue less green, and the light, in grey levels, that a marker has at least."""
INK_BEYOND = 104
"""Distance from the middle that ink or a sticker has at least: nearer, such colours are mostly a lesion's own (blue
veil, vessels)."""
INK_SHARE = 0.0003
STICKER_DIFFERENCE, STICKER_LIGHT = 60, 120
"""Blue or green less red, and the light, that a blue, green or turquoise sticker has at least."""
STICKER_SHARE = 0.002
YELLOW_SATURATION = 0.15
YELLOW_SHARE = 0.002
"""Shares of the image; more is warned about."""

LINE_CONTRAST = 8
"""Grey levels by which a ruler's line or tick is darker than its surroundings."""
LINE_PIXELS = 2200
"""How many pixels, the darkest ones, are looked through for lines: more take longer."""
LINE_CANDIDATES, FEWEST_VOTES = 4, 60
"""How many lines are looked at, those with the most such pixels, and how many these have at least."""
SHORTEST_RULER = 90
"""Pixels; the rulers of ISIC 2017 have 105 to 150."""
UNBROKEN = 0.96
"""The share of a ruler's line that has to be there."""
TICK_PERIODS = (4.5, 8)
"""Pixels from tick to tick: half a millimetre on the rulers of ISIC 2017."""
EVERY_TICK = 0.15
"""Where so much of the variation beside a line has such a period, twice the period counts too: every second tick may
be longer."""
RULER_TICKS = 0.51
"""The share of the variation that a ruler's ticks have at least; see `_periodic`."""


def find_artifacts(standard: NDArray[np.uint8]) -> tuple[Artifact, ...]:
    """Artefacts in a standard image (256, 256, 3), RGB, 0..255, in the order of `Artifact`.

    Raises `ValueError` for another shape or type.
    """
    if standard.shape != (STANDARD_SIDE, STANDARD_SIDE, 3) or standard.dtype != np.uint8:
        raise ValueError(f"expected a standard picture of 8-bit RGB, got {standard.dtype} {standard.shape}")
    red, green, blue = np.moveaxis(np.asarray(Image.fromarray(standard).reduce(2), np.float32), 2, 0)
    violet = _violet(red, green, blue)
    found = {
        Artifact.HAIR: _has_hair(standard, violet),
        Artifact.INK: _has_ink(violet) or _has_sticker(red, green, blue),
        Artifact.RULER: _has_ruler(standard),
    }
    return tuple(artifact for artifact, there in found.items() if there)


# --- hair -----------------------------------------------------------------------------------------------------------


def _has_hair(standard: NDArray[np.uint8], violet: NDArray[np.bool_]) -> bool:
    """Whether long thin dark or bright lines cover much of the middle.

    DullRazor's way (Lee et al., Comput. Biol. Med. 27, 1997): a closing minus the image, and then only what a
    straight segment fits into, so that dots and the meshes of a pigment network fall out. Strokes of ink, half the
    image's size in `violet`, are no hair.
    """
    not_ink = ~violet.repeat(2, axis=0).repeat(2, axis=1)
    dark = (_black_hat(standard[..., 0]) > HAIR_CONTRAST) & not_ink
    bright = _black_hat(255 - standard[..., 1]) > BRIGHT_HAIR_CONTRAST
    return _segments_share(dark) > HAIR_SHARE or _segments_share(bright) > BRIGHT_HAIR_SHARE


def _black_hat(channel: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A closing by a square minus the channel, of shape (256, 256); 0 for all that is broad or bright."""
    half = CLOSING // 2
    wide = np.pad(channel, 2 * half, mode="edge")
    closed = _extreme(np.minimum, _extreme(np.maximum, wide))
    return np.asarray(closed - channel)


def _extreme(choose: np.ufunc, values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The largest or smallest of each `CLOSING`-sided square that lies within the values."""
    size = values.shape[0] - CLOSING + 1
    rows = values[:size]
    for step in range(1, CLOSING):
        rows = choose(rows, values[step : step + size])
    columns = rows[:, :size]
    for step in range(1, CLOSING):
        columns = choose(columns, rows[:, step : step + size])
    return columns


_ROW = STANDARD_SIDE + 32
"""Bits of a row in an image of one integer: the 32 beyond the image are 0, so that no segment runs on in the next
row."""


def _as_integer(mask: NDArray[np.bool_]) -> int:
    """An image of two values as one integer, on which shifting, and-ing and or-ing all pixels is one operation."""
    wide = np.zeros((STANDARD_SIDE, _ROW), np.bool_)
    wide[:, :STANDARD_SIDE] = mask
    return int.from_bytes(np.packbits(wide, bitorder="little").tobytes(), "little")


_ROWS, _COLUMNS = np.mgrid[:STANDARD_SIDE, :STANDARD_SIDE] - (STANDARD_SIDE - 1) / 2
_FROM_MIDDLE = np.hypot(_ROWS, _COLUMNS)
_DISC = _as_integer(_FROM_MIDDLE < CENTRE)


def _segments_share(mask: NDArray[np.bool_]) -> float:
    """The share of the central disc that is covered by straight segments wholly inside the mask."""
    bits = _as_integer(mask)
    covered = 0
    for (down, right), count in HAIR_SEGMENTS:
        covered |= _opened(bits, down * _ROW + right, count)
    return (covered & _DISC).bit_count() / _DISC.bit_count()


def _opened(bits: int, step: int, count: int) -> int:
    """What is covered by `count` set bits in a row, `step` apart (an opening by a line; by doubling)."""
    length = 1
    while length < count:
        more = min(length, count - length)
        bits &= bits >> (more * step)
        length += more
    length = 1
    while length < count:
        more = min(length, count - length)
        bits |= bits << (more * step)
        length += more
    return bits


# --- ink and stickers -----------------------------------------------------------------------------------------------


_BEYOND = _FROM_MIDDLE[::2, ::2] > INK_BEYOND

Channel = NDArray[np.float32]
"""Of the image at half its size, (128, 128), values 0..255."""


def _violet(red: Channel, green: Channel, blue: Channel) -> NDArray[np.bool_]:
    """Where the image at half its size has the colour of a violet or blue skin marker.

    Against the skin's own colour, the median, since whole images have a cast of blue or pink; not in the dark, where
    colours are noise.
    """
    light = red + green + blue + 1
    over_green, over_red = (blue - green) / light, (blue - red) / light
    return np.asarray(
        (over_green - np.median(over_green[::2, ::2]) > INK_SATURATION)
        & (over_red - np.median(over_red[::2, ::2]) > INK_SATURATION / 2)
        & (blue - green > INK_DIFFERENCE)
        & (light > INK_LIGHT)
    )


def _has_ink(violet: NDArray[np.bool_]) -> bool:
    """Whether a marker's colour is beside the lesion."""
    return bool((violet & _BEYOND).mean() > INK_SHARE)


def _has_sticker(red: Channel, green: Channel, blue: Channel) -> bool:
    """Whether enough of the image has a strong blue, green, turquoise or a yellow without red in it.

    The blue-white structures of a melanoma are paler.
    """
    light = red + green + blue + 1
    cold = (np.maximum(blue, green) - red > STICKER_DIFFERENCE) & (light > STICKER_LIGHT) & _BEYOND
    yellow = (green - blue > YELLOW_SATURATION * light) & (red - green < 0.05 * light) & (light > STICKER_LIGHT)
    return bool(cold.mean() > STICKER_SHARE or yellow.mean() > YELLOW_SHARE)


# --- rulers ---------------------------------------------------------------------------------------------------------

_MIDDLE = (STANDARD_SIDE - 1) / 2
_ANGLES = np.deg2rad(np.arange(0, 180, 4))
_COSINES, _SINES = np.cos(_ANGLES).astype(np.float32)[:, None], np.sin(_ANGLES).astype(np.float32)[:, None]
_REACH = 184
"""More than the middle's distance from a corner."""
_BINS = _REACH
"""Of 2 pixels each, for a line's distance from the middle, -184..184."""
_FIRST_BINS = (np.arange(len(_ANGLES)) * _BINS + _REACH / 2).astype(np.float32)[:, None]


def _has_ruler(standard: NDArray[np.uint8]) -> bool:
    """Whether there is a straight thin dark line with ticks at equal distances beside it.

    The lines by Hough's transform in Duda and Hart's form (Commun. ACM 15, 1972), of the darkest thin pixels. A scale
    that has ticks but no line, as some dermoscopes show along the edge, is not found.
    """
    thin = _black_hat(np.asarray(Image.fromarray(standard).convert("L")))
    places = np.flatnonzero(thin >= LINE_CONTRAST)
    if len(places) > LINE_PIXELS:
        depth = thin.ravel()[places]
        places = places[np.argpartition(depth, len(depth) - LINE_PIXELS)[-LINE_PIXELS:]]
    rows, columns = np.divmod(places, STANDARD_SIDE)
    x, y = (columns - _MIDDLE).astype(np.float32), (rows - _MIDDLE).astype(np.float32)
    distances = _COSINES * x + _SINES * y
    bins = (distances * 0.5 + _FIRST_BINS).astype(np.intp)
    votes = np.bincount(bins.ravel(), minlength=len(_ANGLES) * _BINS).reshape(len(_ANGLES), _BINS)
    for _ in range(LINE_CANDIDATES):
        angle, place = divmod(int(votes.argmax()), _BINS)
        if votes[angle, place] < FEWEST_VOTES:
            break
        near = np.abs(distances[angle] - (2 * place + 1 - _REACH)) < 4
        for turn in range(-2, 3):  # not the same line again; beyond 180 degrees its distance changes sign
            there = place if 0 <= angle + turn < len(_ANGLES) else _BINS - 1 - place
            votes[(angle + turn) % len(_ANGLES), max(0, there - 4) : there + 5] = 0
        if _ticks_beside(thin, x, y, near, float(_ANGLES[angle])) > RULER_TICKS:
            return True
    return False


def _ticks_beside(
    thin: NDArray[np.uint8], x: NDArray[np.float32], y: NDArray[np.float32], near: NDArray[np.bool_], angle: float
) -> float:
    """How periodic the ticks are beside the line through the points `near`, 0 where it is broken or too short.

    `angle` is that of its normal, about, in radians; `x` and `y` are the points', from the middle of the image.
    """
    for reach in (3.0, 2.0, 1.3):  # least squares, of ever nearer points
        on_x, on_y = x[near], y[near]
        if len(on_x) < SHORTEST_RULER // 2:
            return 0.0
        along = _along(on_x, on_y, angle)
        spread = along - along.mean()
        slope = (spread * _across(on_x, on_y, angle)).sum() / max(float((spread * spread).sum()), 1.0)
        angle -= math.atan(slope)
        offset = float(np.median(_across(on_x, on_y, angle)))
        near = np.abs(_across(x, y, angle) - offset) < reach
    there = np.bincount((_along(x[near], y[near], angle) + _REACH).astype(np.intp), minlength=2 * _REACH) > 0
    places = np.flatnonzero(there)
    if not places.size:  # points all apart from the line that fits them best
        return 0.0
    gaps = np.flatnonzero(np.diff(places) > 4)
    first, last = places[np.r_[0, gaps + 1]], places[np.r_[gaps, len(places) - 1]]
    longest = int(np.argmax(last - first))
    start, end = int(first[longest]), int(last[longest])
    if end - start < SHORTEST_RULER or there[start : end + 1].mean() < UNBROKEN:
        return 0.0
    steps = np.arange(start, end + 1) - _REACH
    sides = offset + np.arange(-5, 6)[:, None]
    cosine, sine = math.cos(angle), math.sin(angle)
    beside = thin[_inside(cosine * steps + sine * sides), _inside(cosine * sides - sine * steps)].astype(np.float32)
    beside = np.minimum(beside, np.median(beside[5]) + 5)  # what crosses counts no more than a tick
    return max(_periodic(beside[:3].mean(axis=0)), _periodic(beside[8:].mean(axis=0)))


def _across(x: NDArray[np.float32], y: NDArray[np.float32], angle: float) -> NDArray[np.float32]:
    return x * np.float32(math.cos(angle)) + y * np.float32(math.sin(angle))


def _along(x: NDArray[np.float32], y: NDArray[np.float32], angle: float) -> NDArray[np.float32]:
    return y * np.float32(math.cos(angle)) - x * np.float32(math.sin(angle))


def _inside(places: NDArray[np.floating]) -> NDArray[np.intp]:
    return np.clip(np.rint(places + _MIDDLE), 0, STANDARD_SIDE - 1).astype(np.intp)


_TRANSFORM = 512
"""Points of the Fourier transform, more than a profile has: the profile is filled up with 0."""


def _periodic(profile: NDArray[np.float32]) -> float:
    """The share of a profile's variation that has one of `TICK_PERIODS`, or that and twice that, 0..1.

    Of what varies within 32 pixels, by the power about a frequency; slower changes are the skin's.
    """
    window = np.ones(21) / 21
    profile = profile - np.convolve(np.pad(profile, 10, mode="edge"), window, "valid")
    power = np.abs(np.fft.rfft(profile * np.hanning(len(profile)), _TRANSFORM)) ** 2
    total = power[_TRANSFORM // 32 : 200].sum()
    if total <= 0:
        return 0.0
    about = np.convolve(power, np.ones(13), "same") / total
    frequencies = np.arange(int(_TRANSFORM / TICK_PERIODS[1]), int(_TRANSFORM / TICK_PERIODS[0]))
    ticks = about[frequencies]
    return float(np.where(ticks > EVERY_TICK, ticks + about[frequencies // 2], ticks).max())
