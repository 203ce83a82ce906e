"""What a DICOM file says of the picture besides its pixels: patient, site, lesion, how and when it was taken."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.scale import check_field_of_view, from_spacing

if TYPE_CHECKING:
    from pydicom import Dataset

SITE_WORDS = {
    "palms/soles": ("PALM", "SOLE"),  # before the hand that it is on
    "head/neck": ("HEAD", "NECK", "FACE", "SCALP", "EAR", "NOSE", "EYELID", "CHEEK", "FOREHEAD", "LIP"),
    "upper extremity": ("ARM", "FOREARM", "ELBOW", "WRIST", "HAND", "FINGER", "SHOULDER", "UP_EXM", "UPPER"),
    "lower extremity": ("LEG", "THIGH", "KNEE", "CALF", "ANKLE", "FOOT", "TOE", "LOW_EXM", "LOWER"),
    "anterior torso": ("CHEST", "ABDOMEN", "BREAST"),
    "lateral torso": ("FLANK", "AXILLA"),
    "posterior torso": ("BACK", "BUTTOCK", "LSPINE", "TSPINE"),
    "oral/genital": ("MOUTH", "TONGUE", "PENIS", "VULVA", "GENITAL", "SCROTUM"),
}
"""Words in (0018,0015) Body Part Examined or a region's meaning (DICOM PS3.16 annex L) -> the ISIC archive's site."""
REGIONS = ("AnatomicRegionSequence", "PrimaryAnatomicStructureSequence")
LIGHT = {"POLARIZED": "polarised light", "NON_POLARIZED": "light that is not polarised"}
"""(0016,1001) Light Source Polarization (PS3.3, C.8.12.13), and the words that stand for it in a note."""
CONTACT = {"CONTACT": "in contact with the skin", "NON_CONTACT": "without contact"}
"""(0016,1003) Contact Method."""
MEDIA = {
    "ULTRASOUND_GEL": "ultrasound gel",
    "ALCOHOL": "alcohol",
    "WATER": "water",
    "MINERAL_OIL": "mineral oil",
    "PLASTIC_CAP": "a plastic cap",
}
"""(0016,1004) Immersion Media."""


def record(dataset: Dataset) -> ClinicalRecord:
    """The patient's identifier, the site on the body where it is stated in words that we know, and in the note what a
    dermoscopic object tells besides (Supplement 221)."""
    regions = [str(item.get("CodeMeaning", "")) for name in REGIONS for item in dataset.get(name, None) or ()]
    words = " ".join([_text(dataset, "BodyPartExamined"), *regions]).upper()
    site = next((site for site, known in SITE_WORDS.items() if any(word in words.split() for word in known)), "")
    return ClinicalRecord(patient=_text(dataset, "PatientID"), site=site, note="; ".join(_details(dataset)))


def _details(dataset: Dataset) -> list[str]:
    """The lesion's identifier, light, contact and magnification, as far as they are stated."""
    lesion, magnification = _text(dataset, "TrackingID"), _text(dataset, "OpticalMagnificationFactor")
    contact = CONTACT.get(_text(dataset, "ContactMethod"), "")
    stated = dataset.get("ImmersionMedia") or ()
    media = [MEDIA[name] for name in ([stated] if isinstance(stated, str) else stated) if name in MEDIA]
    details = [
        f"lesion {lesion}" if lesion else "",
        LIGHT.get(_text(dataset, "LightSourcePolarization"), ""),
        f"{contact} ({', '.join(media)})" if contact and media else contact,
        f"{magnification}×" if magnification else "",
    ]
    return [detail for detail in details if detail]


def _text(dataset: Dataset, name: str) -> str:
    """An attribute's value as text; empty where there is none."""
    return str(dataset.get(name, "") or "").strip()


def field_width(dataset: Dataset, width: int) -> float | None:
    """How many millimetres an image of this width in pixels shows; `None` where that is not stated, or implausible.

    By Pixel Spacing, which is at the object itself (PS3.3, 10.7.1.3); Imager Pixel Spacing is at the sensor.
    """
    spacing = dataset.get("PixelSpacing")
    if not spacing or len(spacing) != 2:
        return None
    with contextlib.suppress(ValueError):  # one that says nothing of use
        scale = from_spacing(*map(float, spacing))
        check_field_of_view(scale, width)
        return scale * width
    return None


def captured_at(dataset: Dataset) -> dt.datetime | None:
    """When the image was made, without a zone: acquisition, content or study, the first that is stated."""
    moments = [str(dataset.get("AcquisitionDateTime", "") or "")]
    for what in ("Acquisition", "Content", "Study"):
        moments.append(f"{dataset.get(f'{what}Date', '') or ''}{dataset.get(f'{what}Time', '') or ''}")
    for moment in moments:
        for written, form in ((moment[:14], "%Y%m%d%H%M%S"), (moment[:8], "%Y%m%d")):
            with contextlib.suppress(ValueError):
                return dt.datetime.strptime(written, form)
    return None
