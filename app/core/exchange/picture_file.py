"""A case's picture in forms that other programs read: its JPEG stream untouched, or its pixels without loss."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.imaging.decode import decode
from app.core.imaging.formats import dicom, jpeg

BASELINE, EXTENDED = 0xC0, 0xC1
"""The kinds of JPEG that DICOM takes as they are (PS3.5, 8.2.1)."""
JPEG_HEAD = b"\xff\xd8\xff"
ORIENTATION = 0x0112
"""EXIF's number of the camera's orientation; 1 is upright."""
WHOLE = 1 << 16
"""More pixels than any side has: nothing is decoded at a reduced scale."""


@dataclass(frozen=True)
class Stream:
    """A JPEG that stays as it is: its size in pixels, its ICC profile, empty for none.

    `photometric` says in DICOM's words how its colours are stored (PS3.3, C.7.6.3.1.2), `is_baseline` that it is
    baseline JPEG and not extended.
    """

    content: bytes
    width: int
    height: int
    photometric: str
    is_baseline: bool
    profile: bytes


def stream_of(content: bytes) -> Stream | None:
    """The JPEG in a file, a DICOM's too, where it can be taken over as it is.

    `None` for other formats, for a JPEG that DICOM does not take (progressive, CMYK) and for one that its camera has
    stored on its side.
    """
    packed = dicom.packed_jpeg(content) if dicom.is_dicom(content[:132]) else content
    if packed is None or not packed.startswith(JPEG_HEAD):
        return None
    frame = next((marker for marker, _, _ in jpeg.segments(packed) if marker in jpeg.FRAMES), None)
    try:
        with Image.open(io.BytesIO(packed), formats=("JPEG",)) as opened:
            is_upright = opened.getexif().get(ORIENTATION, 1) == 1
            profile = opened.info.get("icc_profile") or b""
    except (OSError, ValueError, SyntaxError):  # what is wrong with it is said where it is decoded
        return None
    photometric = _photometric(packed)
    if frame not in (BASELINE, EXTENDED) or not is_upright or photometric is None:
        return None
    return Stream(packed, *opened.size, photometric, frame == BASELINE, profile)


def _photometric(data: bytes) -> str | None:
    """How a JPEG stores its colours; `None` for CMYK and rare ways of subsampling."""
    import simplejpeg  # here, not above: it would slow down every start

    try:
        _, _, space, subsampling = simplejpeg.decode_jpeg_header(data)
    except ValueError:
        return None
    if space == "YCbCr":
        return "YBR_FULL" if subsampling == "444" else "YBR_FULL_422"
    return {"RGB": "RGB", "Gray": "MONOCHROME2"}.get(space)


def pixels_of(content: bytes) -> NDArray[np.uint8]:
    """All of a picture's pixels, upright, sRGB, (height, width, 3). Raises `ImageError`."""
    return decode(content, at_least=WHOLE).rgb


def without_notes(content: bytes) -> tuple[bytes, str]:
    """The picture without what its camera wrote beside it (EXIF, comments, DICOM), and the file's ending.

    A JPEG keeps its stream and its colour profile; another picture, or a JPEG stored on its side, becomes a PNG of the
    same pixels. Raises `ImageError`.
    """
    stream = stream_of(content)
    if stream is None:
        return png_of(pixels_of(content)), ".png"
    return _without_segments(stream.content), ".jpg"


def png_of(pixels: NDArray[np.uint8]) -> bytes:
    """An image, (height, width, 3), as a PNG."""
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()


def _without_segments(data: bytes) -> bytes:
    """The JPEG with its samples, its tables and its colour profile, and nothing else, behind it neither."""
    kept = bytearray(data[:2])
    end = 2
    for marker, start, end in jpeg.segments(data):
        if not jpeg.is_note(marker) or marker in jpeg.FOR_COLOURS or data[start:end].startswith(jpeg.ICC):
            kept += data[start - 4 : end]
        if marker == jpeg.SCAN:
            samples_end = jpeg.AFTER_SCAN.search(data, end)
            kept += data[end : samples_end.start() if samples_end else len(data)]
    return bytes(kept) + jpeg.END_MARK
