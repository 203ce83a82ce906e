"""Measures a bundle on labelled images by the program's own path: decode, preprocess, LiteRT, calibrate."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from tqdm import tqdm

from app.core.domain.results import CLASSES, Screening
from app.core.domain.statistics import Interval
from app.core.model.card import Card
from app.core.model.classifier import Classifier
from app.core.screening.pipeline import screen_file
from training import metrics
from training.data.examples import Example
from training.errors import DataError
from training.evaluation import printing
from training.evaluation.groups import ARGMAX_THRESHOLD, Group, groups_of
from training.evaluation.printing import Table
from training.metrics import Groups, Labels, Probabilities

ARGMAX = "more probable class"
PRINTED_FACTORS = ("source", "collection", "skin tone", "dark border", "lesion")


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
    """Figures at a threshold. `confusion` has a row a true class and a column a predicted one."""

    name: str
    threshold: float
    accuracy: Interval
    sensitivity: Interval
    specificity: Interval
    classes: tuple[ClassResult, ...]
    confusion: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Evaluation:
    """All figures of a bundle on some images. `failed` counts those that could not be read.

    `thresholds` are those of the card's operating points, in its order, and that of the more probable class.
    """

    model: str
    data: str
    split: str
    images: int
    melanomas: int
    failed: int
    loss: float
    auroc: Interval
    average_precision: float
    expected_calibration_error: Interval
    thresholds: tuple[AtThreshold, ...]
    groups: tuple[Group, ...]

    @property
    def title(self) -> str:
        return f"{self.model} on {self.data}, {self.split or 'all images'}"

    def at(self, name: str) -> AtThreshold:
        """The results at an operating point's threshold, or at `ARGMAX`."""
        return next(result for result in self.thresholds if result.name == name)

    def main_figures(self) -> Table:
        """Figures of the probabilities, whatever the threshold."""
        return Table(
            ("figure", "value"),
            (
                ("AUROC", str(self.auroc)),
                ("average precision", f"{self.average_precision:.4f}"),
                ("loss (cross-entropy)", f"{self.loss:.4f}"),
                ("expected calibration error, 15 bins", str(self.expected_calibration_error)),
            ),
        )

    def operating_points(self) -> Table:
        """A row a threshold."""
        return Table(
            ("operating point", "threshold", "sensitivity", "specificity", "accuracy"),
            tuple(
                (
                    result.name,
                    f"{result.threshold:.4f}",
                    *(each.percent() for each in (result.sensitivity, result.specificity, result.accuracy)),
                )
                for result in self.thresholds
            ),
        )

    def per_class(self) -> Table:
        """A row a threshold and class."""
        return Table(
            (
                "operating point",
                "class",
                "precision",
                "recall",
                "F1",
                "images",
                *(f"called {name}" for name in CLASSES),
            ),
            tuple(
                (
                    result.name,
                    entry.name,
                    *(f"{figure:.4f}" for figure in (entry.precision, entry.recall, entry.f1)),
                    str(entry.images),
                    *map(str, row),
                )
                for result in self.thresholds
                for entry, row in zip(result.classes, result.confusion, strict=True)
            ),
        )

    def by_group(self, *factors: str) -> Table:
        """A row a group, of these factors, or of all; sensitivity and specificity at the first operating point."""
        return Table(
            ("factor", "value", "images", "melanomas", "AUROC", "sensitivity", "specificity", ARGMAX),
            tuple(group.row() for group in self.groups if not factors or group.factor in factors),
        )


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

    @property
    def groups(self) -> Groups:
        return np.array([example.group for example, _ in self.classified()])

    def results(self) -> list[tuple[Example, Screening]]:
        """Those that the program could read, with their results."""
        pairs = zip(self.examples, self.screenings, strict=True)
        return [(example, screening) for example, screening in pairs if screening.prediction is not None]

    def classified(self) -> list[tuple[Example, float]]:
        """Those that the program could read, with their probabilities."""
        return [
            (example, screening.prediction.melanoma_probability)
            for example, screening in self.results()
            if screening.prediction is not None
        ]

    def only(self, images: Set[str]) -> Scored:
        """Restricted to these images."""
        pairs = [pair for pair in zip(self.examples, self.screenings, strict=True) if pair[0].image in images]
        return Scored(tuple(example for example, _ in pairs), tuple(screening for _, screening in pairs))


def score(classifier: Classifier, examples: Sequence[Example]) -> Scored:
    """Classify labelled images, those refused for their content too.

    Raises `DataError` where not both classes are left to measure on.
    """
    screenings = tuple(
        screen_file(Path(example.path), classifier, force_prediction=True)
        for example in tqdm(examples, desc="evaluate", unit="image")
    )
    scored = Scored(tuple(examples), screenings)
    if len(set(scored.labels.tolist())) != 2:
        raise DataError("There is nothing to measure: readable images of both classes are needed.")
    return scored


def evaluate(scored: Scored, card: Card, *, data: str, split: str, train_lesions: Set[str] = frozenset()) -> Evaluation:
    """Figures of images scored by the card's bundle; `data` and `split` name them.

    `train_lesions` are the groups of `train`: where the images were divided without regard to lesions, those seen in
    training are a group of their own, which shows how much of a figure was memorised.
    """
    labels, probabilities, groups = scored.labels, scored.probabilities, scored.groups
    thresholds = {point.name: point.threshold for point in card.operating_points}
    thresholds[ARGMAX] = ARGMAX_THRESHOLD
    return Evaluation(
        model=str(card.model_id),
        data=data,
        split=split,
        images=labels.size,
        melanomas=int(labels.sum()),
        failed=len(scored.examples) - labels.size,
        loss=metrics.cross_entropy(labels, probabilities),
        auroc=metrics.auroc_estimate(labels, probabilities, groups),
        average_precision=metrics.average_precision(labels, probabilities),
        expected_calibration_error=metrics.calibration_error_estimate(labels, probabilities, groups),
        thresholds=tuple(at_threshold(name, labels, probabilities, value) for name, value in thresholds.items()),
        groups=tuple(
            groups_of(scored.results(), probabilities, card.operating_point.threshold, train_lesions),
        ),
    )


def at_threshold(name: str, labels: Labels, probabilities: Probabilities, threshold: float) -> AtThreshold:
    """Figures where all probabilities at the threshold or above count as melanoma."""
    predicted = (probabilities >= threshold).astype(int)
    precision, recall, f1, images = precision_recall_fscore_support(labels, predicted, labels=[0, 1], zero_division=0)
    return AtThreshold(
        name=name,
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


def as_text(evaluation: Evaluation) -> str:
    """The main figures for reading; groups only by `PRINTED_FACTORS`."""
    summary = (
        f"{evaluation.title}: {evaluation.images} images, {evaluation.melanomas} melanomas, "
        f"{evaluation.failed} not readable"
    )
    tables = [evaluation.main_figures(), evaluation.operating_points(), evaluation.per_class()]
    groups = evaluation.by_group(*PRINTED_FACTORS)
    tables += [groups] if groups.rows else []
    return "\n\n".join([summary, *map(printing.as_text, tables)]) + "\n"
