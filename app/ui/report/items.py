"""An item of a report: a result with what is known of its picture."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Mark
from app.core.domain.results import Explanation, Screening
from app.core.lesion.measure import LesionMeasurement


@dataclass(frozen=True)
class ReportItem:
    """An image in a report. `thumbnail` is a JPEG or empty; `repeated`: its content had been judged before.

    `explanation` and `lesion` are for the report on one image, as far as they are known.
    """

    screening: Screening
    record: ClinicalRecord
    thumbnail: bytes
    repeated: bool = False
    explanation: Explanation | None = None
    lesion: LesionMeasurement | None = None
    outline_by_hand: bool = False
    frequency: str = ""
    """What the probability means at the clinic's shares of cancers."""
    mark: Mark | None = None
    """The reader's own decision."""
