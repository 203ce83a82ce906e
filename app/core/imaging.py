"""A file's bytes -> an RGB picture the right way up, or an `ImageError` that says why not.

Files are read whole and decoded from memory, so a path in any script works on every system.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import stat
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    ExifTags,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from app.core import archive, dicom
from app.core.bits import to_eight_bits
from app.core.domain.clinical import NOTHING_NOTED, ClinicalRecord
from app.core.domain.errors import ImageError, ImageProblem

MIN_SIDE = 64
"""Pixels; a picture with a smaller side shows no structure to judge."""
MAX_PIXELS = 150_000_000
"""Of the picture as stored. Twice what the largest cameras in use give; 450 MB when decoded."""
MAX_BYTES = 1_000_000_000
"""Of the file: more than `MAX_PIXELS` take uncompressed at 16 bits."""
SCREENING_SIDE = 768
"""Pixels that a JPEG's shorter side keeps at least when it is decoded for the network: three times its 256.

Measured over full-size photographs, twice was too little: the probability moved by up to 0.02."""

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".bmp", ".dib", ".webp"}
    | {".heic", ".heif", ".hif", ".dcm", ".dicom"}
)
"""File name endings, in lower case, by which a folder's images are found."""

_PLUGINS = (BmpImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin)
"""Imported, so that Pillow knows these formats without looking for all the others."""
_PILLOW_FORMATS = ("JPEG", "PNG", "TIFF", "BMP", "WEBP")  # MPO comes with JPEG
_READS = "JPEG, PNG, TIFF, BMP, WebP, HEIC or DICOM"
_SIGNATURE = re.compile(rb"\xff\xd8\xff|\x89PNG|II[*+]\0|MM\0[*+]|BM.{4}\0{4}|RIFF.{4}WEBP", re.DOTALL)
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
_PROFILE_SPACE = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK", "LAB": "Lab"}

# The limit on pixels is ours (MAX_PIXELS, looked at before decoding); Pillow's own only warns.
Image.MAX_IMAGE_PIXELS = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture: sRGB, upright. `rgb` has the shape (height, width, 3), values 0..255.

    `full_size` is (width, height) of the upright picture as stored, which `rgb` may hold at a reduced
    scale. `warnings` say in words what could not be taken into account. `record` is what the file says of the
    patient (DICOM), `pictured_at` when the picture was made (EXIF, DICOM), without a zone. `field_width` is the
    picture's width in mm, where the file says it (DICOM).
    """

    rgb: NDArray[np.uint8]
    full_size: tuple[int, int]
    warnings: tuple[str, ...] = ()
    record: ClinicalRecord = NOTHING_NOTED
    pictured_at: dt.datetime | None = None
    field_width: float | None = None


def read_bytes(path: Path) -> bytes:
    """The content of a regular file, or of one within a ZIP. Raises `ImageError` where there is none to be had."""
    within = archive.split(path)
    if within is not None:
        return archive.read(*within, max_bytes=MAX_BYTES)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageError(ImageProblem.NOT_A_FILE, "This is a folder, not an image file.")
        if not stat.S_ISREG(status.st_mode):
            raise ImageError(ImageProblem.NOT_A_FILE, "This is a device or a pipe, not an image file.")
        if status.st_size > MAX_BYTES:
            raise ImageError(
                ImageProblem.TOO_LARGE,
                f"The file is too large: {status.st_size / 1e6:,.0f} MB, at most {MAX_BYTES / 1e6:,.0f} MB.",
            )
        data = path.read_bytes()
        if len(data) != status.st_size or path.stat().st_mtime_ns != status.st_mtime_ns:
            raise ImageError(ImageProblem.NOT_READABLE, "The file changed while it was read; it may still be written.")
    except FileNotFoundError as error:
        raise ImageError(ImageProblem.NOT_FOUND, "There is no such file.") from error
    except PermissionError as error:
        raise ImageError(ImageProblem.NOT_READABLE, "You have no permission to read this file.") from error
    except MemoryError as error:
        raise ImageError(ImageProblem.TOO_LARGE, "There is not enough memory to read the file.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError(ImageProblem.NOT_READABLE, f"The file can't be read: {reason}.") from error
    if not data:
        raise ImageError(ImageProblem.EMPTY, "The file is empty.")
    return data


def decode(data: bytes, *, at_least: int = SCREENING_SIDE) -> Picture:
    """Decode a file's content to sRGB, upright, alpha laid over white.

    A JPEG whose shorter side is at least twice `at_least` pixels is decoded at 1/2, 1/4 or 1/8, so that
    `at_least` pixels remain; other formats are decoded in full. Raises `ImageError`, nothing else.
    """
    try:
        if data[128:132] == b"DICM":
            return _decode_dicom(data)
        return _decode_with_pillow(data, at_least)
    except ImageError:
        raise
    except MemoryError as error:
        raise ImageError(ImageProblem.TOO_LARGE, "There is not enough memory to open the image.") from error
    except Exception as error:
        reason = f"The image is damaged or cut short ({_in_short(error)})."
        raise ImageError(ImageProblem.DAMAGED, reason) from error


def _decode_dicom(data: bytes) -> Picture:
    found = dicom.decode(data, check_size=_check_size)
    warnings: list[str] = []
    image = _apply_profile(Image.fromarray(found.pixels), found.profile, warnings)
    return Picture(np.asarray(image), image.size, tuple(warnings), found.record, found.pictured_at, found.field_width)


def _decode_with_pillow(data: bytes, at_least: int) -> Picture:
    is_heif = data[4:8] == b"ftyp" and data[8:12] in _HEIF_BRANDS
    if is_heif:
        import pi_heif  # here, not above: it would slow down every start

        pi_heif.register_heif_opener()
    elif not _SIGNATURE.match(data):
        raise ImageError(ImageProblem.NOT_AN_IMAGE, f"This is not a {_READS} image.")
    try:
        image = Image.open(io.BytesIO(data), formats=("HEIF",) if is_heif else _PILLOW_FORMATS)
    except UnidentifiedImageError as error:
        reason = "The image is damaged or cut short: its header can't be read."
        raise ImageError(ImageProblem.DAMAGED, reason) from error
    with image:
        _check_size(*image.size)
        _check_single_frame(image)
        width, height = image.size
        if image.format in ("JPEG", "MPO"):  # a HEIC's draft would be its thumbnail
            image.draft(image.mode, (at_least, at_least))
        pictured_at = _pictured_at(image)  # a TIFF's is out of reach once it is loaded
        image.load()
        warnings: list[str] = []
        upright = _upright(image, warnings)
        if upright.size != image.size:  # turned by a quarter
            width, height = height, width
        if _is_inverted(image):
            upright = Image.fromarray(0xFFFF - np.asarray(upright))
        rgb = np.asarray(_to_srgb(upright, warnings))
    return Picture(rgb, (width, height), tuple(warnings), pictured_at=pictured_at)


def _check_size(width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            ImageProblem.TOO_SMALL,
            f"The image is too small: {width}×{height} pixels, at least {MIN_SIDE} on each side are needed.",
        )
    if width * height > MAX_PIXELS:
        raise ImageError(
            ImageProblem.TOO_LARGE,
            f"The image is too large: {width}×{height} pixels, at most {MAX_PIXELS / 1e6:.0f} million.",
        )


def _check_single_frame(image: Image.Image) -> None:
    frames = getattr(image, "n_frames", 1)
    if image.format == "MPO":  # a camera's JPEG with its preview or depth map behind it
        return
    if image.format == "TIFF" and frames > 1:
        frames = 1 + sum(not _is_reduced_page(image, page) for page in range(1, frames))
        image.seek(0)
    if frames > 1:
        raise ImageError(
            ImageProblem.SEVERAL_FRAMES,
            f"The file holds {frames} images. Save the one that is meant as a file of its own.",
        )


def _is_reduced_page(image: Image.Image, page: int) -> bool:
    """Whether a TIFF page is a thumbnail of another (TIFF 6.0, NewSubfileType, tag 254, bit 0)."""
    image.seek(page)
    return bool(image.tag_v2.get(254, 0) & 1)  # type: ignore[attr-defined]


def _is_inverted(image: Image.Image) -> bool:
    """A TIFF of 16 bits with 'white is zero' (TIFF 6.0, tag 262), which Pillow leaves as it is stored."""
    if image.format != "TIFF" or not image.mode.startswith("I;16"):
        return False
    return bool(image.tag_v2.get(262) == 0)  # type: ignore[attr-defined]


def _pictured_at(image: Image.Image) -> dt.datetime | None:
    """`DateTimeOriginal`, where the camera wrote one (EXIF 2.32, 4.6.5)."""
    try:
        written = image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
        return dt.datetime.strptime(str(written).strip("\0 "), "%Y:%m:%d %H:%M:%S") if written else None
    except Exception:  # noqa: BLE001 - damaged EXIF data must not cost the picture that they belong to
        return None


def _upright(image: Image.Image, warnings: list[str]) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # noqa: BLE001 - damaged EXIF data must not cost the picture that they belong to
        warnings.append("The image's orientation data are damaged; it is shown as stored.")
        return image


def _to_srgb(image: Image.Image, warnings: list[str]) -> Image.Image:
    """Colours to sRGB by the embedded profile, alpha over white, whatever the mode. Gives mode RGB."""
    profile = image.info.get("icc_profile")
    image = _narrowed(image)
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        image = image.convert("RGB")
    elif image.mode not in _PROFILE_SPACE:  # P, YCbCr, HSV, RGBX
        image = image.convert("RGB")
    image = _apply_profile(image, profile, warnings)
    if alpha is not None:
        image = Image.composite(image, Image.new("RGB", image.size, "white"), alpha)
    return image


def _narrowed(image: Image.Image) -> Image.Image:
    """Grey values of 16 bits (and bitmaps of 1) to 8; Pillow itself narrows 16-bit RGB."""
    if image.mode == "1":
        return image.convert("L")
    if image.mode.startswith("I"):
        values = np.asarray(image)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise ImageError(
                ImageProblem.UNSUPPORTED, "The image's values go beyond 16 bits; save it with 8 or 16 bits."
            )
        return Image.fromarray(to_eight_bits(values, bits=16))
    if image.mode == "F":
        raise ImageError(
            ImageProblem.UNSUPPORTED,
            "The image holds floating-point values, whose range is not known; save it with 8 or 16 bits.",
        )
    return image


def _apply_profile(image: Image.Image, profile: bytes | None, warnings: list[str]) -> Image.Image:
    if image.mode == "LAB":  # device-independent: its own description is its profile
        return _transformed(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = source.profile.xcolor_space.strip()
            if image.mode == "L" and space == "RGB":
                image = image.convert("RGB")
            if space == _PROFILE_SPACE[image.mode]:
                return _transformed(image, source)
            reason = f"it is meant for {space}"
        except (OSError, ImageCms.PyCMSError, ValueError, TypeError) as error:
            reason = _in_short(error)
        warnings.append(f"The image's colour profile can't be used ({reason}); its colours may be off.")
    return image.convert("RGB")


def _transformed(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    transformed = ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB")
    assert transformed is not None  # only with inPlace=True does it give nothing
    return transformed


def _in_short(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
