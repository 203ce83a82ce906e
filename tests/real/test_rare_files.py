"""Real photographs in files of rare kinds: shown as the plain picture is, or refused for the right reason."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms
from pydicom.uid import JPEGBaseline8Bit

from app.core.domain.errors import ImageError
from app.core.imaging.decode import decode
from app.core.imaging.find import find_images
from app.core.imaging.formats.spaces import srgb_curve
from app.core.imaging.read import read_bytes
from tests.core.imaging.test_heif import bmp_with_profile, heic
from tests.core.imaging.test_jpeg import cut_with_end, saved, segment, zeroed
from tests.core.imaging.test_png import chunk, png
from tests.core.imaging.test_tiff import written
from tests.factories import dicom, encoded, profile_with_red_and_blue_exchanged

TO_P3 = np.array([[0.82246197, 0.17753803, 0], [0.0331942, 0.9668058, 0], [0.01708263, 0.07239744, 0.91051993]])
TO_ADOBE = np.array([[0.7151256, 0.2848744, 0], [0, 1, 0], [0, 0.0411619, 0.9588381]])
"""Light of sRGB to that of other spaces (CSS Color Module Level 4, sample code; Adobe RGB by Lindbloom's matrices)."""
FINE = {"quality": 98, "subsampling": 0}
SIDE = 400

Rgb = np.ndarray


@pytest.fixture(scope="module")
def photographs(dermoscopy: Path) -> list[Rgb]:
    """All full-size ones, at most `SIDE` pixels wide and high."""
    pictures = []
    for path in sorted((dermoscopy / "fullsize").iterdir()):
        image = Image.open(path).convert("RGB")
        image.thumbnail((SIDE, SIDE))
        pictures.append(np.asarray(image))
    assert len(pictures) == 40
    return pictures


def light(rgb: Rgb) -> Rgb:
    return np.asarray(srgb_curve(rgb / 255))


def as_values(of: Rgb, exponent: float = 0.0) -> Rgb:
    """Light as 8-bit values, by sRGB's curve or a power."""
    clipped = of.clip(0, 1)
    if exponent:
        return np.asarray(np.rint(255 * clipped**exponent), dtype=np.uint8)
    curve = np.where(clipped <= 0.0031308, 12.92 * clipped, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * curve), dtype=np.uint8)


def in_p3(rgb: Rgb) -> Rgb:
    return as_values(light(rgb) @ TO_P3.T)


def adobe_rgb_by_exif(rgb: Rgb) -> bytes:
    exif = Image.Exif()
    of_camera = exif.get_ifd(ExifTags.IFD.Exif)
    of_camera[ExifTags.Base.ColorSpace] = 0xFFFF
    of_camera[ExifTags.IFD.Interop] = {ExifTags.Interop.InteropIndex: "R03"}
    return saved(as_values(light(rgb) @ TO_ADOBE.T, 256 / 563), exif=exif, **FINE)


def linear_png(rgb: Rgb) -> bytes:
    return png(as_values(light(rgb), 1.0), chunk(b"gAMA", struct.pack(">I", 100_000)))


def planar_tiff_of_16_bits(rgb: Rgb) -> bytes:
    wide = np.moveaxis(rgb.astype(np.uint16) * 257, -1, 0)
    return written(wide, planarconfig="separate", rowsperstrip=1)


def heic_by_nclx(rgb: Rgb, *, primaries: int = 12, transfer: int = 13) -> bytes:
    data = bytearray(heic(rgb))
    at = data.index(b"colrnclx") + 8
    data[at : at + 4] = primaries.to_bytes(2) + transfer.to_bytes(2)
    return bytes(data)


def dicom_with_the_profile_within(rgb: Rgb) -> bytes:
    content = saved(rgb[..., ::-1], icc_profile=profile_with_red_and_blue_exchanged(), **FINE)
    return dicom(rgb, syntax=JPEGBaseline8Bit, data=content, PhotometricInterpretation="YBR_FULL")


READ: dict[str, tuple[Callable[[Rgb], bytes], float]] = {
    "JPEG in Adobe RGB by EXIF": (adobe_rgb_by_exif, 2),
    "PNG of linear light": (linear_png, 3),
    "planar TIFF of 16 bits": (planar_tiff_of_16_bits, 0),
    "BMP of version 5 with a profile": (lambda rgb: bmp_with_profile(rgb[..., ::-1]), 2),
    "HEIC in Display P3 by nclx": (lambda rgb: heic_by_nclx(in_p3(rgb)), 4),
    "DICOM with the profile in the JPEG": (dicom_with_the_profile_within, 2),
    "DICOM in Display P3 by name": (lambda rgb: dicom(in_p3(rgb), ColorSpace="DISPLAYP3"), 1),
}
"""How a picture is written, and by how much it may differ in the mean: by what its compression and its 8 bits lose."""


@pytest.mark.parametrize("kind", READ)
def test_shown_as_the_plain_picture(kind: str, photographs: list[Rgb]) -> None:
    write, most = READ[kind]
    for rgb in photographs:
        found = decode(write(rgb))
        assert np.abs(found.rgb.astype(int) - rgb).mean() <= most
        assert [message.code for message in found.warnings] == []


def jpeg_of_one_scan(rgb: Rgb) -> bytes:
    data = saved(rgb, progressive=True)
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    return data[:second] + b"\xff\xd9"


def jpeg_without_some_intervals(rgb: Rgb) -> bytes:
    data = saved(rgb, restart_marker_blocks=10)
    first = data.index(b"\xff\xd3", len(data) // 3)
    last = data.index(b"\xff\xd7", data.index(b"\xff\xd7", first) + 2)
    return data[:first] + data[last:]


def jpeg_of_less_height(rgb: Rgb) -> bytes:
    data = saved(rgb)
    start, _ = segment(data, 0xC0)
    return data[: start + 5] + (len(rgb) * 7 // 10).to_bytes(2) + data[start + 7 :]


def png_with_three_other_bytes(rgb: Rgb) -> bytes:
    data = bytearray(png(rgb))
    for share in (0.4, 0.5, 0.6):
        data[int(share * len(data))] ^= 0x55
    return bytes(data)


def tiff(rgb: Rgb, compression: str) -> bytes:
    return encoded(Image.fromarray(rgb), "TIFF", compression=compression)


def tiff_with_a_damaged_strip(rgb: Rgb) -> bytes:
    data = tiff(rgb, "tiff_adobe_deflate")
    return data[: len(data) // 2] + b"\x5a" * 64 + data[len(data) // 2 + 64 :]


def raw_file(rgb: Rgb) -> bytes:
    """A thumbnail whose page leads to the sensor's values, as DNG has it."""
    return written(rgb[::4, ::4], subfiletype=1, extratags=[(50706, "B", 4, (1, 4, 0, 0), True)])


def dicom_with_a_damaged_jpeg(rgb: Rgb) -> bytes:
    return dicom(rgb, syntax=JPEGBaseline8Bit, data=zeroed(saved(rgb)), PhotometricInterpretation="YBR_FULL_422")


REFUSED: dict[str, tuple[Callable[[Rgb], bytes], str]] = {
    "JPEG with 4 KB of zeros": (lambda rgb: zeroed(saved(rgb)), "jpeg-damaged"),
    "JPEG cut, with an end mark": (lambda rgb: cut_with_end(saved(rgb)), "jpeg-damaged"),
    "progressive JPEG of one scan": (jpeg_of_one_scan, "jpeg-incomplete"),
    "JPEG without some restart intervals": (jpeg_without_some_intervals, "jpeg-damaged"),
    "JPEG of less height": (jpeg_of_less_height, "jpeg-damaged"),
    "PNG with three other bytes": (png_with_three_other_bytes, "png-damaged"),
    "PNG in PQ": (lambda rgb: png(rgb, chunk(b"cICP", bytes((9, 16, 0, 1)))), "image-hdr"),
    "TIFF with a JPEG that has 4 KB of zeros": (lambda rgb: zeroed(tiff(rgb, "jpeg")), "tiff-damaged"),
    "TIFF with a damaged strip": (tiff_with_a_damaged_strip, "tiff-damaged"),
    "a camera's raw file": (raw_file, "image-raw"),
    "HEIC in PQ": (lambda rgb: heic_by_nclx(rgb, primaries=9, transfer=16), "image-hdr"),
    "DICOM with a JPEG that has 4 KB of zeros": (dicom_with_a_damaged_jpeg, "jpeg-damaged"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_refused_for_the_right_reason(kind: str, photographs: list[Rgb]) -> None:
    write, code = REFUSED[kind]
    for rgb in photographs:
        with pytest.raises(ImageError) as caught:
            decode(write(rgb))
        assert caught.value.message.code == code


def test_a_profile_of_which_a_piece_is_missing_is_warned_of(photographs: list[Rgb]) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().ljust(100_000, b"\0")
    for rgb in photographs:
        data = saved(rgb, icc_profile=profile)
        start, end = segment(data, 0xE2)
        warned = [message.code for message in decode(data[:start] + data[end:]).warnings]
        assert warned == ["profile-incomplete"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_entries_of_one_name_each_is_read(photographs: list[Rgb], tmp_path: Path) -> None:
    path = tmp_path / "card.zip"
    with zipfile.ZipFile(path, "w") as card:
        for rgb in photographs:
            card.writestr("lesion.png", png(rgb))
    found = [decode(read_bytes(file)).rgb.tobytes() for file in find_images([path])]
    assert sorted(found) == sorted(rgb.tobytes() for rgb in photographs)
