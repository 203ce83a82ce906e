"""Screening of one image: file -> content -> decoded image -> quality -> network -> `Screening`."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain import times
from app.core.domain.clinical import EMPTY_RECORD, ClinicalRecord
from app.core.domain.errors import BundleError, ImageError
from app.core.domain.geometry import WHOLE, Box
from app.core.domain.messages import Message
from app.core.domain.results import THUMBNAIL_SIDE, Explanation, ModelId, Rejection, Screening
from app.core.imaging import preprocess
from app.core.imaging.decode import decode
from app.core.imaging.read import read_bytes
from app.core.model.card import Card
from app.core.model.classifier import Classifier, ModelOutput
from app.core.model.operating_point import OperatingPoint
from app.core.quality.artifacts import WARNINGS, find_artifacts
from app.core.quality.assessment import assess
from app.core.quality.findings import Finding, findings_of
from app.core.quality.measures import measure
from app.core.system.log import Event, Plain

_log = logging.getLogger(__name__)

REASONS = {
    Rejection.OUT_OF_DISTRIBUTION: Message("out-of-distribution"),
    Rejection.NOT_DERMOSCOPY: Message("not-dermoscopy"),
}
"""What an image that is rejected for its content gets in place of a result."""
FORCED_WARNINGS = {
    Rejection.OUT_OF_DISTRIBUTION: Message("out-of-distribution-forced"),
    Rejection.NOT_DERMOSCOPY: Message("not-dermoscopy-forced"),
}
"""The warning beside the number of such an image."""
UNLIKE_TRAINING_WARNING = Message("unlike-training")
INCONSISTENT_WARNING = Message("inconsistent")


def screen_file(
    path: Path, classifier: Classifier, *, consistency: bool = False, force_prediction: bool = False
) -> Screening:
    """Screen a file. One that can't be read or decoded is a result too, with the reason; nothing is raised.

    The keywords are those of `classify_prepared`.
    """
    loaded = load(path, classifier.model_id)
    if isinstance(loaded, Screening):
        _log.info(Event.IMAGE_UNREADABLE, loaded.error)
        return loaded
    return screen_loaded(loaded, classifier, consistency=consistency, force_prediction=force_prediction)


def screen_content(
    data: bytes, path: Path, classifier: Classifier, *, consistency: bool = False, force_prediction: bool = False
) -> Screening:
    """Screen a file's content; `path` is the name that the result goes by. See `screen_file`."""
    loaded = Loaded.of(data, path)
    return screen_loaded(loaded, classifier, consistency=consistency, force_prediction=force_prediction)


def screen_loaded(
    loaded: Loaded, classifier: Classifier, *, consistency: bool = False, force_prediction: bool = False
) -> Screening:
    """Screen what `load` gave, and log how long each step took. See `screen_file`."""
    prepared = prepare(loaded, classifier)
    began = time.perf_counter()
    (screening,) = classify_prepared([prepared], classifier, consistency=consistency, force_prediction=force_prediction)
    network = time.perf_counter() - began
    _log.info(
        Event.IMAGE,
        len(loaded.content),
        *prepared.size,
        screening.error or Plain(screening.status),
        *(loaded.seconds, prepared.decode_seconds, prepared.check_seconds, network),
    )
    return screening


@dataclass(frozen=True)
class Loaded:
    """The content of an image file, under the name `path`, and its SHA-256 (hex); reading it took `seconds`."""

    path: Path
    content: bytes
    sha256: str
    seconds: float = 0.0

    @classmethod
    def of(cls, content: bytes, path: Path, *, seconds: float = 0.0) -> Loaded:
        return cls(path, content, hashlib.sha256(content).hexdigest(), seconds)


def load(path: Path, model: ModelId) -> Loaded | Screening:
    """Read a file; one that can't be read gives its result by `model`, with the reason. Nothing is raised."""
    began = time.perf_counter()
    try:
        content = read_bytes(path)
        return Loaded.of(content, path, seconds=time.perf_counter() - began)
    except ImageError as error:
        return Screening(path, model, times.now(), error=error.message)


@dataclass(frozen=True)
class Prepared:
    """A file's content, decoded: what the network takes of it, and what else its result will say.

    `picture` is `None` for a file that can't be looked at, or is refused; `error` then says why. Without its
    border it is what lies on `area` of the upright image. `warnings` are on the image, `covered_by` those on what
    lies over its lesion, which mean nothing where there is none. `size` is (width, height) of the upright image as
    stored. Decoding took `decode_seconds`, all else `check_seconds`.
    """

    path: Path
    sha256: str
    picture: NDArray[np.uint8] | None = None
    area: Box = WHOLE
    thumbnail: bytes = b""
    warnings: tuple[Message, ...] = ()
    covered_by: tuple[Message, ...] = ()
    record: ClinicalRecord = EMPTY_RECORD
    captured_at: dt.datetime | None = None
    error: Message | None = None
    refusal: Rejection | None = None
    size: tuple[int, int] = (0, 0)
    decode_seconds: float = 0.0
    check_seconds: float = 0.0


def explain(data: bytes, path: Path, classifier: Classifier) -> Explanation | None:
    """What moves the network in a file's content, whatever comes of it; `None` where it can't be judged at all."""
    prepared = prepare(Loaded.of(data, path), classifier)
    if prepared.picture is None:
        return None
    return Explanation(classifier.explain(prepared.picture), prepared.area)


def findings(data: bytes) -> tuple[Finding, ...]:
    """What was measured in a file's content, to say why it is refused for its quality. Raises `ImageError`."""
    return findings_of(measure(preprocess.prepare(decode(data).rgb).standard))


def prepare(loaded: Loaded, classifier: Classifier) -> Prepared:
    """Decode and check an image for `classify_prepared`. Nothing is raised: the result says why it can't be judged."""
    began = time.perf_counter()
    try:
        picture = decode(loaded.content)
        decoded = time.perf_counter()
        image = preprocess.prepare(picture.rgb)
        quality = assess(image.standard, full_size=picture.full_size, frame=image.area)
        refused = bool(quality.refusal)
        return Prepared(
            loaded.path,
            loaded.sha256,
            None if refused else classifier.network_input(image.standard),
            image.area,
            _thumbnail(picture.rgb),
            picture.warnings + quality.warnings,
            () if refused else _artifact_warnings(image.standard),
            picture.record,
            picture.captured_at,
            error=quality.refusal,
            refusal=Rejection.QUALITY if refused else None,
            size=picture.full_size,
            decode_seconds=decoded - began,
            check_seconds=time.perf_counter() - decoded,  # last: the arguments before it are computed first
        )
    except ImageError as error:
        reason = error.message
    except MemoryError:
        reason = Message("image-out-of-memory-judging")
    return Prepared(loaded.path, loaded.sha256, error=reason, decode_seconds=time.perf_counter() - began)


def classify_prepared(
    prepared: Sequence[Prepared], classifier: Classifier, *, consistency: bool = False, force_prediction: bool = False
) -> list[Screening]:
    """Ask the network about all that could be decoded, together; a result for each, in order. Nothing is raised.

    With `consistency` it is also asked about turned and cropped copies of every image, which takes three times as long;
    without, of those just below a threshold only. With `force_prediction` there is a number even for what is rejected
    for its content, and the result says so.
    """
    pictures = [one.picture for one in prepared if one.picture is not None]
    try:
        given = iter(classifier.answer(pictures, consistency=consistency))
    except BundleError as error:
        given = iter([error] * len(pictures))
    return [
        _screening(one, None if one.picture is None else next(given), classifier, force_prediction) for one in prepared
    ]


def without_consistency(screening: Screening, point: OperatingPoint) -> Screening:
    """The same result as if its copies had been looked at only where it lies just below a threshold."""
    prediction = screening.prediction
    if prediction is None or prediction.consistency is None:
        return screening
    if point.is_near(prediction.melanoma_probability, prediction.other_cancer_probability):
        return screening
    warnings = tuple(warning for warning in screening.warnings if warning != INCONSISTENT_WARNING)
    return replace(screening, prediction=replace(prediction, consistency=None), warnings=warnings)


def _screening(
    one: Prepared, answer: ModelOutput | BundleError | None, classifier: Classifier, force_prediction: bool
) -> Screening:
    error = answer.message if isinstance(answer, BundleError) else one.error
    without = Screening(
        one.path,
        classifier.model_id,
        times.now(),
        sha256=one.sha256,
        error=error or "",
        refusal=one.refusal,
        warnings=one.warnings,
        thumbnail=one.thumbnail,
        record=one.record,
        captured_at=one.captured_at,
    )
    if not isinstance(answer, ModelOutput):
        return without
    without = replace(without, ood_distance=answer.ood_distance, dermoscopy_probability=answer.dermoscopy_probability)
    rejection = _rejection(without, classifier.card)
    if rejection is not None and not force_prediction:
        return replace(without, error=REASONS[rejection], refusal=rejection)
    if rejection is not None:
        warnings = [FORCED_WARNINGS[rejection], *one.warnings]
    elif without.is_out_of_distribution:
        warnings = [UNLIKE_TRAINING_WARNING, *one.warnings, *one.covered_by]
    else:
        warnings = [*one.warnings, *one.covered_by]
    if answer.prediction.is_near_threshold and not answer.prediction.borderline:
        warnings.append(INCONSISTENT_WARNING)
    return replace(
        without,
        error=None,
        prediction=answer.prediction,
        forced=rejection is not None,
        warnings=tuple(warnings),
        embedding=answer.case,
    )


def _rejection(looked_at: Screening, card: Card) -> Rejection | None:
    """Why an image is rejected for its content: by the gate, or by its distance where the model has no gate."""
    if card.gate is not None and looked_at.dermoscopy_probability is not None:
        return Rejection.NOT_DERMOSCOPY if looked_at.dermoscopy_probability < card.gate.limit else None
    return Rejection.OUT_OF_DISTRIBUTION if looked_at.is_out_of_distribution else None


def _artifact_warnings(standard: NDArray[np.uint8]) -> tuple[Message, ...]:
    return tuple(WARNINGS[artifact] for artifact in find_artifacts(standard))


def _thumbnail(rgb: NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(rgb)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BOX)  # in half the default's time
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()
