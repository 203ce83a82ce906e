"""Bodies: a height over the image's plane, lit from one side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.negatives.fields import Field, Size, grid


@dataclass(frozen=True)
class Capsule:
    """A rounded limb between two ends, in shares of the image's width and height; the radii of its shorter side."""

    x0: float
    y0: float
    r0: float
    x1: float
    y1: float
    r1: float

    def height(self, size: Size) -> Field:
        """How far its surface stands out, in pixels; 0 outside."""
        x, y = grid(size)
        side = min(size)
        ax, ay = self.x0 * size[0], self.y0 * size[1]
        dx, dy = self.x1 * size[0] - ax, self.y1 * size[1] - ay
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
        radius = side * (self.r0 + (self.r1 - self.r0) * along)
        away = np.hypot(x - ax - along * dx, y - ay - along * dy)
        return np.sqrt(np.clip(radius**2 - away**2, 0, None))


def union(capsules: Sequence[Capsule], size: Size) -> Field:
    """The height of several limbs together: the outermost at each place."""
    return np.max([capsule.height(size) for capsule in capsules], axis=0)


def lambert(height: Field, light: tuple[float, float], ambient: float) -> Field:
    """Lambert's law for a surface of that height, lit from (x, y) above it; about 0..1.2."""
    down, right = np.gradient(height)
    length = math.sqrt(light[0] ** 2 + light[1] ** 2 + 1)
    cosine = (1 - right * light[0] - down * light[1]) / np.sqrt(1 + right**2 + down**2) / length
    return ambient + (1 - ambient) * np.clip(cosine, 0, None) * 1.15


def ray(x: float, y: float, angle: float, length: float, r0: float, r1: float) -> Capsule:
    """A limb from (x, y) at an angle (radians, downwards from the right) and of a length, in shares of the image."""
    return Capsule(x, y, r0, x + length * math.cos(angle), y + length * math.sin(angle), r1)
