"""Gate that tells dermoscopy from close-up photographs and from other pictures, by the network's own features."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from app.core.domain.errors import BundleError
from app.core.domain.messages import Message
from app.core.model.arrays import Array, as_file, read_arrays
from app.core.model.card import GATE_KINDS, Calibration

KINDS = GATE_KINDS
DERMOSCOPY = KINDS.index("dermoscopy")


@dataclass(frozen=True)
class Gate:
    """Gate: two dense layers over the square roots of the network's intermediate features, which are nowhere below 0.

    `hidden` (features, units) and `hidden_bias` (units,) are followed by ReLU; `output` (units, kinds) and
    `output_bias` (kinds,) give the logits of the `KINDS`.
    """

    hidden: Array
    hidden_bias: Array
    output: Array
    output_bias: Array

    @classmethod
    def read(cls, content: bytes, *, features: int) -> Gate:
        """The gate from the file of `write`. Raises `BundleError` where it does not fit the network."""
        try:
            arrays = read_arrays(content, [field.name for field in fields(cls)])
        except ValueError as error:
            raise BundleError(Message("model-gate-unreadable", cause=error)) from error
        read = cls(**arrays)
        units = read.hidden.shape[-1:]
        shapes = {
            "hidden": (features, *units),
            "hidden_bias": units,
            "output": (*units, len(KINDS)),
            "output_bias": (len(KINDS),),
        }
        if any(arrays[name].shape != shape or not np.isfinite(arrays[name]).all() for name, shape in shapes.items()):
            raise BundleError(Message("model-gate-differs"))
        return read

    def write(self) -> bytes:
        """As a file (NumPy's `npz`), the large array in half precision."""
        return as_file({field.name: getattr(self, field.name) for field in fields(self)}, halved={"hidden"})

    def logits(self, intermediate_features: Array) -> NDArray[np.float64]:
        """Logits (n, kinds) from intermediate features (n, features)."""
        roots = np.sqrt(np.maximum(intermediate_features, 0))
        rows = [  # one by one: a product of matrices rounds a row otherwise when there are several
            np.maximum(row @ self.hidden + self.hidden_bias, 0) @ self.output + self.output_bias for row in roots
        ]
        return np.stack(rows).astype(np.float64)

    def dermoscopy_probabilities(self, intermediate_features: Array, calibration: Calibration) -> NDArray[np.float64]:
        """Calibrated probabilities (n,) that images are dermoscopy; NaN for features that are no numbers."""
        with np.errstate(invalid="ignore"):
            return np.asarray(calibration.probabilities(self.logits(intermediate_features))[:, DERMOSCOPY])
