"""A Keras network to LiteRT, and the check that both give the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

import keras
import tensorflow as tf

from training.errors import ExportError

NETWORK_FILE = "network.tflite"
CHECKED_IMAGES = 64
MAX_DIFFERENCE = 5e-3
"""Of the probability, between Keras and LiteRT: beyond it something went wrong in the conversion."""


def as_litert(model: keras.Model, *, float16: bool) -> bytes:
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
