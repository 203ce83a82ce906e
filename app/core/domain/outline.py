"""The lesion's outline: a closed polygon in fractions of the image."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.core.domain.geometry import Polygon, area

_DECIMALS = 4
"""In JSON: a tenth of a pixel in an image of 1000 pixels."""


@dataclass(frozen=True)
class Outline:
    """A closed polygon around the lesion: x and y as fractions 0..1 of the image's width and height.

    The first point follows the last without being repeated. Found, or drawn by hand: it may cross itself. Raises
    `ValueError` where there are fewer than 3 points, or one lies outside of the image.
    """

    points: tuple[tuple[float, float], ...]

    def __post_init__(self) -> None:
        if len(self.points) < 3:
            raise ValueError(f"an outline has at least 3 points, not {len(self.points)}")
        for x, y in self.points:
            if not (0.0 <= x <= 1.0 and 0.0 <= y <= 1.0):  # false of what is no number, too
                raise ValueError(f"an outline's points lie in the picture, 0..1, not at ({x}, {y})")

    @property
    def area_share(self) -> float:
        """The share of the image's area within, 0..1, by the shoelace formula (meant where no lines cross)."""
        return area(self._polygon())

    def mask(self, width: int, height: int) -> NDArray[np.bool_]:
        """Mask of the pixels whose centre lies within, for an image of this size: (height, width).

        Where the outline crosses itself, what it goes round twice is outside (even-odd rule). Pillow's polygons
        take whole pixels alone and paint their edge as well, which makes small lesions larger.
        """
        start = self._polygon() * (width, height) - 0.5  # a pixel's centre has its number
        crossed = np.zeros((height, width + 1), np.bool_)
        rows = np.arange(height)
        for (x0, y0), (x1, y1) in zip(start, np.roll(start, -1, axis=0), strict=True):
            passed = rows[slice(*np.clip(np.ceil(sorted((y0, y1))), 0, height).astype(int))]
            if passed.size:
                x = x0 + (passed - y0) * ((x1 - x0) / (y1 - y0))
                crossed[passed, np.clip(np.ceil(x), 0, width).astype(int)] ^= True
        return np.bitwise_xor.accumulate(crossed, axis=1)[:, :width]

    def to_json(self) -> str:
        """JSON JSON `[[x,y],...]` with 4 decimals."""
        rounded = [(round(x, _DECIMALS), round(y, _DECIMALS)) for x, y in self.points]
        return msgspec.json.encode(rounded).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> Outline:
        """The outline from the JSON of `to_json`. Raises `ValueError`."""
        try:
            return cls(msgspec.json.decode(text, type=tuple[tuple[float, float], ...]))
        except msgspec.MsgspecError as error:
            raise ValueError(f"no outline: {error}") from error

    def _polygon(self) -> Polygon:
        return np.array(self.points, np.float64)
