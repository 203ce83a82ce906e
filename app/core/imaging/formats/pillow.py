"""JPEG, PNG, TIFF, BMP, WebP and HEIC, by Pillow."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import dataclass

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
JPEG = "JPEG"
HAVE_OTHERS = (JPEG, "TIFF")
"""Formats with pictures beside the one that is meant: a preview or depth map behind a camera's JPEG; see `tiff`."""
_SIGNATURE = re.compile(rb"\xff\xd8\xff|\x89PNG|II[*+]\0|MM\0[*+]|BM.{4}\0{4}|RIFF.{4}WEBP", re.DOTALL)
ROWS_PER_STRIP, PHOTOMETRIC = 278, 262
"""Tags of TIFF 6.0."""
UNCALIBRATED = 0xFFFF
"""ColorSpace of another space than sRGB (EXIF 2.32, 4.6.5)."""


def is_known(head: bytes) -> bool:
    """Whether a file's first bytes are those of one of the formats."""
    return bool(_SIGNATURE.match(head)) or heif.is_heif(head)


def decode(data: bytes, *, at_least: int) -> DecodedImage:
    """Decode a file's content; `at_least` as in `app.core.imaging.decode`.

    Raises `ImageError`, and what Pillow raises for damaged files.
    """
    warnings: list[Message] = []
    found = _look_into(data, warnings)
    with _open(found) as opened:
        captured_at = _captured_at(opened)  # a TIFF's is out of reach once it is loaded
        space = _space(found, opened, warnings)
        image = _load(found, opened, warnings, at_least=at_least)
        full_size = opened.size if found.kind == JPEG else image.size  # a JPEG may be decoded at a reduced scale
        stored = image.size
        _turn_upright(image, warnings)
        if image.size != stored:  # by a quarter
            full_size = full_size[::-1]
        rgb = np.asarray(to_srgb(image, warnings, space))
    return DecodedImage(rgb, full_size, tuple(warnings), captured_at=captured_at)


@dataclass(frozen=True)
class _Found:
    """What is found in a file before Pillow opens it."""

    kind: str
    """Pillow's name of the format."""
    data: bytes
    """The content, without what is before the picture or of no use to it."""
    space: RgbSpace | None = None
    page: int = 0
    """Of a TIFF: the one that is the picture."""
    samples: Image.Image | None = None
    """Of a TIFF: the picture, where Pillow would misread it."""


def _look_into(data: bytes, warnings: list[Message]) -> _Found:
    """The format, and what Pillow does not tell of it. Raises `ImageError` for damage and kinds that it passes over."""
    if heif.is_heif(data):
        heif.check(data)
        return _Found("HEIF", data)
    if not _SIGNATURE.match(data):
        within = jpeg.without_junk(data)
        if within is None:
            raise ImageError(ImageProblem.NOT_AN_IMAGE, Message("image-format-unknown"))
        data = within
    if data.startswith(b"\xff\xd8"):
        jpeg.check_kind(data)
        return _Found(JPEG, data)
    if data.startswith(png.SIGNATURE):
        data, colours = png.checked(data, warnings)
        return _Found("PNG", data, png.space_of(colours, warnings))
    if data[:2] in (b"II", b"MM"):
        page, samples = tiff.read(data, warnings)
        return _Found("TIFF", data, None, page, samples)
    if data.startswith(b"BM"):
        return _Found("BMP", data)
    if stated := webp.stated_size(data):
        check_size(*stated)
    return _Found("WEBP", data)


def _open(found: _Found) -> Image.Image:
    """The picture, not loaded yet, its size and number looked at."""
    if found.kind == "HEIF":
        import pi_heif  # here, not above: it would slow down every start

        pi_heif.register_heif_opener()
    try:
        opened = Image.open(io.BytesIO(found.data), formats=(found.kind,))
    except UnidentifiedImageError as error:
        raise ImageError(ImageProblem.DAMAGED, Message("image-header-damaged")) from error
    if found.page:
        opened.seek(found.page)
    check_size(*opened.size, is_jpeg=found.kind == JPEG)
    frames = 1 if found.kind in HAVE_OTHERS else getattr(opened, "n_frames", 1)
    if frames > 1:
        raise ImageError(ImageProblem.SEVERAL_FRAMES, Message("image-several", frames=frames))
    return opened


def _space(found: _Found, opened: Image.Image, warnings: list[Message]) -> RgbSpace | None:
    """The colours, where no profile says them. One within a BMP is handed to Pillow's image, which does not know it."""
    if found.kind == "HEIF":
        return heif.space_of(opened.info, warnings) or _exif_space(opened, warnings)
    if found.kind == "BMP":
        opened.info["icc_profile"] = _bmp_profile(found.data)
    return found.space or _exif_space(opened, warnings)


def _load(found: _Found, opened: Image.Image, warnings: list[Message], *, at_least: int) -> Image.Image:
    if found.kind == JPEG:
        return _jpeg(found.data, opened, warnings, at_least=at_least)
    if found.kind == "TIFF":
        return _tiff(found.samples, opened, warnings)
    opened.load()
    return opened


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


def _tiff(image: Image.Image | None, opened: Image.Image, warnings: list[Message]) -> Image.Image:
    """The samples of a TIFF, or else those that Pillow reads, with what that knows of it besides."""
    if image is None:
        rows = int(opened.tag_v2.get(ROWS_PER_STRIP, 0))  # type: ignore[attr-defined]
        opened.load()
        if opened.mode == "RGB" and has_seam(np.asarray(opened), every=rows):
            warnings.append(Message("image-seam"))
        if opened.mode.startswith("I;16") and opened.tag_v2.get(PHOTOMETRIC) == 0:  # type: ignore[attr-defined]
            image = Image.fromarray(0xFFFF - np.asarray(opened))  # 'white is zero', which Pillow leaves as it is stored
            image.info = opened.info
            return image
        return opened
    orientation = opened.getexif().get(ExifTags.Base.Orientation)
    image.info = opened.info
    if orientation:
        image.getexif()[ExifTags.Base.Orientation] = orientation
    return image


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
