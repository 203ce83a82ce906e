"""The advice that a result gives: one rule for window, table, report and command line."""

from __future__ import annotations

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
    prediction = screening.prediction
    if prediction is None or not screening.is_answer:
        return Advice.NOT_ASSESSED
    return advice_of_prediction(prediction)


def advice_of_prediction(prediction: Prediction) -> Advice:
    """The advice of probabilities beside their thresholds.

    Melanoma goes first; a borderline is one only where neither threshold is reached.
    """
    if prediction.melanoma_suspected:
        return Advice.REFER_MELANOMA
    if prediction.other_cancer_suspected:
        return Advice.REFER_OTHER_CANCER
    return Advice.BORDERLINE if prediction.borderline else Advice.BELOW_THRESHOLD


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

    That is the probability of other cancer where it decides, else that of melanoma over its threshold.
    """
    advice, prediction = advice_of(screening), screening.prediction
    rank = -list(Advice).index(advice)
    if prediction is None:
        return rank, -2.0
    if advice is Advice.REFER_OTHER_CANCER:
        return rank, prediction.other_cancer_probability or 0.0
    return rank, prediction.melanoma_probability - prediction.threshold
