"""Rows of the ISIC archive's metadata as labelled images: the archive's own download, or what MelaScreen exports.

The archive names its images by `isic_id`, an upload's table by `filename`; the diagnosis stands in `diagnosis_1` to
`diagnosis_5`, from the most general to the most special, or in one column with colons between.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

from training.errors import DataError

NAMES = ("isic_id", "filename")
"""Columns that name the image; a table with one of them is the archive's."""
MALIGNANT, BENIGN = "Malignant", "Benign"
MELANOMA = "Malignant melanocytic proliferations (Melanoma)"
ABBREVIATIONS = {
    MELANOMA: "MEL",
    "Nevus": "NV",
    "Basal cell carcinoma": "BCC",
    "Squamous cell carcinoma in situ": "AKIEC",
    "Solar or actinic keratosis": "AKIEC",
    "Squamous cell carcinoma, NOS": "SCC",
    "Squamous cell carcinoma, Invasive": "SCC",
    "Dermatofibroma": "DF",
    "Benign epidermal proliferations": "BKL",
    "Benign soft tissue proliferations - Vascular": "VASC",
}
"""A level's words -> the abbreviation that recipes go by; the most special level that has one counts."""


def is_isic(columns: frozenset[str]) -> bool:
    """Whether a table has the archive's columns."""
    return "melanoma" not in columns and bool(columns & set(NAMES)) and bool(columns & {"diagnosis", "diagnosis_1"})


def as_example_fields(row: Mapping[str, str]) -> dict[str, str]:
    """A row by the fields of `Example`.

    Raises `DataError` where no image is named, or the diagnosis does not say whether it is a melanoma.
    """
    image = next((row[name] for name in NAMES if row.get(name)), "")
    if not image:
        raise DataError("no image is named")
    levels = [row.get(f"diagnosis_{number}") or "" for number in range(1, 6)]
    levels = [level for level in levels if level] or (row.get("diagnosis") or "").split(":")
    if levels[0] not in (MALIGNANT, BENIGN, "Indeterminate"):
        raise DataError(f"{image} has no diagnosis")
    if levels == [MALIGNANT]:
        raise DataError(f"{image} is malignant, and it is not said whether it is a melanoma")
    patient, lesion = row.get("patient_id") or "", row.get("lesion_id") or ""
    return {
        "image": image if row.get("isic_id") else PurePath(image).stem,
        "melanoma": str(int(MELANOMA in levels)),
        "lesion_id": lesion,
        "group": patient or lesion,
        "source": row.get("attribution") or "",
        "diagnosis": next((ABBREVIATIONS[level] for level in reversed(levels) if level in ABBREVIATIONS), ""),
        "malignant": {MALIGNANT: "1", BENIGN: "0"}.get(levels[0], ""),
        "age": row.get("age_approx") or row.get("age") or "",
        "sex": row.get("sex") or "",
        "site": row.get("anatom_site_general") or "",
    }
