"""Plots of a run and of an evaluation."""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve, roc_curve

from app.core.model.card import Card
from app.core.system.files import write_atomically
from training.metrics import CALIBRATION_BINS, Labels, Probabilities, calibration_bins, proportion

mpl.use("Agg")  # no window, on any machine
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from training.evaluation.evaluate import AtThreshold, Evaluation
    from training.trainer.run import Epoch

GRID = 9

DERMATOLOGISTS = (
    ("58 dermatologists (Haenssle 2018)", 0.866, 0.713),
    ("8 dermatologists (Marchetti 2018)", 0.82, 0.59),
    ("teledermatologist (Moleanalyzer Pro study, 2020)", 0.845, 0.826),
)
"""Readers, sensitivity, specificity: on other images than those evaluated here, dermoscopy alone."""


def save_curves(epochs: Sequence[Epoch], path: Path) -> None:
    """Loss (see `Epoch` for which), accuracy and AUROC by epoch; a line marks where a phase begins."""
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


def save_images(images: Sequence[NDArray[np.uint8]], titles: Sequence[str], path: Path) -> None:
    """A grid of images of shape (side, side, 3), three a row."""
    rows = -(-len(images) // 3)
    figure, axes = plt.subplots(rows, 3, figsize=(7.5, 2.6 * rows), layout="constrained", squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, image, title in zip(axes.flat, images, titles, strict=False):
        axis.imshow(image)
        axis.set_title(title, fontsize=9)
    _save(figure, path)


def roc(labels: Labels, probabilities: Probabilities, evaluation: Evaluation, card: Card) -> Figure:
    """The receiver operating characteristic, with the operating points and what dermatologists reached elsewhere."""
    false_positives, true_positives, _ = roc_curve(labels, probabilities)
    figure, axis = plt.subplots(figsize=(6, 6), layout="constrained")
    axis.plot(false_positives, true_positives, label=f"AUROC {evaluation.auroc}")
    axis.plot([0, 1], [0, 1], color="grey", linestyle=":")
    for point in card.operating_points:
        result = evaluation.at(point.name)
        axis.plot(1 - result.specificity.value, result.sensitivity.value, "o", label=f"operating point {point.name}")
    for (who, sensitivity, specificity), marker in zip(DERMATOLOGISTS, "^sD", strict=True):
        axis.plot(1 - specificity, sensitivity, marker, color="black", fillstyle="none", label=who)
    axis.set(xlabel="1 - specificity", ylabel="sensitivity", aspect="equal")
    axis.legend(loc="lower right", fontsize=8)
    return figure


def precision_recall(labels: Labels, probabilities: Probabilities, evaluation: Evaluation) -> Figure:
    """Precision by recall; the dotted line is chance."""
    precision, recall, _ = precision_recall_curve(labels, probabilities)
    figure, axis = plt.subplots(figsize=(6, 6), layout="constrained")
    axis.step(recall, precision, where="post", label=f"average precision {evaluation.average_precision:.4f}")
    axis.axhline(labels.mean(), color="grey", linestyle=":", label=f"share of melanomas {labels.mean():.4f}")
    axis.set(xlabel="recall (sensitivity)", ylabel="precision (positive predictive value)", ylim=(0, 1.02))
    axis.legend(loc="upper right", fontsize=8)
    return figure


def reliability(labels: Labels, probabilities: Probabilities, evaluation: Evaluation) -> Figure:
    """How often melanoma is found by the probability given, by calibration bin, and how many images each bin has."""
    index = calibration_bins(probabilities)
    filled = np.unique(index)
    given = [probabilities[index == bin_].mean() for bin_ in filled]
    found = [proportion(int(labels[index == bin_].sum()), int((index == bin_).sum())) for bin_ in filled]
    errors = [[f.value - f.low for f in found], [f.high - f.value for f in found]]
    figure, (axis, below) = plt.subplots(2, 1, figsize=(6, 7), height_ratios=(3, 1), sharex=True, layout="constrained")
    axis.errorbar(given, [f.value for f in found], errors, fmt="o-", capsize=3)
    axis.plot([0, 1], [0, 1], color="grey", linestyle=":")
    axis.set(ylabel="share of melanomas (95 % CI)", title=f"calibration error {evaluation.expected_calibration_error}")
    below.hist(probabilities, bins=np.linspace(0, 1, CALIBRATION_BINS + 1), color="grey")
    below.set(xlabel="probability given", ylabel="images", yscale="log")
    return figure


def confusion(result: AtThreshold, classes: Sequence[str]) -> Figure:
    """The confusion matrix, each field with its count; the shade is its share of the true class."""
    counts = np.array(result.confusion)
    figure, axis = plt.subplots(figsize=(4.5, 4), layout="constrained")
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        axis.text(column, row, str(count), ha="center", color="white" if shares[row, column] > 0.5 else "black")
    axis.set(xlabel="called", ylabel="true", title=f"{result.name}: threshold {result.threshold:.4f}")
    axis.set_xticks(range(len(classes)), classes)
    axis.set_yticks(range(len(classes)), classes)
    return figure


def per_class(result: AtThreshold) -> Figure:
    """Precision, recall and F1 of each class as bars."""
    figure, axis = plt.subplots(figsize=(5.5, 4), layout="constrained")
    names = ("precision", "recall", "f1")
    places = np.arange(len(names))
    for index, entry in enumerate(result.classes):
        heights = [getattr(entry, name) for name in names]
        bars = axis.bar(places + 0.4 * index - 0.2, heights, width=0.38, label=entry.name)
        axis.bar_label(bars, fmt="%.3f", fontsize=8)
    axis.set_xticks(places, names)
    axis.set(ylim=(0, 1.05), title=result.name)
    axis.legend(loc="lower right")
    return figure


def as_png(figure: Figure) -> bytes:
    """The figure's content as a PNG file; the figure is done with."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    plt.close(figure)
    return buffer.getvalue()


def _save(figure: Figure, path: Path) -> None:
    write_atomically(path, as_png(figure))
