"""Patients and places on the body in words."""

from __future__ import annotations

import datetime as dt

import pytest

from app.core.domain.body import PARTS, Place, View
from app.core.domain.patient import Patient, Risk, Sex
from app.ui.widgets.patient_words import lesion_words, part_words, patient_words, place_words, risk_words, risks_words

TODAY = dt.date(2026, 12, 3)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(View.BACK, 0.4, 0.25), "upper back, left"),
        (Place(View.BACK, 0.6, 0.25), "upper back, right"),
        (Place(View.FRONT, 0.4, 0.25), "chest, right"),
        (Place(View.FRONT, 0.5, 0.25), "chest, in the middle"),
        (Place(View.LEFT, 0.7, 0.4), "flank, left"),
        (Place(View.RIGHT_SOLE, 0.5, 0.5), "sole, right"),
    ],
)
def test_a_place_is_said_as_a_part_and_the_patients_side(place: Place, words: str) -> None:
    assert place_words(place) == words


def test_every_part_has_its_own_word() -> None:
    assert [part_words(part) for part in PARTS] == list(PARTS)
    assert part_words("something later") == "something later"


def test_a_patient_is_said_in_a_line() -> None:
    patient = Patient("KD-20417", 1961, Sex.MALE, 2)
    assert patient_words(patient, TODAY) == "Male · born 1961 (65) · skin type II"


def test_what_is_not_known_of_a_patient_is_left_out() -> None:
    assert patient_words(Patient("a"), TODAY) == ""
    assert patient_words(Patient("a", sex=Sex.OTHER), TODAY) == "Other sex"
    assert patient_words(Patient("a", birth_year=2026), TODAY) == "born 2026 (0)"
    assert patient_words(Patient("a", skin_type=7), TODAY) == ""


def test_risks_are_said_in_one_order() -> None:
    patient = Patient("a", risks=frozenset({Risk.FAMILY_MELANOMA, Risk.MANY_NAEVI}))
    assert risks_words(patient) == "Many naevi · Melanoma in the family"
    assert risks_words(Patient("a")) == ""
    assert len({risk_words(risk) for risk in Risk}) == len(Risk)


def test_a_lesion_is_said_by_its_number() -> None:
    assert lesion_words(3) == "Lesion 3"
