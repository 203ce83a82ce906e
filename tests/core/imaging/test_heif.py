"""HEICs that are cut short, of another kind, or say their colours without a profile; and BMPs with a profile."""

from __future__ import annotations

import io

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from app.core.domain.errors import ImageError
from app.core.domain.messages import Message
from app.core.imaging.decode import decode
from app.core.imaging.formats import heif
from app.core.imaging.formats.spaces import DISPLAY_P3, SRGB
from app.core.imaging.reference_image import reference_image
from tests.factories import profile_with_red_and_blue_exchanged


def heic(rgb: np.ndarray) -> bytes:
    pillow_heif.register_heif_opener()
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "HEIF", quality=90)
    return buffer.getvalue()


def code(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        decode(data)
    return caught.value.message.code


@pytest.mark.parametrize("left", [0.5, 0.9, 0.999])
def test_a_heic_that_is_cut_short_is_told(left: float) -> None:
    data = heic(reference_image())
    decode(data)
    assert code(data[: int(left * len(data))]) == "heic-cut-short"


@pytest.mark.parametrize("brand", [b"avif", b"mif1"])
def test_an_avif_is_named(brand: bytes) -> None:
    data = heic(reference_image())
    size = int.from_bytes(data[:4])
    kind = b"ftyp" + brand + bytes(4) + b"avifmif1"
    assert code((len(kind) + 4).to_bytes(4) + kind + data[size:]) == "image-avif"


@pytest.mark.parametrize(
    ("primaries", "transfer", "space", "warned"),
    [
        (12, 13, DISPLAY_P3, []),
        (1, 13, None, []),
        (1, 1, None, []),
        (2, 2, None, []),
        (12, 2, None, []),
        (22, 13, None, ["colours-unknown"]),
        (1, 10, None, ["colours-unknown"]),
    ],
)
def test_colours_by_nclx(primaries: int, transfer: int, space: object, warned: list[str]) -> None:
    warnings: list[Message] = []
    info = {"nclx_profile": {"color_primaries": primaries, "transfer_characteristics": transfer}}
    assert heif.space_of(info, warnings) == space
    assert [message.code for message in warnings] == warned
    assert heif.space_of({**info, "icc_profile": b"a profile"}, []) is None
    assert heif.space_of({}, []) is None
    assert SRGB != DISPLAY_P3


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_refused(transfer: int) -> None:
    info = {"nclx_profile": {"color_primaries": 9, "transfer_characteristics": transfer}}
    with pytest.raises(ImageError) as caught:
        heif.space_of(info, [])
    assert caught.value.message.code == "image-hdr"


def bmp_with_profile(rgb: np.ndarray) -> bytes:
    """A BMP of version 5 whose profile has red and blue exchanged."""
    height, width = rgb.shape[:2]
    profile = profile_with_red_and_blue_exchanged()
    rows = rgb[::-1, :, ::-1].reshape(height, -1)
    pixels = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4))).tobytes()
    head = bytearray(124)
    for at, value, size in (
        (0, 124, 4),
        (4, width, 4),
        (8, height, 4),
        (12, 1, 2),
        (14, 24, 2),
        (20, len(pixels), 4),
        (56, 0x4D424544, 4),
        (112, 124 + len(pixels), 4),
        (116, len(profile), 4),
    ):
        head[at : at + size] = value.to_bytes(size, "little")
    total = 14 + 124 + len(pixels) + len(profile)
    file = b"BM" + total.to_bytes(4, "little") + bytes(4) + (138).to_bytes(4, "little")
    return file + head + pixels + profile


def test_the_profile_of_a_bmp_is_applied() -> None:
    rgb = reference_image()
    found = decode(bmp_with_profile(rgb)).rgb
    assert np.abs(found.astype(int) - rgb[..., ::-1]).mean() < 2
    assert np.abs(found.astype(int) - rgb).mean() > 10


def test_an_item_whose_name_is_no_text_is_refused() -> None:
    """pi-heif ends the program at it."""
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
    file = io.BytesIO()
    Image.fromarray(reference_image()).save(file, "HEIF", xmp=xmp)
    data = file.getvalue()
    name = data.index(b"application/rdf+xml")
    assert decode(data).rgb.shape == (256, 256, 3)
    with pytest.raises(ImageError) as caught:
        decode(data[: name + 3] + b"\xf3" + data[name + 4 :])
    assert caught.value.message.code == "image-header-damaged"
