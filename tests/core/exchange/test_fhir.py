from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest
from fhir.resources.R4B.bundle import Bundle

from app.core.domain.patient import Patient
from app.core.exchange import fhir
from app.core.exchange.case import Case, Rendered
from app.core.exchange.identity import Identities


def resources(content: bytes) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for entry in json.loads(content)["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def test_the_bundle_is_valid_and_complete(case: Case, rendered: Rendered, identities: Identities) -> None:
    content = fhir.bundle(case, rendered, identities)
    Bundle.model_validate_json(content)
    found = resources(content)
    assert {kind: len(each) for kind, each in found.items()} == {
        "Patient": 1,
        "Device": 1,
        "Observation": 2,
        "DiagnosticReport": 1,
    }
    (report,) = found["DiagnosticReport"]
    assert base64.b64decode(report["presentedForm"][0]["data"]) == rendered.report
    assert report["status"] == "preliminary"
    assert "Not a diagnosis" in report["conclusion"]
    values = [one["valueQuantity"]["value"] for one in found["Observation"]]
    assert values == [pytest.approx(42.0), pytest.approx(10.0)]
    named = {entry["fullUrl"] for entry in json.loads(content)["entry"]}
    assert {report["subject"]["reference"], *(one["reference"] for one in report["result"])} <= named


def test_a_picture_without_an_answer_has_no_numbers(case: Case, rendered: Rendered, identities: Identities) -> None:
    screening = replace(case.screening, prediction=None, error="too dark")
    content = fhir.bundle(replace(case, screening=screening, patient=Patient("")), rendered, identities)
    Bundle.model_validate_json(content)
    found = resources(content)
    assert "Observation" not in found
    assert "identifier" not in found["Patient"][0]


def test_a_second_export_is_the_same(case: Case, rendered: Rendered, identities: Identities) -> None:
    assert fhir.bundle(case, rendered, identities) == fhir.bundle(case, rendered, identities)
