"""JPEG, PNG, TIFF, BMP, WebP and HEIC, by Pillow."""

from __future__ import annotations

import datetime as dt
import io
import re

import numpy as np
from PIL import (
    BmpImagePlugin,
    ExifTags,
    Image,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message
from app.core.imaging.formats.colour import to_srgb
from app.core.imaging.formats.picture import DecodedImage, check_size

_PLUGINS = (BmpImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""Imported, so that Pillow knows these formats without looking for all the others."""
_PILLOW_FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP")  # MPO comes with JPEG
_SIGNATURE = re.compile(rb"\xff\xd8\xff|\x89PNG|II[*+]\0|MM\0[*+]|BM.{4}\0{4}|RIFF.{4}WEBP", re.DOTALL)
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def decode(data: bytes, *, at_least: int) -> DecodedImage:
    """Decode a file's content; `at_least` as in `app.core.imaging.decode`.

    Raises `ImageError`, and what Pillow raises for damaged files.
    """
    is_heif = data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS
    if is_heif:
        import pi_heif  # here, not above: it would slow down every start

        pi_heif.register_heif_opener()
    elif not _SIGNATURE.match(data):
        raise ImageError(ImageProblem.NOT_AN_IMAGE, Message("image-format-unknown"))
    try:
        image = Image.open(io.BytesIO(data), formats=("HEIF",) if is_heif else _PILLOW_FORMATS)
    except UnidentifiedImageError as error:
        raise ImageError(ImageProblem.DAMAGED, Message("image-header-damaged")) from error
    with image:
        check_size(*image.size)
        _check_single_frame(image)
        width, height = image.size
        if image.format in ("JPEG", "MPO"):  # a HEIC's draft would be its thumbnail
            image.draft(image.mode, (at_least, at_least))
        captured_at = _captured_at(image)  # a TIFF's is out of reach once it is loaded
        image.load()
        warnings: list[Message] = []
        upright = _upright(image, warnings)
        if upright.size != image.size:  # turned by a quarter
            width, height = height, width
        if _is_inverted(image):
            upright = Image.fromarray(0xFFFF - np.asarray(upright))
        rgb = np.asarray(to_srgb(upright, warnings))
    return DecodedImage(rgb, (width, height), tuple(warnings), captured_at=captured_at)


def _check_single_frame(image: Image.Image) -> None:
    frames = getattr(image, "n_frames", 1)
    if image.format == "MPO":  # a camera's JPEG with its preview or depth map behind it
        return
    if image.format == "TIFF" and frames > 1:
        frames = 1 + sum(not _is_reduced_page(image, page) for page in range(1, frames))
        image.seek(0)
    if frames > 1:
        raise ImageError(ImageProblem.SEVERAL_FRAMES, Message("image-several", frames=frames))


def _is_reduced_page(image: Image.Image, page: int) -> bool:
    """Whether a TIFF page is a thumbnail of another (TIFF 6.0, NewSubfileType, tag 254, bit 0)."""
    image.seek(page)
    return bool(image.tag_v2.get(254, 0) & 1)  # type: ignore[attr-defined]


def _is_inverted(image: Image.Image) -> bool:
    """A TIFF of 16 bits with 'white is zero' (TIFF 6.0, tag 262), which Pillow leaves as it is stored."""
    if image.format != "TIFF" or not image.mode.startswith("I;16"):
        return False
    return bool(image.tag_v2.get(262) == 0)  # type: ignore[attr-defined]


def _captured_at(image: Image.Image) -> dt.datetime | None:
    """`DateTimeOriginal`, where the camera wrote one (EXIF 2.32, 4.6.5)."""
    try:
        written = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
        return dt.datetime.strptime(str(written).strip("\0 "), "%Y:%m:%d %H:%M:%S") if written else None
    except Exception:  # noqa: BLE001 - damaged EXIF data must not cost the image that they belong to
        return None


def _upright(image: Image.Image, warnings: list[Message]) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - damaged EXIF data must not cost the image that they belong to
        warnings.append(Message("orientation-damaged"))
        return image
