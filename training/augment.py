"""Random changes to training images: the thesis's, by Keras's own layers."""

from __future__ import annotations

import keras
from keras import layers

from training.config import Augmentation


def augmenter(augmentation: Augmentation, *, seed: int) -> keras.Sequential | None:
    """Layers that change a batch (n, side, side, 3), values 0..255, each image differently; or None.

    What a turn or a shift lets in from outside is filled by reflection. The result stays in 0..255.
    """
    steps: list[layers.Layer] = []
    if augmentation.flip:
        steps.append(layers.RandomFlip("horizontal_and_vertical", seed=seed))
    if augmentation.rotation:
        steps.append(layers.RandomRotation(augmentation.rotation, seed=seed + 1))
    if augmentation.translation:
        steps.append(layers.RandomTranslation(augmentation.translation, augmentation.translation, seed=seed + 2))
    if augmentation.contrast:
        steps.append(layers.RandomContrast(augmentation.contrast, value_range=(0, 255), seed=seed + 3))
    if augmentation.zoom:
        steps.append(layers.RandomZoom(augmentation.zoom, seed=seed + 4))
    return keras.Sequential(steps) if steps else None
