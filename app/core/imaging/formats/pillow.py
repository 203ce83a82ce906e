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
from app.core.imaging.formats import heif, jpeg, png, tiff, webp
from app.core.imaging.formats.colour import to_srgb
from app.core.imaging.formats.picture import DecodedImage, check_size
from app.core.imaging.formats.seams import has_seam
from app.core.imaging.formats.spaces import ADOBE_RGB, RgbSpace

_PLUGINS = (BmpImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""Imported, so that Pillow knows these formats without looking for all the others."""
_PILLOW_FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP")  # MPO comes with JPEG
_SIGNATURE = re.compile(rb"\xff\xd8\xff|\x89PNG|II[*+]\0|MM\0[*+]|BM.{4}\0{4}|RIFF.{4}WEBP", re.DOTALL)
ROWS_PER_STRIP = 278
"""A tag of TIFF 6.0."""
UNCALIBRATED = 0xFFFF
"""ColorSpace of another space than sRGB (EXIF 2.32, 4.6.5)."""


def is_known(head: bytes) -> bool:
    """Whether a file's first bytes are those of one of the formats."""
    return bool(_SIGNATURE.match(head)) or heif.is_heif(head)


def decode(data: bytes, *, at_least: int) -> DecodedImage:
    """Decode a file's content; `at_least` as in `app.core.imaging.decode`.

    Raises `ImageError`, and what Pillow raises for damaged files.
    """
    is_heif = heif.is_heif(data)
    if is_heif:
        heif.check(data)
        import pi_heif  # here, not above: it would slow down every start

        pi_heif.register_heif_opener()
    elif not _SIGNATURE.match(data):
        within = jpeg.without_junk(data)
        if within is None:
            raise ImageError(ImageProblem.NOT_AN_IMAGE, Message("image-format-unknown"))
        data = within
    warnings: list[Message] = []
    space = None
    if data.startswith(b"\xff\xd8"):
        jpeg.check_kind(data)
    elif data.startswith(png.SIGNATURE):
        data, colours = png.checked(data, warnings)
        space = png.space_of(colours, warnings)
    elif data[8:12] == b"WEBP" and (stated := webp.stated_size(data)):
        check_size(*stated)
    page, samples = tiff.read(data, warnings) if data[:2] in (b"II", b"MM") else (0, None)
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=("HEIF",) if is_heif else _PILLOW_FORMATS)
    except UnidentifiedImageError as error:
        raise ImageError(ImageProblem.DAMAGED, Message("image-header-damaged")) from error
    with image:
        if page:
            image.seek(page)
        check_size(*image.size, is_jpeg=image.format in ("JPEG", "MPO"))
        _check_single_frame(image)
        width, height = image.size
        captured_at = _captured_at(image)  # a TIFF's is out of reach once it is loaded
        if is_heif:
            space = heif.space_of(image.info, warnings)
        elif image.format == "BMP":
            image.info["icc_profile"] = _bmp_profile(data)
        if space is None:
            space = _exif_space(image, warnings)
        if image.format in ("JPEG", "MPO"):
            image = _jpeg(data, image, warnings, at_least=at_least)
        elif image.format == "TIFF":
            image = _tiff(samples, image, warnings)
            width, height = image.size  # Pillow's was turned already, before it was loaded
        else:
            image.load()
        stored = image.size
        _turn_upright(image, warnings)
        if image.size != stored:  # by a quarter
            width, height = height, width
        if _is_inverted(image):
            image = Image.fromarray(0xFFFF - np.asarray(image))
        rgb = np.asarray(to_srgb(image, warnings, space))
    return DecodedImage(rgb, (width, height), tuple(warnings), captured_at=captured_at)


def _jpeg(data: bytes, opened: Image.Image, warnings: list[Message], *, at_least: int) -> Image.Image:
    """A JPEG with what Pillow knows of it besides its samples."""
    try:
        samples = jpeg.decode(data, warnings, at_least=at_least)
    except jpeg.NotCheckedError:
        warnings.append(Message("jpeg-unchecked"))
        opened.draft(opened.mode, (at_least, at_least))
        opened.load()
        return opened
    if samples.ndim == 3 and samples.shape[2] == 4:
        if "adobe" in opened.info:  # which stores how much ink is left out
            samples = 255 - samples
        else:
            warnings.append(Message("jpeg-cmyk"))
        image = Image.fromarray(samples, "CMYK")
    else:
        image = Image.fromarray(samples)
    image.info = opened.info
    return image


def _check_single_frame(image: Image.Image) -> None:
    if image.format in ("MPO", "TIFF"):  # a camera's JPEG with its preview or depth map behind it; see `tiff`
        return
    frames = getattr(image, "n_frames", 1)
    if frames > 1:
        raise ImageError(ImageProblem.SEVERAL_FRAMES, Message("image-several", frames=frames))


def _tiff(image: Image.Image | None, opened: Image.Image, warnings: list[Message]) -> Image.Image:
    """The samples of a TIFF, or else those that Pillow reads, with what that knows of it besides."""
    if image is None:
        rows = int(opened.tag_v2.get(ROWS_PER_STRIP, 0))  # type: ignore[attr-defined]
        opened.load()
        if opened.mode == "RGB" and has_seam(np.asarray(opened), every=rows):
            warnings.append(Message("image-seam"))
        return opened
    orientation = opened.getexif().get(ExifTags.Base.Orientation)
    image.info = opened.info
    if orientation:
        image.getexif()[ExifTags.Base.Orientation] = orientation
    return image


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


def _bmp_profile(data: bytes) -> bytes | None:
    """The profile within a BMP of version 5 (BITMAPV5HEADER, whose offsets count from its own start)."""
    if data[14:18] != (124).to_bytes(4, "little") or data[70:74] != b"DEBM":
        return None
    start, size = (int.from_bytes(data[at : at + 4], "little") for at in (126, 130))
    return data[14 + start : 14 + start + size]


def _exif_space(image: Image.Image, warnings: list[Message]) -> RgbSpace | None:
    """Adobe RGB, which cameras note in EXIF alone (DCF 2.0, 4.5.4); `None` where a profile says more, or for sRGB."""
    if image.info.get("icc_profile"):
        return None
    try:
        exif = image.getexif()
        if exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace) != UNCALIBRATED:
            return None
        if str(exif.get_ifd(ExifTags.IFD.Interop).get(ExifTags.Interop.InteropIndex)).strip("\0 ") == "R03":
            return ADOBE_RGB
    except Exception:  # noqa: BLE001 - damaged EXIF data must not cost the image that they belong to
        return None
    warnings.append(Message("colours-unknown"))
    return None


def _turn_upright(image: Image.Image, warnings: list[Message]) -> None:
    try:
        ImageOps.exif_transpose(image, in_place=True)
    except Exception:  # noqa: BLE001 - damaged EXIF data must not cost the image that they belong to
        warnings.append(Message("orientation-damaged"))
