"""A case: one picture with its answer and all that is noted of it, as it is exported."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import EMPTY_ANNOTATION, Annotation, Mark
from app.core.domain.patient import Lesion, Patient
from app.core.domain.results import Screening


@dataclass(frozen=True)
class Case:
    """One picture for export: the bytes of its file, its answer, and what is noted of it.

    `record` is what the history has, not what the file states. `patient` has an empty identifier where none is noted,
    and `lesion` is `None` where the picture belongs to none. `deidentified` says that nothing in it names the patient.
    """

    content: bytes
    screening: Screening
    record: ClinicalRecord
    patient: Patient
    lesion: Lesion | None = None
    mark: Mark | None = None
    annotation: Annotation = EMPTY_ANNOTATION
    deidentified: bool = False

    @property
    def sha256(self) -> str:
        """The checksum of the file that was judged, which names the picture."""
        return self.screening.sha256 or ""

    @property
    def name(self) -> str:
        """The name of the picture's file without its ending."""
        return PurePath(self.screening.path.name).stem

    @property
    def answer(self) -> str:
        """A checksum (hex) of all that the answer and the notes say, which changes where one of them does."""
        said = (self.screening.prediction, self.screening.error, self.screening.model, self.record, self.patient)
        return hashlib.sha256(repr((*said, self.lesion, self.mark, self.annotation)).encode()).hexdigest()

    @property
    def taken_at(self) -> dt.datetime:
        """When the picture was taken or, where that is unknown, judged: local time without a zone."""
        return self.screening.shown_at.replace(microsecond=0)


@dataclass(frozen=True)
class Rendered:
    """What is drawn of a case's answer: the report as PDF, and the same as a picture, (height, width, 3), 0..255."""

    report: bytes
    capture: NDArray[np.uint8]
