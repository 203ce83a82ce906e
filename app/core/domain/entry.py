"""A result as the history holds it, with what was noted and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.domain.clinical import EMPTY_RECORD, ClinicalRecord
from app.core.domain.outline import Outline
from app.core.domain.results import Screening


@dataclass(frozen=True, slots=True)
class Annotation:
    """Annotation of an image: the lesion's outline, found or corrected by hand, and the scale.

    `field_width` is the width of the whole upright image in mm, where a line along a ruler told it.
    """

    outline: Outline | None = None
    outline_by_hand: bool = False
    field_width: float | None = None


EMPTY_ANNOTATION = Annotation()


class Mark(StrEnum):
    """The reader's own decision on an image; it never changes the program's advice.

    `SEEN` stands for what earlier versions called reviewed.
    """

    REFER = "refer"
    WATCH = "watch"
    CLEAR = "clear"
    SEEN = "seen"


DECISIONS = (Mark.REFER, Mark.WATCH, Mark.CLEAR)
"""The marks that can be given, in the order of their keys 1 to 3."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the history: a screening with its number, record, annotation and mark.

    `mark` is `None` where nobody decided. `lesion` is the id of the lesion that it shows, `lesion_number` that lesion's
    number within the patient.
    """

    id: int
    screening: Screening
    record: ClinicalRecord = EMPTY_RECORD
    mark: Mark | None = None
    lesion: int | None = None
    annotation: Annotation = EMPTY_ANNOTATION
    lesion_number: int | None = None


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """An entry with a confirmed diagnosis, and its cosine similarity to another by the model's embedding, -1..1."""

    entry: Entry
    similarity: float
