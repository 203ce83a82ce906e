"""Sizes that packed pixels state themselves, in JPEG 2000 and JPEG-LS: they count more than those of what is around."""

from __future__ import annotations

from typing import Final

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message

JPEG_2000: Final = b"\xff\x4f\xff\x51"
"""SOC and SIZ (ISO/IEC 15444-1, A.4.1 and A.5.1)."""
JPEG_START: Final = b"\xff\xd8"
JP2: Final = b"\0\0\0\x0cjP  "
"""The first box of the file format around a JPEG 2000 (I.5.1)."""
FRAME_OF_JPEG_LS: Final = b"\xff\xf7"
"""SOF 55 (ISO/IEC 14495-1, C.2.2)."""
_HEAD: Final = 1 << 16
"""Bytes in which the size stands; a JP2's boxes or notes may be before it."""


def stated_size(stream: bytes) -> tuple[int, int] | None:
    """(width, height) in pixels; `None` for another kind of stream, or one that does not say."""
    head = stream[:_HEAD]
    at = head.find(JPEG_2000)
    if at >= 0 and len(head) >= at + 24:
        right, bottom, left, top = (int.from_bytes(head[start : start + 4]) for start in range(at + 8, at + 24, 4))
        return right - left, bottom - top
    at = head.find(FRAME_OF_JPEG_LS)
    if head.startswith(JPEG_START) and at >= 0 and len(head) >= at + 9:
        return int.from_bytes(head[at + 7 : at + 9]), int.from_bytes(head[at + 5 : at + 7])
    return None


def without_boxes(stream: bytes) -> bytes:
    """The codestream of a JPEG 2000 alone, as DICOM has it (PS3.5, A.4.4), of one in a JP2's boxes.

    Raises `ImageError` where there is none. pydicom would look for it without an end in boxes that are damaged.
    """
    at = stream.find(JPEG_2000)
    if at < 0:
        raise ImageError(ImageProblem.DAMAGED, Message("image-header-damaged"))
    return stream[at:]
