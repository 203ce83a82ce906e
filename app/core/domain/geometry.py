"""Closed polygons as points (n, 2), x and y; the first follows the last without being repeated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Polygon = NDArray[np.float64]


def signed_area(polygon: Polygon) -> float:
    """Signed area by the shoelace formula; the sign gives the orientation."""
    x, y = (polygon - polygon[0]).T  # of small numbers, whose products lose nothing
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2


def area(polygon: Polygon) -> float:
    """Area, 0 or more. For polygons whose sides do not cross."""
    return abs(signed_area(polygon))


def side_lengths(polygon: Polygon) -> NDArray[np.float64]:
    """Lengths of the sides, from each point to the next: (n,)."""
    return np.hypot(*(np.roll(polygon, -1, axis=0) - polygon).T)


def perimeter(polygon: Polygon) -> float:
    """Length of the closed line."""
    return float(side_lengths(polygon).sum())


def evenly_spaced(polygon: Polygon, count: int) -> Polygon:
    """`count` points at equal distances along a polygon, from its first on: (count, 2)."""
    closed = np.vstack([polygon, polygon[:1]])
    along = np.append(0.0, side_lengths(polygon).cumsum())
    places = np.arange(count) * (along[-1] / count)
    return np.column_stack([np.interp(places, along, closed[:, axis]) for axis in (0, 1)])


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in an image, in fractions 0..1 of its width (left, right) and height (top, bottom)."""

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError(f"no rectangle within a picture: {self}")

    @property
    def area(self) -> float:
        """Share of the image's area, 0..1."""
        return (self.right - self.left) * (self.bottom - self.top)

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) in an image of this size, as Pillow's `crop` takes them: never empty."""
        left, top = min(int(self.left * width + 0.5), width - 1), min(int(self.top * height + 0.5), height - 1)
        right, bottom = max(int(self.right * width + 0.5), left + 1), max(int(self.bottom * height + 0.5), top + 1)
        return left, top, right, bottom

    def within(self, outer: Box) -> Box:
        """The same rectangle in the image of which `outer` is a part and this box's fractions are of that part."""
        width, height = outer.right - outer.left, outer.bottom - outer.top
        return Box(
            outer.left + self.left * width,
            outer.top + self.top * height,
            min(outer.left + self.right * width, 1.0),
            min(outer.top + self.bottom * height, 1.0),
        )


WHOLE: Final = Box(0.0, 0.0, 1.0, 1.0)

Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Points = NDArray[np.float64]
"""(n, 2): x and y in pixels, the image's upper left corner at (0, 0), the first pixel's centre at (0.5, 0.5)."""
