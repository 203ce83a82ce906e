"""JPEG by libjpeg-turbo, strictly: what the library repairs and only warns of is damage."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message
from app.core.imaging.formats.seams import BLOCK, has_colour_seam, has_seam

# ISO/IEC 10918-1, table B.1: the second byte of a marker.
END, SCAN = 0xD9, 0xDA
DIFFERENTIAL = frozenset((0xC5, 0xC6, 0xC7))
ARITHMETIC = frozenset(range(0xC9, 0xD0)) - {0xCC}
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
PROGRESSIVE = 0xC2
FOR_COLOURS = frozenset((0xE0, 0xEE))
"""Of the application segments, JFIF's and Adobe's, which say how the samples are coded."""
SINGLE_ROWS = frozenset(("444", "422", "411", "Gray"))
"""Ways of subsampling colours with one row of blocks at a time; others have two."""
AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
"""What ends the packed samples of a scan: a marker that is no restart."""
MOST_JUNK = 65_536
"""Bytes before the picture within which its start is looked for."""
ICC = b"ICC_PROFILE\0"
COMMENT, END_MARK = 0xFE, b"\xff\xd9"


class NotCheckedError(Exception):
    """A JPEG that has to be decoded without being told of its damage."""


def without_junk(data: bytes) -> bytes | None:
    """The JPEG in a file that has the head of a mail, or another program's, before it; `None` where there is none.

    It must reach to the file's end: one in the middle is the preview of something else, such as a camera's raw file.
    """
    start = data.find(b"\xff\xd8\xff", 0, MOST_JUNK)
    return data[start:] if start >= 0 and data.rstrip(b"\0\r\n").endswith(b"\xff\xd9") else None


def decode(data: bytes, warnings: list[Message], *, at_least: int) -> NDArray[np.uint8]:
    """The samples of a JPEG, as stored: RGB or CMYK (height, width, 3 or 4), or grey (height, width), 0..255.

    At 1/2, 1/4 or 1/8 of its size, as far as the shorter side keeps `at_least` pixels. An end mark that is missing is
    put behind it. `warnings` gets what may be wrong with its colours. Raises `ImageError` for what is damaged or cut
    short, and `NotCheckedError` for a rare way of subsampling colours that the library does not know.
    """
    import simplejpeg  # here, not above: it would slow down every start

    if _lacks_profile(data):
        warnings.append(Message("profile-incomplete"))
    plain = samples_alone(data)
    if not plain.endswith(END_MARK):
        plain += END_MARK
    try:
        height, width, space, subsampling = simplejpeg.decode_jpeg_header(plain)
        scale = next(scale for scale in (8, 4, 2, 1) if scale == 1 or min(width, height) >= scale * at_least)
        samples = simplejpeg.decode_jpeg(
            plain,
            colorspace={"Gray": "GRAY", "CMYK": "CMYK", "YCCK": "CMYK"}.get(space, "RGB"),
            min_height=-(-height // scale),
            min_width=-(-width // scale),
        )
    except ValueError as error:
        if "subsampling" in str(error):
            raise NotCheckedError from error
        raise ImageError(ImageProblem.DAMAGED, Message("jpeg-damaged")) from error
    rows = (BLOCK if subsampling in SINGLE_ROWS else 2 * BLOCK) // scale
    if has_seam(samples, every=rows) or (rows > BLOCK // scale and has_colour_seam(samples, every=rows)):
        warnings.append(Message("image-seam"))
    return samples[:, :, 0] if samples.shape[2] == 1 else samples


def _lacks_profile(data: bytes) -> bool:
    """Whether segments of a colour profile are missing, of which others are there (ICC.1:2022, B.4)."""
    pieces = []
    for marker, at, end in segments(data):
        if marker == SCAN:
            break
        if data[at:end].startswith(ICC):
            pieces.append(data[at + len(ICC) : at + len(ICC) + 2])
    return bool(pieces) and {piece[0] for piece in pieces} != set(range(1, pieces[0][1] + 1))


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Each marker of a JPEG up to the end, with where its segment's content begins and ends."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == END:
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4])
        yield marker, at + 4, end
        at = end
        if marker == SCAN:
            found = AFTER_SCAN.search(data, end)
            if found is None:
                return
            at = found.end() - 2


def is_note(marker: int) -> bool:
    """Whether a segment is an application's or a comment."""
    return 0xE0 <= marker <= 0xEF or marker == COMMENT


def check_kind(data: bytes) -> None:
    """Raises `ImageError` for kinds without a decoder, and for a progressive JPEG of which scans are missing."""
    left: dict[int, set[int]] = {}  # of a progressive one: the coefficients that no scan has brought, by component
    for marker, at, end in segments(data):
        content = data[at:end]
        if marker in FRAMES:
            _refuse_kind(marker, bits=content[0] if content else 8)
            if marker != PROGRESSIVE:  # whose scans need not be looked for
                return
            left = {content[6 + 3 * index]: set(range(64)) for index in range(content[5] if len(content) > 5 else 0)}
        elif marker == SCAN and left and len(content) >= 6:
            count = content[0]
            first, last, bits = content[1 + 2 * count : 4 + 2 * count]
            if not bits & 15:  # down to the lowest bit
                for index in range(count):
                    left.get(content[1 + 2 * index], set()).difference_update(range(first, last + 1))
    if any(left.values()):
        raise ImageError(ImageProblem.DAMAGED, Message("jpeg-incomplete"))


def _refuse_kind(marker: int, *, bits: int) -> None:
    if marker in DIFFERENTIAL:
        raise ImageError(ImageProblem.UNSUPPORTED, Message("jpeg-hierarchical"))
    if marker in ARITHMETIC:
        raise ImageError(ImageProblem.UNSUPPORTED, Message("jpeg-arithmetic"))
    if bits != 8:
        raise ImageError(ImageProblem.UNSUPPORTED, Message("jpeg-bits", bits=bits))


def samples_alone(data: bytes) -> bytes:
    """The JPEG without what has no part in its samples: profiles, EXIF, comments, whose damage is told elsewhere."""
    kept = bytearray(data[:2])
    end = 2
    for marker, start, end in segments(data):
        if marker == SCAN:
            return bytes(kept) + data[start - 4 :]
        if not is_note(marker) or marker in FOR_COLOURS:
            kept += data[start - 4 : end]
    return bytes(kept) + data[end:]
