"""Cases as the ISIC archive takes them: a table in its words, and the images beside it.

The words are those of `isic-metadata`, the archive's own check, which the tests run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from app.core.domain.body import ARM, BACK, CHEST, FLANK, GENITAL, HEAD_NECK, LEG, PALM_SOLE, View
from app.core.domain.clinical import DIAGNOSES
from app.core.domain.patient import SKIN_TYPES, Risk, Sex
from app.core.exchange.case import Case
from app.core.exchange.table import csv_bytes

COLUMNS = (
    "filename",
    "patient_id",
    "lesion_id",
    "acquisition_day",
    "age",
    "sex",
    "fitzpatrick_skin_type",
    "personal_hx_mm",
    "family_hx_mm",
    "anatom_site",
    "anatom_site_general",
    "anatom_site_special",
    "diagnosis",
    "diagnosis_confirm_type",
    "image_type",
    "image_manipulation",
)
DIAGNOSES_THERE = dict(
    zip(
        DIAGNOSES,
        (
            "Malignant:Malignant melanocytic proliferations (Melanoma)",
            "Benign:Benign melanocytic proliferations:Nevus",
            "Malignant:Malignant adnexal epithelial proliferations - Follicular:Basal cell carcinoma",
            "Malignant:Malignant epidermal proliferations:Squamous cell carcinoma, NOS",
            "Indeterminate:Indeterminate epidermal proliferations:Solar or actinic keratosis",
            "Benign:Benign epidermal proliferations",
            "Benign:Benign soft tissue proliferations - Fibro-histiocytic:Dermatofibroma",
            "Benign:Benign soft tissue proliferations - Vascular",
            "Benign",
            "Malignant",
        ),
        strict=True,
    )
)
SITES_THERE = {
    HEAD_NECK: "Head and neck",
    ARM: "Upper extremity",
    LEG: "Lower extremity",
    CHEST: "Trunk:Anterior trunk",
    FLANK: "Trunk:Lateral trunk",
    BACK: "Trunk:Posterior trunk",
}
SPECIAL_SITES = {PALM_SOLE: "acral palms or soles", GENITAL: "oral or genital"}
HANDS, FEET = (View.LEFT_PALM, View.RIGHT_PALM), (View.LEFT_SOLE, View.RIGHT_SOLE)
OLDEST = 85
"""Years: the archive has no greater age."""


def metadata_table(cases: Sequence[Case]) -> bytes:
    """The archive's table of de-identified cases, a row each, as CSV.

    The days count from a patient's first picture among them.
    """
    first: dict[str, dt.date] = {}
    for case in cases:
        day = case.taken_at.date()
        first[case.patient.identifier] = min(day, first.get(case.patient.identifier, day))
    return csv_bytes(COLUMNS, (_row(case, first[case.patient.identifier]) for case in cases))


def _row(case: Case, first_day: dt.date) -> dict[str, object]:
    patient, record, taken = case.patient, case.record, case.taken_at.date()
    age = patient.age(taken)
    return {
        "filename": case.screening.path.name,
        "patient_id": patient.identifier or None,
        "lesion_id": f"{patient.identifier}-L{case.lesion.number}" if case.lesion and patient.identifier else None,
        "acquisition_day": (taken - first_day).days + 1 if patient.identifier else None,
        "age": None if age is None else min(age, OLDEST),
        "sex": patient.sex.value if patient.sex in (Sex.FEMALE, Sex.MALE) else None,
        "fitzpatrick_skin_type": SKIN_TYPES[patient.skin_type - 1] if patient.skin_type else None,
        "personal_hx_mm": "true" if Risk.EARLIER_MELANOMA in patient.risks else None,
        "family_hx_mm": "true" if Risk.FAMILY_MELANOMA in patient.risks else None,
        "anatom_site": SITES_THERE.get(record.site) or _hand_or_foot(case),
        "anatom_site_general": record.site or None,
        "anatom_site_special": SPECIAL_SITES.get(record.site),
        "diagnosis": DIAGNOSES_THERE.get(record.diagnosis),
        "diagnosis_confirm_type": record.confirmed_by if record.diagnosis else None,
        "image_type": "dermoscopic",
        "image_manipulation": "instrument only",
    }


def _hand_or_foot(case: Case) -> str | None:
    """What of palms and soles it is, where the lesion has a place on the body."""
    view = case.lesion.place.view if case.lesion and case.lesion.place else None
    if view in HANDS:
        return "Upper extremity:Hand"
    return "Lower extremity:Foot" if view in FEET else None
