"""One image's way, whoever asks: file -> picture -> prediction -> `Screening`."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.classifier import Classifier
from app.core.clinical import NOTHING_NOTED, ClinicalRecord
from app.core.imaging import decode, read_bytes
from app.core.types import BundleError, ImageError, Prediction, Screening

THUMBNAIL_SIDE = 160
"""Pixels on a thumbnail's longer side."""


def screen_file(path: Path, classifier: Classifier) -> Screening:
    """Look at a file. One that can't be looked at is a result too, with the reason; nothing is raised."""
    try:
        data = read_bytes(path)
    except ImageError as error:
        return failed_screening(path, classifier, error)
    return screen_bytes(data, path, classifier)


def failed_screening(path: Path, classifier: Classifier, error: ImageError) -> Screening:
    """The result for a file whose content can't be had."""
    return Screening(path, classifier.model_id, _now(), error=str(error))


def screen_bytes(data: bytes, path: Path, classifier: Classifier) -> Screening:
    """Look at a file's content; `path` is the name that the result goes by. See `screen_file`."""
    sha256 = hashlib.sha256(data).hexdigest()
    return screen_several([prepare(data, path, classifier, sha256=sha256)], classifier)[0]


@dataclass(frozen=True)
class Prepared:
    """A file's content, decoded: what the network takes of it, and what else its result will say.

    `picture` is `None` for a file that can't be looked at; `error` then says why.
    """

    path: Path
    sha256: str
    picture: NDArray[np.uint8] | None = None
    thumbnail: bytes = b""
    warnings: tuple[str, ...] = ()
    record: ClinicalRecord = NOTHING_NOTED
    pictured_at: dt.datetime | None = None
    error: str = ""


def prepare(data: bytes, path: Path, classifier: Classifier, *, sha256: str) -> Prepared:
    """Decode a file's content for `screen_several`. One that can't be looked at has its reason; nothing is raised.

    `sha256` is the content's, which whoever looks for it in the history has already.
    """
    try:
        picture = decode(data)
        return Prepared(
            path,
            sha256,
            classifier.prepare(picture.rgb),
            _thumbnail(picture.rgb),
            picture.warnings,
            picture.record,
            picture.pictured_at,
        )
    except ImageError as error:
        reason = str(error)
    except MemoryError:
        reason = "There is not enough memory to look at the image."
    return Prepared(path, sha256, error=reason)


def screen_several(prepared: Sequence[Prepared], classifier: Classifier) -> list[Screening]:
    """Ask the network about all that could be decoded, together; a result for each, in order. Nothing is raised."""
    pictures = [one.picture for one in prepared if one.picture is not None]
    try:
        given = iter(classifier.predict_prepared(pictures))
    except BundleError as error:
        given = iter([error] * len(pictures))
    return [_screening(one, None if one.picture is None else next(given), classifier) for one in prepared]


def _screening(one: Prepared, given: Prediction | BundleError | None, classifier: Classifier) -> Screening:
    if not isinstance(given, Prediction):
        reason = one.error if given is None else str(given)
        return Screening(one.path, classifier.model_id, _now(), sha256=one.sha256, error=reason)
    return Screening(
        one.path,
        classifier.model_id,
        _now(),
        sha256=one.sha256,
        prediction=given,
        warnings=one.warnings,
        thumbnail=one.thumbnail,
        record=one.record,
        pictured_at=one.pictured_at,
    )


def _thumbnail(rgb: NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(rgb)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BOX)  # in half the default's time
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()
