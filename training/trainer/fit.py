"""Training of a recipe, phase by phase; a kill loses only the epoch under way."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from training import metrics
from training.data.examples import Example, check_splits, of_split
from training.data.sampling import sample_epoch
from training.errors import RecipeError, TrainingError
from training.networks import classifier
from training.networks.classifier import Member
from training.recipe import LearningRate, Phase, Recipe
from training.trainer.distillation import Teachers
from training.trainer.input_pipeline import ImageDataset
from training.trainer.losses import partial_cross_entropy
from training.trainer.run import Epoch, Run, checkpoint_name
from training.trainer.step import TrainStep
from training.trainer.strategy import check_workers_agree

log = logging.getLogger(__name__)


def train(
    recipe: Recipe,
    run: Run,
    examples: Sequence[Example],
    strategy: tf.distribute.Strategy | None = None,
    teachers: Teachers | None = None,
) -> None:
    """Train the epochs that the log does not list yet, on prepared and divided examples.

    `strategy` spreads each batch over several devices or workers; each worker has a run of its own, and ends
    with the same weights in it. Phases with `taught` learn the answers of `teachers` too. Members are trained in runs
    of their own within this one. Raises `RecipeError`, `DataError` or `WeightsError`.
    """
    run.begin(recipe)
    check_splits(examples)
    strategy = strategy or tf.distribute.get_strategy()
    teachers = teachers or Teachers()
    networks = run.networks(recipe)
    for network, _ in networks:
        teachers.check(network)
    check_workers_agree(sum(len(own_run.epochs()) for _, own_run in networks), strategy)
    for network, own_run in networks:
        _train_network(network, own_run, examples, strategy, teachers)


def trained(recipe: Recipe, run: Run) -> list[Member]:
    """The best networks that a recipe's training gave: one, or its members. Raises `RecipeError` before they are."""
    networks = run.networks(recipe)
    for network, own_run in networks:
        done = [(epoch.phase, epoch.epoch) for epoch in own_run.epochs()]
        if (network.phases[-1].name, network.phases[-1].epochs - 1) not in done:
            raise RecipeError(f"{own_run.folder}: the training of {network.name} is not finished.")
    return [
        Member(classifier.load_averaged(own_run.best(network.monitor)), network.network.side)
        for network, own_run in networks
    ]


def _train_network(
    recipe: Recipe, run: Run, examples: Sequence[Example], strategy: tf.distribute.Strategy, teachers: Teachers
) -> None:
    run.begin(recipe)
    for index, phase in enumerate(recipe.phases):
        done = [epoch for epoch in run.epochs() if epoch.phase == phase.name]
        if len(done) == phase.epochs:
            continue
        side = phase.side or recipe.network.side
        train_set = ImageDataset.load(of_split(examples, "train"), run.prepared, recipe, side=side)
        val_set = ImageDataset.load(of_split(examples, "val"), run.prepared, recipe, side=side)
        train_set = teachers.softened(train_set, phase.taught, run)
        with strategy.scope():
            step = TrainStep(
                _model_for(recipe, phase, run, images=recipe.images_per_epoch or len(train_set.labels)), strategy
            )
        for epoch in range(len(done), phase.epochs):
            seed = recipe.seed + 1000 * index + epoch
            row = _train_epoch(step, phase, epoch, recipe, seed=seed, train_set=train_set, val_set=val_set, run=run)
            run.add_epoch(row, recipe.monitor)
            log.info(
                "%s %d/%d: loss %.4f, val loss %.4f, val accuracy %.4f, val AUROC %.4f, %.0f s",
                *(row.phase, epoch + 1, phase.epochs),
                *(row.train_loss, row.val_loss, row.val_accuracy, row.val_auroc, row.seconds),
            )


def _model_for(recipe: Recipe, phase: Phase, run: Run, *, images: int) -> keras.Model:
    """The model to go on with: this phase's last checkpoint, the best of the phase before, or a new one.

    `images` is how many an epoch shows.
    """
    epochs = run.epochs()
    if epochs and epochs[-1].phase == phase.name:
        return keras.models.load_model(run.latest())
    keras.utils.set_random_seed(recipe.seed)
    model = classifier.load_averaged(run.best(recipe.monitor)) if epochs else classifier.build(recipe.network)
    classifier.set_trainable(model, phase, batch_norm=recipe.network.weights == "none")
    steps = -(-images // recipe.batch_size)
    optimizer = keras.optimizers.AdamW(
        _schedule(phase.learning_rate, steps=steps * phase.epochs),
        weight_decay=recipe.weight_decay,
        use_ema=recipe.weight_averaging > 0,
        ema_momentum=recipe.weight_averaging,
    )
    losses = {classifier.MELANOMA_OUTPUT: keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)}
    weights = {classifier.MELANOMA_OUTPUT: 1.0}
    if recipe.network.diagnoses:
        losses[classifier.DIAGNOSIS_OUTPUT] = partial_cross_entropy
        weights[classifier.DIAGNOSIS_OUTPUT] = recipe.network.diagnosis_weight
    model.compile(optimizer, loss=losses, loss_weights=weights)
    optimizer.build(model.trainable_variables)
    return model


def _schedule(rate: LearningRate, *, steps: int) -> float | keras.optimizers.schedules.LearningRateSchedule:
    schedules = keras.optimizers.schedules
    if rate.kind == "cosine":
        return schedules.CosineDecay(rate.initial, decay_steps=steps)
    if rate.kind == "exponential":
        return schedules.ExponentialDecay(rate.initial, rate.decay_steps, rate.decay_rate, staircase=rate.staircase)
    return rate.initial


def _train_epoch(
    step: TrainStep,
    phase: Phase,
    epoch: int,
    recipe: Recipe,
    *,
    seed: int,
    train_set: ImageDataset,
    val_set: ImageDataset,
    run: Run,
) -> Epoch:
    start = time.monotonic()
    step.begin_epoch(seed)
    indices = sample_epoch(
        train_set.examples,
        balance=recipe.balance,
        count=recipe.images_per_epoch,
        seed=seed,
        melanoma_share=recipe.melanoma_draws,
    )
    loss, accuracy = step.run_epoch(train_set, indices, recipe, seed=seed)
    with step.averaged():
        probabilities = step.predict(val_set, batch_size=recipe.batch_size)
    if not (np.isfinite(loss) and np.isfinite(probabilities).all()):
        raise TrainingError(f"The training came to nothing in {phase.name}: its loss is {loss}. Try a lower rate.")
    step.model.save(run.new_checkpoint(checkpoint_name(phase.name, epoch)))
    return Epoch(
        phase=phase.name,
        epoch=epoch,
        seconds=round(time.monotonic() - start, 1),
        train_loss=loss,
        train_accuracy=accuracy,
        val_loss=metrics.cross_entropy(val_set.labels, probabilities),
        val_accuracy=metrics.accuracy(val_set.labels, probabilities),
        val_auroc=metrics.auroc(val_set.labels, probabilities),
    )
