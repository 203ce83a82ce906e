"""Recipe -> Keras model. Every model takes RGB values of 0..255 and ends in a softmax over two classes."""

from __future__ import annotations

from pathlib import Path

import keras
from keras import layers

from training import efficientnet_lite
from training.config import Network, Phase
from training.errors import WeightsError

CLASSES = ("non-melanoma", "melanoma")
MELANOMA = CLASSES.index("melanoma")
LOGITS = "logits"


def build(network: Network) -> keras.Model:
    """Build the network of a recipe, with its pretrained weights.

    Input (n, side, side, 3), RGB, 0..255; output (n, 2), the probabilities of `CLASSES`. The layer named
    `logits` holds what goes into the softmax. Raises `WeightsError` where the weights can't
    be had.
    """
    inputs = keras.Input((network.side, network.side, 3), name="image")
    if network.backbone == "inception-resnet-v2":
        weights = None if network.weights == "none" else network.weights  # Keras fetches "imagenet" itself
        try:
            backbone = keras.applications.InceptionResNetV2(
                include_top=False, weights=weights, input_shape=(network.side, network.side, 3), name="backbone"
            )
        except Exception as error:  # Keras raises no narrower one where it can't fetch or read the weights
            raise WeightsError(f"The weights {network.weights!r} of {network.backbone}: {error}") from error
        x = layers.Rescaling(1 / 127.5, offset=-1.0, name="rescaling")(inputs)
    else:
        backbone = _efficientnet_lite(network)
        offset, scale = efficientnet_lite.OFFSET, efficientnet_lite.SCALE
        x = layers.Rescaling(1 / scale, offset=-offset / scale, name="rescaling")(inputs)
    x = backbone(x)
    x = layers.GlobalAveragePooling2D(name="pooling")(x)
    for index, units in enumerate(network.dense):
        x = layers.Dense(units, activation="relu", name=f"dense{index}")(x)
    x = layers.Dropout(network.dropout, name="dropout")(x)
    x = layers.Dense(len(CLASSES), name=LOGITS)(x)
    return keras.Model(inputs, layers.Softmax(name="probabilities")(x), name="melascreen")


def logits_of(model: keras.Model) -> keras.Model:
    """The same model without its softmax: what is exported, for the calibration works on logits."""
    return keras.Model(model.input, model.get_layer(LOGITS).output, name=model.name)


def set_trainable(model: keras.Model, phase: Phase) -> None:
    """Freeze and unfreeze a `build` model's backbone as the phase says (see `Phase.trainable`).

    Frozen batch normalisation runs in inference mode, as Keras defines it.
    """
    backbone = model.get_layer("backbone")
    backbone.trainable = True  # the switch of the whole; the layers' own follow
    movable = [layer for layer in backbone.layers if not isinstance(layer, layers.BatchNormalization)]
    if phase.trainable == "none":
        chosen = set()
    elif phase.trainable == "all":
        chosen = {layer.name for layer in movable}
    else:
        chosen = {layer.name for layer in movable[-phase.trainable :]}
    for layer in backbone.layers:
        layer.trainable = layer.name in chosen


def _efficientnet_lite(network: Network) -> keras.Model:
    backbone = efficientnet_lite.backbone(network.backbone, network.side)
    if network.weights == "imagenet":
        efficientnet_lite.load_imagenet(backbone)
    elif network.weights.endswith(".pth"):
        efficientnet_lite.load_torch_weights(backbone, Path(network.weights))
    elif network.weights != "none":
        backbone.load_weights(network.weights)
    backbone.name = "backbone"
    return backbone
