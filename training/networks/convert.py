"""Conversion of a Keras network to LiteRT, and the check that both give the same."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training.errors import ExportError

NETWORK_FILE = "network.tflite"
CHECKED_IMAGES = 64
MAX_DIFFERENCE = 5e-3
"""Of the probability, between Keras and LiteRT: beyond it something went wrong in the conversion."""

Probabilities = Callable[[NDArray[np.uint8]], NDArray[Any]]
"""Network inputs (n, side, side, 3), 0..255 -> their probabilities, (n, …)."""


def as_litert(model: keras.Model, *, float16: bool) -> bytes:
    """A network as a LiteRT file. Raises `ExportError` where weights are missing in it."""
    halved = {"optimizations": [tf.lite.Optimize.DEFAULT], "target_spec": {"supported_types": [tf.float16]}}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NETWORK_FILE
        model.export(path, format="litert", verbose=False, **(halved if float16 else {}))
        content = path.read_bytes()
    kernels = {weight.numpy().tobytes() for weight in model.weights if len(weight.shape) > 1}  # equal ones go in once
    # as float32 or half of it; batch normalisation is folded into them
    if len(content) < sum(map(len, kernels)) // (2 if float16 else 1):
        raise ExportError(f"The converted network has {len(content)} bytes: weights are missing in it.")
    return content


def check(
    by_keras: Probabilities, by_litert: Probabilities, images: NDArray[np.uint8], *, limit: float = MAX_DIFFERENCE
) -> None:
    """Compares the probabilities that a network gives for images, in Keras and in LiteRT.

    Raises `ExportError` where one differs by more than `limit`, or is not a number.
    """
    difference = float(np.abs(by_keras(images) - by_litert(images)).max())
    if not difference <= limit:
        raise ExportError(
            f"LiteRT and Keras differ by {difference:.4f} in probability on {len(images)} images; "
            f"at most {limit} is allowed."
        )
