from __future__ import annotations

from msgspec.structs import replace

from app.core.model.card import LicenceFile
from app.core.model.classifier import Classifier
from training.evaluation.model_card import as_markdown


def test_the_licence_of_the_weights_has_a_section_where_the_card_names_one(classifier: Classifier) -> None:
    card = replace(classifier.card, licence=None)
    assert "## Licence" not in as_markdown(card)
    licensed = replace(card, licence=LicenceFile("LICENSE-weights.txt", "0" * 64, "CC BY-NC 4.0"))
    section = as_markdown(licensed).split("## Licence")[1].split("\n## ")[0]
    assert "given under CC BY-NC 4.0" in section
    assert "`LICENSE-weights.txt`" in section
