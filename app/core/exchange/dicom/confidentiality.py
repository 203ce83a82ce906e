"""The basic confidentiality profile of DICOM (PS3.15, annex E), by dicom-anonymizer.

The objects are made from a case that names nobody already; this takes out whatever the standard lists besides.
"""

from __future__ import annotations

from dicomanonymizer.simpledicomanonymizer import anonymize_dataset
from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.sr.codedict import codes

from app.core.exchange.dicom.coding import coded

KEPT = (
    # pseudonyms, and characteristics of the patient (option 113108)
    "PatientID",
    "PatientName",
    "PatientSex",
    "PatientAge",
    # empty already
    "PatientBirthDate",
    "StudyTime",
    # dates that were moved already (option 113107)
    "StudyDate",
    "ContentDate",
    "ContentTime",
    "AcquisitionDate",
    "AcquisitionTime",
    "AcquisitionDateTime",
    # identifiers that are hashes by a secret already
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "ReferencedSOPInstanceUID",
    "DimensionOrganizationUID",
    "TrackingUID",
    "UID",
    "FrameOfReferenceUID",
    # what the program says itself
    "SeriesDescription",
    "DocumentTitle",
    "EncapsulatedDocument",
    "DerivationDescription",
    "SourceImageSequence",
    "SourceInstanceSequence",
    "ContentSequence",
    "ContributingEquipmentSequence",
    "ContributionDescription",
    "AcquisitionContextSequence",
    "Manufacturer",
    "ManufacturerModelName",
    "SoftwareVersions",
    "DeviceSerialNumber",
    "SegmentLabel",
    "ContentLabel",
    "ContentDescription",
    "ContentCreatorName",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
)


def apply_basic_profile(dataset: Dataset) -> None:
    """Take out of an object what the profile lists, and say in it by which profile and options that was done."""
    rules = {_tag(keyword): _keep for keyword in KEPT}
    anonymize_dataset(dataset, rules)
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "MelaScreen"
    methods = (
        codes.DCM.BasicApplicationConfidentialityProfile,
        codes.DCM.RetainLongitudinalTemporalInformationModifiedDatesOption,
        codes.DCM.RetainPatientCharacteristicsOption,
    )
    dataset.DeidentificationMethodCodeSequence = [coded(method) for method in methods]
    dataset.LongitudinalTemporalInformationModified = "MODIFIED"


def _tag(keyword: str) -> tuple[int, int]:
    tag = tag_for_keyword(keyword)
    if tag is None:
        raise ValueError(f"DICOM has no attribute {keyword}")
    return tag >> 16, tag & 0xFFFF


def _keep(dataset: Dataset, tag: object) -> None:
    """Leave an attribute as it is."""
