"""PNGs that are damaged, or say in their own way what their colours mean."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from app.core.domain.errors import ImageError
from app.core.imaging.decode import decode
from app.core.imaging.formats.png import SIGNATURE
from app.core.imaging.formats.spaces import ADOBE_RGB, DISPLAY_P3, SRGB, RgbSpace, srgb_curve, to_srgb
from app.core.imaging.reference_image import reference_image

SRGB_POINTS = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
P3_POINTS = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)


def chunk(name: bytes, content: bytes, *, is_sound: bool = True) -> bytes:
    checksum = zlib.crc32(name + content) ^ (not is_sound)
    return len(content).to_bytes(4) + name + content + checksum.to_bytes(4)


def png(rgb: np.ndarray, *chunks: bytes) -> bytes:
    """A PNG with chunks of its own before the picture."""
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "PNG")
    data = buffer.getvalue()
    header_end = len(SIGNATURE) + 25
    return data[:header_end] + b"".join(chunks) + data[header_end:]


def code(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        decode(data)
    return caught.value.message.code


def warnings(data: bytes) -> list[str]:
    return [message.code for message in decode(data).warnings]


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_changed_byte_of_the_packed_picture_is_told(place: float) -> None:
    data = bytearray(png(reference_image()))
    at = data.index(b"IDAT") + 4
    data[at + int(place * (len(data) - at - 20))] ^= 0x10
    assert code(bytes(data)) == "png-damaged"


def test_a_damaged_palette_or_transparency_is_told() -> None:
    for name, content in ((b"PLTE", bytes(768)), (b"tRNS", bytes(6))):
        assert code(png(reference_image(), chunk(name, content, is_sound=False))) == "png-damaged"


def test_a_png_that_is_cut_short_is_told() -> None:
    data = png(reference_image())
    for share in (0.3, 0.6, 0.9):
        with pytest.raises(ImageError):
            decode(data[: int(share * len(data))])


def test_notes_cost_nothing_whatever_is_wrong_with_them() -> None:
    plain = reference_image()
    damaged = chunk(b"tEXt", b"Comment\0of a camera", is_sound=False)
    long = chunk(b"zTXt", b"XML:com.adobe.xmp\0\0" + zlib.compress(bytes(3_000_000)))
    unknown = chunk(b"prVt", b"of a program", is_sound=False)
    found = decode(png(plain, damaged, long, unknown))
    assert np.array_equal(found.rgb, plain)
    assert found.warnings == ()


def test_light_is_shown_by_its_gamma() -> None:
    plain = reference_image()
    linear = np.round(255 * srgb_curve(plain / 255)).astype(np.uint8)
    shown = decode(png(linear, chunk(b"gAMA", struct.pack(">I", 100_000)))).rgb
    assert np.abs(shown.astype(int) - plain).mean() < 2  # the dark ones have few values left
    assert np.abs(linear.astype(int) - plain).mean() > 30


@pytest.mark.parametrize(
    "chunks",
    [
        (chunk(b"gAMA", struct.pack(">I", 45_455)), chunk(b"cHRM", struct.pack(">8I", *SRGB_POINTS))),
        (chunk(b"sRGB", b"\0"), chunk(b"gAMA", struct.pack(">I", 100_000))),  # sRGB comes first
        (chunk(b"cICP", bytes((1, 13, 0, 1))), chunk(b"gAMA", struct.pack(">I", 100_000))),  # and cICP before it
    ],
)
def test_srgb_however_it_is_said_changes_nothing(chunks: tuple[bytes, ...]) -> None:
    plain = reference_image()
    assert np.array_equal(decode(png(plain, *chunks)).rgb, plain)


@pytest.mark.parametrize(
    "chunks", [chunk(b"cICP", bytes((12, 13, 0, 1))), chunk(b"cHRM", struct.pack(">8I", *P3_POINTS))]
)
def test_display_p3_is_shown_in_its_colours(chunks: bytes) -> None:
    plain = reference_image()
    shown = decode(png(plain, chunks)).rgb
    assert np.array_equal(shown, to_srgb(plain, DISPLAY_P3))
    assert not np.array_equal(shown, plain)


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_refused_as_such(transfer: int) -> None:
    assert code(png(reference_image(), chunk(b"cICP", bytes((9, transfer, 0, 1))))) == "image-hdr"


@pytest.mark.parametrize(
    "statement", [chunk(b"cHRM", bytes(32)), chunk(b"cICP", bytes((22, 13, 0, 1))), chunk(b"gAMA", bytes(2))]
)
def test_colours_that_are_not_said_plainly_are_warned_of(statement: bytes) -> None:
    plain = reference_image()
    assert warnings(png(plain, statement)) == ["colours-unknown"]
    assert np.array_equal(decode(png(plain, statement)).rgb, plain)


def test_a_statement_on_colours_that_is_damaged_is_warned_of() -> None:
    assert warnings(png(reference_image(), chunk(b"gAMA", bytes(4), is_sound=False))) == ["profile-incomplete"]


@pytest.mark.parametrize(
    ("space", "rgb", "expected"),
    [
        (DISPLAY_P3, (200, 100, 50), (215, 93, 31)),
        (ADOBE_RGB, (200, 100, 50), (227, 100, 42)),
        (SRGB, (200, 100, 50), (200, 100, 50)),
        (DISPLAY_P3, (0, 255, 0), (0, 255, 0)),  # beyond sRGB's green
        (RgbSpace((0.64, 0.33), (0.3, 0.6), (0.15, 0.06), (0.3457, 0.3585)), (255, 255, 255), (255, 255, 255)),
    ],
)
def test_spaces(space: RgbSpace, rgb: tuple[int, ...], expected: tuple[int, ...]) -> None:
    assert to_srgb(np.array([[rgb]], np.uint8), space)[0, 0] == pytest.approx(expected, abs=1)


def test_every_value_of_srgb_stays() -> None:
    every = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    assert np.array_equal(to_srgb(every, SRGB), every)
