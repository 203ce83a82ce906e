"""Conversion of a Keras network to LiteRT, and the check that both give the same."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training.errors import ExportError
from training.recipe import Precision

NETWORK_FILE = "network.tflite"
CHECKED_IMAGES = 64
MAX_DIFFERENCE = 5e-3
"""Of the probability, between Keras and LiteRT: beyond it something went wrong in the conversion."""
MAX_MEAN_DIFFERENCE = 0.03
"""The same for integers, on average: single answers differ by up to 0.15."""
BYTES: Final[dict[Precision, int]] = {"float32": 4, "float16": 2, "int8": 1}
"""Of a weight."""

Probabilities = Callable[[NDArray[np.uint8]], NDArray[Any]]
"""Network inputs (n, side, side, 3), 0..255 -> their probabilities, (n, …)."""


def as_litert(model: keras.Model, precision: Precision = "float32", images: NDArray[np.uint8] | None = None) -> bytes:
    """A network as a LiteRT file. Raises `ExportError` where weights are missing in it.

    With `int8`, weights and activations are integers (Jacob et al., CVPR 2018), scaled by what the network does on some
    `images` (n, side, side, 3); what goes in and comes out is float.
    """
    options: dict[str, Any] = {} if precision == "float32" else {"optimizations": [tf.lite.Optimize.DEFAULT]}
    if precision == "float16":
        options["target_spec"] = {"supported_types": [tf.float16]}
    if precision == "int8":
        if images is None:
            raise ValueError("integers are scaled by images, and none are given")
        options["representative_dataset"] = lambda: _one_by_one(model.inputs[0].name, images)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NETWORK_FILE
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*tf.lite.Interpreter is deprecated", UserWarning)  # its own, to scale
            model.export(path, format="litert", verbose=False, **options)
        content = path.read_bytes()
    kernels = {weight.numpy().tobytes() for weight in model.weights if len(weight.shape) > 1}  # equal ones go in once
    # as float32 or less; batch normalisation is folded into them
    if len(content) < sum(map(len, kernels)) // BYTES["float32"] * BYTES[precision]:
        raise ExportError(f"The converted network has {len(content)} bytes: weights are missing in it.")
    return content


def _one_by_one(name: str, images: NDArray[np.uint8]) -> Iterator[dict[str, NDArray[np.float32]]]:
    for image in images:
        yield {name: image[np.newaxis].astype(np.float32)}


def check(
    by_keras: Probabilities,
    by_litert: Probabilities,
    images: NDArray[np.uint8],
    *,
    limit: float = MAX_DIFFERENCE,
    mean_limit: float = 1.0,
) -> None:
    """Compares the probabilities that a network gives for images, in Keras and in LiteRT.

    Raises `ExportError` where one differs by more than `limit`, all by more than `mean_limit` on average, or one is not
    a number.
    """
    differences = np.abs(by_keras(images) - by_litert(images))
    largest, mean = float(differences.max()), float(differences.mean())
    if not (largest <= limit and mean <= mean_limit):
        raise ExportError(
            f"LiteRT and Keras differ by up to {largest:.4f} in probability on {len(images)} images, "
            f"by {mean:.4f} on average; at most {limit} and {mean_limit} are allowed."
        )
