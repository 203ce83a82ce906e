"""Measures a bundle on labelled images by the program's own path: decode, preprocess, LiteRT, calibrate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec
import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from tqdm import tqdm

from app.core import export
from app.core.card import Interval
from app.core.classifier import Classifier
from app.core.files import write_whole
from app.core.screening import screen_file
from app.core.types import Screening
from training import metrics, plots
from training.data import Example
from training.errors import DataError
from training.metrics import Labels, Probabilities
from training.models import CLASSES

ARGMAX = 0.5
"""The threshold of the thesis's accuracy: the more probable class."""


@dataclass(frozen=True)
class ClassResult:
    """Precision, recall and F1 of one class, and how many images have it."""

    name: str
    precision: float
    recall: float
    f1: float
    images: int


@dataclass(frozen=True)
class AtThreshold:
    """What a threshold gives. `confusion` has a row a true class and a column a predicted one."""

    threshold: float
    accuracy: Interval
    sensitivity: Interval
    specificity: Interval
    classes: tuple[ClassResult, ...]
    confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Evaluation:
    """All figures of a bundle on some images. `failed` counts those that could not be read."""

    model: str
    data: str
    split: str
    images: int
    melanomas: int
    failed: int
    loss: float
    auroc: Interval
    expected_calibration_error: float
    most_probable_class: AtThreshold
    operating_point: AtThreshold


@dataclass(frozen=True)
class Scored:
    """Labelled images with the program's results for them, in the same order."""

    examples: tuple[Example, ...]
    screenings: tuple[Screening, ...]

    @property
    def labels(self) -> Labels:
        return np.array([example.melanoma for example, _ in self.classified()], dtype=np.int64)

    @property
    def probabilities(self) -> Probabilities:
        return np.array([p for _, p in self.classified()])

    def classified(self) -> list[tuple[Example, float]]:
        """Those that the program could read, with their probabilities."""
        return [
            (example, screening.prediction.melanoma_probability)
            for example, screening in zip(self.examples, self.screenings, strict=True)
            if screening.prediction is not None
        ]


def score(classifier: Classifier, examples: Sequence[Example]) -> Scored:
    """Classify labelled images. Raises `DataError` where not both classes are left to measure on."""
    screenings = tuple(
        screen_file(Path(example.path), classifier) for example in tqdm(examples, desc="evaluate", unit="image")
    )
    scored = Scored(tuple(examples), screenings)
    if len(set(scored.labels.tolist())) != 2:
        raise DataError("There is nothing to measure: readable images of both classes are needed.")
    return scored


def evaluate(scored: Scored, classifier: Classifier, *, data: str, split: str) -> Evaluation:
    """The figures of scored images; `data` and `split` say which they are."""
    labels, probabilities = scored.labels, scored.probabilities
    return Evaluation(
        model=str(classifier.model_id),
        data=data,
        split=split,
        images=labels.size,
        melanomas=int(labels.sum()),
        failed=len(scored.examples) - labels.size,
        loss=metrics.cross_entropy(labels, probabilities),
        auroc=metrics.auroc_estimate(labels, probabilities),
        expected_calibration_error=metrics.expected_calibration_error(labels, probabilities),
        most_probable_class=at_threshold(labels, probabilities, ARGMAX),
        operating_point=at_threshold(labels, probabilities, classifier.card.operating_point.threshold),
    )


def at_threshold(labels: Labels, probabilities: Probabilities, threshold: float) -> AtThreshold:
    """What comes of calling melanoma all that lies at the threshold or above."""
    predicted = (probabilities >= threshold).astype(int)
    precision, recall, f1, images = precision_recall_fscore_support(labels, predicted, labels=[0, 1], zero_division=0)
    return AtThreshold(
        threshold=threshold,
        accuracy=metrics.proportion(int((predicted == labels).sum()), labels.size),
        sensitivity=metrics.sensitivity(labels, probabilities, threshold),
        specificity=metrics.specificity(labels, probabilities, threshold),
        classes=tuple(
            ClassResult(name, float(precision[i]), float(recall[i]), float(f1[i]), int(images[i]))
            for i, name in enumerate(CLASSES)
        ),
        confusion=tuple(tuple(map(int, row)) for row in confusion_matrix(labels, predicted, labels=[0, 1])),
    )


def write_report(scored: Scored, evaluation: Evaluation, folder: Path) -> None:
    """Write the figures as JSON and text, each image's result as CSV, and the pictures."""
    write_whole(folder / "figures.json", msgspec.json.format(msgspec.json.encode(evaluation)))
    write_whole(folder / "figures.txt", as_text(evaluation).encode())
    write_whole(folder / "predictions.csv", export.as_csv(scored.screenings))
    plots.save_roc(scored.labels, scored.probabilities, evaluation.auroc, folder / "roc.png")
    for name in ("most_probable_class", "operating_point"):
        result: AtThreshold = getattr(evaluation, name)
        plots.save_confusion(result.confusion, CLASSES, folder / f"confusion-{name.replace('_', '-')}.png")
        rows = {entry.name: asdict(entry) for entry in result.classes}
        plots.save_per_class(rows, folder / f"per-class-{name.replace('_', '-')}.png")
    plots.save_predictions(scored.classified(), evaluation.operating_point.threshold, folder / "predictions.png")


def as_text(evaluation: Evaluation) -> str:
    """The figures for reading."""
    lines = [
        f"{evaluation.model} on {evaluation.data}, {evaluation.split or 'all images'}: {evaluation.images} images, "
        f"{evaluation.melanomas} melanomas, {evaluation.failed} not readable",
        f"AUROC                       {evaluation.auroc}",
        f"loss (cross-entropy)        {evaluation.loss:.4f}",
        f"expected calibration error  {evaluation.expected_calibration_error:.4f} (15 bins)",
    ]
    for title, result in (
        ("More probable class", evaluation.most_probable_class),
        ("Operating point", evaluation.operating_point),
    ):
        lines += [
            "",
            f"{title}: threshold {result.threshold:.4f}",
            f"  accuracy     {result.accuracy}",
            f"  sensitivity  {result.sensitivity}",
            f"  specificity  {result.specificity}",
            "  class          precision  recall  F1      images   called " + ", ".join(CLASSES),
        ]
        lines += [
            f"  {entry.name:<13}  {entry.precision:.4f}     {entry.recall:.4f}  {entry.f1:.4f}  {entry.images:<7}  "
            + ", ".join(map(str, row))
            for entry, row in zip(result.classes, result.confusion, strict=True)
        ]
    return "\n".join(lines) + "\n"
