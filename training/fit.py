"""Trains a recipe, phase by phase, so that a kill at any moment costs no more than the epoch under way."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from training import metrics, models
from training.augment import augmenter
from training.config import LearningRate, Phase, Recipe
from training.data import Example, Prepared, check_splits, draw, load_pictures, of_split
from training.run import Epoch, Run, best_of, checkpoint_name


def train(recipe: Recipe, run: Run) -> None:
    """Train what the log does not have yet; the images must be prepared and divided.

    Raises `RecipeError`, `DataError` or `WeightsError`.
    """
    run.begin(recipe)
    examples = run.prepared.load()
    check_splits(examples)
    train_set = _Pictures.load(of_split(examples, "train"), run.prepared, recipe)
    val_set = _Pictures.load(of_split(examples, "val"), run.prepared, recipe)
    for index, phase in enumerate(recipe.phases):
        done = [epoch for epoch in run.epochs() if epoch.phase == phase.name]
        if len(done) == phase.epochs:
            continue
        model = _model_for(recipe, phase, run, images=recipe.images_per_epoch or len(train_set.labels))
        for epoch in range(len(done), phase.epochs):
            seed = recipe.seed + 1000 * index + epoch
            row = _train_epoch(model, phase, epoch, recipe, seed=seed, train_set=train_set, val_set=val_set, run=run)
            run.save_epochs([*run.epochs(), row])
            _prune(run, recipe)
            print(  # noqa: T201
                f"{row.phase} {epoch + 1}/{phase.epochs}: loss {row.train_loss:.4f}, val loss {row.val_loss:.4f}, "
                f"val accuracy {row.val_accuracy:.4f}, val AUROC {row.val_auroc:.4f}, {row.seconds:.0f} s",
                flush=True,
            )


@dataclass(frozen=True)
class _Pictures:
    pictures: NDArray[np.uint8]
    labels: NDArray[np.int64]

    @classmethod
    def load(cls, examples: Sequence[Example], prepared: Prepared, recipe: Recipe) -> _Pictures:
        pictures = load_pictures(examples, prepared, side=recipe.network.side)
        return cls(pictures, np.array([example.melanoma for example in examples]))

    def batches(
        self, indices: NDArray[np.int64], batch_size: int
    ) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.float32]]]:
        one_hot = np.eye(len(models.CLASSES), dtype=np.float32)
        for start in range(0, len(indices), batch_size):
            chosen = np.sort(indices[start : start + batch_size])  # read from disk in its order
            yield self.pictures[chosen], one_hot[self.labels[chosen]]


def _model_for(recipe: Recipe, phase: Phase, run: Run, *, images: int) -> keras.Model:
    """The model to go on with: this phase's last checkpoint, the best so far, or a new one.

    `images` is how many an epoch shows.
    """
    epochs = run.epochs()
    if epochs and epochs[-1].phase == phase.name:
        return keras.models.load_model(run.checkpoints / epochs[-1].checkpoint)
    keras.utils.set_random_seed(recipe.seed)
    model = keras.models.load_model(run.best(recipe.monitor)) if epochs else models.build(recipe.network)
    models.set_trainable(model, phase)
    steps = -(-images // recipe.batch_size)
    optimizer = keras.optimizers.Adam(_schedule(phase.learning_rate, steps=steps * phase.epochs))
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)
    model.compile(optimizer, loss=loss, metrics=["accuracy"])
    return model


def _schedule(rate: LearningRate, *, steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    schedules = keras.optimizers.schedules
    if rate.kind == "cosine":
        return schedules.CosineDecay(rate.initial, decay_steps=steps)
    if rate.kind == "exponential":
        return schedules.ExponentialDecay(rate.initial, rate.decay_steps, rate.decay_rate, staircase=rate.staircase)
    return rate.initial


def _train_epoch(
    model: keras.Model,
    phase: Phase,
    epoch: int,
    recipe: Recipe,
    *,
    seed: int,
    train_set: _Pictures,
    val_set: _Pictures,
    run: Run,
) -> Epoch:
    start = time.monotonic()
    keras.utils.set_random_seed(seed)  # so that an epoch taken up again draws what it would have drawn
    indices = draw(train_set.labels, balance=recipe.balance, count=recipe.images_per_epoch, seed=seed)
    run.checkpoints.mkdir(exist_ok=True)
    saver = keras.callbacks.ModelCheckpoint(run.checkpoints / checkpoint_name(phase.name, epoch))
    fitted = model.fit(
        _dataset(train_set, indices, recipe, seed=seed),
        steps_per_epoch=-(-len(indices) // recipe.batch_size),
        initial_epoch=epoch,
        epochs=epoch + 1,
        callbacks=[saver],
        shuffle=False,  # drawn already
        verbose=2,
    )
    probabilities = predict(model, val_set.pictures, batch_size=recipe.batch_size)
    return Epoch(
        phase=phase.name,
        epoch=epoch,
        seconds=round(time.monotonic() - start, 1),
        train_loss=float(fitted.history["loss"][-1]),
        train_accuracy=float(fitted.history["accuracy"][-1]),
        val_loss=metrics.cross_entropy(val_set.labels, probabilities),
        val_accuracy=metrics.accuracy(val_set.labels, probabilities),
        val_auroc=metrics.auroc(val_set.labels, probabilities),
    )


def _dataset(train_set: _Pictures, indices: NDArray[np.int64], recipe: Recipe, *, seed: int) -> tf.data.Dataset:
    side = recipe.network.side
    dataset = tf.data.Dataset.from_generator(
        lambda: train_set.batches(indices, recipe.batch_size),
        output_signature=(
            tf.TensorSpec((None, side, side, 3), tf.uint8),
            tf.TensorSpec((None, len(models.CLASSES)), tf.float32),
        ),
    )
    augment = augmenter(recipe.augmentation, seed=seed)

    def changed(pictures: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pictures = tf.cast(pictures, tf.float32)
        return (augment(pictures, training=True) if augment else pictures), labels

    return dataset.map(changed).prefetch(2)


def predict(model: keras.Model, pictures: NDArray[np.uint8], *, batch_size: int) -> NDArray[np.float64]:
    """The model's probabilities of melanoma, not calibrated, shape (n,)."""
    parts = [
        model.predict_on_batch(pictures[start : start + batch_size].astype(np.float32))[:, models.MELANOMA]
        for start in range(0, len(pictures), batch_size)
    ]
    return np.concatenate(parts).astype(np.float64)


def _prune(run: Run, recipe: Recipe) -> None:
    """Keep the latest checkpoint and the best one."""
    epochs = run.epochs()
    kept = {epochs[-1].checkpoint, best_of(epochs, recipe.monitor).checkpoint}
    for path in run.checkpoints.iterdir():
        if path.name not in kept:
            path.unlink()
