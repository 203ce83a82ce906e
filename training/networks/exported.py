"""Weights of a network that was exported as a LiteRT file: to export it in another form, or to train it further."""

from __future__ import annotations

import keras
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from training.errors import WeightsError
from training.networks.convert import as_litert


def set_weights(model: keras.Model, deployed: keras.Model, content: bytes) -> None:
    """Set a model's weights to those in a LiteRT file of its `deployed` form, with float16 weights.

    The converter names its constants after layers, in its own way: which is which is seen from the model itself,
    converted with random weights. Scales, which a constant holds together with its kernel, become 1. Raises
    `WeightsError` for the file of another network, or one whose weights are not float16.
    """
    random = np.random.default_rng(0)
    for weight in model.weights:
        weight.assign(np.ones(weight.shape) if _is_scale(weight) else random.normal(0, 0.05, weight.shape))
    names = {_checksum(values): name for name, values in _constants(as_litert(deployed, "float16")).items()}
    stored = _constants(content)
    for weight in model.weights:
        if _is_scale(weight):
            continue
        values = stored.get(names.get(_checksum(weight.numpy()), ""))
        if values is None or values.size != weight.numpy().size:
            reason = "it is another network's, or its weights are not float16"
            raise WeightsError(f"The network file has no weights for {weight.path}: {reason}.")
        weight.assign(_as_in_keras(values.astype(np.float32), weight.shape))


def _is_scale(weight: keras.Variable) -> bool:
    return bool(weight.path.endswith("/scale"))


def _constants(content: bytes) -> dict[str, NDArray[np.floating]]:
    """The float16 constants of a LiteRT file, by name."""
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    details = [detail for detail in interpreter.get_tensor_details() if detail["dtype"] == np.float16]
    return {detail["name"]: interpreter.get_tensor(detail["index"]) for detail in details}


def _checksum(values: NDArray[np.floating]) -> bytes:
    """The same for an array and its transpose."""
    return np.sort(values.astype(np.float16), axis=None).tobytes()


def _as_in_keras(values: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """LiteRT's layout (filters, rows, columns, channels) as Keras's, whose filters come last."""
    if len(shape) == 1:
        return values.reshape(shape)
    return np.moveaxis(values, 0, -1).reshape(shape)
