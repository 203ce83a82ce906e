from __future__ import annotations

import datetime as dt
import hashlib
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageCms

from app.core.domain.errors import ImageError, ImageProblem
from app.core.imaging import read
from app.core.imaging.decode import decode
from app.core.imaging.formats import picture
from app.core.imaging.read import read_bytes, read_judged
from app.core.imaging.reference_image import reference_image
from tests.conftest import NAMES
from tests.factories import encoded, profile_with_red_and_blue_exchanged

pillow_heif.register_heif_opener()
ORIENTATION = 274


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


def problem_of(data: bytes) -> ImageProblem:
    with pytest.raises(ImageError) as raised:
        decode(data)
    assert str(raised.value).endswith(".")
    return raised.value.problem


def turned(rgb: np.ndarray, orientation: int) -> np.ndarray:
    """How a camera that notes `orientation` stores the upright picture `rgb` (EXIF 2.3, tag 274)."""
    flips = {
        1: rgb,
        2: rgb[:, ::-1],
        3: rgb[::-1, ::-1],
        4: rgb[::-1],
        5: rgb.transpose(1, 0, 2),
        6: np.rot90(rgb, 1),
        7: rgb[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(rgb, -1),
    }
    return np.ascontiguousarray(flips[orientation])


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("WEBP", {"quality": 95}, 3),
        ("JPEG", {"quality": 95}, 2),
        ("JPEG", {"quality": 95, "progressive": True}, 2),
        ("HEIF", {"quality": 95}, 3),
    ],
)
def test_formats(lesion: np.ndarray, kind: str, options: dict[str, object], tolerance: float) -> None:
    picture = decode(encoded(Image.fromarray(lesion), kind, **options))
    assert picture.rgb.shape == lesion.shape
    assert picture.full_size == (256, 256)
    assert picture.warnings == ()
    assert difference(picture.rgb, lesion) <= tolerance


@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_script(tmp_path: Path, lesion: np.ndarray, name: str) -> None:
    path = tmp_path / name / f"{name}.png"
    path.parent.mkdir()
    path.write_bytes(encoded(Image.fromarray(lesion), "PNG"))
    assert np.array_equal(decode(read_bytes(path)).rgb, lesion)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026:03:04 05:06:07", dt.datetime(2026, 3, 4, 5, 6, 7)),
        ("0000:00:00 00:00:00", None),  # a camera whose clock was never set
        ("yesterday", None),
        (None, None),
    ],
)
def test_when_the_picture_was_made(
    lesion: np.ndarray, kind: str, written: str | None, read: dt.datetime | None
) -> None:
    tags = {ExifTags.IFD.Exif: {} if written is None else {ExifTags.Base.DateTimeOriginal: written}}
    exif = Image.Exif()
    exif.update(tags)
    data = encoded(Image.fromarray(lesion), kind, **({"tiffinfo": tags} if kind == "TIFF" else {"exif": exif}))
    assert decode(data).captured_at == read


def test_a_file_that_is_still_written(tmp_path: Path, lesion: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "growing.png"
    path.write_bytes(encoded(Image.fromarray(lesion), "PNG"))
    read = Path.read_bytes

    def grow(self: Path) -> bytes:
        with self.open("ab") as file:
            file.write(b"more")
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", grow)
    with pytest.raises(ImageError, match="changed while it was read"):
        read_bytes(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(lesion: np.ndarray, kind: str, orientation: int) -> None:
    upright = lesion[:200]  # not square, so that a quarter's turn shows in the size
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options = {"lossless": True} if kind == "WEBP" else {"quality": 95} if kind == "JPEG" else {}
    data = encoded(Image.fromarray(turned(upright, orientation)), kind, exif=exif, **options)
    picture = decode(data)
    assert picture.full_size == (256, 200)
    assert difference(picture.rgb, upright) < 2


def test_heic_orientation(lesion: np.ndarray) -> None:
    """A camera's HEIC is turned by its own box; its EXIF orientation says the same and is not applied again."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = encoded(Image.fromarray(turned(lesion[:200], 6)), "HEIF", exif=exif.tobytes(), quality=95)
    picture = decode(data)
    assert picture.full_size == (256, 200)
    assert difference(picture.rgb, lesion[:200]) < 4


def test_heic_is_decoded_in_full_though_it_has_a_thumbnail(lesion: np.ndarray) -> None:
    large = Image.fromarray(lesion).resize((1200, 900))
    large.info["thumbnails"] = [800]
    data = encoded(large, "HEIF", quality=90, thumbnails=[800])
    assert decode(data, at_least=200).rgb.shape == (900, 1200, 3)


def test_orientation_at_reduced_scale() -> None:
    large = np.asarray(Image.fromarray(reference_image()).resize((3000, 2400)))
    exif = Image.Exif()
    exif[ORIENTATION] = 8
    picture = decode(encoded(Image.fromarray(turned(large, 8)), "JPEG", exif=exif), at_least=512)
    assert picture.full_size == (3000, 2400)
    assert picture.rgb.shape == (600, 750, 3)
    small = np.asarray(Image.fromarray(large).resize((750, 600)))
    assert difference(picture.rgb, small) < 2


def test_reduced_scale_keeps_what_is_asked_for() -> None:
    data = encoded(Image.fromarray(reference_image()).resize((2000, 1030)), "JPEG")
    assert decode(data, at_least=512).rgb.shape == (515, 1000, 3)
    assert decode(data, at_least=516).rgb.shape == (1030, 2000, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_colour_profile(kind: str) -> None:
    red = Image.new("RGB", (100, 100), (230, 20, 20))
    options = {"lossless": True} if kind == "WEBP" else {}
    picture = decode(encoded(red, kind, icc_profile=profile_with_red_and_blue_exchanged(), **options))
    r, _, b = picture.rgb[50, 50].astype(int)
    assert b > 200
    assert r < 60
    assert picture.warnings == ()


def test_srgb_profile_changes_nothing(lesion: np.ndarray) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    picture = decode(encoded(Image.fromarray(lesion), "PNG", icc_profile=profile))
    assert np.abs(picture.rgb.astype(int) - lesion).max() <= 1


def test_damaged_colour_profile_is_said(lesion: np.ndarray) -> None:
    picture = decode(encoded(Image.fromarray(lesion), "PNG", icc_profile=b"no profile" * 20))
    assert np.array_equal(picture.rgb, lesion)
    assert "colour profile" in picture.warnings[0]


def test_greyscale_of_1_8_and_16_bits() -> None:
    ramp = np.tile(np.linspace(0, 255, 128).astype(np.uint8), (100, 1))
    eight = decode(encoded(Image.fromarray(ramp), "PNG")).rgb
    assert np.array_equal(eight, np.repeat(ramp[..., None], 3, axis=2))
    for kind in ("PNG", "TIFF"):
        sixteen = Image.fromarray(ramp.astype(np.uint16) * 257)
        assert np.array_equal(decode(encoded(sixteen, kind)).rgb, eight)
    white_is_zero = b"\x06\x01\x03\0\x01\0\0\0\0\0"  # tag 262, which Pillow writes as 1
    inverted = encoded(Image.fromarray((255 - ramp).astype(np.uint16) * 257), "TIFF")
    inverted = inverted.replace(white_is_zero[:-2] + b"\x01\0", white_is_zero)
    assert np.array_equal(decode(inverted).rgb, eight)
    one = decode(encoded(Image.fromarray(ramp > 128), "PNG")).rgb
    assert set(np.unique(one)) == {0, 255}


def png_of_16_bits(rgb: np.ndarray) -> bytes:
    height, width, channels = rgb.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in rgb.astype(np.uint16) * 257)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_colour_of_16_bits(lesion: np.ndarray) -> None:
    assert np.array_equal(decode(png_of_16_bits(lesion)).rgb, lesion)
    half_clear = np.dstack([lesion, np.full(lesion.shape[:2], 128, np.uint8)])
    assert difference(decode(png_of_16_bits(half_clear)).rgb, lesion.astype(int) // 2) < 2


def test_values_of_unknown_range_are_refused() -> None:
    values = np.linspace(0, 1, 100 * 100, dtype=np.float32).reshape(100, 100)
    assert problem_of(encoded(Image.fromarray(values), "TIFF")) == ImageProblem.UNSUPPORTED
    assert problem_of(encoded(Image.fromarray((values * 1e6).astype(np.int32)), "TIFF")) == ImageProblem.UNSUPPORTED


def test_palette(lesion: np.ndarray) -> None:
    indexed = Image.fromarray(lesion).quantize(64)
    expected = np.asarray(indexed.convert("RGB"))
    for kind in ("PNG", "BMP", "TIFF"):
        assert np.array_equal(decode(encoded(indexed, kind)).rgb, expected)


def test_alpha_is_laid_over_black(lesion: np.ndarray) -> None:
    image = Image.fromarray(lesion).convert("RGBA")
    image.putalpha(Image.fromarray(np.pad(np.full((1, 1), 255, np.uint8), ((0, 255), (0, 255)))))
    for kind in ("PNG", "WEBP", "TIFF"):
        assert (decode(encoded(image, kind)).rgb[64:] == 0).all()
    grey = Image.merge("LA", (Image.new("L", (80, 80), 255), Image.new("L", (80, 80), 51)))
    assert (decode(encoded(grey, "PNG")).rgb == 51).all()
    indexed = Image.new("P", (80, 80), 3)
    indexed.putpalette([255] * 768)
    indexed.putpixel((0, 0), 4)
    assert (decode(encoded(indexed, "PNG", transparency=3)).rgb[1:] == 0).all()
    keyed = Image.new("RGB", (80, 80), (1, 2, 3))
    keyed.putpixel((0, 0), (9, 9, 9))
    assert (decode(encoded(keyed, "PNG", transparency=(1, 2, 3))).rgb[1:] == 0).all()


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_an_alpha_channel_that_was_left_empty_is_passed_over(lesion: np.ndarray, kind: str) -> None:
    image = Image.fromarray(lesion).convert("RGBA")
    image.putalpha(0)
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    found = decode(encoded(image, kind, **options))
    assert [message.code for message in found.warnings] == ["alpha-empty"]
    assert np.array_equal(found.rgb, lesion)


def test_cmyk_and_lab(lesion: np.ndarray) -> None:
    cmyk = Image.fromarray(lesion).convert("CMYK")
    for kind in ("JPEG", "TIFF"):
        assert difference(decode(encoded(cmyk, kind)).rgb, lesion) < 3
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    in_lab = ImageCms.profileToProfile(Image.fromarray(lesion), srgb, lab, outputMode="LAB")
    assert in_lab is not None
    assert difference(decode(encoded(in_lab, "TIFF")).rgb, lesion) < 3


def test_not_an_image() -> None:
    assert problem_of(b"name,melanoma\n1,0\n") == ImageProblem.NOT_AN_IMAGE
    assert problem_of(os.urandom(5000)) == ImageProblem.NOT_AN_IMAGE
    assert problem_of(b"RIFF\x24\0\0\0WAVEfmt " + bytes(500)) == ImageProblem.NOT_AN_IMAGE
    assert problem_of(b"BMW is a make of car\n" * 20) == ImageProblem.NOT_AN_IMAGE
    gif = encoded(Image.new("P", (100, 100)), "GIF")
    assert problem_of(gif) == ImageProblem.NOT_AN_IMAGE


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP", "HEIF"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.8])
def test_cut_short(lesion: np.ndarray, kind: str, share: float) -> None:
    data = encoded(Image.fromarray(lesion), kind)
    assert problem_of(data[: max(16, int(len(data) * share))]) == ImageProblem.DAMAGED


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP", "HEIF"])
def test_damage_gives_a_picture_or_an_image_error_and_nothing_else(lesion: np.ndarray, kind: str) -> None:
    whole = encoded(Image.fromarray(lesion[::2, ::2]), kind)
    random = np.random.default_rng(0)
    outcomes = set()
    for _ in range(60):
        data = bytearray(whole)
        for place in random.integers(0, min(len(data), 600), 4):
            data[place] = random.integers(256)
        try:
            outcomes.add(decode(bytes(data)).rgb.ndim)
        except ImageError as error:
            outcomes.add(error.problem)
    assert len(outcomes) > 1  # some were hurt enough to be refused


def test_too_small() -> None:
    assert problem_of(encoded(Image.new("RGB", (63, 500)), "PNG")) == ImageProblem.TOO_SMALL
    assert decode(encoded(Image.new("RGB", (64, 500)), "PNG")).full_size == (64, 500)


def test_too_large_is_told_from_the_header(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(encoded(Image.new("RGB", (100, 100)), "BMP"))
    data[18:26] = struct.pack("<ii", 60_000, 60_000)  # no pixels behind it: decoding would fail otherwise
    assert problem_of(bytes(data)) == ImageProblem.TOO_LARGE
    monkeypatch.setattr(picture, "MAX_PIXELS", 9_999)
    monkeypatch.setattr(picture, "MAX_JPEG_PIXELS", 9_999)
    assert problem_of(encoded(Image.new("RGB", (100, 100)), "JPEG")) == ImageProblem.TOO_LARGE


@pytest.mark.parametrize("kind", ["TIFF", "PNG", "WEBP", "HEIF"])
def test_several_frames(lesion: np.ndarray, kind: str) -> None:
    frames = [Image.fromarray(lesion), Image.fromarray(lesion[::-1])]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
    assert problem_of(data) == ImageProblem.SEVERAL_FRAMES


def test_a_thumbnail_page_is_no_frame(lesion: np.ndarray) -> None:
    thumbnail = Image.fromarray(lesion[::4, ::4].copy())
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}}
    data = encoded(Image.fromarray(lesion), "TIFF", save_all=True, append_images=[thumbnail])
    assert np.array_equal(decode(data).rgb, lesion)


def test_a_cameras_second_picture_is_no_frame(lesion: np.ndarray) -> None:
    data = encoded(Image.fromarray(lesion), "MPO", save_all=True, append_images=[Image.fromarray(lesion[::2, ::2])])
    assert difference(decode(data).rgb, lesion) < 4


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def problem(path: Path) -> ImageProblem:
        with pytest.raises(ImageError) as raised:
            read_bytes(path)
        return raised.value.problem

    empty = tmp_path / "empty.jpg"
    empty.touch()
    assert problem(tmp_path) == ImageProblem.NOT_A_FILE
    if os.name != "nt":
        os.mkfifo(tmp_path / "pipe.jpg")
        assert problem(tmp_path / "pipe.jpg") == ImageProblem.NOT_A_FILE
    assert problem(empty) == ImageProblem.EMPTY
    assert problem(tmp_path / "gone.jpg") == ImageProblem.NOT_FOUND
    assert problem(tmp_path / "nul\0.jpg") in (ImageProblem.NOT_READABLE, ImageProblem.NOT_FOUND)
    monkeypatch.setattr(read, "MAX_BYTES", 3)
    empty.write_bytes(b"four")
    assert problem(empty) == ImageProblem.TOO_LARGE
    monkeypatch.undo()

    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert problem(empty) == ImageProblem.NOT_READABLE


def test_only_the_content_that_a_result_was_computed_from_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"before")
    sha256 = hashlib.sha256(b"before").hexdigest()
    assert read_judged(path, sha256) == b"before"
    path.write_bytes(b"behind")
    with pytest.raises(ImageError, match="has changed since this result"):
        read_judged(path, sha256)
    path.unlink()
    with pytest.raises(ImageError, match="no such file"):
        read_judged(path, sha256)
