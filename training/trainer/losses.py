"""Losses that Keras does not have."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, ops


@keras.saving.register_keras_serializable(package="melascreen")  # type: ignore[untyped-decorator]
def partial_cross_entropy(targets: KerasTensor, probabilities: KerasTensor) -> KerasTensor:
    """Cross-entropy of probabilities (n, classes) with targets (n, classes) that may add up to less than 1.

    A row of zeros, an image whose class is not known, has no loss and no gradient. With Keras's own it has one:
    TensorFlow's gradient of softmax cross-entropy takes each row of targets for one that adds up to 1.
    """
    return -ops.sum(targets * ops.log(ops.maximum(probabilities, keras.config.epsilon())), axis=-1)


@keras.saving.register_keras_serializable(package="melascreen")  # type: ignore[untyped-decorator]
def overlap_loss(wanted: Any, logits: Any) -> Any:
    """Cross-entropy of the places plus 1 - soft Dice of each image (Milletari et al., arXiv:1606.04797); (n,)."""
    entropy = ops.mean(ops.relu(logits) - logits * wanted + ops.softplus(-ops.abs(logits)), axis=(1, 2, 3))
    given = ops.sigmoid(logits)
    both, sums = ops.sum(given * wanted, axis=(1, 2, 3)), ops.sum(given + wanted, axis=(1, 2, 3))
    return entropy + 1 - (2 * both + 1) / (sums + 1)  # the 1 for an image without lesion, in places of the map
