"""The chunks of a PNG: their checksums, and what they say of its colours (W3C, Portable Network Graphics, 3rd ed.)."""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message
from app.core.imaging.formats.spaces import SRGB, RgbSpace, of_code_points, power

SIGNATURE = b"\x89PNG\r\n\x1a\n"
NOTES = frozenset((b"tEXt", b"zTXt", b"iTXt", b"tIME"))
"""Chunks that say nothing of the picture; Pillow refuses long ones."""
OURS = frozenset((b"cICP", b"sRGB", b"gAMA", b"cHRM"))
"""Chunks on colours that `space_of` reads in the decoder's place."""
COLOURS = OURS | {b"iCCP"}
PICTURE = frozenset((b"tRNS", b"fcTL", b"fdAT", b"acTL"))
"""Chunks that a decoder may pass over by their name, and that change the picture."""


def checked(data: bytes, warnings: list[Message]) -> tuple[bytes, dict[bytes, bytes]]:
    """The PNG without notes and damaged chunks that the picture does without, and what its chunks say of its colours.

    Raises `ImageError` where a checksum of the picture's own chunks does not agree.
    """
    kept, colours, is_changed = [SIGNATURE], {}, False
    for name, start, end in _chunks(data):
        is_sound = zlib.crc32(data[start + 4 : end - 4]) == int.from_bytes(data[end - 4 : end])
        if not is_sound and (name in PICTURE or not name[0] & 0x20):  # of a critical chunk the first letter is large
            raise ImageError(ImageProblem.DAMAGED, Message("png-damaged"))
        if not is_sound and name in COLOURS:
            warnings.append(Message("profile-incomplete"))
        if is_sound and name in COLOURS:
            colours[name] = data[start + 8 : end - 4]
        if is_sound and name not in NOTES and name not in OURS:
            kept.append(data[start:end])
        else:
            is_changed = True
    return (b"".join(kept) if is_changed else data), colours


def space_of(colours: dict[bytes, bytes], warnings: list[Message]) -> RgbSpace | None:
    """The colours that chunks state besides a profile; `None` for those of sRGB, or where a profile states them.

    cICP comes before a profile, that before sRGB, that before gAMA and cHRM (4.3). Raises `ImageError` for HDR.
    """
    if b"cICP" in colours:
        return of_code_points(colours[b"cICP"][0], colours[b"cICP"][1], warnings)
    if b"iCCP" in colours or b"sRGB" in colours:
        return None
    space = SRGB
    with contextlib.suppress(struct.error, ValueError, ZeroDivisionError, np.linalg.LinAlgError):
        if b"cHRM" in colours:
            space = _of_chromaticities(colours[b"cHRM"])
        if b"gAMA" in colours:
            (gamma,) = struct.unpack(">I", colours[b"gAMA"])
            if not 0.43 <= gamma / 1e5 <= 0.48:  # about 1/2.2, as programs write for sRGB
                space = replace(space, curve=power(1e5 / gamma))
        return None if space == SRGB else space
    warnings.append(Message("colours-unknown"))
    return None


def _of_chromaticities(content: bytes) -> RgbSpace:
    x = [number / 1e5 for number in struct.unpack(">8I", content)]
    stated = RgbSpace((x[2], x[3]), (x[4], x[5]), (x[6], x[7]), (x[0], x[1]))
    if not np.isfinite(np.linalg.inv(stated.to_xyz())).all():
        raise ValueError("no colours")
    usual = (*SRGB.white, *SRGB.red, *SRGB.green, *SRGB.blue)
    return SRGB if np.allclose(x, usual, atol=0.003) else stated


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, begin and end of each chunk that is there whole; what is cut short at the end the decoder tells."""
    at = len(SIGNATURE)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if end > len(data):
            break
        name = data[at + 4 : at + 8]
        yield name, at, end
        if name == b"IEND":
            return
        at = end
    if at < len(data):
        raise ImageError(ImageProblem.DAMAGED, Message("png-damaged"))
