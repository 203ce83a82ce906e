"""A decoded image, and the limits on its size."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain.clinical import EMPTY_RECORD, ClinicalRecord
from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message

MIN_SIDE = 64
"""Pixels; an image with a smaller side shows no structure to judge."""
MAX_PIXELS = 50_000_000
"""Of the image as stored, so that no file takes more than 1 GiB or, on a slow core, some seconds."""
MAX_JPEG_PIXELS = 110_000_000
"""The same of a JPEG, which is decoded at a reduced scale: the largest cameras in use give 108 million."""
# The limit on pixels is ours (MAX_PIXELS, looked at before decoding); Pillow's own only warns.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class DecodedImage:
    """A decoded image: sRGB, upright. `rgb` has the shape (height, width, 3), values 0..255.

    `full_size` is (width, height) of the upright image as stored, which `rgb` may hold at a reduced
    scale. `warnings` say what could not be taken into account. `record` is what the file says of the
    patient (DICOM), `captured_at` when the image was made (EXIF, DICOM), without a zone. `field_width` is the
    image's width in mm, where the file says it (DICOM).
    """

    rgb: NDArray[np.uint8]
    full_size: tuple[int, int]
    warnings: tuple[Message, ...] = ()
    record: ClinicalRecord = EMPTY_RECORD
    captured_at: dt.datetime | None = None
    field_width: float | None = None


def check_size(width: int, height: int, *, is_jpeg: bool = False) -> None:
    """Raises `ImageError` for an image as stored that is too small to judge, or too large to decode."""
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            ImageProblem.TOO_SMALL,
            Message("image-too-small", width=width, height=height, least=MIN_SIDE),
        )
    most = MAX_JPEG_PIXELS if is_jpeg else MAX_PIXELS
    if width * height > most:
        raise ImageError(
            ImageProblem.TOO_LARGE,
            Message("image-too-large", width=width, height=height, megapixels=most / 1e6),
        )
