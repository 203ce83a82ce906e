"""TIFF by tifffile: which page is the picture, whether it is whole, and its samples where Pillow misreads them."""

from __future__ import annotations

import io
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message
from app.core.imaging.formats import jpeg
from app.core.imaging.formats.picture import check_size
from app.core.imaging.formats.samples import to_uint8
from app.core.imaging.formats.seams import has_seam

# TIFF 6.0 and its technical notes; names as there.
REDUCED, MASK = 1, 4
"""Bits of NewSubfileType: a page that is another's thumbnail, or its transparency."""
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE = range(4)
YCBCR = 6
START, END = b"\xff\xd8", b"\xff\xd9"
AS_RGB = b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0"
"""Adobe's segment, which says that a JPEG's samples are red, green and blue: in a TIFF its tag says so (Note 2)."""
RAW = frozenset((32803, 34892))
"""PhotometricInterpretation of a camera's sensor (DNG 1.7.1, chapter 4)."""
DNG_VERSION = "DNGVersion"
NOT_COMPRESSED, LZW, NEW_JPEG, ADOBE_DEFLATE, PACKED, DEFLATE = 1, 5, 7, 8, 32773, 32946
BY_TIFFFILE = frozenset((NOT_COMPRESSED, ADOBE_DEFLATE, DEFLATE))
BY_PILLOW = frozenset((2, 3, 4, LZW, 6, NEW_JPEG, PACKED, 50001))
"""Fax, LZW, both ways of JPEG, PackBits, WebP."""


def read(data: bytes, warnings: list[Message]) -> tuple[int, Image.Image | None]:
    """The number of the one page that is the picture, and its samples as an image of mode L or RGB; `None` for kinds
    that Pillow reads well. `warnings` gets what may be wrong with its colours.

    Raises `ImageError` for several pictures, for what is none or of a kind that can't be read, for sizes out of bounds,
    and for a strip or tile that is damaged.
    """
    import tifffile  # here, not above: it would slow down every start

    with tifffile.TiffFile(io.BytesIO(data)) as opened:
        pages: list[Any] = [opened.pages[number] for number in range(len(opened.pages))]
        if any(_is_raw(page) for page in pages):
            raise ImageError(ImageProblem.UNSUPPORTED, Message("image-raw"))
        numbers = [number for number, page in enumerate(pages) if not page.subfiletype & (REDUCED | MASK)] or [0]
        if len(numbers) > 1:
            raise ImageError(ImageProblem.SEVERAL_FRAMES, Message("image-several", frames=len(numbers)))
        page = pages[numbers[0]]
        _check_kind(page)
        if page.compression == NEW_JPEG:
            return numbers[0], _of_jpeg(data, page, warnings)
        return numbers[0], _image(page) if page.compression in BY_TIFFFILE else None


def _image(page: Any) -> Image.Image | None:
    try:
        values = page.asarray()
    except (zlib.error, ValueError, OSError) as error:
        raise ImageError(ImageProblem.DAMAGED, Message("tiff-damaged")) from error
    plain = page.samplesperpixel in (1, 3) and page.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE)
    if not plain or values.dtype.kind != "u" or values.dtype.itemsize > 2:
        return None
    if page.planarconfig == 2 and page.samplesperpixel == 3:
        values = np.moveaxis(values, 0, -1)
    return Image.fromarray(_in_8_bits(page, values))


def _in_8_bits(page: Any, values: NDArray[Any]) -> NDArray[np.uint8]:
    if page.photometric == PALETTE:
        colours = page.colormap
        return (colours if colours.max() < 256 else colours >> 8).T.astype(np.uint8)[values]
    made = values if values.dtype == np.uint8 else to_uint8(values, bits=_bits(page, values))
    return np.ascontiguousarray(255 - made if page.photometric == WHITE_IS_ZERO else made)


def _bits(page: Any, values: NDArray[Any]) -> int:
    """How many of 16 bits are in use: those of MaxSampleValue, where no value lies beyond."""
    stated = page.tags.get("MaxSampleValue")
    most = int(np.max(stated.value)) if stated is not None else 0xFFFF
    return max(8, most.bit_length()) if values.max() <= most else 16


def _is_raw(page: Any) -> bool:
    below = page.pages or ()
    return DNG_VERSION in page.tags or page.photometric in RAW or any(each.photometric in RAW for each in below)


def _check_kind(page: Any) -> None:
    check_size(page.imagewidth, page.imagelength)
    if page.compression not in BY_TIFFFILE | BY_PILLOW:
        name = getattr(page.compression, "name", page.compression)
        raise ImageError(ImageProblem.UNSUPPORTED, Message("tiff-compression", compression=name))
    if page.sampleformat == 3:
        raise ImageError(ImageProblem.UNSUPPORTED, Message("image-floating-point"))
    if page.bitspersample not in (1, 2, 4, 8, 16) and page.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB):
        if page.bitspersample > 16:
            raise ImageError(ImageProblem.UNSUPPORTED, Message("image-beyond-16-bits"))
        raise ImageError(ImageProblem.UNSUPPORTED, Message("tiff-bits", bits=page.bitspersample))


def _of_jpeg(data: bytes, page: Any, warnings: list[Message]) -> Image.Image | None:
    """The picture, of one JPEG or a strip each; `None` for other colours, and tiles, which are looked at for damage.

    The tables of all may stand beside them (Technical Note 2).
    """
    head = (page.jpegtables or START + END)[:-2] + (AS_RGB if page.photometric == RGB else b"")
    size = (page.imagelength, page.imagewidth)
    at_least = 8 if page.is_tiled else max(size)
    found: list[Message] = []
    strips: list[NDArray[np.uint8]] = []
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
        strip = data[offset + 2 : offset + count]
        try:
            strips.append(jpeg.decode(head + strip, found, at_least=at_least))
        except jpeg.NotCheckedError:
            return None
        except ImageError as error:
            raise ImageError(ImageProblem.DAMAGED, Message("tiff-damaged")) from error
    samples = _joined(strips, size) if page.photometric in (BLACK_IS_ZERO, RGB, YCBCR) and not page.is_tiled else None
    if samples is not None and has_seam(samples.reshape(*size, -1), every=page.rowsperstrip):
        found.append(Message("image-seam"))
    warnings += dict.fromkeys(found)
    return None if samples is None else Image.fromarray(samples)


def _joined(strips: list[NDArray[np.uint8]], size: tuple[int, int]) -> NDArray[np.uint8] | None:
    """Strips, one below the other, as a picture of this (height, width); `None` where they are not one."""
    if len({strip.shape[1:] for strip in strips}) != 1:
        return None
    samples = np.concatenate(strips)[: size[0]]
    return samples if samples.shape[:2] == size else None
