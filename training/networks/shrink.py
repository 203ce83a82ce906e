"""A layer that makes images smaller, for a network that takes smaller ones than it votes with."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import KerasTensor, layers, ops
from numpy.typing import NDArray
from PIL import Image


@keras.saving.register_keras_serializable(package="melascreen")
class Shrink(layers.Layer):
    """Images (n, rows, columns, 3), 0..255, resized by LANCZOS to (n, side, side, 3), as float and without rounding."""

    def __init__(self, side: int, **options: Any) -> None:
        super().__init__(**options)
        self.side = side

    def call(self, images: KerasTensor) -> Any:
        """Columns first, then rows, as Pillow does, each as a convolution over channels: that much LiteRT knows."""
        rows, columns = (lanczos(length, self.side).T[np.newaxis, np.newaxis] for length in images.shape[1:3])
        lines = ops.transpose(images, (0, 1, 3, 2))  # the columns are the channels
        narrower = ops.clip(ops.conv(lines, columns), 0.0, 255.0)
        lower = ops.conv(ops.transpose(narrower, (0, 3, 2, 1)), rows)  # now the rows
        return ops.clip(ops.transpose(lower, (0, 3, 1, 2)), 0.0, 255.0)

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"side": self.side}


def lanczos(length: int, fewer: int) -> NDArray[np.float32]:
    """The weights (fewer, length) by which Pillow's LANCZOS makes one line of pixels out of another."""
    unit_lines = Image.fromarray(np.eye(length, dtype=np.float32))
    return np.asarray(unit_lines.resize((length, fewer), Image.Resampling.LANCZOS, reducing_gap=None))
