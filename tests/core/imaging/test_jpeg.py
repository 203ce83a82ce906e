"""JPEGs that are damaged, incomplete or of a rare kind: told, or read as they are meant."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import simplejpeg
from PIL import ExifTags, Image, ImageCms

from app.core.domain.errors import ImageError
from app.core.imaging.decode import decode
from app.core.imaging.formats.spaces import ADOBE_RGB, to_srgb
from app.core.imaging.reference_image import reference_image
from tests.lossless_jpeg import lossless_jpeg

SIDE = 600


def saved(of: np.ndarray | None = None, **options: object) -> bytes:
    """A picture as a JPEG, a detailed one if none is given."""
    if of is None:
        noise = np.random.default_rng(3).normal(0, 12, (SIDE, SIDE, 3))
        large = np.asarray(Image.fromarray(reference_image()).resize((SIDE, SIDE)))
        of = np.clip(large + noise, 0, 255).astype(np.uint8)
    image = Image.fromarray(of)
    buffer = io.BytesIO()
    image.convert(str(options.pop("mode", "RGB"))).save(buffer, "JPEG", **{"quality": 90, **options})
    return buffer.getvalue()


def code(data: bytes) -> str:
    """The code of the reason why a file can't be read; empty for one that can."""
    try:
        decode(data)
    except ImageError as error:
        return error.message.code
    return ""


def warnings(data: bytes) -> list[str]:
    return [message.code for message in decode(data).warnings]


def segment(data: bytes, marker: int, *, after: int = 0) -> tuple[int, int]:
    """Where a segment begins and ends."""
    start = data.index(bytes((0xFF, marker)), after)
    return start, start + 2 + int.from_bytes(data[start + 2 : start + 4])


def middle(data: bytes) -> int:
    return (data.index(b"\xff\xda") + len(data)) // 2


def zeroed(data: bytes) -> bytes:
    at = middle(data)
    return data[:at] + bytes(4096) + data[at + 4096 :]


def cut(data: bytes) -> bytes:
    return data[: middle(data)]


def cut_with_end(data: bytes) -> bytes:
    return cut(data) + b"\xff\xd9"


def with_less_height(data: bytes) -> bytes:
    start, _ = segment(data, 0xC0)
    return data[: start + 5] + (SIDE * 7 // 10).to_bytes(2) + data[start + 7 :]


@pytest.mark.parametrize("damage", [zeroed, cut, cut_with_end, with_less_height])
def test_damage_is_told(damage: Callable[[bytes], bytes]) -> None:
    data = saved()
    assert code(data) == ""
    assert code(damage(data)) == "jpeg-damaged"


@pytest.mark.parametrize("damage", [zeroed, cut_with_end])
def test_damage_is_told_at_reduced_scale(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ImageError):
        decode(damage(saved()), at_least=150)


def test_lost_restart_intervals_are_told() -> None:
    data = saved(restart_marker_blocks=20)
    first = data.index(b"\xff\xd3", middle(data))
    assert code(data[:first] + data[data.index(b"\xff\xd7", first) :]) == "jpeg-damaged"


@pytest.mark.parametrize("scans", [1, 3, 9])
def test_a_progressive_jpeg_of_which_scans_are_missing_is_told(scans: int) -> None:
    data = saved(progressive=True)
    assert code(data) == ""
    end = 0
    for _ in range(scans + 1):
        end = data.index(b"\xff\xda", end + 2)
    assert code(data[:end] + b"\xff\xd9") == "jpeg-incomplete"


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_whole_one_has_pillows_pixels(mode: str, progressive: bool) -> None:
    data = saved(mode=mode, progressive=progressive)
    assert np.array_equal(decode(data).rgb, np.asarray(Image.open(io.BytesIO(data)).convert("RGB")))


def test_what_is_missing_besides_the_picture_is_no_damage() -> None:
    data = saved(comment=b"a note of the camera")
    whole = decode(data).rgb
    without_end = data.removesuffix(b"\xff\xd9")
    start, end = segment(data, 0xFE)
    damaged_note = data[: start + 4] + bytes(end - start - 4) + data[end:]
    after_a_mail = b"Content-Type: image/jpeg\r\n\r\n" + data
    behind = data + bytes(2000)
    for each in (without_end, damaged_note, after_a_mail, behind):
        assert np.array_equal(decode(each).rgb, whole)


def test_the_preview_of_another_file_is_not_taken_for_it() -> None:
    raw = b"FUJIFILMCCD-RAW 0201".ljust(148, b"\0") + saved() + np.random.default_rng(1).bytes(5000) + b"\0\1"
    assert code(raw) == "image-format-unknown"


@pytest.mark.parametrize(
    ("marker", "bits", "expected"),
    [(0xC1, 12, "jpeg-bits"), (0xC3, 12, "jpeg-bits"), (0xC5, 8, "jpeg-hierarchical"), (0xC9, 8, "jpeg-arithmetic")],
)
def test_kinds_that_cannot_be_read_are_named(marker: int, bits: int, expected: str) -> None:
    data = bytearray(saved())
    start, _ = segment(bytes(data), 0xC0)
    data[start + 1], data[start + 4] = marker, bits
    assert code(bytes(data)) == expected


def test_printing_colours_without_adobes_note_are_warned_of() -> None:
    data = saved(mode="CMYK")
    assert warnings(data) == []
    start, end = segment(data, 0xEE)
    without = data[:start] + data[end:]
    assert warnings(without) == ["jpeg-cmyk"]
    assert not np.array_equal(decode(without).rgb, decode(data).rgb)


def test_a_profile_of_which_a_piece_is_missing_is_warned_of() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes().ljust(100_000, b"\0")
    data = saved(icc_profile=profile)
    assert warnings(data) == []
    first = segment(data, 0xE2)
    start, end = segment(data, 0xE2, after=first[1])
    assert warnings(data[:start] + data[end:]) == ["profile-incomplete"]


def test_what_the_decoder_does_not_know_is_read_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: bytes) -> None:
        raise ValueError("tjDecompressHeader3(): Could not determine subsampling level of JPEG image")

    data = saved()
    whole = decode(data).rgb
    monkeypatch.setattr(simplejpeg, "decode_jpeg_header", fail)
    assert warnings(data) == ["jpeg-unchecked"]
    assert np.array_equal(decode(data).rgb, whole)


@pytest.mark.parametrize(("index", "code_"), [("R03", []), ("R98", ["colours-unknown"]), (None, ["colours-unknown"])])
def test_adobe_rgb_is_known_by_exif(index: str | None, code_: list[str]) -> None:
    exif = Image.Exif()
    of_camera = exif.get_ifd(ExifTags.IFD.Exif)
    of_camera[ExifTags.Base.ColorSpace] = 0xFFFF
    if index:
        of_camera[ExifTags.IFD.Interop] = {ExifTags.Interop.InteropIndex: index}
    plain = decode(saved()).rgb
    found = decode(saved(exif=exif))
    assert [message.code for message in found.warnings] == code_
    assert np.array_equal(found.rgb, plain if code_ else to_srgb(plain, ADOBE_RGB))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.abs(decode(saved(exif=exif, icc_profile=profile)).rgb.astype(int) - plain).max() <= 1  # that says more


def test_a_lossless_jpeg_is_read() -> None:
    rgb = reference_image()[:100]
    assert np.array_equal(decode(lossless_jpeg(rgb)).rgb, rgb)
