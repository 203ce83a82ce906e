"""The advice that a result gives: one rule for window, table, report and command line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from app.core.domain.results import Prediction, Screening


class Advice(StrEnum):
    """What follows from a result, the most suspicious first; the values stand in tables."""

    REFER_MELANOMA = "refer-melanoma"
    REFER_OTHER_CANCER = "refer-other-cancer"
    BORDERLINE = "borderline"
    BELOW_THRESHOLD = "below-threshold"
    NOT_ASSESSED = "not-assessed"

    @property
    def refers(self) -> bool:
        """Whether it says to refer the patient."""
        return self in (Advice.REFER_MELANOMA, Advice.REFER_OTHER_CANCER)


def advice_of(screening: Screening) -> Advice:
    """The advice of a result. A number that was asked for although the image is refused gives none."""
    prediction = screening.answered
    return Advice.NOT_ASSESSED if prediction is None else advice_of_prediction(prediction)


def advice_of_prediction(prediction: Prediction) -> Advice:
    """The advice of probabilities beside their thresholds.

    Melanoma goes first; a borderline is one only where neither threshold is reached.
    """
    if prediction.melanoma_suspected:
        return Advice.REFER_MELANOMA
    if prediction.other_cancer_suspected:
        return Advice.REFER_OTHER_CANCER
    return Advice.BORDERLINE if prediction.borderline else Advice.BELOW_THRESHOLD


def both_suspected(screening: Screening) -> bool:
    """Whether another skin cancer is suspected beside a melanoma."""
    prediction = screening.answered
    return prediction is not None and prediction.melanoma_suspected and prediction.other_cancer_suspected


@dataclass(frozen=True, slots=True)
class DecidingNumber:
    """The probability that an advice goes by, 0..1, and the threshold that it is held against.

    `of_other_cancer`: it is that of the other skin cancers together, not that of melanoma.
    """

    probability: float
    threshold: float
    of_other_cancer: bool = False


def deciding(prediction: Prediction) -> DecidingNumber:
    """Other skin cancers' where they alone are suspected, or where they make a borderline; else melanoma's.

    A borderline is melanoma's where a copy reaches melanoma's threshold, and where it is not known what copies gave.
    """
    return numbers(prediction)[0]


def numbers(prediction: Prediction) -> tuple[DecidingNumber, ...]:
    """The probabilities that have a threshold, the one that decides first (see `deciding`)."""
    melanoma = DecidingNumber(prediction.melanoma_probability, prediction.threshold)
    probability, threshold = prediction.other_cancer_probability, prediction.other_cancer_threshold
    if probability is None or threshold is None:
        return (melanoma,)
    other = DecidingNumber(probability, threshold, of_other_cancer=True)
    advice = advice_of_prediction(prediction)
    copies = prediction.consistency
    if advice is Advice.BORDERLINE and copies is not None:
        other_decides = copies.highest < prediction.threshold
    else:
        other_decides = advice is Advice.REFER_OTHER_CANCER
    return (other, melanoma) if other_decides else (melanoma, other)


def advice_of_number(prediction: Prediction, number: DecidingNumber) -> Advice:
    """What one of a prediction's numbers means by itself: its symbol on a scale."""
    if number.probability >= number.threshold:
        return Advice.REFER_OTHER_CANCER if number.of_other_cancer else Advice.REFER_MELANOMA
    borderline = advice_of_prediction(prediction) is Advice.BORDERLINE and number == deciding(prediction)
    return Advice.BORDERLINE if borderline else Advice.BELOW_THRESHOLD


class Unknown(StrEnum):
    """What was not looked at for a result below the threshold of melanoma, so that it can't be advised on."""

    OTHER_CANCER = "other-cancer"
    COPIES = "copies"


def not_known(screening: Screening) -> tuple[Unknown, ...]:
    """What an advice of `BELOW_THRESHOLD` leaves out: the model had no threshold for it, or did not look."""
    prediction = screening.prediction
    if prediction is None or advice_of(screening) is not Advice.BELOW_THRESHOLD:
        return ()
    missing = (
        (Unknown.OTHER_CANCER, prediction.other_cancer_threshold is None),
        (Unknown.COPIES, prediction.borderline is None),
    )
    return tuple(unknown for unknown, is_missing in missing if is_missing)


def suspicion(screening: Screening) -> tuple[int, float]:
    """A key to sort by, the higher the more suspicious: the advice, then its own number.

    That is the probability of other cancers where these alone are suspected, else that of melanoma over its threshold.
    """
    advice, prediction = advice_of(screening), screening.answered
    rank = -list(Advice).index(advice)
    if prediction is None:
        return rank, -2.0
    if advice is Advice.REFER_OTHER_CANCER:
        return rank, deciding(prediction).probability
    return rank, prediction.melanoma_probability - prediction.threshold
