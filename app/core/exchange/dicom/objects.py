"""What all exported DICOM objects share: patient, study, series, equipment, and writing them (PS3.3)."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import dataclass

import pydicom
from pydicom import Dataset
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from app.core.domain.patient import Sex
from app.core.exchange.case import Case
from app.core.exchange.identity import Identities
from app.core.imaging.formats.dicom import is_dicom
from app.core.system.version import version

MANUFACTURER, PROGRAM = "MelaScreen", "MelaScreen"
MOST_SIGNS = 64
"""Of an identifier in DICOM; here it has up to 200."""
SEXES = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.OTHER: "O"}
OF_THE_STUDY = (
    "PatientName",
    "PatientID",
    "IssuerOfPatientID",
    "PatientBirthDate",
    "PatientSex",
    "PatientAge",
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyID",
    "AccessionNumber",
    "ReferringPhysicianName",
)
"""Attributes that the objects of a study have in common; those of a picture that is DICOM already are taken over."""


@dataclass(frozen=True)
class Kind:
    """A kind of object: its SOP class, modality, and the series that its objects stand in."""

    name: str
    sop_class: UID
    modality: str
    series_number: int
    description: str


def new_object(case: Case, kind: Kind, identities: Identities, *, content: object = "") -> FileDataset:
    """An object of a case without its content: patient, study, series, equipment, common attributes.

    Its UID is always the same for the same case and the same `content`, which names what the object was made from.
    """
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.update(study_of(case, identities))
    dataset.SOPClassUID = kind.sop_class
    dataset.SOPInstanceUID = identities.uid(dataset.StudyInstanceUID, case.sha256, kind.name, content)
    dataset.SeriesInstanceUID = identities.uid(dataset.StudyInstanceUID, kind.name)
    dataset.SeriesNumber = kind.series_number
    dataset.SeriesDescription = kind.description
    dataset.Modality = kind.modality
    dataset.InstanceNumber = number_of(case)
    dataset.Manufacturer = MANUFACTURER
    dataset.ManufacturerModelName = PROGRAM
    dataset.SoftwareVersions = version()
    taken = case.taken_at
    dataset.ContentDate, dataset.ContentTime = date(taken), time(taken)
    return dataset


def study_of(case: Case, identities: Identities) -> Dataset:
    """The patient and the study of a case (C.7.1.1, C.7.2.1).

    Those that the picture states, where it is DICOM; otherwise the pictures that a patient has of one day are a study,
    and one without a patient is a study of its own.
    """
    patient, taken = case.patient, case.taken_at
    study = Dataset()
    identifier = _storable(patient.identifier, identities)
    study.PatientID = identifier
    if identifier:  # with a caret, highdicom takes it for a name that has one part (PS3.5, 6.2.1)
        study.PatientName = re.sub(r"[\^=]", " ", identifier)[: MOST_SIGNS - 1] + "^"
    else:
        study.PatientName = ""
    study.PatientBirthDate = ""  # the year alone is known, which DICOM has no form for
    if (age := patient.age(taken.date())) is not None:
        study.PatientAge = f"{age:03}Y"
    study.PatientSex = SEXES.get(patient.sex, "") if patient.sex else ""
    study.StudyInstanceUID = identities.uid("study", patient.identifier or case.sha256, date(taken))
    study.StudyDate, study.StudyTime = date(taken), ""
    study.StudyID = ""
    study.AccessionNumber = ""
    study.ReferringPhysicianName = ""
    if is_dicom(case.content[:132]):
        source = pydicom.dcmread(io.BytesIO(case.content), force=True, stop_before_pixels=True)
        for name in OF_THE_STUDY:
            if source.get(name):
                study[name] = source[name]
    return study


def finish(made: Dataset, base: Dataset) -> Dataset:
    """An object that highdicom made, with the patient, the study and the times of `base`: those of the case, not of
    this moment, so that a second export writes the same."""
    for element in base:
        if element.keyword not in ("SOPClassUID", "Modality"):
            made[element.tag] = element
    for name in ("InstanceCreationDate", "InstanceCreationTime"):
        if name in made:
            del made[name]
    for equipment in made.get("ContributingEquipmentSequence", ()):
        equipment.pop("ContributionDateTime", None)
    return made


def _storable(identifier: str, identities: Identities) -> str:
    """An identifier in a form that DICOM can hold (LO: PS3.5, 6.2): one that is too long, or has signs that mean
    something else there, is cut and told from others by a hash behind it."""
    plain = re.sub(r"[\\\x00-\x1f]", " ", identifier)
    if plain == identifier and len(plain) <= MOST_SIGNS:
        return plain
    ending = identities.pseudonym("", identifier)
    return plain[: MOST_SIGNS - len(ending)] + ending


def reference(dataset: Dataset) -> Dataset:
    """An item that refers to an object."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    return item


def number_of(case: Case) -> int:
    """A number that orders the pictures of a day by time and hardly ever falls on two of them."""
    taken = case.taken_at
    return (taken.hour * 3600 + taken.minute * 60 + taken.second) * 1000 + int(case.sha256[:8] or "0", 16) % 1000


def date(moment: dt.datetime) -> str:
    return f"{moment:%Y%m%d}"


def time(moment: dt.datetime) -> str:
    return f"{moment:%H%M%S}"


def written(dataset: Dataset) -> bytes:
    """An object as the bytes of a file."""
    target = io.BytesIO()
    pydicom.dcmwrite(target, dataset, enforce_file_format=True)
    return target.getvalue()
