"""What is looked at in a HEIC before libheif decodes it: its kind, whether it is whole, its colours."""

from __future__ import annotations

from typing import Any

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message
from app.core.imaging.formats.spaces import RgbSpace, of_code_points

BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
AV1 = frozenset((b"avif", b"avis"))
UNSPECIFIED = 2


def is_heif(data: bytes) -> bool:
    return data[4:8] == b"ftyp" and data[8:12] in BRANDS | AV1


def check(data: bytes) -> None:
    """Raises `ImageError` for an AVIF, whatever its name, and for a file that is cut short (ISO/IEC 14496-12, 4.2)."""
    size = int.from_bytes(data[:4])
    brands = {data[at : at + 4] for at in (8, *range(16, min(size, 256), 4))}
    if brands & AV1 and not brands & {b"heic", b"heix", b"hevc", b"hevx"}:
        raise ImageError(ImageProblem.UNSUPPORTED, Message("image-avif"))
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if size == 1:  # a larger size follows the name
            size = int.from_bytes(data[at + 8 : at + 16])
        if size == 0:  # up to the file's end
            return
        at += max(8, size)
    if at > len(data):
        raise ImageError(ImageProblem.DAMAGED, Message("heic-cut-short"))


def space_of(info: dict[Any, Any], warnings: list[Message]) -> RgbSpace | None:
    """The colours that nclx states; `None` for those of sRGB, or where a profile states them. Raises `ImageError` for
    HDR."""
    stated = info.get("nclx_profile")
    if info.get("icc_profile") or not stated:
        return None
    primaries, transfer = stated["color_primaries"], stated["transfer_characteristics"]
    return None if UNSPECIFIED in (primaries, transfer) else of_code_points(primaries, transfer, warnings)
