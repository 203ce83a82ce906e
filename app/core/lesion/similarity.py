"""The similarity between two pictures of one lesion: a turn, a scale and a shift."""

from __future__ import annotations

import cmath
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.domain.geometry import Points

Size = tuple[int, int]
"""Width and height of a picture, in pixels."""
COINCIDE = 1e-9
"""Points that all lie this near to their mean, in units of the longer side, coincide."""


@dataclass(frozen=True)
class Similarity:
    """A turn, a scale and a shift from the earlier picture (then) to the later one (now).

    Points are in units of the longer side of their own picture, x to the right and y downwards from its centre, so
    that they hold at every resolution: the longer side reaches from -0.5 to 0.5.
    """

    angle: float
    """Degrees, -180 to 180; positive turns clockwise, as the pictures are seen."""
    scale: float
    """Lengths in now over lengths in then, each in units of its picture's longer side; above 0."""
    shift: tuple[float, float]
    """Where the centre of then lies in now."""

    @classmethod
    def of(cls, turn: complex, shift: complex) -> Similarity:
        """From complex numbers: a point x + iy goes to `turn` * (x + iy) + `shift`. Raises `ValueError` for turn 0."""
        if turn == 0:
            raise ValueError("a similarity of scale 0")
        return cls(math.degrees(cmath.phase(turn)), abs(turn), (shift.real, shift.imag))

    @property
    def turn(self) -> complex:
        """The turn and the scale as one complex number."""
        return cmath.rect(self.scale, math.radians(self.angle))

    def points(self, then: Points) -> Points:
        """Points (n, 2) of then in now, both in units of the longer side from the centre."""
        mapped = self.turn * (then[:, 0] + 1j * then[:, 1]) + complex(*self.shift)
        return np.column_stack([mapped.real, mapped.imag])

    def inverse(self) -> Similarity:
        """The similarity from now to then."""
        return Similarity.of(1 / self.turn, -complex(*self.shift) / self.turn)

    def matrix(self, then: Size, now: Size) -> NDArray[np.float64]:
        """The map of pixels of then to pixels of now, for pictures of these sizes (width, height): (3, 3).

        It is multiplied by columns (x, y, 1); the upper left corner of a picture is (0, 0), the centre of its first
        pixel (0.5, 0.5). Qt multiplies rows: `QTransform(*matrix.T.ravel())`.
        """
        turn = self.turn * max(now) / max(then)
        shift = complex(*self.shift) * max(now) + complex(*now) / 2 - turn * complex(*then) / 2
        return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag], [0.0, 0.0, 1.0]])


def from_points(then: Points, now: Points) -> Similarity:
    """The similarity that takes points of then nearest to those of now, by least squares: two pairs or more.

    Points (n, 2), in units of the longer side from the centre. Raises `ValueError` for fewer than two pairs, for
    unequal numbers, and where all points of one picture coincide (Umeyama, IEEE Trans. PAMI 13, 376, 1991; without
    mirroring, which two dimensions leave out of themselves).
    """
    if then.shape != now.shape or then.ndim != 2 or then.shape[1] != 2 or len(then) < 2:
        raise ValueError("two pairs of points or more are needed")
    first, second = (points[:, 0] + 1j * points[:, 1] for points in (then, now))
    first_mean, second_mean = complex(first.mean()), complex(second.mean())
    first, second = first - first_mean, second - second_mean
    if min(float(np.abs(first).max()), float(np.abs(second).max())) < COINCIDE:
        raise ValueError("the points coincide")
    turn = complex(np.vdot(first, second) / np.vdot(first, first))
    return Similarity.of(turn, second_mean - turn * first_mean)
