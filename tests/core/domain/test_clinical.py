"""Records that two windows edited, put together."""

from __future__ import annotations

import pytest

from app.core.domain.clinical import ClinicalRecord, merged

BASE = ClinicalRecord(patient="7", site="back", note="before")


@pytest.mark.parametrize(
    ("own", "stored", "result", "conflicts"),
    [
        (BASE, BASE, BASE, ()),
        (ClinicalRecord("8", "back", "before"), BASE, ClinicalRecord("8", "back", "before"), ()),
        (BASE, ClinicalRecord("9", "", "x"), ClinicalRecord("9", "", "x"), ()),
        (ClinicalRecord("8", "back", "before"), ClinicalRecord("7", "", "x"), ClinicalRecord("8", "", "x"), ()),
        (ClinicalRecord("8", "back", "a"), ClinicalRecord("8", "back", "a"), ClinicalRecord("8", "back", "a"), ()),
        (
            ClinicalRecord("8", "", "a"),
            ClinicalRecord("9", "face", "b"),
            ClinicalRecord("8", "", "a\n(patient: 9)\n(site: face)\nb"),
            ("patient", "site", "note"),
        ),
    ],
)
def test_what_was_not_edited_stays_and_of_a_conflict_both_are_kept(
    own: ClinicalRecord, stored: ClinicalRecord, result: ClinicalRecord, conflicts: tuple[str, ...]
) -> None:
    assert merged(own, BASE, stored) == (result, conflicts)


def test_a_confirmation_stays_with_its_diagnosis() -> None:
    own = ClinicalRecord(diagnosis="melanoma")
    stored = ClinicalRecord(diagnosis="nevus", confirmed_on="2026-02-03", confirmed_by="histopathology")
    found, conflicts = merged(own, ClinicalRecord(), stored)
    assert (found.diagnosis, found.confirmed_on, found.confirmed_by) == ("melanoma", "", "")
    assert found.note == "(diagnosis: nevus, 2026-02-03, histopathology)"
    assert conflicts == ("diagnosis",)
