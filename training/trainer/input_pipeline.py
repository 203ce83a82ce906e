"""Batches for training, changed at random, from labelled images in memory-mapped arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from app.core.domain import results
from training.data.augment import augment
from training.data.examples import Example
from training.data.images import load_images
from training.data.prepare import Prepared
from training.networks import classifier
from training.recipe import Recipe

MIXING = 0.3
"""Both parameters of the Beta distribution that a mixture's share is drawn from: most mixtures are nearly one image."""

Targets = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class ImageDataset:
    """Some of the prepared images, with the targets of each.

    `all_images` (m, side, side, 3) holds every prepared image, `rows` (n,) says which are meant here;
    `targets` are rows (n, classes), a name an output of the network: one-hot, zero where the diagnosis is not one of
    the recipe's, or softened by teachers.
    """

    all_images: NDArray[np.uint8]
    rows: NDArray[np.int64]
    examples: tuple[Example, ...]
    labels: NDArray[np.int64]
    targets: Targets

    @classmethod
    def load(cls, examples: Sequence[Example], prepared: Prepared, recipe: Recipe, *, side: int) -> ImageDataset:
        """The images of prepared examples at `side` pixels."""
        row_of = {example.image: row for row, example in enumerate(prepared.load())}
        labels = np.array([example.melanoma for example in examples])
        targets = {classifier.MELANOMA_OUTPUT: np.eye(len(results.CLASSES), dtype=np.float32)[labels]}
        if diagnoses := recipe.network.diagnoses:
            known = np.array([[example.diagnosis in names for names in diagnoses] for example in examples])
            targets[classifier.DIAGNOSIS_OUTPUT] = known.astype(np.float32)
        return cls(
            all_images=load_images(prepared, side=side),
            rows=np.array([row_of[example.image] for example in examples]),
            examples=tuple(examples),
            labels=labels,
            targets=targets,
        )

    def with_targets(self, targets: Targets) -> ImageDataset:
        """The same images with other targets, by the names and shapes of these."""
        return replace(self, targets=targets)

    def images_at(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The images at some places, shape (len(indices), side, side, 3)."""
        return self.all_images[self.rows[indices]]

    def training_batches(
        self, indices: NDArray[np.int64], recipe: Recipe, *, batch_size: int, seed: int
    ) -> tf.data.Dataset:
        """Batches of the images at `indices`, float32 0..255, changed at random; the same seed gives the same.

        With `recipe.mixed_batches` some of the batches hold mixtures of two images, and the targets mixed alike.
        """
        names = list(self.targets)
        types = [tf.uint8, *(tf.float32 for _ in names)]
        shapes = [(None, *self.all_images.shape[1:]), *((None, self.targets[name].shape[1]) for name in names)]

        def taken(step: np.int64, places: NDArray[np.int64]) -> list[NDArray[Any]]:
            places = np.sort(places)  # read from disk in its order
            random = np.random.default_rng((seed, int(step)))
            values: list[NDArray[Any]] = [augment(self.images_at(places), recipe.augmentation, random)]
            values += [self.targets[name][places] for name in names]
            return mixed(values, random) if random.uniform() < recipe.mixed_batches else values

        def batch(step: tf.Tensor, places: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
            values = tf.numpy_function(taken, [step, places], types)
            values = [tf.ensure_shape(value, shape) for value, shape in zip(values, shapes, strict=True)]
            return tf.cast(values[0], tf.float32), dict(zip(names, values[1:], strict=True))

        return tf.data.Dataset.from_tensor_slices(indices).batch(batch_size).enumerate().map(batch).prefetch(2)


def mixed(values: list[NDArray[Any]], random: np.random.Generator) -> list[NDArray[Any]]:
    """Each row of the arrays mixed with another row, by the same share in all of them."""
    count = len(values[0])
    others = random.permutation(count)
    share = random.beta(MIXING, MIXING, count)

    def mix(array: NDArray[Any]) -> NDArray[Any]:
        weights = share.reshape(-1, *(1,) * (array.ndim - 1))
        return (weights * array + (1 - weights) * array[others]).astype(array.dtype)

    return [mix(array) for array in values]
