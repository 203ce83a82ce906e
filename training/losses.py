"""Losses that Keras does not have."""

from __future__ import annotations

import keras
from keras import KerasTensor, ops


@keras.saving.register_keras_serializable(package="melascreen")  # type: ignore[untyped-decorator]
def partial_cross_entropy(targets: KerasTensor, probabilities: KerasTensor) -> KerasTensor:
    """Cross-entropy of probabilities (n, classes) with targets (n, classes) that may add up to less than 1.

    A row of zeros, an image whose class is not known, has no loss and no gradient. With Keras's own it has one:
    TensorFlow's gradient of softmax cross-entropy takes each row of targets for one that adds up to 1.
    """
    return -ops.sum(targets * ops.log(ops.maximum(probabilities, keras.config.epsilon())), axis=-1)
