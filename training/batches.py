"""Labelled pictures in memory-mapped arrays -> the batches that a training shows, changed at random."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training import models
from training.augment import augment
from training.config import Augmentation, Recipe
from training.data import Example, Prepared, load_pictures

Targets = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Pictures:
    """Some of the prepared images with what is to be learned from each.

    `all_pictures` (m, side, side, 3) holds every prepared image, `rows` (n,) says which are meant here;
    `targets` are one-hot rows, (n, classes), a name an output of the network.
    """

    all_pictures: NDArray[np.uint8]
    rows: NDArray[np.int64]
    labels: NDArray[np.int64]
    sources: NDArray[np.str_]
    targets: Targets

    @classmethod
    def load(cls, examples: Sequence[Example], prepared: Prepared, recipe: Recipe, *, side: int) -> Pictures:
        """The pictures of prepared examples at `side` pixels."""
        row_of = {example.image: row for row, example in enumerate(prepared.load())}
        labels = np.array([example.melanoma for example in examples])
        targets = {models.MELANOMA_OUTPUT: np.eye(len(models.CLASSES), dtype=np.float32)[labels]}
        if diagnoses := recipe.network.diagnoses:
            known = np.array([[example.diagnosis in names for names in diagnoses] for example in examples])
            targets[models.DIAGNOSIS_OUTPUT] = known.astype(np.float32)
        return cls(
            all_pictures=load_pictures(prepared, side=side),
            rows=np.array([row_of[example.image] for example in examples]),
            labels=labels,
            sources=np.array([example.source for example in examples]),
            targets=targets,
        )

    def take(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        """The pictures at some places, shape (len(indices), side, side, 3)."""
        return self.all_pictures[self.rows[indices]]

    def training_batches(
        self, indices: NDArray[np.int64], augmentation: Augmentation, *, batch_size: int, seed: int
    ) -> tf.data.Dataset:
        """Batches of the images at `indices`, float32 0..255, changed at random; the same seed gives the same."""
        names = list(self.targets)
        types = [tf.uint8, *(tf.float32 for _ in names)]
        shapes = [(None, *self.all_pictures.shape[1:]), *((None, self.targets[name].shape[1]) for name in names)]

        def taken(step: np.int64, places: NDArray[np.int64]) -> list[NDArray[Any]]:
            places = np.sort(places)  # read from disk in its order
            changed = augment(self.take(places), augmentation, np.random.default_rng((seed, int(step))))
            return [changed, *(self.targets[name][places] for name in names)]

        def batch(step: tf.Tensor, places: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
            values = tf.numpy_function(taken, [step, places], types)
            values = [tf.ensure_shape(value, shape) for value, shape in zip(values, shapes, strict=True)]
            return tf.cast(values[0], tf.float32), dict(zip(names, values[1:], strict=True))

        return tf.data.Dataset.from_tensor_slices(indices).batch(batch_size).enumerate().map(batch).prefetch(2)
