"""Figures of groups of images: by source, collection, skin tone, dark border and what else the data state."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from app.core.domain.results import Screening
from app.core.domain.statistics import Interval
from app.core.imaging.blocks import BLACK
from training import metrics
from training.data.examples import NOT_STATED, Example
from training.metrics import Labels, Probabilities

ARGMAX_THRESHOLD = 0.5
"""The threshold of the thesis's accuracy."""
AGE_GROUPS = ((0, "under 30"), (30, "30 to 49"), (50, "50 to 69"), (70, "70 and over"))
SKIN_TONES = ("0 very dark", "1 dark", "2 medium dark", "3 medium light", "4 light", "5 very light")
"""MILK10k's classes, which have names for the first and the last alone."""
BORDER_GROUPS = ((0.0, "none"), (0.01, "under 10 %"), (0.1, "10 to 30 %"), (0.3, "30 % and over"))
"""By the lowest share of the area that is dark surroundings; under 1 % is none."""
SEEN, NOT_SEEN = "seen in training", "not seen in training"
FACTORS = ("source", "collection", "skin tone", "dark border", "sex", "age", "site", "lesion")
MIN_PER_CLASS = 10
"""Images of each class that an AUROC of a group needs."""


@dataclass(frozen=True)
class Group:
    """The images that agree in a `factor` (one of `FACTORS`), where these differ at all.

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


def groups_of(
    classified: Sequence[tuple[Example, Screening]],
    probabilities: Probabilities,
    threshold: float,
    train_lesions: Set[str] = frozenset(),
    factors: Sequence[str] = FACTORS,
) -> Iterator[Group]:
    """The groups of images that have a probability; `train_lesions` are the groups of the split `train`."""
    labels = np.array([example.melanoma for example, _ in classified], dtype=np.int64)
    groups = np.array([example.group for example, _ in classified])
    for factor in factors:
        values = [_value_of(factor, *pair, train_lesions) for pair in classified]
        if len(set(values)) == 1:
            continue  # the whole again
        of_each = np.array(values)
        for value in sorted(set(values), key=_order):
            inside = of_each == value
            yield _group(factor, value, labels[inside], probabilities[inside], groups[inside], threshold)


def _value_of(factor: str, example: Example, screening: Screening, train_lesions: Set[str]) -> str:
    """What the image's table states, or what its pixels show."""
    match factor:
        case "skin tone":
            return _skin_tone(example.skin_tone)
        case "dark border":
            return _border_group(screening)
        case "age":
            return _age_group(example.age)
        case "lesion":
            return SEEN if example.group in train_lesions else NOT_SEEN
        case _:
            return str(getattr(example, factor)) or NOT_STATED


def _group(
    factor: str, value: str, labels: Labels, scores: Probabilities, groups: metrics.Groups, threshold: float
) -> Group:
    right = (scores >= ARGMAX_THRESHOLD) == labels
    enough = min(labels.sum(), (1 - labels).sum()) >= MIN_PER_CLASS
    return Group(
        factor=factor,
        value=value,
        images=labels.size,
        melanomas=int(labels.sum()),
        accuracy=metrics.proportion(int(right.sum()), labels.size),
        auroc=metrics.auroc_estimate(labels, scores, groups) if enough else None,
        sensitivity=metrics.sensitivity(labels, scores, threshold) if labels.any() else None,
        specificity=metrics.specificity(labels, scores, threshold) if not labels.all() else None,
    )


def dark_border_share(rgb: NDArray[np.uint8]) -> float:
    """Share of an image's area, (height, width, 3), that is black and reaches the image's edge.

    Black is what `app.core.imaging.borders` takes for it, which cuts heavy frames away only: the corners around a
    round field of view count here too, and so does a lesion as black as they that reaches the edge.
    """
    places, _ = ndimage.label(rgb.max(axis=2) < BLACK)
    at_edge = np.unique(np.concatenate([places[0], places[-1], places[:, 0], places[:, -1]]))
    return float(np.isin(places, at_edge[at_edge > 0]).mean())


def _border_group(screening: Screening) -> str:
    """By the result's thumbnail, which shows the whole image as it is stored."""
    with Image.open(io.BytesIO(screening.thumbnail)) as image:
        share = dark_border_share(np.asarray(image.convert("RGB")))
    return _class_of(share, BORDER_GROUPS)


def _age_group(age: str) -> str:
    try:
        years = float(age)
    except ValueError:
        return NOT_STATED
    return _class_of(years, AGE_GROUPS) if years >= 0 else NOT_STATED


def _skin_tone(tone: str) -> str:
    """A class of MILK10k's with its word; what another source states as it is."""
    return SKIN_TONES[int(tone)] if tone in {str(number) for number in range(len(SKIN_TONES))} else tone or NOT_STATED


def _class_of(value: float, classes: Sequence[tuple[float, str]]) -> str:
    """The last class whose lowest value is reached."""
    return [name for lowest, name in classes if value >= lowest][-1]


_ORDER = [name for _, name in (*AGE_GROUPS, *BORDER_GROUPS)]


def _order(value: str) -> tuple[bool, int, str]:
    """What is not stated comes last; classes of a number in their order, all else by the alphabet."""
    return value == NOT_STATED, _ORDER.index(value) if value in _ORDER else -1, value
