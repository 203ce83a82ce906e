from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.domain.patient import Patient
from app.core.exchange.case import Case
from app.core.exchange.identity import Identities, load_key
from tests.core.exchange.conftest import IDENTIFIER, SECRETS, jpeg


def test_nothing_names_the_patient(case: Case, identities: Identities) -> None:
    plain = identities.deidentified(case)
    written = repr(replace(plain, content=b"")).encode() + plain.content
    assert [secret for secret in SECRETS if secret in written] == []
    assert plain.deidentified
    assert (plain.patient.sex, plain.patient.skin_type) == (case.patient.sex, case.patient.skin_type)
    assert (plain.record.site, plain.record.diagnosis) == (case.record.site, case.record.diagnosis)
    assert plain.screening.prediction == case.screening.prediction
    assert plain.sha256 != case.sha256  # by which somebody who has the file could tell it


def test_a_patient_s_pictures_stay_together_and_as_far_apart(
    make_case: Callable[..., Case], identities: Identities
) -> None:
    first, later = make_case(), make_case(jpeg())
    later = replace(later, screening=replace(later.screening, captured_at=dt.datetime(2026, 6, 1, 8)))
    one, two = identities.deidentified(first), identities.deidentified(later)
    assert one.patient.identifier == two.patient.identifier != IDENTIFIER
    assert two.taken_at - one.taken_at == later.taken_at - first.taken_at
    assert dt.timedelta(days=1) <= first.taken_at - one.taken_at <= dt.timedelta(days=366)
    assert one.screening.path != two.screening.path


def test_another_installation_gives_other_names(case: Case, identities: Identities) -> None:
    other = Identities(b"another secret").deidentified(case)
    same = identities.deidentified(case)
    assert other.patient.identifier != same.patient.identifier
    assert same == identities.deidentified(case)


def test_an_age_that_few_have_is_not_told(make_case: Callable[..., Case], identities: Identities) -> None:
    old = identities.deidentified(make_case(patient=Patient(IDENTIFIER, 1930)))
    assert old.patient.age(old.taken_at.date()) == 89
    young = identities.deidentified(make_case(patient=Patient(IDENTIFIER, 1990)))
    assert young.patient.age(young.taken_at.date()) == 36


def test_the_secret_is_made_once(tmp_path: Path) -> None:
    file = tmp_path / "data" / "export.key"
    key = load_key(file)
    assert len(key) == 32
    assert load_key(file) == key
    assert load_key(tmp_path / "other.key") != key
    file.write_bytes(b"")
    with pytest.raises(OSError, match=r"export\.key is damaged"):
        load_key(file)
