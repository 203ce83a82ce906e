"""Rates of the warnings on hair, ink and rulers, and their sensitivity (`app.core.quality.artifacts`).

`artifact_labels.csv` says of 240 images of `val` and 150 of `test` what is in them: half of them HAM10000, a quarter
ISIC2017, a quarter BCN20000, drawn at random (seeds 1 and 2). They were labelled by eye, once, on contact sheets, by
the developer of the detector, an AI model, not by a dermatologist; those of `test` before there was a detector.
What counts as there:

- hair: several hairs, or a thick one, over the lesion; not one thin hair, and not hair beside it alone
- ink: skin marker of any colour, or a coloured or grey sticker
- ruler: at least two ticks of a scale, however faint
- bubbles: bubbles of gel or air in a group, or such an edge of the gel; the program does not look for them

The limits in `app.core.quality.artifacts` were chosen on the 240 of `val`, those of ink also such that few others of
`val` were warned about wrongly, so that the figures of `val` are a little too good.

Gel bubbles are left out: of the 6 images of `val` that have them, the share of bright narrow spots (a top-hat of 5,
9 and 13 pixels) found none at 2 % of false warnings, and votes of the gradients for the middles of rings (radii 3 to
11) at best one.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from app.core.domain.statistics import Interval, proportion
from app.core.quality.artifacts import Artifact, find_artifacts
from training.data.examples import Example
from training.data.images import read_prepared
from training.errors import DataError

LABELS = Path(__file__).with_name("artifact_labels.csv")
ALL = "all"

Found = Mapping[str, frozenset[Artifact]]
"""The artifacts in each image, by its id."""


@dataclass(frozen=True)
class Warned:
    """Share of a source's images that an artifact was found in. `source` may be `ALL`."""

    artifact: Artifact
    source: str
    images: int
    share: Interval


@dataclass(frozen=True)
class DetectionRates:
    """Shares warned about of the images labelled as having the artifact, and of those labelled as not having it.

    None for a share of no image.
    """

    artifact: Artifact
    without: int
    false_warnings: Interval | None
    having: int
    sensitivity: Interval | None


def find(examples: Sequence[Example]) -> Found:
    """The artifacts that the program finds in images. Raises `DataError` where one can't be read."""
    return {
        example.image: frozenset(find_artifacts(read_prepared(Path(example.path)).standard))
        for example in tqdm(examples, desc="artifacts", unit="image")
    }


def labelled(split: str, table: Path = LABELS) -> Found:
    """The artifacts in a split's labelled images. Raises `DataError` where there are none, or a label is no 0 or 1."""
    labels: dict[str, frozenset[Artifact]] = {}
    with table.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = {"image", "split", *Artifact} - set(reader.fieldnames or ())
        if missing:
            raise DataError(f"{table}: the column {min(missing)} is missing.")
        for row in reader:
            wrong = [artifact for artifact in Artifact if row[artifact] not in ("0", "1")]
            if wrong:
                raise DataError(f"{table}, line {reader.line_num}: {wrong[0]} is {row[wrong[0]]!r}, not 0 or 1.")
            if row["split"] == split:
                labels[row["image"]] = frozenset(artifact for artifact in Artifact if row[artifact] == "1")
    if not labels:
        raise DataError(f"{table}: no image of the split {split} is labelled.")
    return labels


def warned(examples: Sequence[Example], found: Found) -> list[Warned]:
    """For each artifact the share of the images it was found in: of all, and of each source."""
    return list(_warned(examples, found))


def _warned(examples: Sequence[Example], found: Found) -> Iterator[Warned]:
    sources = {ALL: list(examples)}
    for example in examples:
        sources.setdefault(example.source, []).append(example)
    for artifact in Artifact:
        for source, there in sources.items():
            count = sum(artifact in found[example.image] for example in there)
            yield Warned(artifact, source, len(there), proportion(count, len(there)))


def rates(found: Found, labels: Found) -> list[DetectionRates]:
    """The rates of false warnings and the sensitivities on the labelled images. All of them must be in `found`."""
    missing = labels.keys() - found.keys()
    if missing:
        raise DataError(f"{min(missing)} is labelled, but it is not among the images.")
    return [_rates(artifact, found, labels) for artifact in Artifact]


def _rates(artifact: Artifact, found: Found, labels: Found) -> DetectionRates:
    having = [artifact in found[image] for image, there in labels.items() if artifact in there]
    without = [artifact in found[image] for image, there in labels.items() if artifact not in there]
    return DetectionRates(
        artifact,
        without=len(without),
        false_warnings=proportion(sum(without), len(without)) if without else None,
        having=len(having),
        sensitivity=proportion(sum(having), len(having)) if having else None,
    )
