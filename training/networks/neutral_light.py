"""A layer that puts images under neutral light, as `training.data.augment.grey_world` does in the training."""

from __future__ import annotations

from typing import Any

import keras
from keras import KerasTensor, layers, ops

from training.data.augment import MOMENT


@keras.saving.register_keras_serializable(package="melascreen")
class NeutralLight(layers.Layer):
    """Images (n, rows, columns, 3), RGB, 0..255, with the channels' moments (see `MOMENT`) made equal; as float."""

    def call(self, images: KerasTensor) -> Any:
        moments = ops.mean((images / 255.0) ** MOMENT, axis=(1, 2), keepdims=True)
        light = ops.maximum(moments, 1e-12) ** (1 / MOMENT)
        gains = ops.sqrt(ops.mean(light**2, axis=-1, keepdims=True)) / light
        return ops.clip(images * gains, 0.0, 255.0)
