"""Training and prediction steps of a Keras model, compiled once, for one device or several workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.domain import results
from training.networks import classifier
from training.recipe import Recipe
from training.trainer.input_pipeline import ImageDataset

Batch = tuple[tf.Tensor, dict[str, tf.Tensor]]


class TrainStep:
    """Stands in for `model.fit` and `model.predict`, which can't be used with several workers (Keras 3.15)."""

    def __init__(self, model: keras.Model, strategy: tf.distribute.Strategy) -> None:
        """`model` is from `networks.classifier.build`, compiled and built within the strategy's scope."""
        self.model = model
        self._strategy = strategy
        self._replicas = strategy.num_replicas_in_sync
        self._step = tf.function(self._all_replicas_step)
        self._forward = tf.function(
            lambda images: model(images, training=False)[classifier.MELANOMA_OUTPUT], reduce_retracing=True
        )

    def begin_epoch(self, seed: int) -> None:
        """Seed everything random, so that a resumed epoch draws what it would have drawn."""
        keras.utils.set_random_seed(seed)
        self.model.get_layer("dropout").seed_generator.state.assign([seed, 0])  # no checkpoint holds it

    def run_epoch(
        self, train_set: ImageDataset, indices: NDArray[np.int64], recipe: Recipe, *, seed: int
    ) -> tuple[float, float]:
        """Show the images at `indices` once, each replica its share of every batch; a last, smaller one is left out.

        Gives the mean of the batches' losses and accuracies.
        """
        share = -(-recipe.batch_size // self._replicas)  # of a batch, for each replica

        def pipeline(context: tf.distribute.InputContext) -> tf.data.Dataset:
            part = context.input_pipeline_id
            of_worker = indices[part :: context.num_input_pipelines]
            return train_set.training_batches(of_worker, recipe, batch_size=share, seed=seed + 100 * part)

        batches = iter(self._strategy.distribute_datasets_from_function(pipeline))
        steps = max(1, len(indices) // (share * self._replicas))
        figures = [
            self._step(next(batches)).numpy() for _ in tqdm(range(steps), desc="train", unit="batch", mininterval=5)
        ]
        loss, accuracy = np.mean(figures, axis=0)
        return float(loss), float(accuracy)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within it, the model has the running average of its weights, where there is one."""
        variables = self.model.trainable_variables
        last = [variable.numpy() for variable in variables]
        self.model.optimizer.finalize_variable_values(variables)
        try:
            yield
        finally:
            for variable, value in zip(variables, last, strict=True):
                variable.assign(value)

    def _all_replicas_step(self, batch: Batch) -> tf.Tensor:
        given = self._strategy.run(self._replica_step, args=batch)
        return self._strategy.reduce(tf.distribute.ReduceOp.MEAN, given, axis=None)

    def _replica_step(self, images: tf.Tensor, targets: dict[str, tf.Tensor]) -> tf.Tensor:
        with tf.GradientTape() as tape:
            outputs = self.model(images, training=True)
            loss = self.model.compute_loss(x=images, y=targets, y_pred=outputs)
        variables = self.model.trainable_variables
        self.model.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        hits = keras.metrics.categorical_accuracy(
            targets[classifier.MELANOMA_OUTPUT], outputs[classifier.MELANOMA_OUTPUT]
        )
        return tf.stack([loss * self._replicas, tf.reduce_mean(hits)])  # Keras divides a loss by the replicas

    def predict(self, images: ImageDataset, *, batch_size: int) -> NDArray[np.float64]:
        """The model's probabilities of melanoma, not calibrated, shape (n,)."""
        places = np.arange(len(images.rows))
        parts = [
            self._forward(tf.constant(images.images_at(places[start : start + batch_size]), tf.float32)).numpy()
            for start in range(0, len(places), batch_size)
        ]
        return np.concatenate(parts)[:, results.MELANOMA].astype(np.float64)
