"""The table for the ISIC archive, by the archive's own check."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from isic_metadata.metadata import MetadataBatch, MetadataRow

from app.core.domain.clinical import CONFIRMATIONS, DIAGNOSES, SITES, ClinicalRecord
from app.core.domain.patient import Patient, Sex
from app.core.exchange.case import Case
from app.core.exchange.identity import Identities
from app.core.exchange.isic import metadata_table
from tests.core.exchange.conftest import IDENTIFIER, jpeg


def rows(cases: list[Case]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(metadata_table(cases).decode())))


@pytest.mark.parametrize("diagnosis", DIAGNOSES)
@pytest.mark.parametrize("confirmed_by", CONFIRMATIONS)
def test_the_archive_takes_every_diagnosis(
    diagnosis: str, confirmed_by: str, make_case: Callable[..., Case], identities: Identities
) -> None:
    record = ClinicalRecord(IDENTIFIER, diagnosis=diagnosis, confirmed_by=confirmed_by)
    (row,) = rows([identities.deidentified(make_case(record=record))])
    taken = MetadataRow(**row)
    malignant = diagnosis in DIAGNOSES[:1] or "carcinoma" in diagnosis or diagnosis == "other malignant"
    assert taken.diagnosis is not None
    assert (taken.diagnosis_1 == "Malignant") == malignant
    assert taken.unstructured == {"filename": row["filename"]}


@pytest.mark.parametrize("site", SITES)
def test_the_archive_takes_every_site(site: str, make_case: Callable[..., Case], identities: Identities) -> None:
    (row,) = rows([identities.deidentified(make_case(record=ClinicalRecord(IDENTIFIER, site=site)))])
    taken = MetadataRow(**row)
    assert taken.anatom_site or taken.anatom_site_special


def test_the_archive_takes_what_is_known_of_patients(make_case: Callable[..., Case], identities: Identities) -> None:
    people = [Patient("a", 1930, Sex.FEMALE, 6), Patient("b", None, Sex.OTHER), Patient("")]
    cases = [make_case(patient=one, record=ClinicalRecord(one.identifier), lesion=None) for one in people]
    table = rows([identities.deidentified(case) for case in cases])
    MetadataBatch(items=[MetadataRow(**row) for row in table])
    assert [(row["age"], row["sex"], row["fitzpatrick_skin_type"]) for row in table] == [
        ("85", "female", "VI"),
        ("", "", ""),
        ("", "", ""),
    ]
    assert [bool(row["patient_id"]) for row in table] == [True, True, False]


def test_days_count_from_a_patient_s_first_picture(make_case: Callable[..., Case], identities: Identities) -> None:
    first, later = make_case(), make_case(jpeg())
    moved = later.taken_at.replace(month=6)
    later = replace(later, screening=replace(later.screening, captured_at=moved))
    table = rows([identities.deidentified(later), identities.deidentified(first)])
    assert [row["acquisition_day"] for row in table] == ["32", "1"]
