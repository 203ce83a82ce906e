"""Clinical vocabularies of the ISIC archive, and the record that a clinic keeps of an image."""

from __future__ import annotations

from dataclasses import dataclass

SITES = (
    "head/neck",
    "upper extremity",
    "lower extremity",
    "anterior torso",
    "lateral torso",
    "posterior torso",
    "palms/soles",
    "oral/genital",
)
"""Sites on the body: `anatom_site_general` of the ISIC archive."""

MELANOMA = "melanoma"
DIAGNOSES = (
    MELANOMA,
    "nevus",
    "basal cell carcinoma",
    "squamous cell carcinoma",
    "actinic keratosis",
    "benign keratosis",
    "dermatofibroma",
    "vascular lesion",
    "other benign",
    "other malignant",
)
"""Diagnoses: the classes of the ISIC challenge of 2019, and what none of them names."""

OTHER_CANCERS = ("basal cell carcinoma", "squamous cell carcinoma", "actinic keratosis", "other malignant")
"""Those of `DIAGNOSES` that are to be referred although they are no melanoma."""

ABBREVIATIONS = {
    "MEL": MELANOMA,
    "NV": "nevus",
    "BCC": "basal cell carcinoma",
    "AKIEC": "actinic keratosis or Bowen's disease",
    "SCC": "squamous cell carcinoma",
    "BKL": "benign keratosis",
    "DF": "dermatofibroma",
    "VASC": "vascular lesion",
}
"""The ISIC archive's abbreviations of diagnoses, which models go by, and what they stand for."""
MELANOMA_ABBREVIATION = "MEL"
"""The one among `ABBREVIATIONS` that stands for melanoma."""

CONFIRMATIONS = (
    "histopathology",
    "confocal microscopy with consensus dermoscopy",
    "serial imaging showing no change",
    "single image expert consensus",
    "single contributor clinical assessment",
)
"""How a diagnosis was confirmed: `diagnosis_confirm_type` of the ISIC archive, the surest first."""


@dataclass(frozen=True, slots=True)
class ClinicalRecord:
    """The clinical record of an image. An empty field is unknown; none is required.

    `patient` is an identifier or pseudonym in any form, `site` one of `SITES`, `diagnosis` the confirmed one
    (`DIAGNOSES`), `confirmed_on` its date (ISO 8601) and `confirmed_by` one of `CONFIRMATIONS`.
    """

    patient: str = ""
    site: str = ""
    note: str = ""
    diagnosis: str = ""
    confirmed_on: str = ""
    confirmed_by: str = ""


EMPTY_RECORD = ClinicalRecord()


_MERGED_TOGETHER = (("patient",), ("site",), ("diagnosis", "confirmed_on", "confirmed_by"))
"""Fields, beside the note, that are changed or kept together: a confirmation belongs to its diagnosis."""


def merged(own: ClinicalRecord, base: ClinicalRecord, stored: ClinicalRecord) -> tuple[ClinicalRecord, tuple[str, ...]]:
    """A record that was edited from `base`, put over one that somebody else stored meanwhile; and the conflicts.

    Fields that were not edited keep what is stored. Of fields that both edited, each in another way, the own values
    stand, and the others are kept in the note; of the note both texts stand. The names of such fields are given, of a
    group the first one's.
    """
    values: dict[str, str] = {}
    notes, conflicts = [], []
    for names in _MERGED_TOGETHER:
        ours, before, theirs = (tuple(getattr(record, name) for name in names) for record in (own, base, stored))
        values |= zip(names, theirs if ours == before else ours, strict=True)
        if ours != before and theirs not in (before, ours):
            conflicts.append(names[0])
            notes.append(f"({names[0]}: {', '.join(filter(None, theirs)) or '–'})")
    note = stored.note if own.note == base.note else own.note
    if own.note != base.note and stored.note not in (base.note, own.note):
        conflicts.append("note")
        notes.append(stored.note)
    return ClinicalRecord(**values, note="\n".join(filter(None, [note, *notes]))), tuple(conflicts)
