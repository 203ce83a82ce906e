from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from app.core.model.bundle import load_bundle
from app.core.model.card import LicenceFile
from app.core.model.classifier import Classifier
from tests.factories import bare, with_detector, with_gate, with_other_cancers
from training.evaluation.model_card import as_markdown


def test_the_licence_of_the_weights_has_a_section_where_the_card_names_one(classifier: Classifier) -> None:
    card = replace(classifier.card, licence=None)
    assert "## Licence" not in as_markdown(card)
    licensed = replace(card, licence=LicenceFile("LICENSE-weights.txt", "0" * 64, "CC BY-NC 4.0"))
    section = as_markdown(licensed).split("## Licence")[1].split("\n## ")[0]
    assert "given under CC BY-NC 4.0" in section
    assert "`LICENSE-weights.txt`" in section


def test_what_a_gate_refuses_and_what_is_only_warned_of(model: Path) -> None:
    bundle = with_detector(bare(model), 2.5)
    refused = "gets no result; for a test"
    assert as_markdown(bundle.card).count(refused) == 1
    gated = as_markdown(with_gate(bundle, 0.9, limit=0.25).card)
    assert f"probability of dermoscopy is below 0.250 {refused}" in gated
    assert "gets a warning that the figures may not hold for it; for a test" in gated


def test_thresholds_for_other_cancers_stand_beside_those_for_melanoma(model: Path) -> None:
    bundle = load_bundle(model)
    assert "Other cancers" not in as_markdown(bare(model).card)
    text = as_markdown(with_other_cancers(bundle, 0.125).card)
    assert "Other cancers (BCC, AKIEC, SCC)" in text
    row = "| 0.1250 | for a test | 90.0% (80.0% to 95.0%) | 90.0% (80.0% to 95.0%) | nothing |"
    assert row in text
