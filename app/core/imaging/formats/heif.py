"""What is looked at in a HEIC before libheif decodes it: its kind, whether it is whole, its colours."""

from __future__ import annotations

from collections.abc import Iterator
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
    """Raises `ImageError` for an AVIF, whatever its name, for a file that is cut short, and for one whose items have
    names that are no text, at which pi-heif ends the program (ISO/IEC 14496-12, 4.2 and 8.11.6)."""
    size = int.from_bytes(data[:4])
    brands = {data[at : at + 4] for at in (8, *range(16, min(size, 256), 4))}
    if brands & AV1 and not brands & {b"heic", b"heix", b"hevc", b"hevx"}:
        raise ImageError(ImageProblem.UNSUPPORTED, Message("image-avif"))
    for kind, start, end in _boxes(data, 0, len(data)):
        if end > len(data):
            raise ImageError(ImageProblem.DAMAGED, Message("heic-cut-short"))
        if kind == b"meta" and not all(_is_text(name) for name in _names_of_items(data, start + 4, end)):
            raise ImageError(ImageProblem.DAMAGED, Message("image-header-damaged"))


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The kind of each box between two places, and where its content begins and ends, which may be beyond the file."""
    while start + 8 <= end:
        size, head = int.from_bytes(data[start : start + 4]), 8
        if size == 1:  # a larger size follows the name
            size, head = int.from_bytes(data[start + 8 : start + 16]), 16
        if size == 0:  # up to the end
            size = end - start
        yield data[start + 4 : start + 8], start + head, start + max(8, size)
        start += max(8, size)


def _names_of_items(data: bytes, start: int, end: int) -> Iterator[bytes]:
    """The content of each item's entry, without its numbers: a type, a name, a content's type."""
    for kind, at, stop in _boxes(data, start, end):
        if kind == b"iinf":
            count_size = 2 if data[at : at + 1] == b"\0" else 4
            for each, first, last in _boxes(data, at + 4 + count_size, min(stop, end)):
                if each == b"infe":
                    yield data[first + 8 : last]


def _is_text(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def space_of(info: dict[Any, Any], warnings: list[Message]) -> RgbSpace | None:
    """The colours that nclx states; `None` for those of sRGB, or where a profile states them. Raises `ImageError` for
    HDR."""
    stated = info.get("nclx_profile")
    if info.get("icc_profile") or not stated:
        return None
    primaries, transfer = stated["color_primaries"], stated["transfer_characteristics"]
    return None if UNSPECIFIED in (primaries, transfer) else of_code_points(primaries, transfer, warnings)
