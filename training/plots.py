"""The pictures of a run: curves, images, and what a bundle gives on them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from app.core.card import Interval
from training.data import Example, read_picture
from training.metrics import Labels, Probabilities

mpl.use("Agg")  # no window, on any machine
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from training.run import Epoch

GRID = 9


def save_curves(epochs: Sequence[Epoch], path: Path) -> None:
    """Loss, accuracy and AUROC by epoch; a line marks where a phase begins."""
    figure, axes = plt.subplots(1, 3, figsize=(15, 4), layout="constrained")
    steps = np.arange(1, len(epochs) + 1)
    panels = {
        "loss": ("train_loss", "val_loss"),
        "accuracy": ("train_accuracy", "val_accuracy"),
        "AUROC": ("val_auroc",),
    }
    for axis, (title, names) in zip(axes, panels.items(), strict=True):
        for name in names:
            axis.plot(steps, [getattr(epoch, name) for epoch in epochs], marker=".", label=name.replace("_", " "))
        for before, after in itertools.pairwise(epochs):
            if before.phase != after.phase:
                axis.axvline(epochs.index(after) + 0.5, color="grey", linestyle=":", label=f"{after.phase} begins")
        axis.set(title=title, xlabel="epoch")
        axis.legend()
    _save(figure, path)


def save_images(pictures: Sequence[NDArray[np.uint8]], titles: Sequence[str], path: Path) -> None:
    """A grid of pictures of shape (side, side, 3), three a row."""
    rows = -(-len(pictures) // 3)
    figure, axes = plt.subplots(rows, 3, figsize=(7.5, 2.6 * rows), layout="constrained", squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, picture, title in zip(axes.flat, pictures, titles, strict=False):
        axis.imshow(picture)
        axis.set_title(title, fontsize=9)
    _save(figure, path)


def save_roc(labels: Labels, probabilities: Probabilities, auroc: Interval, path: Path) -> None:
    """The receiver operating characteristic."""
    false_positives, true_positives, _ = roc_curve(labels, probabilities)
    figure, axis = plt.subplots(figsize=(5, 5), layout="constrained")
    axis.plot(false_positives, true_positives, label=f"AUROC {auroc}")
    axis.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axis.set(xlabel="1 - specificity", ylabel="sensitivity", aspect="equal")
    axis.legend(loc="lower right", fontsize=8)
    _save(figure, path)


def save_confusion(confusion: Sequence[Sequence[int]], classes: Sequence[str], path: Path) -> None:
    """The confusion matrix, each field with its count; the shade is its share of the true class."""
    counts = np.array(confusion)
    figure, axis = plt.subplots(figsize=(4.5, 4), layout="constrained")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        axis.text(column, row, str(count), ha="center", color="white" if shares[row, column] > 0.5 else "black")
    axis.set(xlabel="predicted", ylabel="true")
    axis.set_xticks(range(len(classes)), classes)
    axis.set_yticks(range(len(classes)), classes)
    _save(figure, path)


def save_per_class(rows: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Precision, recall and F1 of each class as bars."""
    figure, axis = plt.subplots(figsize=(5.5, 4), layout="constrained")
    names = ("precision", "recall", "f1")
    places = np.arange(len(names))
    for index, (label, row) in enumerate(rows.items()):
        bars = axis.bar(places + 0.4 * index - 0.2, [row[name] for name in names], width=0.38, label=label)
        axis.bar_label(bars, fmt="%.3f", fontsize=8)
    axis.set_xticks(places, names)
    axis.set_ylim(0, 1.05)
    axis.legend(loc="lower right")
    _save(figure, path)


def save_predictions(classified: Sequence[tuple[Example, float]], threshold: float, path: Path) -> None:
    """A grid of images with the true class and the probability of melanoma, drawn evenly from both."""
    random = np.random.default_rng(0)
    chosen: list[tuple[Example, float]] = []
    for melanoma, count in ((1, GRID // 2 + 1), (0, GRID // 2)):
        of_class = [pair for pair in classified if pair[0].melanoma == melanoma]
        chosen += [of_class[i] for i in random.permutation(len(of_class))[:count]]
    titles = [
        f"{example.title}: {probability:.0%} "
        f"({'right' if (probability >= threshold) == bool(example.melanoma) else 'WRONG'})"
        for example, probability in chosen
    ]
    save_images([read_picture(Path(example.path)) for example, _ in chosen], titles, path)


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)
