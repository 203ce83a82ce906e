"""Exported DICOM objects: checked by other programs' validators, read back by pydicom and by the program."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import generate_frames
from pydicom.uid import VLPhotographicImageStorage

from app.core.domain.clinical import EMPTY_RECORD, ClinicalRecord
from app.core.domain.entry import EMPTY_ANNOTATION
from app.core.domain.patient import Patient
from app.core.domain.results import Rejection
from app.core.exchange.case import Case, Rendered
from app.core.exchange.dicom.case_objects import objects_of
from app.core.exchange.identity import Identities
from app.core.imaging.decode import decode
from tests.core.exchange.conftest import IDENTIFIER, SECRETS, camera_exif, jpeg

SHAPE = {
    "Rows",
    "Columns",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelData",
}
KINDS = {"picture", "capture", "report", "outline", "measurements"}
needs_validator = pytest.mark.skipif(not shutil.which("dciodvfy"), reason="no dciodvfy (Debian: dicom3tools)")
needs_dcmtk = pytest.mark.skipif(not shutil.which("dsr2html"), reason="no dsr2html (Debian: dcmtk)")


@pytest.fixture
def objects(case: Case, rendered: Rendered, identities: Identities) -> dict[str, bytes]:
    return dict(objects_of(case, rendered, identities))


def read(content: bytes) -> pydicom.Dataset:
    return pydicom.dcmread(io.BytesIO(content))


def png(**options: object) -> bytes:
    target = io.BytesIO()
    Image.open(io.BytesIO(jpeg())).save(target, "PNG", **options)
    return target.getvalue()


@needs_validator
@pytest.mark.parametrize("deidentified", [False, True])
@pytest.mark.parametrize("kind", ["jpeg", "png", "on its side", "grey"])
def test_no_validator_finds_an_error(
    deidentified: bool,
    kind: str,
    make_case: Callable[..., Case],
    rendered: Rendered,
    identities: Identities,
    tmp_path: Path,
) -> None:
    contents = {
        "jpeg": jpeg(),
        "png": png(),
        "on its side": jpeg(exif=camera_exif(6)),
        "grey": _grey(),
    }
    case = make_case(contents[kind])
    if deidentified:
        case = identities.deidentified(case)
    for name, content in objects_of(case, rendered, identities):
        file = tmp_path / f"{name}.dcm"
        file.write_bytes(content)
        done = subprocess.run(["dciodvfy", "-new", str(file)], capture_output=True, text=True)
        assert "Error" not in done.stderr + done.stdout, (name, done.stderr)


def _grey() -> bytes:
    target = io.BytesIO()
    Image.open(io.BytesIO(jpeg())).convert("L").save(target, "JPEG")
    return target.getvalue()


@needs_validator
@pytest.mark.parametrize("identifier", ["x" * 200, "a\\b", "A=1^2", "Мария 17", "مريم"])
def test_every_identifier_has_a_form_that_dicom_holds(
    identifier: str, make_case: Callable[..., Case], rendered: Rendered, identities: Identities, tmp_path: Path
) -> None:
    others = [identifier + "y", identifier.replace("\\", "/") + "z"]
    stated = []
    for one in (identifier, *others):
        case = make_case(patient=Patient(one), record=ClinicalRecord(one))
        for name, content in objects_of(case, rendered, identities):
            file = tmp_path / f"{name}.dcm"
            file.write_bytes(content)
            done = subprocess.run(["dciodvfy", "-new", str(file)], capture_output=True, text=True)
            assert "Error" not in done.stderr + done.stdout, (name, done.stderr)
        stated.append(str(read(content).PatientID))
    assert len(set(stated)) == len(stated)
    assert all(len(each) <= 64 for each in stated)


@needs_dcmtk
def test_dcmtk_reads_the_measurements(objects: dict[str, bytes], tmp_path: Path) -> None:
    file, page = tmp_path / "measurements.dcm", tmp_path / "measurements.html"
    file.write_bytes(objects["measurements"])
    done = subprocess.run(["dsr2html", str(file), str(page)], capture_output=True, text=True)
    assert done.returncode == 0
    assert "E:" not in done.stderr
    assert "Refer: melanoma suspected" in page.read_text()
    tree = subprocess.run(["dsrdump", str(file)], capture_output=True, text=True)
    assert "E:" not in tree.stderr
    assert 'Probability of melanoma")="42.0" (%' in tree.stdout


def test_all_objects_are_of_one_study_and_patient(objects: dict[str, bytes]) -> None:
    datasets = {kind: read(content) for kind, content in objects.items()}
    assert datasets.keys() == KINDS
    assert len({dataset.StudyInstanceUID for dataset in datasets.values()}) == 1
    assert {str(dataset.PatientID) for dataset in datasets.values()} == {IDENTIFIER}
    assert len({dataset.SeriesInstanceUID for dataset in datasets.values()}) == len(KINDS)
    assert len({dataset.SOPInstanceUID for dataset in datasets.values()}) == len(KINDS)
    assert {dataset.PatientBirthDate for dataset in datasets.values()} == {""}  # the year alone is known
    assert {dataset.PatientAge for dataset in datasets.values()} == {"066Y"}


def test_the_jpeg_stays_as_it_is(case: Case, objects: dict[str, bytes]) -> None:
    dataset = read(objects["picture"])
    frame = next(generate_frames(dataset.PixelData, number_of_frames=1))
    assert frame.rstrip(b"\0") == case.content.rstrip(b"\0")
    assert (dataset.Columns, dataset.Rows) == (320, 240)
    assert float(dataset.PixelSpacing[0]) == pytest.approx(12 / 320)


def test_the_program_reads_its_own_picture(case: Case, objects: dict[str, bytes]) -> None:
    back, was = decode(objects["picture"]), decode(case.content)
    assert np.array_equal(back.rgb, was.rgb)
    assert (back.record.patient, back.record.site) == (IDENTIFIER, "posterior torso")
    assert back.captured_at == case.taken_at
    assert back.field_width == pytest.approx(12.0)


@pytest.mark.parametrize("content", [png(), jpeg(exif=camera_exif(6)), jpeg(progressive=True)])
def test_what_can_not_stay_keeps_its_pixels(
    content: bytes, make_case: Callable[..., Case], rendered: Rendered, identities: Identities
) -> None:
    objects = dict(objects_of(make_case(content), rendered, identities))
    back, was = decode(objects["picture"]).rgb.astype(int), decode(content, at_least=10_000).rgb.astype(int)
    assert back.shape == was.shape
    assert np.abs(back - was).max() <= 1  # of the profile


def test_a_second_export_gives_the_same_objects(
    case: Case, objects: dict[str, bytes], rendered: Rendered, identities: Identities
) -> None:
    assert dict(objects_of(case, rendered, identities)) == objects


def test_another_answer_is_another_object(
    case: Case, objects: dict[str, bytes], rendered: Rendered, identities: Identities
) -> None:
    changed = replace(case, record=replace(case.record, note="seen again"))
    others = dict(objects_of(changed, rendered, identities))
    assert read(others["picture"]).SOPInstanceUID == read(objects["picture"]).SOPInstanceUID
    for kind in KINDS - {"picture"}:
        assert read(others[kind]).SOPInstanceUID != read(objects[kind]).SOPInstanceUID


def test_the_measurements_say_what_was_computed(objects: dict[str, bytes]) -> None:
    report = highdicom.sr.srread(io.BytesIO(objects["measurements"]))
    (group,) = report.content.get_planar_roi_measurement_groups()
    values = {item.name.meaning: item.value for item in group.get_measurements()}
    assert values == {
        "Probability of melanoma": 42.0,
        "Referral threshold of melanoma": 9.0,
        "Probability of another skin cancer": 10.0,
        "Referral threshold of other skin cancers": 3.0,
    }


def test_the_outline_is_that_of_the_case(case: Case, objects: dict[str, bytes]) -> None:
    assert case.annotation.outline is not None
    mask = read(objects["outline"]).pixel_array.astype(bool)
    assert np.array_equal(mask, case.annotation.outline.mask(320, 240))


def test_the_report_and_the_drawn_answer_are_within(rendered: Rendered, objects: dict[str, bytes]) -> None:
    report = read(objects["report"])
    assert report.EncapsulatedDocument[: report.EncapsulatedDocumentLength] == rendered.report
    assert np.array_equal(read(objects["capture"]).pixel_array, rendered.capture)


def test_a_picture_without_an_answer_has_no_measurements(
    case: Case, rendered: Rendered, identities: Identities
) -> None:
    screening = replace(case.screening, prediction=None, error="too dark", refusal=Rejection.QUALITY)
    refused = replace(case, screening=screening, annotation=EMPTY_ANNOTATION)
    assert dict(objects_of(refused, rendered, identities)).keys() == {"picture", "capture", "report"}


def test_a_dicom_file_goes_out_as_it_is_with_the_rest_in_its_study(
    make_case: Callable[..., Case], case: Case, rendered: Rendered, identities: Identities
) -> None:
    source = read(dict(objects_of(case, rendered, identities))["picture"])
    source.PatientName, source.AccessionNumber = "Ivanova^Maria", "A-17"
    target = io.BytesIO()
    source.save_as(target)
    other = make_case(target.getvalue(), name="a.dcm", patient=Patient(""), record=EMPTY_RECORD)
    objects = dict(objects_of(other, rendered, identities))
    assert objects["picture"] == other.content
    report = read(objects["report"])
    assert (str(report.PatientName), report.AccessionNumber) == ("Ivanova^Maria", "A-17")
    assert report.StudyInstanceUID == source.StudyInstanceUID


def test_a_dicom_file_that_names_no_object_gets_one(
    make_case: Callable[..., Case], case: Case, rendered: Rendered, identities: Identities
) -> None:
    source = read(dict(objects_of(case, rendered, identities))["picture"])
    for element in list(source):
        if element.keyword not in SHAPE:
            del source[element.tag]
    target = io.BytesIO()
    source.save_as(target, enforce_file_format=False)
    objects = dict(objects_of(make_case(target.getvalue(), name="a.dcm"), rendered, identities))
    assert objects.keys() == KINDS
    picture = read(objects["picture"])
    assert picture.PatientID == IDENTIFIER
    assert picture.PixelData == source.PixelData
    source.SOPClassUID = VLPhotographicImageStorage  # all that is needed, and nothing of what is usual
    source.SOPInstanceUID = source.StudyInstanceUID = source.SeriesInstanceUID = "1.2.3"
    source.Modality = "XC"
    target = io.BytesIO()
    source.save_as(target, enforce_file_format=False)
    objects = dict(objects_of(make_case(target.getvalue(), name="a.dcm"), rendered, identities))
    assert {str(read(objects[kind]).StudyInstanceUID) for kind in KINDS - {"picture"}} == {"1.2.3"}


def test_the_profile_takes_nothing_out_that_is_needed(case: Case, rendered: Rendered, identities: Identities) -> None:
    """Of a case without names: its objects are the same but for the statement of the profile."""
    plain = identities.deidentified(case)
    named_so = dict(objects_of(replace(plain, deidentified=False), rendered, identities))
    stated = {
        "PatientIdentityRemoved",
        "DeidentificationMethod",
        "DeidentificationMethodCodeSequence",
        "LongitudinalTemporalInformationModified",
    }
    for kind, content in objects_of(plain, rendered, identities):
        before, after = read(named_so[kind]), read(content)
        changed = {
            element.keyword for element in (*before, *after) if before.get(element.tag) != after.get(element.tag)
        }
        assert changed - {"BurnedInAnnotation"} == stated, kind


def test_nobody_is_named_without_names(
    make_case: Callable[..., Case], case: Case, rendered: Rendered, identities: Identities
) -> None:
    as_dicom = make_case(dict(objects_of(case, rendered, identities))["picture"], name="IMG_20260501.dcm")
    for one in (case, as_dicom):
        for kind, content in objects_of(identities.deidentified(one), rendered, identities):
            assert [secret for secret in SECRETS if secret in content] == [], kind
            dataset = read(content)
            assert dataset.PatientIdentityRemoved == "YES"
            assert [item.CodeValue for item in dataset.DeidentificationMethodCodeSequence] == [
                "113100",
                "113107",
                "113108",
            ]
