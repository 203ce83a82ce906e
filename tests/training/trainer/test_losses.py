from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from training.trainer.input_pipeline import mixed
from training.trainer.losses import partial_cross_entropy


def gradient(targets: np.ndarray, logits: np.ndarray) -> np.ndarray:
    logits = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = tf.reduce_mean(partial_cross_entropy(tf.constant(targets), tf.nn.softmax(logits)))
    return tape.gradient(loss, logits).numpy()


def test_an_image_without_a_known_class_has_no_loss_and_no_gradient() -> None:
    targets = np.array([[0, 1, 0], [0, 0, 0]], np.float32)
    logits = np.array([[2, 1, 0], [3, -1, 5]], np.float32)
    found = gradient(targets, logits)
    assert np.array_equal(found[1], np.zeros(3))
    assert np.abs(found[0]).max() > 0.05


def test_it_is_the_cross_entropy_where_the_class_is_known() -> None:
    targets = np.eye(3, dtype=np.float32)
    probabilities = np.array([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.1, 0.1, 0.8]], np.float32)
    expected = keras.losses.CategoricalCrossentropy(reduction=None)(targets, probabilities).numpy()
    assert partial_cross_entropy(targets, probabilities).numpy() == pytest.approx(expected, abs=1e-6)


def test_a_mixture_weighs_images_and_all_their_targets_alike() -> None:
    levels = np.arange(8, dtype=np.uint8) * 30
    images = np.broadcast_to(levels[:, np.newaxis, np.newaxis, np.newaxis], (8, 4, 4, 3))
    known = np.eye(8, dtype=np.float32)
    unknown = np.where(np.arange(8)[:, np.newaxis] < 4, known, 0)
    changed, targets, partial = mixed([images, known, unknown], np.random.default_rng(3))
    assert (changed.dtype, changed.shape, targets.dtype) == (np.uint8, (8, 4, 4, 3), np.float32)
    assert targets.sum(axis=1) == pytest.approx(1)
    assert np.abs(changed[:, 0, 0, 0] - targets @ levels).max() <= 1
    assert np.array_equal(partial[:, :4], targets[:, :4])
    assert not partial[:, 4:].any()
    assert len(np.unique(targets)) > 3
