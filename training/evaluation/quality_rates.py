"""Rates of quality issues in labelled images, by kind and by source, as the program finds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.domain.errors import ImageError
from app.core.domain.statistics import Interval, proportion
from app.core.imaging.decode import decode
from app.core.imaging.preprocess import prepare
from app.core.imaging.read import read_bytes
from app.core.quality.assessment import IssueKind, Quality, assess
from training.data.examples import NOT_STATED, Example

ALL = "all"
"""Stands for all sources together."""

Damage = Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
"""Degrades an image of shape (height, width, 3), 0..255."""


@dataclass(frozen=True)
class Rate:
    """The images of a source (or `ALL`) with a finding: of a kind, or of any where `kind` is `None`."""

    source: str
    kind: IssueKind | None
    refused: Interval
    warned: Interval
    images: int


@dataclass(frozen=True)
class Assessed:
    """A labelled image and its quality."""

    example: Example
    quality: Quality


def assess_examples(examples: Sequence[Example], *, damage: Damage | None = None) -> list[Assessed]:
    """Assess the images' files by the program's own code; those that can't be read are left out.

    `damage` is done to each decoded image first, to see which strength of it is found.
    """
    assessed = []
    for example in tqdm(examples, desc="quality", unit="image"):
        try:
            image = decode(read_bytes(Path(example.path)))
        except ImageError:
            continue
        prepared = prepare(image.rgb if damage is None else damage(image.rgb))
        quality = assess(prepared.standard, full_size=image.full_size, frame=prepared.area)
        assessed.append(Assessed(example, quality))
    return assessed


def rates(assessed: Iterable[Assessed]) -> list[Rate]:
    """The shares refused and warned of, with Wilson intervals: all sources first, and in each any kind first."""
    by_source: dict[str, list[Quality]] = {ALL: []}
    for one in assessed:
        by_source[ALL].append(one.quality)
        by_source.setdefault(one.example.source or NOT_STATED, []).append(one.quality)
    return [
        rate
        for source in [ALL, *sorted(by_source.keys() - {ALL})]
        if by_source[source]
        for rate in _of_source(source, by_source[source])
    ]


def _of_source(source: str, qualities: Sequence[Quality]) -> list[Rate]:
    count: Counter[tuple[IssueKind | None, bool]] = Counter()
    for quality in qualities:
        count.update({(finding.kind, finding.refuses) for finding in quality.findings})
        count.update({(None, finding.refuses) for finding in quality.findings})
    total = len(qualities)
    return [
        Rate(source, kind, proportion(count[kind, True], total), proportion(count[kind, False], total), total)
        for kind in (None, *IssueKind)
    ]
