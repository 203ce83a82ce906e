"""A result as the history holds it, with what was noted and drawn."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.domain.clinical import EMPTY_RECORD, ClinicalRecord
from app.core.domain.outline import Outline
from app.core.domain.results import Screening


@dataclass(frozen=True, slots=True)
class Annotation:
    """What was drawn over a picture: the lesion's outline, found or corrected by hand, and the scale.

    `field_width` is the width of the whole upright picture in mm, where a line along a ruler told it.
    """

    outline: Outline | None = None
    outline_by_hand: bool = False
    field_width: float | None = None


EMPTY_ANNOTATION = Annotation()


@dataclass(frozen=True, slots=True)
class Entry:
    """A screening as it stands in the history, under its number there.

    `lesion` is a number that the entries which show the same lesion share.
    """

    id: int
    screening: Screening
    record: ClinicalRecord = EMPTY_RECORD
    reviewed: bool = False
    lesion: int | None = None
    annotation: Annotation = EMPTY_ANNOTATION


@dataclass(frozen=True, slots=True)
class SimilarCase:
    """A case with a confirmed diagnosis, and how alike the model finds it: -1..1, 1 for the same."""

    entry: Entry
    similarity: float
