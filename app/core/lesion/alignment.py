"""How two pictures of one lesion lie on each other, found by their structure alone.

All angles and scales are tried on small pictures, each with all shifts at once, by a masked normalised correlation over
the Fourier transform (Padfield, IEEE Trans. Image Process. 21, 2706, 2012). The best few are refined by Gauss-Newton
steps on larger pictures, with a gain fitted beside the similarity (after Evangelidis and Psarakis, IEEE Trans. PAMI 30,
1858, 2008) and the gradient of both pictures' mean (Benhimane and Malis, IROS 2004). The best of them counts where the
fine structure agrees, in three quarters of all places at least a little, and much better than at the next best move.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.core.domain.geometry import Mask, Rgb
from app.core.lesion.similarity import Similarity
from app.core.lesion.structure import Grey, Places, Plane, grey_pictures, sample, structure

SIDES: Final = (256, 128, 48)
"""Lengths of the longer side, in pixels, of the pictures that are compared."""
WINDOWS: Final = (0.03, 0.05, 0.08)
"""The standard deviation of the window of `structure` at each of them, in units of the longer side."""
STEPS: Final = (4, 6, 5)
"""Gauss-Newton steps at each of them, at most."""
FINEST, MIDDLE, COARSEST = range(len(SIDES))

ANGLES: Final = 2 * math.pi / 48 * np.arange(48)
SCALES: Final = np.geomspace(0.5, 2.0, 13)
REACH: Final = 0.36
"""How far the centre of the earlier picture may lie from the later one's, in units of the longer side."""
PERIOD: Final = 90
"""Pixels: (1 + 2 * REACH) * 48, and some more for a quick Fourier transform; no shift within reach wraps round."""
LEAST_OVERLAP: Final = 0.35
"""Of the smaller one of the two pictures, as one lies in the other."""
CANDIDATES: Final = 8
DISTINCT: Final = 0.06
"""In units of the longer side, some way from the centre: moves that differ less are one."""

FINE: Final = 0.03
"""In units of the longer side: the window of the fine structure by which a move is judged."""
BLOCKS: Final = 12
"""Blocks to a side, with as many again half a block further on: so small that an outline runs through few of them."""
LEAST_QUALITY: Final = 0.3
"""Chosen on train of dermoscopy_v2, as the next two: of 500 pairs of different lesions none came to more than 0.28; of
60 pairs of one lesion 48 did."""
LEAST_QUARTILE: Final = 0.14
"""The 60 best of 400 pairs of different lesions came to 0.05 at most, and drawn lesions with the same outline and other
details to 0.10; of the 48 pairs of one lesion, 46 to 0.19 and more."""
LEAST_MARGIN: Final = 1.4
"""The quality over that of the next distinct move. It was 1.57 at least for the 48 pairs of one lesion."""
LEAST_STRUCTURE: Final = 1e-3
"""Mean square of a picture's structure, of 1 at most or so: a flat picture's is rounding alone."""

Spectra = NDArray[np.complexfloating]
Move = tuple[complex, complex]
"""(turn, shift): x + iy of the earlier picture goes to turn * (x + iy) + shift, as in `Similarity.of`."""


@dataclass(frozen=True)
class Alignment:
    """Where the earlier picture lies in the later one, and how well their structure agrees there."""

    similarity: Similarity
    quality: float
    """`LEAST_QUALITY` to 1: the correlation of their fine structure, times the root of the share that they have in
    common of the one with the smaller field."""


@dataclass(frozen=True)
class _Found:
    move: Move
    quality: float
    """As in `Alignment`."""
    quartile: float
    """The lower quartile of the correlations of the blocks in common."""
    next_quality: float
    """Of the best one of the moves that are distinct from this one."""


def align(then: Rgb, now: Rgb) -> Alignment | None:
    """The move of an earlier picture onto a later one of the same lesion; `None` where it is not sure.

    Pictures are (h, w, 3), 0..255, of any sizes. Found are all angles, scales of 0.5 to 2 and shifts up to a third of
    the longer side.
    """
    found = _best(grey_pictures(then, SIDES), grey_pictures(now, SIDES))
    if found is None:
        return None
    sure = found.quality >= max(LEAST_QUALITY, LEAST_MARGIN * found.next_quality) and found.quartile >= LEAST_QUARTILE
    return Alignment(Similarity.of(*found.move), found.quality) if sure else None


def _best(then: tuple[Grey, ...], now: tuple[Grey, ...]) -> _Found | None:
    """The best move, sure or not; `None` where no structure is in common."""
    moves = []
    for move in _candidates(then[COARSEST], now[COARSEST]):
        for level in (COARSEST, MIDDLE):
            move = _refined(then[level], now[level], move, level)
        moves.append((_agreement(then[MIDDLE], now[MIDDLE], move)[0], move))
    if not moves:
        return None
    best = max(moves, key=lambda rated: rated[0])[1]
    next_quality = max((quality for quality, move in moves if _distance(move, best) > DISTINCT), default=0.0)
    best = _refined(then[FINEST], now[FINEST], best, FINEST)
    return _Found(best, *_agreement(then[MIDDLE], now[MIDDLE], best), next_quality)


def _inverse(move: Move) -> Move:
    turn, shift = move
    return 1 / turn, -shift / turn


def _distance(one: Move, other: Move) -> float:
    """How far two moves take a point a quarter of the longer side from the centre apart, at most."""
    return abs(one[0] - other[0]) / 4 + abs(one[1] - other[1])


def _candidates(then: Grey, now: Grey) -> list[Move]:
    """The moves at which two small pictures agree best, the best first, one for each place."""
    window = WINDOWS[COARSEST] * SIDES[COARSEST]
    height, width = now.values.shape
    detail = structure(now.values, now.valid, window)
    if min(np.square(plane).mean() for plane in (detail, structure(then.values, then.valid, window))) < LEAST_STRUCTURE:
        return []
    rows, columns = (slice((PERIOD - length) // 2, (PERIOD - length) // 2 + length) for length in (height, width))
    fixed = np.zeros((3, PERIOD, PERIOD), np.float32)
    fixed[:, rows, columns] = detail, detail * detail, now.valid
    spectra = np.fft.rfft2(fixed)
    y, x = np.mgrid[:PERIOD, :PERIOD] + 0.5
    frame = (x - columns.start - width / 2) / now.step[0] + 1j * (y - rows.start - height / 2) / now.step[1]
    peaks = []
    for scale in SCALES:
        planes = np.stack([structure(then.values, then.valid, window / scale), then.valid])
        common = LEAST_OVERLAP * min(now.valid.sum(), then.valid.sum() * scale**2)
        for angle in ANGLES:
            turn = complex(scale * math.cos(angle), scale * math.sin(angle))
            score, shift = _best_shift(spectra, _turned(planes, turn, frame, then), max(common, 1.0))
            peaks.append((score, turn, complex(shift.real / now.step[0], shift.imag / now.step[1])))
    moves: list[Move] = []
    for score, turn, shift in sorted(peaks, key=lambda peak: -peak[0]):
        if score <= 0 or len(moves) == CANDIDATES:
            break
        if all(_distance((turn, shift), move) > DISTINCT for move in moves):
            moves.append((turn, shift))
    return moves


def _turned(planes: NDArray[np.float32], turn: complex, frame: Places, then: Grey) -> NDArray[np.float32]:
    """Planes of the earlier picture, turned and scaled within the frame; only the part that they reach is computed."""
    half = min(PERIOD // 2, int(SIDES[COARSEST] * abs(turn) * math.sqrt(0.5)) + 2)
    middle = slice(PERIOD // 2 - half, PERIOD // 2 + half)
    turned = np.zeros((2, PERIOD, PERIOD), np.float32)
    turned[:, middle, middle] = sample(planes, frame[middle, middle] / turn, then.step)
    return turned


def _best_shift(
    spectra: NDArray[np.complexfloating], turned: NDArray[np.float32], common: float
) -> tuple[float, complex]:
    """The best shift within reach, in pixels, and its correlation times the root of the overlap (any unit)."""
    detail, valid = turned
    moved = np.conj(np.fft.rfft2(np.stack([detail, detail * detail, valid])))
    products = np.stack([moved[0] * spectra[0], moved[1] * spectra[2], moved[2] * spectra[1], moved[2] * spectra[2]])
    sums = np.fft.irfft2(products, s=(PERIOD, PERIOD))
    reach = int(REACH * SIDES[COARSEST])
    shifts = np.arange(-reach, reach + 1)
    both, first, second, overlap = sums[:, shifts[:, np.newaxis], shifts]
    allowed = (np.hypot(shifts[:, np.newaxis], shifts) <= reach) & (overlap >= common)
    score = both / np.sqrt(np.maximum(first * second, 1)) * np.sqrt(np.maximum(overlap, 0))
    score = np.where(allowed, score, 0)
    row, column = divmod(int(score.argmax()), score.shape[1])
    return float(score[row, column]), complex(shifts[column], shifts[row])


def _matched(then: Grey, now: Grey, move: Move, window: float) -> tuple[Plane, Plane, Plane]:
    """The structure of both pictures in the later one's frame, and what they have in common there."""
    turn, shift = move
    values, valid = sample(np.stack([then.values, then.valid]), (now.places - shift) / turn, then.step)
    common = now.valid * (valid > 0.99)
    return structure(values, common, window), structure(now.values, common, window), common


def _refined(then: Grey, now: Grey, move: Move, level: int) -> Move:
    """The move after some Gauss-Newton steps, in the frame of the picture with the smaller field."""
    swapped = abs(move[0]) < 1
    if swapped:
        then, now, move = now, then, _inverse(move)
    window, places = WINDOWS[level] * SIDES[level], now.places
    for _ in range(STEPS[level]):
        first, second, common = _matched(then, now, move, window)
        inner = _inner(common > 0)
        if inner.sum() < 0.02 * inner.size:
            break
        turn, shift = _step(first, second, places, now.step, inner)
        if abs(turn - 1) > 0.25 or abs(shift) > 0.25:
            break
        move = turn * move[0], turn * move[1] + shift
        if _distance((turn, shift), (1, 0)) < 0.1 / SIDES[level]:
            break
    return _inverse(move) if swapped else move


def _inner(mask: Mask) -> Mask:
    """Where a pixel and the four beside it lie within the mask, and not on the picture's edge."""
    inner = np.zeros_like(mask)
    inner[1:-1, 1:-1] = mask[1:-1, 1:-1] & mask[2:, 1:-1] & mask[:-2, 1:-1] & mask[1:-1, 2:] & mask[1:-1, :-2]
    return inner


def _step(first: Plane, second: Plane, places: Places, step: tuple[float, float], inner: Mask) -> Move:
    """The small move by which the first picture lies better on the second; pixels that differ much count less."""
    mean = (first + second) / 2
    right, down = (np.gradient(mean, axis=axis)[inner] * step[1 - axis] for axis in (1, 0))
    x, y = places.real[inner], places.imag[inner]
    known = second[inner]
    difference = first[inner] - known
    slopes = np.stack([right * x + down * y, down * x - right * y, right, down, known])
    weighted = slopes / (1 + difference * difference)
    normal = np.einsum("ip,jp->ij", weighted, slopes) + 1e-6 * np.eye(len(slopes))
    real, imaginary, x_shift, y_shift, _ = np.linalg.solve(normal, np.einsum("ip,p->i", weighted, difference))
    return complex(1 + real, imaginary), complex(x_shift, y_shift)


def _agreement(then: Grey, now: Grey, move: Move) -> tuple[float, float]:
    """The quality and the lower quartile of the blocks, in the frame of the picture with the smaller field."""
    if abs(move[0]) < 1:
        then, now, move = now, then, _inverse(move)
    longer = max(now.values.shape)
    first, second, common = _matched(then, now, move, FINE * longer)
    size = longer // BLOCKS
    both, one, other, pixels = (
        _block_sums(plane, size) for plane in (first * second, first * first, second * second, common)
    )
    correlations = both / (np.sqrt(one * other) + 0.02 * pixels + 1e-9)  # of flat skin near 0
    full = correlations[pixels > 0.8 * size * size]
    whole = float((first * second).sum()) / math.sqrt(float((first**2).sum() * (second**2).sum()) + 1e-9)
    overlap = float(common.sum() / max(now.valid.sum(), 1))
    quartile = float(np.percentile(full, 25)) if full.size else 0.0
    return max(whole, 0.0) * math.sqrt(overlap), quartile


def _block_sums(plane: Plane, size: int) -> NDArray[np.float64]:
    """Sums over square blocks of this size, half of it apart."""
    sums = np.zeros((plane.shape[0] + 1, plane.shape[1] + 1))
    sums[1:, 1:] = plane.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    top = np.arange(0, plane.shape[0] - size + 1, size // 2)[:, np.newaxis]
    left = np.arange(0, plane.shape[1] - size + 1, size // 2)
    blocks = sums[top + size, left + size] - sums[top, left + size] - sums[top + size, left] + sums[top, left]
    return np.maximum(blocks, 0) if plane.min() >= 0 else blocks
