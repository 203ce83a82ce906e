"""Decodes a file's content to an upright sRGB image."""

from __future__ import annotations

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message
from app.core.imaging.formats import dicom, pillow
from app.core.imaging.formats.picture import DecodedImage

SCREENING_SIDE = 768
"""Pixels that a JPEG's shorter side keeps at least when it is decoded for the network: three times its 256.

Measured over full-size photographs, twice was too little: the probability moved by up to 0.02."""


def is_picture(head: bytes) -> bool:
    """Whether a file's first 132 bytes are those of a picture that may be read."""
    return dicom.is_dicom(head) or pillow.is_known(head)


def decode(data: bytes, *, at_least: int = SCREENING_SIDE) -> DecodedImage:
    """Decode a file's content to sRGB, upright, alpha laid over black, as around a field of view.

    A JPEG whose shorter side is at least twice `at_least` pixels is decoded at 1/2, 1/4 or 1/8, so that
    `at_least` pixels remain; other formats are decoded in full. Raises `ImageError`, nothing else.
    """
    try:
        if dicom.is_dicom(data[:132]):
            return dicom.decode(data)
        return pillow.decode(data, at_least=at_least)
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(ImageProblem.TOO_LARGE, Message("image-out-of-memory")) from error
    except Exception as error:
        raise ImageError(ImageProblem.DAMAGED, Message("image-damaged")) from error
