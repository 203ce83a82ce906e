"""An item of a report: a result with what is known of its picture, and what explains it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtGui import QImage

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Annotation, Mark
from app.core.domain.results import Explanation, Screening
from app.core.imaging.decode import decode
from app.core.lesion.measure import LesionMeasurement
from app.core.model.card import Card
from app.core.screening.service import ScreeningService
from app.ui.image.image_view import to_qimage

IMAGE_SIDE = 1000
"""Pixels that a JPEG's shorter side keeps at least on the page."""


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


def explained(
    item: ReportItem, content: bytes, annotation: Annotation, *, service: ScreeningService, card: Card | None
) -> tuple[ReportItem, QImage]:
    """The item with what explains its answer, and its picture; on a worker thread.

    The heat map is computed where the model in use, whose card is `card`, gave the answer; the lesion is measured where
    an outline is known. Raises `ImageError`.
    """
    screening = item.screening
    if screening.prediction is not None and card is not None and screening.model == card.model_id:
        item = replace(item, explanation=service.explain(content, screening.path))
    if annotation.outline is not None:
        lesion = service.measure_lesion(content, annotation)
        item = replace(item, lesion=lesion, outline_by_hand=annotation.outline_by_hand)
    return item, to_qimage(decode(content, at_least=IMAGE_SIDE).rgb)
