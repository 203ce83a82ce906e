"""Calibration errors of melanoma and of other cancer, on a split in which the sources weigh equally."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from app.core.model.card import Figure
from app.core.model.classifier import Classifier
from training.data.examples import Example
from training.errors import DataError
from training.evaluation.evaluate import Scored, score
from training.evaluation.figures.kinds import OTHER_CANCERS, Kind, kind_of
from training.evaluation.figures.task import Task, melanomas_among
from training.metrics import Labels, Probabilities, Weights, calibration_error_estimate, equal_weights

WEIGHED_AS = {
    "HAM10000": "HAM10000",
    "ISIC2017": "ISIC2017",
    "MSK": "ISIC2017",
    "BCN20000": "BCN20000",
    "ISIC2020": "ISIC2020",
    "MILK10k": "MILK10k",
}
"""The sources that weigh equally; MSK is the clinic of most of ISIC 2017."""


def is_weighed(example: Example) -> bool:
    """Whether it is of one of the sources, and of the collection `main` or of none."""
    return example.source in WEIGHED_AS and example.is_main


def equal_source_weights(examples: Sequence[Example]) -> Weights:
    """A weight for each of the images, all of which are weighed: those of each source add up to 1."""
    return equal_weights([WEIGHED_AS[example.source] for example in examples])


def calibration(task: Task) -> Iterator[Figure]:
    """Expected calibration errors (15 bins), images that are refused for their content included. Raises `DataError`.

    That of other cancer only where the card has other cancers, and not on images of which nobody knows whether they
    are one, nor on cancers that are none of them.
    """
    weighed = [example for example in task.examples if is_weighed(example)]
    if not weighed:
        raise DataError(f"The split {task.split} has no image of {', '.join(WEIGHED_AS)}.")
    scored = score(Classifier(task.bundle), weighed)
    yield _error(task, "melanoma", scored, scored.labels, scored.probabilities)
    if not task.bundle.card.other_cancers:
        return
    cancers = {kind for name, kind in OTHER_CANCERS.items() if name in task.bundle.card.other_cancers}
    kinds = {Kind.MELANOMA, Kind.BENIGN, *cancers}
    known = scored.only({example.image for example in weighed if kind_of(example) in kinds})
    labels = np.array([int(kind_of(example) in cancers) for example, _ in known.results()], dtype=np.int64)
    if len(set(labels.tolist())) != 2:
        raise DataError(f"The split {task.split} has no other cancers, or nothing else.")
    probabilities = [
        screening.prediction.other_cancer_probability or 0.0 for _, screening in known.results() if screening.prediction
    ]
    yield _error(task, "other cancer", known, labels, np.array(probabilities))


def _error(task: Task, name: str, scored: Scored, labels: Labels, probabilities: Probabilities) -> Figure:
    examples = [example for example, _ in scored.results()]
    error = calibration_error_estimate(labels, probabilities, scored.groups, equal_source_weights(examples))
    sources = ", ".join(sorted({WEIGHED_AS[example.source] for example in examples}))
    metric = f"calibration error of {name}, 15 bins, equal weights of {sources}"
    return task.figure(metric, error, len(examples), melanomas_among(examples))
