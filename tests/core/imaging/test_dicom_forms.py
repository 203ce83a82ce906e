"""DICOM files as clinics have them: incomplete heads, heads that contradict what they hold, colours by other means."""

from __future__ import annotations

import io

import numpy as np
import pydicom
import pytest
from PIL import Image, ImageCms
from pydicom.uid import ImplicitVRLittleEndian, JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless

from app.core.domain.errors import ImageError
from app.core.imaging.decode import decode, is_picture
from app.core.imaging.formats.spaces import ADOBE_RGB, DISPLAY_P3, RgbSpace, to_srgb
from tests.factories import dicom, profile_with_red_and_blue_exchanged
from tests.lossless_jpeg import lossless_jpeg


def jpeg(rgb: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, "JPEG", **{"quality": 95, "subsampling": 0, **options})
    return buffer.getvalue()


def shown(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def without_marker(data: bytes, marker: int) -> bytes:
    """A JPEG without a segment."""
    start = data.index(bytes((0xFF, marker)))
    return data[:start] + data[start + 2 + int.from_bytes(data[start + 2 : start + 4]) :]


def code(data: bytes) -> str:
    with pytest.raises(ImageError) as caught:
        decode(data)
    return caught.value.message.code


def saved(dataset: pydicom.Dataset) -> bytes:
    buffer = io.BytesIO()
    dataset.save_as(buffer, implicit_vr=True, little_endian=True)
    return buffer.getvalue()


def test_a_bare_data_set(lesion: np.ndarray) -> None:
    whole = pydicom.dcmread(io.BytesIO(dicom(lesion, syntax=ImplicitVRLittleEndian)))
    bare = pydicom.Dataset()
    bare.update(whole)
    data = saved(bare)
    assert data[128:132] != b"DICM"
    assert is_picture(data[:132])
    assert np.array_equal(decode(data).rgb, lesion)


def test_a_file_without_its_preamble(lesion: np.ndarray) -> None:
    assert np.array_equal(decode(dicom(lesion)[132:]).rgb, lesion)


@pytest.mark.parametrize("packed", [False, True])
def test_a_head_that_states_no_transfer_syntax(lesion: np.ndarray, packed: bool) -> None:
    content = jpeg(lesion)
    data = dicom(lesion, syntax=JPEGBaseline8Bit, data=content) if packed else dicom(lesion)
    dataset = pydicom.dcmread(io.BytesIO(data))
    del dataset.file_meta.TransferSyntaxUID
    buffer = io.BytesIO()
    dataset.save_as(buffer, implicit_vr=False, little_endian=True, enforce_file_format=False)
    assert np.array_equal(decode(buffer.getvalue()).rgb, shown(content) if packed else lesion)


@pytest.mark.parametrize("stated", ["RGB", "YBR_FULL_422", "YBR_FULL"])
@pytest.mark.parametrize("kind", ["usual", "bare", "rgb"])
def test_the_jpegs_word_on_its_colours_counts(lesion: np.ndarray, stated: str, kind: str) -> None:
    content = jpeg(lesion, keep_rgb=kind == "rgb")
    if kind == "bare":
        content = without_marker(content, 0xE0)
    data = dicom(lesion, syntax=JPEGBaseline8Bit, data=content, PhotometricInterpretation=stated)
    assert np.array_equal(decode(data).rgb, shown(content))


def test_the_jpegs_size_counts(lesion: np.ndarray) -> None:
    content = jpeg(lesion[:200])
    found = decode(dicom(lesion, syntax=JPEGBaseline8Bit, data=content, Rows=256, Columns=200))
    assert found.full_size == (256, 200)
    assert np.array_equal(found.rgb, shown(content))


def test_a_damaged_jpeg_within_is_told(lesion: np.ndarray) -> None:
    content = jpeg(lesion)
    half = len(content) // 2
    assert (
        code(dicom(lesion, syntax=JPEGBaseline8Bit, data=content[:half] + bytes(len(content) - half))) == "jpeg-damaged"
    )


def test_kinds_of_jpeg_that_cannot_be_read_are_named(lesion: np.ndarray) -> None:
    content = bytearray(jpeg(lesion))
    start = content.index(b"\xff\xc0")
    content[start + 1], content[start + 4] = 0xC1, 12
    assert code(dicom(lesion, syntax=JPEGExtended12Bit, data=bytes(content))) == "jpeg-bits"
    assert code(dicom(lesion, syntax=JPEGLossless, data=lossless_jpeg(lesion.astype(int) * 16, bits=12))) == "jpeg-bits"


def test_frames_that_are_not_stated_are_counted(lesion: np.ndarray) -> None:
    assert code(dicom(lesion, PixelData=lesion.tobytes() * 2)) == "dicom-several"
    assert np.array_equal(decode(dicom(lesion, PixelData=lesion.tobytes() + bytes(2))).rgb, lesion)


@pytest.mark.parametrize("high_bit", [11, 12, 15])
def test_values_lie_where_the_high_bit_says(lesion: np.ndarray, high_bit: int) -> None:
    values = np.round(lesion / 255 * 4095).astype(np.uint16) << (high_bit - 11)
    data = dicom(values, BitsAllocated=16, BitsStored=12, HighBit=high_bit)
    assert np.abs(decode(data).rgb.astype(int) - lesion).max() <= 1


def test_the_profile_of_the_jpeg_within_is_applied(lesion: np.ndarray) -> None:
    content = jpeg(lesion, icc_profile=profile_with_red_and_blue_exchanged())
    found = decode(dicom(lesion, syntax=JPEGBaseline8Bit, data=content)).rgb
    assert np.abs(found.astype(int) - shown(jpeg(lesion))[..., ::-1]).mean() < 3
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()  # the data set's comes first
    stated = decode(dicom(lesion, syntax=JPEGBaseline8Bit, data=content, ICCProfile=srgb)).rgb
    assert np.abs(stated.astype(int) - shown(jpeg(lesion))).mean() < 1


@pytest.mark.parametrize(("name", "space"), [("DISPLAYP3", DISPLAY_P3), ("ADOBERGB", ADOBE_RGB), ("SRGB", None)])
def test_a_colour_space_that_is_stated_by_name(lesion: np.ndarray, name: str, space: RgbSpace | None) -> None:
    found = decode(dicom(lesion, ColorSpace=name))
    assert np.array_equal(found.rgb, to_srgb(lesion, space) if space else lesion)
    assert found.warnings == ()


def test_a_colour_space_that_is_not_known_is_warned_of(lesion: np.ndarray) -> None:
    assert [message.code for message in decode(dicom(lesion, ColorSpace="ROMMRGB")).warnings] == ["colours-unknown"]
