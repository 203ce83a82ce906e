"""Figures of a training run: images, augmented images, and curves by epoch."""

from __future__ import annotations

import numpy as np

from training.data.augment import augment
from training.data.examples import of_split
from training.data.images import read_image
from training.evaluation import plots
from training.recipe import Recipe
from training.trainer.run import Run


def save_before(recipe: Recipe, run: Run) -> None:
    """`training-images.png`: nine of them; `augmented.png`, for each network: one of them, changed nine ways."""
    train = of_split(run.prepared.load(), "train")
    chosen = [train[i] for i in np.random.default_rng(recipe.seed).permutation(len(train))[: plots.GRID]]
    images = [read_image(run.prepared.image(example)) for example in chosen]
    titles = [example.title for example in chosen]
    plots.save_images(images, titles, run.folder / "training-images.png")
    batch = np.repeat(images[0][np.newaxis], plots.GRID, axis=0)
    for network, own_run in run.networks(recipe):
        changed = augment(batch, network.augmentation, np.random.default_rng(network.seed))
        plots.save_images(list(changed), [""] * plots.GRID, own_run.folder / "augmented.png")


def save_after(recipe: Recipe, run: Run) -> None:
    """`curves.png`, for each network: loss, accuracy and AUROC by epoch."""
    for _, own_run in run.networks(recipe):
        plots.save_curves(own_run.epochs(), own_run.folder / "curves.png")
