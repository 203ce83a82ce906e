"""What a probability means at the clinic, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as changed

from app.core.domain.prevalence import Shares
from app.core.domain.results import Prediction, Screening
from app.core.model.bundle import load_bundle
from app.core.model.card import CalibratedShares, Card
from app.ui.services.frequencies import frequency_text
from tests.factories import screening


@pytest.fixture
def card(model: Path) -> Card:
    return changed(load_bundle(model).card, calibrated_shares=CalibratedShares(0.25, 0.25))


def result(card: Card, melanoma: float, other: float) -> Screening:
    prediction = Prediction(melanoma, 0.2, other_cancer_probability=other, other_cancer_threshold=0.5)
    return screening(prediction=prediction, model=card.model_id)


def test_of_melanoma(card: Card) -> None:
    text = frequency_text(result(card, 0.3, 0.2), card, Shares(0.02))
    assert text == (
        "Melanoma is found in about 3 of 100 lesions like this at your clinic, where 2.0 % of all lesions are"
        " melanomas. The probability of melanoma above holds for the model's data, where 25 % of the lesions are"
        " melanomas."
    )
    assumed = frequency_text(result(card, 0.3, 0.2), card, Shares(0.02, assumed=True))
    assert assumed.startswith(
        "Melanoma is found in about 3 of 100 lesions like this where about 2.0 % of all lesions are melanomas, as"
    )


@pytest.mark.parametrize(
    ("melanoma", "clinic", "count"),
    [(0.05, 0.02, "about 3 of 1,000"), (0.0001, 0.02, "fewer than 1 of 1,000"), (0.05, 0.25, "about 5 of 100")],
)
def test_few_are_counted_among_more(card: Card, melanoma: float, clinic: float, count: str) -> None:
    assert frequency_text(result(card, melanoma, 0.2), card, Shares(clinic)).startswith(
        f"Melanoma is found in {count} "
    )


def test_of_other_skin_cancers_where_they_decide(card: Card) -> None:
    one = result(card, 0.1, 0.6)
    text = frequency_text(one, card, Shares(0.02, 0.05))
    assert text.startswith("Another skin cancer is found in about 17 of 100 lesions like this ")
    assert "if 2.0 % of all lesions are melanomas and 5.0 % other skin cancers" in text
    assert "where 25 % of the lesions are other skin cancers" in text
    unset = frequency_text(one, card, Shares(0.02))
    assert unset.startswith("How many lesions like this are other skin cancers depends on")


def test_of_both_where_both_are_suspected(card: Card) -> None:
    both = result(card, 0.3, 0.6)
    text = frequency_text(both, card, Shares(0.02, 0.05))
    assert text.index("Melanoma is found in") < text.index("Another skin cancer is found in")
    assert "depends on how frequent these are" in frequency_text(both, card, Shares(0.02))


def test_nothing_is_said_that_is_not_known(card: Card, model: Path) -> None:
    one, clinic = result(card, 0.3, 0.2), Shares(0.02)
    assert frequency_text(one, card, clinic)
    for screened, by in (
        (one, None),
        (one, changed(card, calibrated_shares=None)),
        (replace(one, model=replace(one.model, version="another")), card),
        (replace(one, forced=True), card),
        (screening(prediction=None, error="no", model=card.model_id), card),
    ):
        assert frequency_text(screened, by, clinic) == ""


def test_nothing_is_certain_by_rounding(card: Card) -> None:
    assert frequency_text(result(card, 0.999, 0.0005), card, Shares(0.25)).startswith(
        "Melanoma is found in more than 99 of 100 "
    )
