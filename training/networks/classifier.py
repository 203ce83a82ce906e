"""Recipe -> Keras model. Every model takes RGB values of 0..255 and ends in a softmax over two classes, and maybe one
over the diagnoses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
from keras import layers

from app.core.domain.results import CLASSES
from app.core.model.card import DIAGNOSIS_LOGITS, EMBEDDING, INTERMEDIATE_FEATURES, LOGITS
from training.errors import WeightsError
from training.networks import efficientnet_lite, exported
from training.networks.efficientnet_lite import FoldedConvolution
from training.networks.neutral_light import NeutralLight
from training.networks.shrink import Shrink
from training.recipe import Network, Phase

EXPORTED = ".tflite"
"""The ending of a network that was exported."""
MELANOMA_OUTPUT, DIAGNOSIS_OUTPUT = "melanoma", "diagnosis"
FEATURES = (EMBEDDING, INTERMEDIATE_FEATURES)
"""Outputs that are put in a row, of the image as it is, and not averaged."""


def build(network: Network) -> keras.Model:
    """Build the network of a recipe, with its pretrained weights.

    Input (n, any, any, 3), RGB, 0..255, for `network.side` pixels in use; outputs `melanoma` (n, 2), the
    probabilities of `CLASSES`, and, where the recipe has diagnoses, `diagnosis` (n, diagnoses). The layer
    named `logits` holds what goes into the first. Raises `WeightsError` where the weights can't be had.
    """
    inputs = keras.Input((None, None, 3), name="image")
    if network.backbone == "inception-resnet-v2":
        weights = None if network.weights == "none" else network.weights  # Keras fetches "imagenet" itself
        try:
            backbone = keras.applications.InceptionResNetV2(
                include_top=False, weights=weights, input_shape=(None, None, 3), name="backbone"
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
    outputs = {MELANOMA_OUTPUT: layers.Softmax(name="melanoma")(layers.Dense(len(CLASSES), name=LOGITS)(x))}
    if network.diagnoses:
        logits = layers.Dense(len(network.diagnoses), name=DIAGNOSIS_LOGITS)(x)
        outputs[DIAGNOSIS_OUTPUT] = layers.Softmax(name="diagnosis")(logits)
    model = keras.Model(inputs, outputs, name="melascreen")
    if network.weights.endswith(EXPORTED):
        exported.set_weights(model, deployed([Member(model, network.side)], network.side), _read(network.weights))
    return model


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise WeightsError(f"{path}: the network can't be read: {error.strerror}.") from error


def load_averaged(checkpoint: Path) -> keras.Model:
    """A trained model from its checkpoint, with the running average of its weights in their place, if it has one."""
    model = keras.models.load_model(checkpoint)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return model


@dataclass(frozen=True)
class Member:
    """A trained `build` model, and the side in pixels of the images that it takes."""

    model: keras.Model
    side: int


def deployed(members: Sequence[Member], side: int, *, neutral_view: bool = False) -> keras.Model:
    """What is exported of one trained model or of several that vote: (n, side, side, 3), RGB, 0..255 -> by name,

    - `logits` (n, 2): what goes into the softmax over `CLASSES`, averaged over the members and, with `neutral_view`,
      over the image as it is and under neutral light; so are the diagnoses, but no features;
    - `embedding` (n, features): the pooled features, of all members one after the other;
    - `intermediate_features` (n, features): pooled features of layers half way up (see
    `app.core.model.out_of_distribution`), likewise;
    - `diagnosis_logits` (n, diagnoses), averaged, where the members have them.

    A member that takes smaller images gets them resized.
    """
    inputs = keras.Input((side, side, 3), name="image")
    networks = [_with_all_outputs(member, f"member{index}") for index, member in enumerate(members)]
    shrinks = {one.side: Shrink(one.side, name=f"shrink{one.side}") for one in members if one.side != side}

    def outputs_of(images: keras.KerasTensor) -> list[dict[str, keras.KerasTensor]]:
        smaller = {side: images} | {own: shrink(images) for own, shrink in shrinks.items()}
        return [network(smaller[one.side]) for network, one in zip(networks, members, strict=True)]

    given = outputs_of(inputs)
    if neutral_view:
        neutral = NeutralLight(name="neutral_light")(inputs)
        given += [{name: value for name, value in one.items() if name not in FEATURES} for one in outputs_of(neutral)]
    outputs = {}
    for name in given[0]:
        values = [one[name] for one in given if name in one]
        if len(values) == (len(networks) if name in FEATURES else len(given)):
            outputs[name] = _merged(name, values)
    return keras.Model(inputs, outputs, name="melascreen")


def _merged(name: str, values: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
    """An output of all members: features one after the other, logits averaged."""
    if len(values) == 1:
        return values[0]
    if name in FEATURES:
        return layers.Concatenate()(values)
    return layers.Average()(values)


def _with_all_outputs(member: Member, name: str) -> keras.Model:
    """A member with the outputs of `deployed`, by the model's own layers."""
    model = member.model
    inputs = keras.Input((member.side, member.side, 3))
    backbone = model.get_layer("backbone")
    within = keras.Model(backbone.input, [*_intermediate_outputs(backbone), backbone.output], name="within")
    *middle, features = within(model.get_layer("rescaling")(inputs))
    pooled = model.get_layer("pooling")(features)
    hidden = [layer for layer in model.layers if layer.name.startswith("dense")]
    x = pooled
    for layer in hidden:
        x = layer(x)
    outputs = {LOGITS: model.get_layer(LOGITS)(x), EMBEDDING: pooled}
    outputs[INTERMEDIATE_FEATURES] = layers.Concatenate()(
        [layers.GlobalAveragePooling2D()(values) for values in middle]
    )
    if any(layer.name == DIAGNOSIS_LOGITS for layer in model.layers):
        outputs[DIAGNOSIS_LOGITS] = model.get_layer(DIAGNOSIS_LOGITS)(x)
    return keras.Model(inputs, outputs, name=name)


def _intermediate_outputs(backbone: keras.Model) -> list[keras.KerasTensor]:
    names = {layer.name for layer in backbone.layers}
    if "mixed_6a" in names:  # Inception-ResNet-v2, whose saved copy goes by the name that we gave it
        return [backbone.get_layer(name).output for name in ("mixed_5b", "mixed_6a", "mixed_7a")]
    return efficientnet_lite.intermediate_outputs(backbone)


def set_trainable(model: keras.Model, phase: Phase, *, batch_norm: bool = False) -> None:
    """Freeze and unfreeze a `build` model's backbone as the phase says (see `Phase.trainable`).

    Frozen batch normalisation runs in inference mode, as Keras defines it. With `batch_norm` it is trained where
    all of the backbone is: without pretrained weights there are no statistics to keep.
    """
    backbone = model.get_layer("backbone")
    backbone.trainable = True  # the switch of the whole; the layers' own follow
    movable = [layer for layer in backbone.layers if not isinstance(layer, layers.BatchNormalization)]
    if phase.trainable == "none":
        chosen: list[layers.Layer] = []
    elif phase.trainable == "all":
        chosen = backbone.layers if batch_norm else movable
    else:
        chosen = movable[-phase.trainable :]
    names = {layer.name for layer in chosen if phase.depthwise or not _is_depthwise(layer)}
    for layer in backbone.layers:
        layer.trainable = layer.name in names


def _is_depthwise(layer: layers.Layer) -> bool:
    return isinstance(layer, layers.DepthwiseConv2D) or (isinstance(layer, FoldedConvolution) and layer.depthwise)


def _efficientnet_lite(network: Network) -> keras.Model:
    torch_weights = network.weights.endswith(".pth")
    folded = network.weights == "imagenet" or network.weights.endswith((".pth", EXPORTED))
    backbone = efficientnet_lite.backbone(network.backbone, folded=folded)
    if network.weights == "imagenet":
        efficientnet_lite.load_imagenet(backbone)
    elif torch_weights:
        efficientnet_lite.load_torch_weights(backbone, Path(network.weights))
    elif network.weights != "none" and not network.weights.endswith(EXPORTED):
        backbone.load_weights(network.weights)
    backbone.name = "backbone"
    return backbone
