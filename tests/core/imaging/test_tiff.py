"""TIFFs whose samples are laid out in a rare way, that are damaged, or are no picture."""

from __future__ import annotations

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from app.core.domain.errors import ImageError
from app.core.imaging.decode import decode
from app.core.imaging.reference_image import reference_image

PLAIN = reference_image()
WIDE = PLAIN.astype(np.uint16) * 257
"""The same in 16 bits."""


def written(values: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, **{"photometric": "rgb", **options})  # type: ignore[arg-type]
    return buffer.getvalue()


def code(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        decode(data)
    return caught.value.message.code


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("options", [{"rowsperstrip": 1}, {"rowsperstrip": 50}, {"tile": (64, 64)}])
@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("planar", [False, True])
def test_layouts(compression: str | None, options: dict[str, object], wide: bool, planar: bool) -> None:
    values = WIDE if wide else PLAIN
    if planar:
        values, options = np.moveaxis(values, -1, 0), {**options, "planarconfig": "separate"}
    data = written(values, compression=compression, predictor=compression is not None, **options)
    assert np.array_equal(decode(data).rgb, PLAIN)


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_fewer_bits_than_16_are_read_by_the_greatest_value_stated(bits: int) -> None:
    most = (1 << bits) - 1
    values = np.round(PLAIN / 255 * most).astype(np.uint16)
    data = written(values, extratags=[(281, "H", 3, (most,) * 3, True)])
    assert np.abs(decode(data).rgb.astype(int) - PLAIN).max() <= 1
    beyond = written(WIDE, extratags=[(281, "H", 3, (most,) * 3, True)])  # which the values contradict
    assert np.array_equal(decode(beyond).rgb, PLAIN)


@pytest.mark.parametrize("step", [1, 257])
def test_palettes_of_8_and_16_bits(step: int) -> None:
    indexed = Image.fromarray(PLAIN).quantize(64)
    palette = np.zeros((3, 256), np.uint16)
    colours = np.array(indexed.getpalette(), np.uint16).reshape(-1, 3)
    palette[:, : len(colours)] = colours.T * step
    data = written(np.asarray(indexed), photometric="palette", colormap=palette)
    assert np.array_equal(decode(data).rgb, np.asarray(indexed.convert("RGB")))


@pytest.mark.parametrize(("kind", "first"), [(1, False), (1, True), (4, False)])
def test_thumbnails_and_masks_are_no_pictures_of_their_own(kind: int, first: bool) -> None:
    buffer = io.BytesIO()
    other = (PLAIN[::4, ::4], "rgb", 1) if kind == 1 else (PLAIN[..., 0] > 90, "mask", 4)
    pages = [(PLAIN, "rgb", 0), other]
    with tifffile.TiffWriter(buffer) as writer:
        for values, photometric, subfile in reversed(pages) if first else pages:
            writer.write(values, photometric=photometric, subfiletype=subfile)
    assert np.array_equal(decode(buffer.getvalue()).rgb, PLAIN)


def test_several_pages_are_several_pictures() -> None:
    assert code(written(np.stack([PLAIN, PLAIN]))) == "image-several"


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("kind", ["zlib", "jpeg"])
def test_a_damaged_strip_is_told(place: float, kind: str) -> None:
    if kind == "zlib":
        data = bytearray(written(PLAIN, compression="zlib", rowsperstrip=16))
    else:
        noise = np.random.default_rng(1).integers(0, 60, PLAIN.shape, np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(PLAIN // 2 + noise).save(buffer, "TIFF", compression="jpeg", quality=90)
        data = bytearray(buffer.getvalue())
    decode(bytes(data))
    with tifffile.TiffFile(io.BytesIO(bytes(data))) as opened:
        start, end = opened.pages[0].dataoffsets[0], sum(opened.pages[0].databytecounts)
    at = start + int(place * end)
    data[at : at + 400] = bytes(400)
    assert code(bytes(data)) == "tiff-damaged"


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("strips", [False, True])
def test_a_jpeg_within_has_pillows_pixels(mode: str, strips: bool) -> None:
    buffer = io.BytesIO()
    image = Image.fromarray(PLAIN).convert(mode)
    image.save(buffer, "TIFF", compression="jpeg", quality=90, tiffinfo={278: 64} if strips else {})
    with Image.open(io.BytesIO(buffer.getvalue())) as opened:
        expected = np.asarray(opened.convert("RGB"))
    assert np.abs(decode(buffer.getvalue()).rgb.astype(int) - expected).max() <= 1


def test_kinds_that_cannot_be_read_are_named() -> None:
    assert code(written((PLAIN / 255).astype(np.float32))) == "image-floating-point"
    packed = bytearray(written(PLAIN))
    for tag, value, expected in ((259, 34712, "tiff-compression"), (258, 12, "tiff-bits")):
        data = bytearray(packed)
        with tifffile.TiffFile(io.BytesIO(bytes(data))) as opened:
            found = opened.pages[0].tags[tag]
            place = found.valueoffset
        for index in range(found.count):
            data[place + 2 * index : place + 2 * index + 2] = value.to_bytes(2, "little")
        assert code(bytes(data)) == expected


@pytest.mark.parametrize(
    "tags", [[(50706, "B", 4, (1, 4, 0, 0), True)], [(262, "H", 1, 32803, True)]], ids=["DNG", "sensor"]
)
def test_a_cameras_raw_file_is_not_answered_by_its_thumbnail(tags: list[tuple[object, ...]]) -> None:
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as writer:
        if tags[0][0] == 50706:
            writer.write(PLAIN, photometric="rgb", subfiletype=1, extratags=tags)
        else:
            writer.write(PLAIN, photometric="rgb", subfiletype=1, subifds=1)
            writer.write(PLAIN[..., 0], photometric="cfa")
    assert code(buffer.getvalue()) == "image-raw"
