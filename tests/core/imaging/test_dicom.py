from __future__ import annotations

import datetime as dt
from pathlib import Path

import jpeg_ls
import numpy as np
import pytest
from PIL import Image
from pydicom import Dataset, Sequence
from pydicom.pixels import convert_color_space
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    DermoscopicPhotographyImageStorage,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.errors import ImageError, ImageProblem
from app.core.history.repository import EntryRepository
from app.core.imaging.decode import decode
from app.core.model.classifier import Classifier
from app.core.screening.pipeline import screen_content
from tests.factories import dicom, encoded, profile_with_red_and_blue_exchanged
from tests.lossless_jpeg import lossless_jpeg

DERMOSCOPIC = {
    "SOPClassUID": DermoscopicPhotographyImageStorage,
    "Modality": "DMS",
    "TrackingID": "L3",
    "LightSourcePolarization": "POLARIZED",
    "ContactMethod": "CONTACT",
    "ImmersionMedia": ["ULTRASOUND_GEL"],
    "OpticalMagnificationFactor": "10",
}
"""What the Dermoscopic Image Module says (PS3.3, C.8.12.13)."""


def compressed(rgb: np.ndarray, kind: str, **options: object) -> bytes:
    return encoded(Image.fromarray(rgb), kind, **options)


def difference(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(int) - b.astype(int)).mean())


def test_rgb(lesion: np.ndarray) -> None:
    picture = decode(dicom(lesion[:200]))
    assert np.array_equal(picture.rgb, lesion[:200])
    assert picture.full_size == (256, 200)


@pytest.mark.parametrize("modality", ["DMS", "XC", "ES", ""])
def test_photographic_kinds(lesion: np.ndarray, modality: str) -> None:
    assert np.array_equal(decode(dicom(lesion, Modality=modality)).rgb, lesion)


def test_ybr(lesion: np.ndarray) -> None:
    ybr = convert_color_space(lesion, "RGB", "YBR_FULL")
    assert difference(decode(dicom(ybr, PhotometricInterpretation="YBR_FULL")).rgb, lesion) < 1.5


def test_by_planes(lesion: np.ndarray) -> None:
    planes = np.ascontiguousarray(lesion.transpose(2, 0, 1)).tobytes()
    assert np.array_equal(decode(dicom(lesion, PlanarConfiguration=1, PixelData=planes)).rgb, lesion)


@pytest.mark.parametrize(
    ("syntax", "photometric", "kind", "options"),
    [
        (JPEGBaseline8Bit, "YBR_FULL_422", "JPEG", {"quality": 95, "subsampling": 1}),
        (JPEGBaseline8Bit, "YBR_FULL", "JPEG", {"quality": 95, "subsampling": 0}),
        (JPEG2000Lossless, "RGB", "JPEG2000", {"no_jp2": True}),
        (JPEG2000, "YBR_ICT", "JPEG2000", {"no_jp2": True, "irreversible": True, "mct": 1}),
        (JPEG2000Lossless, "YBR_RCT", "JPEG2000", {"no_jp2": True, "mct": 1}),
    ],
)
def test_compressed(lesion: np.ndarray, syntax: str, photometric: str, kind: str, options: dict[str, object]) -> None:
    data = dicom(lesion, syntax=syntax, data=compressed(lesion, kind, **options), PhotometricInterpretation=photometric)
    assert difference(decode(data).rgb, lesion) < 2


def test_run_length_encoded(lesion: np.ndarray) -> None:
    assert np.array_equal(decode(dicom(lesion, syntax=RLELossless)).rgb, lesion)


def test_run_lengths_that_end_in_black(lesion: np.ndarray) -> None:
    dark = lesion[:, :129].copy()  # a run of 128 and one value, packed as two zeros
    dark[-9:] = 0
    assert np.array_equal(decode(dicom(dark, syntax=RLELossless)).rgb, dark)


def test_greyscale_of_8_and_12_bits(lesion: np.ndarray) -> None:
    grey = np.ascontiguousarray(lesion[..., 0])
    expected = np.repeat(grey[..., None], 3, axis=2)
    assert np.array_equal(decode(dicom(grey)).rgb, expected)
    assert np.array_equal(decode(dicom(255 - grey, PhotometricInterpretation="MONOCHROME1")).rgb, expected)
    twelve = (grey.astype(np.uint32) * 4095 + 127) // 255
    assert difference(decode(dicom(twelve.astype(np.uint16), BitsStored=12, HighBit=11)).rgb, expected) < 1


def test_palette(lesion: np.ndarray) -> None:
    indexed = Image.fromarray(lesion).quantize(256)
    palette = np.array(indexed.getpalette(), np.uint16).reshape(-1, 3) * 257
    palette = np.vstack([palette, np.zeros((256 - len(palette), 3), np.uint16)])
    tables = {}
    for channel, name in enumerate(("Red", "Green", "Blue")):
        tables[f"{name}PaletteColorLookupTableDescriptor"] = [256, 0, 16]
        tables[f"{name}PaletteColorLookupTableData"] = palette[:, channel].astype("<u2").tobytes()
    data = dicom(np.asarray(indexed), PhotometricInterpretation="PALETTE COLOR", **tables)
    assert np.array_equal(decode(data).rgb, np.asarray(indexed.convert("RGB")))


@pytest.mark.parametrize(
    ("fields", "problem", "word"),
    [
        ({"Modality": "CT"}, ImageProblem.UNSUPPORTED, "CT"),
        ({"NumberOfFrames": 3}, ImageProblem.SEVERAL_FRAMES, "3"),
        ({"Rows": 60_000, "Columns": 60_000}, ImageProblem.TOO_LARGE, "60000"),
        ({"Rows": 10}, ImageProblem.TOO_SMALL, "10"),
        ({"PixelData": b"\0" * 100}, ImageProblem.DAMAGED, "damaged"),
    ],
)
def test_refused(lesion: np.ndarray, fields: dict[str, object], problem: ImageProblem, word: str) -> None:
    with pytest.raises(ImageError, match=word) as raised:
        decode(dicom(lesion, **fields))
    assert raised.value.problem == problem


@pytest.mark.parametrize("syntax", [JPEGLossless, JPEGLosslessSV1])
@pytest.mark.parametrize("grey", [False, True])
def test_lossless_jpeg(lesion: np.ndarray, syntax: str, grey: bool) -> None:
    pixels = lesion[..., 1] if grey else lesion
    found = decode(dicom(pixels, syntax=syntax, data=lossless_jpeg(pixels))).rgb
    assert np.array_equal(found, np.stack([pixels] * 3, axis=2) if grey else pixels)


@pytest.mark.parametrize("by", ["line", "sample"])
def test_jpeg_ls(lesion: np.ndarray, by: str) -> None:
    mode = {"line": 1, "sample": 2}[by]
    exact = bytes(jpeg_ls.encode_array(lesion, interleave_mode=mode))
    near = bytes(jpeg_ls.encode_array(lesion, lossy_error=2, interleave_mode=mode))
    assert len(near) < len(exact)
    assert np.array_equal(decode(dicom(lesion, syntax=JPEGLSLossless, data=exact)).rgb, lesion)
    found = decode(dicom(lesion, syntax=JPEGLSNearLossless, data=near)).rgb
    assert np.abs(found.astype(int) - lesion).max() <= 2


def test_the_size_that_packed_pixels_state_counts(lesion: np.ndarray) -> None:
    part = np.ascontiguousarray(lesion[:200])
    packed = {
        JPEGLSLossless: bytes(jpeg_ls.encode_array(part, interleave_mode=1)),
        JPEG2000Lossless: compressed(part, "JPEG2000", no_jp2=True),
    }
    for syntax, data in packed.items():
        assert np.array_equal(decode(dicom(lesion, syntax=syntax, data=data)).rgb, part)
        large = bytearray(data)
        start = data.index(b"\xff\xf7") + 5 if syntax == JPEGLSLossless else data.index(b"\xff\x51") + 6
        large[start : start + 4] = b"\xff" * 4
        with pytest.raises(ImageError, match="too large"):
            decode(dicom(lesion, syntax=syntax, data=bytes(large)))


@pytest.mark.timeout(60)
def test_boxes_around_a_jpeg_2000_are_passed_over(lesion: np.ndarray) -> None:
    """One of length 0 would be looked at for ever."""
    boxed = compressed(lesion, "JPEG2000")
    assert boxed[4:8] == b"jP  "
    broken = boxed[:12] + bytes(4) + boxed[16:]
    for data in (boxed, broken):
        assert np.array_equal(decode(dicom(lesion, syntax=JPEG2000Lossless, data=data)).rgb, lesion)
    with pytest.raises(ImageError, match="header"):
        decode(dicom(lesion, syntax=JPEG2000Lossless, data=boxed[:60]))


def test_compression_without_a_decoder_is_named(lesion: np.ndarray) -> None:
    with pytest.raises(ImageError, match="High-Throughput") as raised:
        decode(dicom(lesion, syntax=HTJ2K, data=b"\xff\xd8\xff\xd9"))
    assert raised.value.problem == ImageProblem.UNSUPPORTED


def test_cut_short(lesion: np.ndarray) -> None:
    data = dicom(lesion)
    for share in (0.01, 0.3, 0.9):
        with pytest.raises(ImageError):
            decode(data[: max(140, int(share * len(data)))])


def test_a_damaged_compressed_picture_is_damaged(lesion: np.ndarray) -> None:
    jpeg = compressed(lesion, "JPEG", quality=95)
    data = dicom(lesion, syntax=JPEGBaseline8Bit, data=jpeg[: len(jpeg) // 2], PhotometricInterpretation="YBR_FULL_422")
    with pytest.raises(ImageError, match="damaged") as raised:
        decode(data)
    assert raised.value.problem == ImageProblem.DAMAGED


def test_colour_profile() -> None:
    red = np.zeros((100, 100, 3), np.uint8)
    red[..., 0] = 230
    r, _, b = decode(dicom(red, ICCProfile=profile_with_red_and_blue_exchanged())).rgb[50, 50].astype(int)
    assert b > 200
    assert r < 60


@pytest.mark.parametrize(
    ("fields", "record"),
    [
        ({"PatientID": " P-7 ", "BodyPartExamined": "THIGH"}, ClinicalRecord(patient="P-7", site="lower extremity")),
        ({"PatientID": "", "BodyPartExamined": "BACK"}, ClinicalRecord(site="posterior torso")),
        ({"PatientID": "Пациент", "SpecificCharacterSet": "ISO_IR 192"}, ClinicalRecord(patient="Пациент")),
        ({"BodyPartExamined": "BACKBONE"}, ClinicalRecord()),
        (
            DERMOSCOPIC,
            ClinicalRecord(note="lesion L3; polarised light; in contact with the skin (ultrasound gel); 10×"),
        ),
        (
            {"LightSourcePolarization": "NON_POLARIZED", "ContactMethod": "NON_CONTACT", "ImmersionMedia": []},
            ClinicalRecord(note="light that is not polarised; without contact"),
        ),
        (
            {"LightSourcePolarization": "UNKNOWN", "ContactMethod": "", "OpticalMagnificationFactor": ""},
            ClinicalRecord(),
        ),
    ],
)
def test_what_the_file_says_of_the_patient(
    lesion: np.ndarray, fields: dict[str, str], record: ClinicalRecord, tmp_path: Path, classifier: Classifier
) -> None:
    """It is filled into the history with the result."""
    screening = screen_content(dicom(lesion, **fields), Path("a.dcm"), classifier)
    assert screening.record == record
    history = EntryRepository(tmp_path / "history.sqlite3")
    history.add(screening)
    assert history.entries()[0].record == record


def test_a_region_of_the_body_by_its_code(lesion: np.ndarray) -> None:
    region = Dataset()
    region.CodeMeaning = "Palm of hand"
    for name in ("AnatomicRegionSequence", "PrimaryAnatomicStructureSequence"):
        assert decode(dicom(lesion, **{name: Sequence([region])})).record.site == "palms/soles"


@pytest.mark.parametrize(
    ("fields", "read"),
    [
        ({"AcquisitionDateTime": "20260304050607.123", "StudyDate": "20250101"}, dt.datetime(2026, 3, 4, 5, 6, 7)),
        ({"ContentDate": "20260304", "ContentTime": "050607"}, dt.datetime(2026, 3, 4, 5, 6, 7)),
        ({"StudyDate": "20260304"}, dt.datetime(2026, 3, 4)),
        ({"StudyDate": ""}, None),
    ],
)
def test_when_the_picture_was_made(lesion: np.ndarray, fields: dict[str, str], read: dt.datetime | None) -> None:
    assert decode(dicom(lesion, **fields)).captured_at == read
