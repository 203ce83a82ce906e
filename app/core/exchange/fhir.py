"""A case as FHIR R4 resources: a report with its PDF, and what was computed (hl7.org/fhir/R4).

A bundle of the kind *collection*: patient, device, a DiagnosticReport and its Observations. Its form is that of R4 and
R4B, which do not differ in these resources.
"""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator

from app.core.domain.advice import advice_of
from app.core.domain.patient import Sex
from app.core.domain.results import Prediction
from app.core.exchange.case import Case, Rendered
from app.core.exchange.identity import Identities
from app.core.system.version import version

Resource = dict[str, object]
CODES = "urn:melascreen:codes"
"""The system of our own codes; docs/exchange.md lists them."""
IDENTIFIERS = "urn:melascreen:patient"
GENDERS = {Sex.FEMALE: "female", Sex.MALE: "male", Sex.OTHER: "other"}
SNOMED = "http://snomed.info/sct"
DISCLAIMER = "Computed by MelaScreen to support a decision. Not a diagnosis."


def bundle(case: Case, rendered: Rendered, identities: Identities) -> bytes:
    """A case as the JSON of a bundle."""
    resources = _resources(case, rendered, identities)
    content = {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": case.screening.screened_at.isoformat(timespec="seconds"),
        "entry": [{"fullUrl": _url(str(resource["id"])), "resource": resource} for resource in resources],
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def _resources(case: Case, rendered: Rendered, identities: Identities) -> Iterator[Resource]:
    def named(kind: str, *parts: object) -> str:
        return str(uuid.UUID(int=int(identities.uid("fhir", kind, *parts).removeprefix("2.25."))))

    owner = case.patient.identifier or case.sha256
    patient, device = named("Patient", owner), named("Device", str(case.screening.model), version())
    yield _patient(case, patient)
    yield _device(case, device)
    common: Resource = {
        "status": "preliminary",  # no clinician has looked at it here
        "subject": _reference(patient),
        "effectiveDateTime": f"{case.taken_at:%Y-%m-%d}",
        "issued": case.screening.screened_at.isoformat(timespec="seconds"),
    }
    observations = []
    if case.screening.answered is not None:
        for code, text, value, threshold in _numbers(case.screening.answered):
            observation: Resource = {
                "resourceType": "Observation",
                "id": named("Observation", owner, case.sha256, case.answer, code),
                **common,
                "code": _concept(code, text),
                "device": _reference(device),
                "valueQuantity": _percent(value),
                "component": [
                    {"code": _concept("threshold", "Referral threshold"), "valueQuantity": _percent(threshold)}
                ],
                "note": [{"text": DISCLAIMER}],
            }
            observations.append(_reference(str(observation["id"])))
            yield observation
    report: Resource = {
        "resourceType": "DiagnosticReport",
        "id": named("DiagnosticReport", owner, case.sha256, case.answer),
        **common,
        "code": _concept("dermoscopy", "Dermoscopy image, assessed by MelaScreen"),
        "presentedForm": [
            {
                "contentType": "application/pdf",
                "data": base64.b64encode(rendered.report).decode(),
                "title": "MelaScreen report",
            }
        ],
        "conclusion": f"{DISCLAIMER} Advice: {advice_of(case.screening).value}.",
    }
    if observations:
        report["result"] = observations
    yield report


def _patient(case: Case, name: str) -> Resource:
    patient: Resource = {"resourceType": "Patient", "id": name}
    if case.patient.identifier:
        patient["identifier"] = [{"system": IDENTIFIERS, "value": case.patient.identifier}]
    if case.patient.sex:
        patient["gender"] = GENDERS[case.patient.sex]
    if case.patient.birth_year:
        patient["birthDate"] = f"{case.patient.birth_year:04}"
    return patient


def _device(case: Case, name: str) -> Resource:
    model = case.screening.model
    return {
        "resourceType": "Device",
        "id": name,
        "manufacturer": "MelaScreen",
        "deviceName": [{"name": "MelaScreen", "type": "manufacturer-name"}],
        "version": [{"value": version()}, {"value": str(model)}],
    }


def _numbers(prediction: Prediction) -> Iterator[tuple[str, str, float, float]]:
    """Code, text, probability and threshold of what was computed."""
    yield "mel-prob", "Probability of melanoma", prediction.melanoma_probability, prediction.threshold
    other, threshold = prediction.other_cancer_probability, prediction.other_cancer_threshold
    if other is not None and threshold is not None:
        yield "other-prob", "Probability of another skin cancer", other, threshold


def _percent(share: float) -> Resource:
    return {"value": round(100 * share, 4), "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}


def _concept(code: str, text: str) -> Resource:
    return {"coding": [{"system": CODES, "code": code, "display": text}], "text": text}


def _reference(name: str) -> Resource:
    return {"reference": _url(name)}


def _url(name: str) -> str:
    return f"urn:uuid:{name}"
