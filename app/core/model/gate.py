"""Gate that tells dermoscopy from close-up photographs and from other images.

A multinomial logistic regression on the network's features half way up, which still tell optics and lighting.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from app.core.domain.errors import BundleError
from app.core.domain.messages import Message
from app.core.model.out_of_distribution import DAMAGED, Features

KINDS = ("dermoscopy", "close-up", "other")
"""The kinds of images that the gate tells apart."""
DERMOSCOPY = KINDS.index("dermoscopy")


@dataclass(frozen=True)
class DermoscopyGate:
    """Dermoscopy gate: probabilities of the `KINDS` from the intermediate features.

    `mean` and `scale` (features,) standardise the square roots of the features, which are nowhere below 0; `weights`
    (features, kinds) and `bias` (kinds,) are the regression's.
    """

    mean: Features
    scale: Features
    weights: Features
    bias: Features

    @classmethod
    def read(cls, content: bytes, *, features: int) -> DermoscopyGate:
        """The gate from the file of `write`. Raises `BundleError` where it does not fit the network."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as stored:
                read = cls(**{field.name: stored[field.name].astype(np.float32) for field in fields(cls)})
        except DAMAGED as error:
            raise BundleError(Message("model-gate-unreadable", cause=error)) from error
        shapes = {
            "mean": (features,),
            "scale": (features,),
            "weights": (features, len(KINDS)),
            "bias": (len(KINDS),),
        }
        if any(getattr(read, name).shape != shape for name, shape in shapes.items()):
            raise BundleError(Message("model-gate-differs"))
        if not all(np.isfinite(getattr(read, name)).all() for name in shapes) or read.scale.min() <= 0:
            raise BundleError(Message("model-gate-not-finite"))
        return read

    def write(self) -> bytes:
        """As a file (NumPy's `npz`), the weights in half precision."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            **{
                field.name: getattr(self, field.name).astype(np.float16 if field.name == "weights" else np.float32)
                for field in fields(self)
            },
        )
        return buffer.getvalue()

    def probabilities(self, intermediate_features: Features) -> NDArray[np.float64]:
        """Probabilities (n, kinds), each row adding up to 1, from intermediate features (n, features)."""
        standard = (np.sqrt(np.maximum(intermediate_features, 0)) - self.mean).astype(np.float64) / self.scale
        weights = self.weights.astype(np.float64)
        # one by one: a product of matrices rounds a row otherwise when there are several
        scores = np.array([row @ weights for row in standard]).reshape(-1, len(KINDS)) + self.bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)
