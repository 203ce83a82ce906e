"""One image's way, whoever asks: file -> picture -> prediction -> `Screening`."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.classifier import Classifier
from app.core.imaging import decode, read_bytes
from app.core.types import BundleError, ImageError, Screening

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
    try:
        picture = decode(data)
        return Screening(
            path,
            classifier.model_id,
            _now(),
            sha256=sha256,
            prediction=classifier.predict(picture.rgb),
            warnings=picture.warnings,
            thumbnail=_thumbnail(picture.rgb),
            record=picture.record,
        )
    except (ImageError, BundleError) as error:
        reason = str(error)
    except MemoryError:
        reason = "There is not enough memory to look at the image."
    return Screening(path, classifier.model_id, _now(), sha256=sha256, error=reason)


def _thumbnail(rgb: NDArray[np.uint8]) -> bytes:
    image = Image.fromarray(rgb)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BOX)  # in half the default's time
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _now() -> dt.datetime:
    return dt.datetime.now().astimezone()
