"""The gate network's architecture."""

from __future__ import annotations

import keras
import msgspec
from keras import layers

from app.core.model.gate import KINDS, LOGITS
from training.networks import efficientnet_lite

_CHANNELS = 192
"""Of the last convolution."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the network is trained. `side` is its input's, in pixels.

    `weights` is `imagenet`, or `none` to try things out. An epoch shows `images_per_epoch`. The learning rate rises
    over the first twentieth of all steps and falls to 0 as a cosine. `weight_averaging` is the momentum of the running
    average of the weights that is kept. `shares` are those of the `KINDS` among the images shown.
    """

    side: int = 160
    epochs: int = 12
    images_per_epoch: int = 8192
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 1e-3
    weight_averaging: float = 0.998
    label_smoothing: float = 0.02
    dropout: float = 0.3
    shares: tuple[float, ...] = (0.5, 0.32, 0.18)
    weights: str = "imagenet"
    seed: int = 1337


def build(settings: Settings) -> keras.Model:
    """The network: (n, side, side, 3), RGB, 0..255 -> (n, 3), the logits of the `KINDS`."""
    encoder = efficientnet_lite.encoder(settings.weights)
    inputs = keras.Input((settings.side, settings.side, 3), name="image")
    offset, scale = efficientnet_lite.OFFSET, efficientnet_lite.SCALE
    *_, x = encoder(layers.Rescaling(1 / scale, offset=-offset / scale, name="rescaling")(inputs))
    x = layers.Conv2D(_CHANNELS, 1, activation="relu6", name="widened")(x)
    x = layers.GlobalAveragePooling2D(name="pooling")(x)
    x = layers.Dropout(settings.dropout, name="dropout")(x)
    return keras.Model(inputs, layers.Dense(len(KINDS), name=LOGITS)(x), name="gate")
