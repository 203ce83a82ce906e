"""What a probability means at the clinic's own shares of cancers, in natural frequencies."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.core.domain.advice import both_suspected, deciding
from app.core.domain.prevalence import Shares, at_shares
from app.core.domain.results import Screening
from app.core.model.card import Card
from app.ui.services.wording import percent

FEW, MANY = 100, 1000
"""Lesions that are counted; the latter where less than one of the former is meant."""


def frequency_text(screening: Screening, card: Card | None, clinic: Shares) -> str:
    """How many of so many lesions like this are cancers at a clinic with these shares, and what the percentage is for.

    Of melanomas, or of other skin cancers where they decide, or of both where both are suspected. Empty where there is
    no result, where `card` is not that of its model, and where the card does not say what its probabilities hold for.
    """
    prediction = screening.answered
    if prediction is None or card is None or screening.model != card.model_id:
        return ""
    shares = card.calibrated_shares
    if shares is None:
        return ""
    data = Shares(shares.melanoma, shares.other_cancer)
    melanoma, other = at_shares(prediction.melanoma_probability, prediction.other_cancer_probability, data, clinic)
    of_other = deciding(prediction).of_other_cancer
    sentences = []
    if not of_other:
        sentences.append(_of_melanoma(melanoma, data.melanoma, clinic))
    if other is not None and data.other_cancer is not None and (of_other or both_suspected(screening)):
        sentences.append(_of_other_cancer(other, data.other_cancer, clinic))
    return " ".join(sentences)


def _of_melanoma(probability: float, data: float, clinic: Shares) -> str:
    if clinic.assumed:
        text = QCoreApplication.translate(
            "answer",
            "Melanoma is found in {0} lesions like this where about {1} of all lesions are melanomas, as in general"
            " screening. Your clinic's share can be set in the settings. The probability of melanoma above holds for"
            " the model's data, where {2} of the lesions are melanomas.",
        )
    else:
        text = QCoreApplication.translate(
            "answer",
            "Melanoma is found in {0} lesions like this at your clinic, where {1} of all lesions are melanomas. The"
            " probability of melanoma above holds for the model's data, where {2} of the lesions are melanomas.",
        )
    return text.format(_count(probability), percent(clinic.melanoma), percent(data))


def _of_other_cancer(probability: float, data: float, clinic: Shares) -> str:
    if clinic.other_cancer is None:
        return QCoreApplication.translate(
            "answer",
            "How many lesions like this are other skin cancers depends on how frequent these are at your clinic: set"
            " their share in the settings to see it.",
        )
    text = QCoreApplication.translate(
        "answer",
        "Another skin cancer is found in {0} lesions like this if {1} of all lesions are melanomas and {2} other skin"
        " cancers (see the settings). The probability of another skin cancer above holds for the model's data, where"
        " {3} of the lesions are other skin cancers.",
    )
    return text.format(_count(probability), percent(clinic.melanoma), percent(clinic.other_cancer), percent(data))


def _count(probability: float) -> str:
    """A probability as a count: about 3 of 100, about 4 of 1,000, fewer than 1 of 1,000."""
    if probability < 0.5 / MANY:
        return QCoreApplication.translate("answer", "fewer than 1 of {0:,}").format(MANY)
    if probability > 1 - 0.5 / FEW:
        return QCoreApplication.translate("answer", "more than {0} of {1}").format(FEW - 1, FEW)
    total = FEW if probability >= 1 / FEW else MANY
    return QCoreApplication.translate("answer", "about {0} of {1:,}").format(round(total * probability), total)
