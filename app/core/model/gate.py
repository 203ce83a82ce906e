"""Gate that tells dermoscopy from close-up photographs and from other pictures, by a small network of its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.core.imaging.preprocess import resized
from app.core.model.card import GATE_KINDS, Calibration
from app.core.model.network import Network

KINDS = GATE_KINDS
DERMOSCOPY = KINDS.index("dermoscopy")
LOGITS = "gate_logits"
"""The network's output: the logits of the `KINDS`."""


class GateNetwork:
    """The gate. Not thread-safe."""

    def __init__(self, content: bytes, calibration: Calibration, *, side: int, threads: int | None = None) -> None:
        """`content` is a LiteRT file whose input is an image of `side` pixels; `threads` as in `Network`.

        Raises `BundleError` where it is no such network.
        """
        self._side = side
        self._calibration = calibration
        self._network = Network(content, {LOGITS: (1, len(KINDS))}, side=side, threads=threads)

    def dermoscopy_probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Probabilities (n,) that square images (n, s, s, 3), RGB, 0..255, of any size are dermoscopy; NaN where the
        network gives no number. Raises `BundleError` where it can't be run."""
        own = np.stack([resized(picture, self._side) for picture in pictures])
        return np.asarray(self.probabilities(own)[:, DERMOSCOPY])

    def probabilities(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """Probabilities (n, kinds) for images (n, side, side, 3); see `dermoscopy_probabilities`."""
        logits = self._network.outputs_of_several(pictures)[LOGITS].astype(np.float64)
        with np.errstate(invalid="ignore"):
            return self._calibration.probabilities(logits)
