"""Segmentation of the lesion by a network of its own.

Asymmetry, border, colours and diameter are measured within it, so it is something that the user sees and corrects.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray

from app.core.domain.errors import BundleError
from app.core.domain.geometry import Polygon, evenly_spaced, perimeter, signed_area
from app.core.domain.messages import Message
from app.core.domain.outline import Outline
from app.core.imaging.preprocess import model_input
from app.core.model.network import Network

LOGITS = "outline_logits"
"""The network's output: the logit of lesion at each place, (side / `STRIDE`, side / `STRIDE`)."""
STRIDE = 2
"""Pixels of the network's image to one place of its map, across and down."""
SMALLEST_SHARE = 0.005
"""Of the image's area: what is smaller is no lesion that fills a dermoscope's field of view."""
_LEVEL = 0.5
"""The probability along the outline: 0.45 to 0.55 gave the same Dice on val, to 0.001."""
_MIN_POINTS, _MAX_POINTS, _SPACING = 60, 120, 0.02
"""Points of a found outline: one for every fiftieth of the image's side, within these limits."""
_SMOOTHING = 0.004
"""Standard deviation of the smoothing along the outline, in outlines' lengths: the map's steps go, lobes stay. 0.0005
to 0.01 gave the same Dice on val, to 0.0001."""


class OutlineNetwork:
    """The segmentation network. Not thread-safe."""

    def __init__(self, content: bytes, *, side: int, threads: int | None = None) -> None:
        """`content` is a LiteRT file whose input is an image of `side` pixels; `threads` as in `Network`.

        Raises `BundleError` where it is no such network.
        """
        self._side = side
        outputs = {LOGITS: (1, side // STRIDE, side // STRIDE)}
        self._network = Network(content, outputs, side=side, threads=threads)

    def find(self, rgb: NDArray[np.uint8]) -> Outline | None:
        """The outline of the lesion in an upright sRGB image of shape (height, width, 3), 0..255, any size.

        `None` where there is none of at least `SMALLEST_SHARE`. Raises `BundleError` where the network gives no
        number.
        """
        return outline_of(self.probabilities(model_input(rgb, self._side)))

    def probabilities(self, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The probability of lesion at each place of a `model_input`: (side / `STRIDE`, side / `STRIDE`), 0..1.

        Raises `BundleError` as `find`.
        """
        logits = self._network.outputs(picture)[LOGITS].astype(np.float64)
        if not np.isfinite(logits).all():
            raise BundleError(Message("model-outline-gives-no-number"))
        half: NDArray[np.float64] = np.tanh(logits / 2)  # as the logistic function, without its overflow
        return (1 + half) / 2


def outline_of(probabilities: NDArray[np.float64]) -> Outline | None:
    """The outer outline of the main region of a map (rows, columns) of probabilities, 0..1; see `OutlineNetwork.find`.

    That is the largest: to prefer those near the centre changed none of the 1352 outlines on val.
    """
    regions = [region for region in _regions(probabilities) if signed_area(region) >= SMALLEST_SHARE]
    if not regions:
        return None
    return _outline(_smooth(max(regions, key=signed_area)))


def _regions(probabilities: NDArray[np.float64]) -> list[Polygon]:
    """The outer outlines of all regions, as fractions of the map's sides, their area positive."""
    rows, columns = probabilities.shape
    # the ring of nothing closes the outlines of what the image's edge cuts
    generator = contour_generator(z=np.pad(probabilities, 1), line_type=LineType.Separate)
    lines: Any = generator.lines(_LEVEL)
    # the map's place i, i + 1 with the ring, is the i-th of equal parts of the image; the first point comes twice
    polygons = [np.clip((line[:-1] - 0.5) / (columns, rows), 0.0, 1.0) for line in lines]
    # ContourPy has the higher side always to the same hand: a hole's outline goes the other way round
    return [polygon for polygon in polygons if len(polygon) >= 3 and signed_area(polygon) > 0]


def _smooth(polygon: Polygon) -> Polygon:
    count = int(np.clip(round(perimeter(polygon) / _SPACING), _MIN_POINTS, _MAX_POINTS))
    fine = evenly_spaced(polygon, 4 * count)
    offsets = np.minimum(np.arange(len(fine)), len(fine) - np.arange(len(fine))) / len(fine)
    weights = np.exp(-((offsets / _SMOOTHING) ** 2) / 2)
    transfer = np.fft.rfft(weights / weights.sum())[:, np.newaxis]  # round the outline: a circular convolution
    smoothed = np.fft.irfft(np.fft.rfft(fine, axis=0) * transfer, len(fine), axis=0)
    return smoothed[::4]


def _outline(polygon: Polygon) -> Outline:
    return Outline(tuple((float(x), float(y)) for x, y in np.clip(polygon, 0.0, 1.0)))
