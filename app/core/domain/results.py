"""Results of screening: prediction, explanation, screening, and the model they come from."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.domain import times
from app.core.domain.clinical import EMPTY_RECORD, ClinicalRecord
from app.core.domain.geometry import WHOLE, Box

CLASSES = ("non-melanoma", "melanoma")
"""The predicted classes, as they stand in tables."""
MELANOMA = CLASSES.index("melanoma")
DIAGNOSES_NAMED = 3
"""The most probable diagnoses that the window, reports and tables name."""
THUMBNAIL_SIDE = 160
"""Pixels on a thumbnail's longer side."""


@dataclass(frozen=True, slots=True)
class ModelId:
    """Which network gave a result: name and version from its card, SHA-256 of its file (hex).

    `card_sha256` (hex) tells cards of the same network apart, which may be calibrated differently; empty for results
    from before it was kept. Two models are equal without it.
    """

    name: str
    version: str
    sha256: str
    card_sha256: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True, slots=True)
class Consistency:
    """The lowest and the highest probability of melanoma, 0..1, over an image and its turned and cropped copies.

    `consistent`: they lie close together, and all on one side of the threshold (see
    `app.core.model.test_time_augmentation`). `other_cancer`: the lowest and the highest probability of the other skin
    cancers; `None` where the model has none, or they were not kept.
    """

    lowest: float
    highest: float
    consistent: bool
    other_cancer: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """A calibrated probability of melanoma beside the threshold that it is held against.

    Both lie in 0..1. At the threshold or above it melanoma is suspected. `consistency` is `None` where the copies were
    not looked at. `other_cancer_probability` is that of the other skin cancers together, of one set with melanoma's
    that adds up to 1, and `other_cancer_threshold` what it is held against; `None` where the model has none.

    `borderline` says that the image lies below its thresholds and a turned or cropped copy of it does not, as far as it
    lies near enough to them that its copies count; `None` where the model has no limit for that, or it is not known.
    `diagnoses` are the model's names of diagnoses with calibrated probabilities, the most probable first, which add up
    to 1 with melanoma's among them; empty where the model has none that hold, or they were not kept.
    """

    melanoma_probability: float
    threshold: float
    consistency: Consistency | None = None
    other_cancer_probability: float | None = None
    other_cancer_threshold: float | None = None
    borderline: bool | None = None
    diagnoses: tuple[tuple[str, float], ...] = ()

    @property
    def melanoma_suspected(self) -> bool:
        return self.melanoma_probability >= self.threshold

    @property
    def other_cancer_suspected(self) -> bool:
        """Whether there is a probability of other cancers with a threshold, and it lies at it or above."""
        probability, threshold = self.other_cancer_probability, self.other_cancer_threshold
        return probability is not None and threshold is not None and probability >= threshold

    @property
    def is_near_threshold(self) -> bool:
        """Whether a turned or cropped copy of the image falls on the other side of the threshold."""
        consistency = self.consistency
        return consistency is not None and consistency.lowest < self.threshold <= consistency.highest

    @property
    def label(self) -> str:
        """The predicted class, one of `CLASSES`."""
        return CLASSES[MELANOMA if self.melanoma_suspected else 1 - MELANOMA]

    @property
    def confidence(self) -> float:
        """The probability of the predicted class, 0..1."""
        return self.melanoma_probability if self.melanoma_suspected else 1.0 - self.melanoma_probability


@dataclass(frozen=True, slots=True)
class Explanation:
    """What moved the network in one image.

    `saliency_map` has the shape (rows, columns) and lies on `area` of the image: how far the logit of melanoma against
    the rest falls when a place is covered; above 0 speaks for melanoma.
    """

    saliency_map: NDArray[np.float32]
    area: Box = WHOLE


class Rejection(StrEnum):
    """Why a decoded image is rejected."""

    QUALITY = "quality"
    OUT_OF_DISTRIBUTION = "unfamiliar"
    NOT_DERMOSCOPY = "not-dermoscopy"

    @property
    def is_of_content(self) -> bool:
        """Whether it is for what the image shows, so that the network has a number, which may be asked for."""
        return self is not Rejection.QUALITY


@dataclass(frozen=True, slots=True)
class Screening:
    """The result of screening one file: a prediction or an error, never both.

    `sha256` is that of the file's bytes (hex), `None` where they could not be read. `thumbnail` is a
    small upright JPEG, empty for a file that could not be read. `screened_at` is the time of the result, in UTC.
    `record` is what the file itself says of the patient (DICOM), and `captured_at` when the image was made, by the
    camera's clock and without a zone (EXIF, DICOM).

    The error and the warnings are `Message`s where they were just computed, and their English text as the history
    gives them back.

    `refusal` says that the error is the program's refusal to judge an image, not a file that can't be read. `forced`
    says that the image is refused, and the prediction a number that somebody asked for nevertheless: it is no answer.
    `ood_distance` is how far the image is from those of the training, in units of the limit, and
    `dermoscopy_probability`, 0..1, how probably it was taken through a dermatoscope; `None` where the model does not
    tell. `embedding` is what `app.core.model.out_of_distribution` compares cases by, as float16.
    """

    path: Path
    model: ModelId
    screened_at: dt.datetime
    sha256: str | None = None
    prediction: Prediction | None = None
    error: str | None = None
    refusal: Rejection | None = None
    forced: bool = False
    ood_distance: float | None = None
    dermoscopy_probability: float | None = None
    warnings: tuple[str, ...] = ()
    thumbnail: bytes = b""
    record: ClinicalRecord = EMPTY_RECORD
    captured_at: dt.datetime | None = None
    embedding: bytes = b""

    def __post_init__(self) -> None:
        if (self.prediction is None) == (self.error is None):
            raise ValueError("a screening has either a prediction or an error")
        if self.forced and self.prediction is None:
            raise ValueError("a number that was asked for is a prediction")

    @property
    def is_out_of_distribution(self) -> bool:
        """Whether the image is unlike the training images."""
        return self.ood_distance is not None and self.ood_distance > 1

    @property
    def is_answer(self) -> bool:
        """Whether there is a prediction, and it counts as a result."""
        return self.answered is not None

    @property
    def answered(self) -> Prediction | None:
        """The prediction, where it counts as a result."""
        return None if self.forced else self.prediction

    @property
    def shown_at(self) -> dt.datetime:
        """Time of the image by the camera's clock, or of the result in local time where that is unknown;
        without a zone."""
        return self.captured_at or times.local(self.screened_at).replace(tzinfo=None)

    @property
    def status(self) -> str:
        """As it stands in tables: `ok`, `refused` (it can be read, but not judged), `failed`, or `unfamiliar`.

        The last has a number that was asked for although the image is refused, and no answer.
        """
        if self.error is None:
            return "unfamiliar" if self.forced else "ok"
        return "failed" if self.refusal is None else "refused"
