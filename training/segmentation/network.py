"""The outline network's architecture."""

from __future__ import annotations

import keras
import msgspec
from keras import layers

from app.core.model.segmentation import LOGITS
from training.errors import RecipeError
from training.networks import efficientnet_lite

_DECODER = (16, 32, 48, 96)
"""The decoder's channels at a half, a quarter, an eighth and a sixteenth of the side."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the network is trained. `side` is its input's, in pixels, and a multiple of 16.

    `weights` is `imagenet`, or `none` to try things out (the encoder has no batch normalisation of its own). An epoch
    shows `images_per_epoch`. The learning rate rises over the first tenth of all steps and falls to 0 as a cosine.
    `weight_averaging` is the momentum of the running average of the weights that is kept.
    """

    side: int = 128
    epochs: int = 24
    images_per_epoch: int = 2048
    batch_size: int = 16
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    weight_averaging: float = 0.998
    weights: str = "imagenet"
    seed: int = 1337


def build(settings: Settings) -> keras.Model:
    """The network: (n, side, side, 3), RGB, 0..255 -> (n, side/2, side/2, 1), the logit of each place being lesion."""
    if settings.side % 16:
        raise RecipeError(f"The outline's network needs a side that is a multiple of 16, not {settings.side}.")
    encoder = efficientnet_lite.encoder(settings.weights)
    inputs = keras.Input((settings.side, settings.side, 3), name="image")
    offset, scale = efficientnet_lite.OFFSET, efficientnet_lite.SCALE
    *skips, x = encoder(layers.Rescaling(1 / scale, offset=-offset / scale, name="rescaling")(inputs))
    x = _unit(x, _DECODER[-1], kernel=1, name="bottom")
    # what the image is like as a whole: skin and light differ between clinics
    whole = layers.GlobalAveragePooling2D(keepdims=True, name="whole_pooling")(x)
    x = layers.Add(name="bottom_add")([x, layers.Conv2D(_DECODER[-1], 1, name="whole")(whole)])
    x = _separable(x, _DECODER[-1], name="bottom_refined")
    for level in reversed(range(len(skips))):
        x = _unit(x, _DECODER[level], kernel=1, name=f"up{level}_narrowed")
        x = layers.UpSampling2D(2, interpolation="bilinear", name=f"up{level}")(x)
        skip = _unit(skips[level], _DECODER[level], kernel=1, name=f"up{level}_skip")
        x = layers.Concatenate(name=f"up{level}_joined")([x, skip])
        x = _separable(x, _DECODER[level], name=f"up{level}_refined")
    x = layers.Conv2D(1, 3, padding="same", name=LOGITS)(x)
    return keras.Model(inputs, x, name="outline")


def _unit(x: keras.KerasTensor, filters: int, *, kernel: int, name: str) -> keras.KerasTensor:
    x = layers.Conv2D(filters, kernel, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(momentum=0.98, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _separable(x: keras.KerasTensor, filters: int, *, name: str) -> keras.KerasTensor:
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False, name=f"{name}_depthwise")(x)
    return _unit(x, filters, kernel=1, name=name)
