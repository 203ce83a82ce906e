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
from training.metrics import Labels, Lesions, Probabilities

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
    """What a threshold gives. `confusion` has a row a true class and a column a predicted one."""

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

    def at(self, name: str) -> AtThreshold:
        """The results at an operating point's threshold, or at `ARGMAX`."""
        return next(result for result in self.thresholds if result.name == name)


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
    def lesions(self) -> Lesions:
        return np.array([example.group for example, _ in self.classified()])

    def classified(self) -> list[tuple[Example, float]]:
        """Those that the program could read, with their probabilities."""
        return [
            (example, screening.prediction.melanoma_probability)
            for example, screening in zip(self.examples, self.screenings, strict=True)
            if screening.prediction is not None
        ]

    def only(self, images: Set[str]) -> Scored:
        """The part with these images."""
        pairs = [pair for pair in zip(self.examples, self.screenings, strict=True) if pair[0].image in images]
        return Scored(tuple(example for example, _ in pairs), tuple(screening for _, screening in pairs))


def score(classifier: Classifier, examples: Sequence[Example]) -> Scored:
    """Classify labelled images, those that the program would find unfamiliar too.

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
    """The figures of images scored by the card's bundle; `data` and `split` say which they are.

    `train_lesions` are the groups of `train`: where the images were divided without regard to lesions, those seen in
    training are a group of their own, and tell how much of a figure is known by heart.
    """
    labels, probabilities, lesions = scored.labels, scored.probabilities, scored.lesions
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
        auroc=metrics.auroc_estimate(labels, probabilities, lesions),
        average_precision=metrics.average_precision(labels, probabilities),
        expected_calibration_error=metrics.calibration_error_estimate(labels, probabilities, lesions),
        thresholds=tuple(at_threshold(name, labels, probabilities, value) for name, value in thresholds.items()),
        groups=tuple(_groups(scored, card.operating_point.threshold, train_lesions)),
    )


def _groups(scored: Scored, threshold: float, train_lesions: Set[str]) -> Iterator[Group]:
    examples = [example for example, _ in scored.classified()]
    labels, probabilities, lesions = scored.labels, scored.probabilities, scored.lesions
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
                auroc=metrics.auroc_estimate(of_group, scores, lesions[inside]) if enough else None,
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
    """What comes of calling melanoma all that lies at the threshold or above."""
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
    """The main figures for reading."""
    lines = [
        f"{evaluation.model} on {evaluation.data}, {evaluation.split or 'all images'}: {evaluation.images} images, "
        f"{evaluation.melanomas} melanomas, {evaluation.failed} not readable",
        f"AUROC                       {evaluation.auroc}",
        f"average precision           {evaluation.average_precision:.4f}",
        f"loss (cross-entropy)        {evaluation.loss:.4f}",
        f"expected calibration error  {evaluation.expected_calibration_error} (15 bins)",
    ]
    for result in evaluation.thresholds:
        lines += [
            "",
            f"{result.name}: threshold {result.threshold:.4f}",
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
    lines += ["", "by source (sensitivity and specificity at the first operating point)"]
    lines += [
        f"  {group.value:<12}  {group.images} images, {group.melanomas} melanomas: AUROC {group.auroc or '-'}, "
        f"sensitivity {group.sensitivity or '-'}, specificity {group.specificity or '-'}"
        for group in evaluation.groups
        if group.factor == "source"
    ]
    lines += [
        f"lesion {group.value}: {group.images} images, accuracy {group.accuracy}, AUROC {group.auroc or '-'}"
        for group in evaluation.groups
        if group.factor == "lesion"
    ]
    return "\n".join(lines) + "\n"
