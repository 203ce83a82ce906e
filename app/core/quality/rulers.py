"""Rulers over the skin: a straight thin dark line with ticks at equal distances.

All lengths are pixels of the standard image.
"""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.imaging.preprocess import STANDARD_SIDE
from app.core.quality.black_hat import black_hat
from app.core.quality.percentiles import median

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

_MIDDLE = (STANDARD_SIDE - 1) / 2
_ANGLES = np.deg2rad(np.arange(0, 180, 4))
_COSINES, _SINES = np.cos(_ANGLES).astype(np.float32)[:, None], np.sin(_ANGLES).astype(np.float32)[:, None]
_REACH = 184
"""More than the middle's distance from a corner."""
_BINS = _REACH
"""Of 2 pixels each, for a line's distance from the middle, -184..184."""
_FIRST_BINS = (np.arange(len(_ANGLES)) * _BINS + _REACH / 2).astype(np.float32)[:, None]


@functools.cache
def _bins_of_pixels() -> NDArray[np.uint16]:
    """For each pixel of a standard image, (pixels, angles): the bins of the lines through it."""
    rows, columns = np.divmod(np.arange(STANDARD_SIDE * STANDARD_SIDE), STANDARD_SIDE)
    x, y = (columns - _MIDDLE).astype(np.float32), (rows - _MIDDLE).astype(np.float32)
    distances = _COSINES * x + _SINES * y
    return np.ascontiguousarray((distances * 0.5 + _FIRST_BINS).astype(np.uint16).T)


def has_ruler(standard: NDArray[np.uint8]) -> bool:
    """Whether there is a straight thin dark line with ticks at equal distances beside it.

    The lines by Hough's transform in Duda and Hart's form (Commun. ACM 15, 1972), of the darkest thin pixels. A scale
    that has ticks but no line, as some dermoscopes show along the edge, is not found.
    """
    thin = black_hat(np.asarray(Image.fromarray(standard).convert("L")))
    places = np.flatnonzero(thin >= LINE_CONTRAST)
    if len(places) > LINE_PIXELS:
        depth = thin.ravel()[places]
        places = places[np.argpartition(depth, len(depth) - LINE_PIXELS)[-LINE_PIXELS:]]
    rows, columns = np.divmod(places, STANDARD_SIDE)
    x, y = (columns - _MIDDLE).astype(np.float32), (rows - _MIDDLE).astype(np.float32)
    votes = np.bincount(_bins_of_pixels()[places].ravel(), minlength=len(_ANGLES) * _BINS).reshape(len(_ANGLES), _BINS)
    for _ in range(LINE_CANDIDATES):
        angle, place = divmod(int(votes.argmax()), _BINS)
        if votes[angle, place] < FEWEST_VOTES:
            break
        near = np.abs(_COSINES[angle] * x + _SINES[angle] * y - (2 * place + 1 - _REACH)) < 4
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
        offset = median(_across(on_x, on_y, angle))
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
    beside = np.minimum(beside, median(beside[5]) + 5)  # what crosses counts no more than a tick
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
