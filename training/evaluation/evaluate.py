"""Measures a bundle on labelled images by the program's own path: decode, preprocess, LiteRT, calibrate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
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
from training.data.examples import NOT_STATED, Example
from training.errors import DataError
from training.evaluation import printing
from training.evaluation.printing import Table
from training.metrics import Groups, Labels, Probabilities

ARGMAX = "more probable class"
ARGMAX_THRESHOLD = 0.5
"""The threshold of the thesis's accuracy."""

AGE_GROUPS = ((0, "under 30"), (30, "30 to 49"), (50, "50 to 69"), (70, "70 and over"))
SEEN, NOT_SEEN = "seen in training", "not seen in training"
MIN_PER_CLASS = 10
"""Images of each class that an AUROC of a group needs."""


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
class Group:
    """The images that agree in a `factor` (source, sex, age, site, or whether the training saw the lesion), where
    these differ at all.

    `accuracy` is that of the more probable class. None for a sensitivity or specificity of a class that is missing,
    and for an AUROC of fewer than `MIN_PER_CLASS` images of a class: their bootstrap's interval says more than they do.
    """

    factor: str
    value: str
    images: int
    melanomas: int
    accuracy: Interval
    auroc: Interval | None
    sensitivity: Interval | None
    specificity: Interval | None

    def row(self) -> tuple[str, ...]:
        """For `Evaluation.by_group`."""
        return (
            self.factor,
            self.value,
            str(self.images),
            str(self.melanomas),
            str(self.auroc) if self.auroc else f"fewer than {MIN_PER_CLASS} of a class",
            self.sensitivity.percent() if self.sensitivity else "no melanomas",
            self.specificity.percent() if self.specificity else "no others",
            self.accuracy.percent(),
        )


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

    def classified(self) -> list[tuple[Example, float]]:
        """Those that the program could read, with their probabilities."""
        return [
            (example, screening.prediction.melanoma_probability)
            for example, screening in zip(self.examples, self.screenings, strict=True)
            if screening.prediction is not None
        ]

    def only(self, images: Set[str]) -> Scored:
        """Restricted to these images."""
        pairs = [pair for pair in zip(self.examples, self.screenings, strict=True) if pair[0].image in images]
        return Scored(tuple(example for example, _ in pairs), tuple(screening for _, screening in pairs))


def score(classifier: Classifier, examples: Sequence[Example]) -> Scored:
    """Classify labelled images, those out of distribution too.

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
        groups=tuple(_groups(scored, card.operating_point.threshold, train_lesions)),
    )


def _groups(scored: Scored, threshold: float, train_lesions: Set[str]) -> Iterator[Group]:
    examples = [example for example, _ in scored.classified()]
    labels, probabilities, groups = scored.labels, scored.probabilities, scored.groups
    factors: dict[str, list[str]] = {
        "source": [example.source or NOT_STATED for example in examples],
        "sex": [example.sex or NOT_STATED for example in examples],
        "age": [_age_group(example.age) for example in examples],
        "site": [example.site or NOT_STATED for example in examples],
        "lesion": [SEEN if example.group in train_lesions else NOT_SEEN for example in examples],
    }
    for factor, values in factors.items():
        if len(set(values)) == 1:
            continue  # the whole again
        of_each = np.array(values)
        for value in sorted(set(values), key=lambda value: (value == NOT_STATED, _age_order(value), value)):
            inside = of_each == value
            of_group, scores = labels[inside], probabilities[inside]
            right = (scores >= ARGMAX_THRESHOLD) == of_group
            enough = min(of_group.sum(), (1 - of_group).sum()) >= MIN_PER_CLASS
            yield Group(
                factor=factor,
                value=value,
                images=of_group.size,
                melanomas=int(of_group.sum()),
                accuracy=metrics.proportion(int(right.sum()), of_group.size),
                auroc=metrics.auroc_estimate(of_group, scores, groups[inside]) if enough else None,
                sensitivity=metrics.sensitivity(of_group, scores, threshold) if of_group.any() else None,
                specificity=metrics.specificity(of_group, scores, threshold) if not of_group.all() else None,
            )


def _age_group(age: str) -> str:
    try:
        years = float(age)
    except ValueError:
        return NOT_STATED
    return [name for lowest, name in AGE_GROUPS if years >= lowest][-1] if years >= 0 else NOT_STATED


def _age_order(value: str) -> int:
    names = [name for _, name in AGE_GROUPS]
    return names.index(value) if value in names else -1


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
    """The main figures for reading; groups only by source and by whether the training saw the lesion."""
    summary = (
        f"{evaluation.title}: {evaluation.images} images, {evaluation.melanomas} melanomas, "
        f"{evaluation.failed} not readable"
    )
    tables = [evaluation.main_figures(), evaluation.operating_points(), evaluation.per_class()]
    groups = evaluation.by_group("source", "lesion")
    tables += [groups] if groups.rows else []
    return "\n\n".join([summary, *map(printing.as_text, tables)]) + "\n"
