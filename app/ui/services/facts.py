"""What stands beside a result in a line each: how frequent cancers are among such lesions, accuracy, steadiness."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from app.core.domain.advice import deciding
from app.core.domain.prevalence import Shares, at_shares
from app.core.domain.results import Prediction, Screening
from app.core.model.card import Card
from app.core.model.operating_point import OperatingPoint
from app.ui.services.frequencies import FEW, MANY, frequency_text
from app.ui.services.wording import accuracy_text, consistency_text, left_to_right, percent, remarks_on

translate = QCoreApplication.translate


@dataclass(frozen=True)
class Fact:
    """A line, a second one in quiet type that says for what it holds, and the whole of it for who asks."""

    text: str
    second: str = ""
    more: str = ""


def facts_of(screening: Screening, card: Card | None, clinic: Shares) -> tuple[Fact, ...]:
    """The facts of a result; those that need its model's card are left out where `card` is another's."""
    prediction = screening.answered
    if prediction is None:
        return ()
    point = card.point_of(screening) if card is not None else None
    facts = [
        *(Fact(remark) for remark in remarks_on(screening)),
        *_frequency(screening, prediction, card, clinic),
        *_accuracy(prediction, point),
        *_steadiness(prediction),
    ]
    return tuple(facts)


def _frequency(screening: Screening, prediction: Prediction, card: Card | None, clinic: Shares) -> Iterator[Fact]:
    more = frequency_text(screening, card, clinic)
    shares = card.calibrated_shares if card is not None else None
    if not more or shares is None:
        return
    data = Shares(shares.melanoma, shares.other_cancer)
    melanoma, other = at_shares(prediction.melanoma_probability, prediction.other_cancer_probability, data, clinic)
    if not deciding(prediction).of_other_cancer:
        text = _count(
            melanoma,
            translate("facts", "Of {1:,} like this, about {0} are melanomas"),
            translate("facts", "Of {1:,} like this, about 1 is a melanoma"),
            translate("facts", "Of {0:,} like this, fewer than 1 is a melanoma"),
            translate("facts", "Of {1} like this, more than {0} are melanomas"),
        )
        where = (
            translate("facts", "where {0} of all lesions are melanomas (assumed)")
            if clinic.assumed
            else translate("facts", "at your clinic's share of melanomas, {0}")
        )
        yield Fact(text, where.format(_share(clinic.melanoma)), more)
    elif data.other_cancer is not None and prediction.other_cancer_probability is not None:
        if other is None or clinic.other_cancer is None:
            number = prediction.other_cancer_probability
            where = translate("facts", "at the share of the model's data, {0}").format(_share(data.other_cancer))
        else:
            number = other
            where = translate("facts", "at your clinic's share of these, {0}").format(_share(clinic.other_cancer))
        text = _count(
            number,
            translate("facts", "Of {1:,} like this, about {0} are other skin cancers"),
            translate("facts", "Of {1:,} like this, about 1 is another skin cancer"),
            translate("facts", "Of {0:,} like this, fewer than 1 is another skin cancer"),
            translate("facts", "Of {1} like this, more than {0} are other skin cancers"),
        )
        yield Fact(text, where, more)


def _count(probability: float, about: str, about_one: str, fewer: str, over: str) -> str:
    """A probability as a count of 100 lesions, or of 1,000 where that is less than one."""
    if probability < 0.5 / MANY:
        return fewer.format(MANY)
    if probability > 1 - 0.5 / FEW:
        return over.format(FEW - 1, FEW)
    total = FEW if probability >= 1 / FEW else MANY
    count = round(total * probability)
    return (about_one if count == 1 else about).format(count, total)


def _accuracy(prediction: Prediction, point: OperatingPoint | None) -> Iterator[Fact]:
    """Of the scale that decides."""
    if point is None:
        return
    more = f"{accuracy_text(point)} {translate('facts', 'Measured on {0}.').format(point.measured_on)}"
    if deciding(prediction).of_other_cancer and point.other_cancer is not None:
        other = point.other_cancer
        text = translate("facts", "Sensitivity {0}, benign not suspected {1}")
        yield Fact(text.format(_whole(other.sensitivity.value), _whole(other.benign_not_referred.value)), more=more)
    else:
        text = translate("facts", "Sensitivity {0}, specificity {1}")
        yield Fact(text.format(_whole(point.sensitivity.value), _whole(point.specificity.value)), more=more)


def _steadiness(prediction: Prediction) -> Iterator[Fact]:
    """How far the copies' probabilities lie apart: those of the scale that decides, where they are known."""
    more, copies = consistency_text(prediction), prediction.consistency
    if not more or copies is None:
        return
    of_other_cancer = deciding(prediction).of_other_cancer
    if of_other_cancer and copies.other_cancer is not None:
        between = copies.other_cancer  # steady or not is told of melanoma alone
        text = translate("facts", "Turned and cropped copies: {0} to {1}")
    else:
        between = copies.lowest, copies.highest
        text = {
            (True, False): translate("facts", "Steady: copies from {0} to {1}"),
            (False, False): translate("facts", "Not steady: copies from {0} to {1}"),
            (True, True): translate("facts", "Melanoma steady: copies from {0} to {1}"),
            (False, True): translate("facts", "Melanoma not steady: copies from {0} to {1}"),
        }[copies.consistent, of_other_cancer]
    yield Fact(text.format(*map(percent, between)), more=more)


def _share(share: float) -> str:
    """A clinic's share without a nought behind the point: 2 %, 2.5 %."""
    return left_to_right(f"{100 * share:.3g} %")


def _whole(share: float) -> str:
    return left_to_right(f"{100 * share:.0f} %")
