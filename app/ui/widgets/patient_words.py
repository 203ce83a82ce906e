"""Patients, lesions and places on the body in words."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QCoreApplication

from app.core.domain.body import Place, Side
from app.core.domain.patient import SKIN_TYPES, Patient, Risk, Sex

translate = QCoreApplication.translate


def place_words(place: Place) -> str:
    """A place's part of the body and its side: *upper back, left*. The side is the patient's."""
    part, side = part_words(place.part), place.side
    if side is None:
        return part
    return {
        Side.LEFT: translate("patient", "{0}, left"),
        Side.RIGHT: translate("patient", "{0}, right"),
        Side.MIDDLE: translate("patient", "{0}, in the middle"),
    }[side].format(part)


def part_words(part: str) -> str:
    """A part of the body, one of `PARTS`; an unknown one as it is."""
    return {
        "face": translate("patient", "face"),
        "scalp": translate("patient", "scalp"),
        "head": translate("patient", "head"),
        "neck": translate("patient", "neck"),
        "chest": translate("patient", "chest"),
        "abdomen": translate("patient", "abdomen"),
        "groin": translate("patient", "groin"),
        "upper back": translate("patient", "upper back"),
        "lower back": translate("patient", "lower back"),
        "buttock": translate("patient", "buttock"),
        "flank": translate("patient", "flank"),
        "upper arm": translate("patient", "upper arm"),
        "forearm": translate("patient", "forearm"),
        "hand": translate("patient", "hand"),
        "palm": translate("patient", "palm"),
        "thigh": translate("patient", "thigh"),
        "lower leg": translate("patient", "lower leg"),
        "foot": translate("patient", "foot"),
        "sole": translate("patient", "sole"),
    }.get(part, part)


def lesion_words(number: int) -> str:
    """A lesion by its number within the patient: *Lesion 3*."""
    return translate("patient", "Lesion {0}").format(number)


def patient_words(patient: Patient, today: dt.date) -> str:
    """Sex, year of birth with the age, and skin type: *Male · born 1961 (65) · skin type II*; empty where none is
    known."""
    return " · ".join(filter(None, (sex_words(patient.sex), _born(patient, today), _skin(patient.skin_type))))


def sex_words(sex: Sex | None) -> str:
    """A sex; empty where it is not known."""
    if sex is None:
        return ""
    return {
        Sex.FEMALE: translate("patient", "Female"),
        Sex.MALE: translate("patient", "Male"),
        Sex.OTHER: translate("patient", "Other sex"),
    }[sex]


def _born(patient: Patient, today: dt.date) -> str:
    age = patient.age(today)
    return "" if age is None else translate("patient", "born {0} ({1})").format(patient.birth_year, age)


def _skin(skin_type: int | None) -> str:
    if skin_type is None or not 1 <= skin_type <= len(SKIN_TYPES):
        return ""
    return translate("patient", "skin type {0}").format(SKIN_TYPES[skin_type - 1])


def risk_words(risk: Risk) -> str:
    """What raises the risk of melanoma."""
    return {
        Risk.MANY_NAEVI: translate("patient", "Many naevi"),
        Risk.EARLIER_MELANOMA: translate("patient", "Earlier melanoma"),
        Risk.FAMILY_MELANOMA: translate("patient", "Melanoma in the family"),
    }[risk]


def risks_words(patient: Patient) -> str:
    """All risks of a patient, in a fixed order: *Many naevi · Melanoma in the family*; empty for none."""
    return " · ".join(risk_words(risk) for risk in Risk if risk in patient.risks)


def owner_text(patient: str, lesion: int | None) -> str:
    """A patient and a lesion's number in a table: *KD-20417 · 3*; without a patient *lesion 3*."""
    if not patient:
        return "" if lesion is None else translate("patient", "lesion {0}").format(lesion)
    return patient if lesion is None else f"{patient} · {lesion}"
