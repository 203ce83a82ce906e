"""Results in words: symbol, advice, numbers, consistency."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QCoreApplication

from app.core.domain import times
from app.core.domain.advice import Advice, Unknown, advice_of, not_known
from app.core.domain.clinical import ABBREVIATIONS
from app.core.domain.entry import Mark
from app.core.domain.results import ModelId, Prediction, Screening
from app.core.model.operating_point import OperatingPoint


def time_text(moment: dt.datetime) -> str:
    """A moment in local time, to the minute."""
    return f"{times.local(moment):%Y-%m-%d %H:%M}"


def day_text(moment: dt.datetime) -> str:
    """A moment's day in local time."""
    return f"{times.local(moment):%Y-%m-%d}"


SYMBOLS = {
    Advice.REFER_MELANOMA: "▲",
    Advice.REFER_OTHER_CANCER: "◆",
    Advice.BORDERLINE: "◐",
    Advice.BELOW_THRESHOLD: "●",
    Advice.NOT_ASSESSED: "✕",
}
"""The advice as a shape, for eyes that can't rely on its colour."""


def symbol_of(screening: Screening) -> str:
    return SYMBOLS[advice_of(screening)]


def advice_words(advice: Advice) -> str:
    """An advice in few words."""
    return {
        Advice.REFER_MELANOMA: QCoreApplication.translate("answer", "Melanoma suspected"),
        Advice.REFER_OTHER_CANCER: QCoreApplication.translate("answer", "Other skin cancer suspected"),
        Advice.BORDERLINE: QCoreApplication.translate("answer", "Borderline"),
        Advice.BELOW_THRESHOLD: QCoreApplication.translate("answer", "Below the referral threshold"),
        Advice.NOT_ASSESSED: QCoreApplication.translate("answer", "Can't be assessed"),
    }[advice]


def advice_sentence(advice: Advice) -> str:
    """An advice and what follows from it."""
    return {
        Advice.REFER_MELANOMA: QCoreApplication.translate("answer", "Melanoma suspected. Refer for assessment"),
        Advice.REFER_OTHER_CANCER: QCoreApplication.translate(
            "answer", "Other skin cancer suspected. Refer for assessment"
        ),
        Advice.BORDERLINE: QCoreApplication.translate("answer", "Borderline. Look again"),
        Advice.BELOW_THRESHOLD: QCoreApplication.translate(
            "answer", "Below the referral threshold. This does not rule out melanoma"
        ),
        Advice.NOT_ASSESSED: advice_words(Advice.NOT_ASSESSED),
    }[advice]


def diagnosis_words(diagnosis: str) -> str:
    """A diagnosis in the clinic's words: by its abbreviation or its name in `app.core.domain.clinical`."""
    name = ABBREVIATIONS.get(diagnosis, diagnosis)
    return QCoreApplication.translate("answer", "naevus") if name == "nevus" else name


def mark_words(mark: Mark) -> str:
    """The reader's own decision in a word."""
    return {
        Mark.REFER: QCoreApplication.translate("answer", "Refer"),
        Mark.WATCH: QCoreApplication.translate("answer", "Watch"),
        Mark.CLEAR: QCoreApplication.translate("answer", "Clear"),
        Mark.SEEN: QCoreApplication.translate("answer", "Seen"),
    }[mark]


def words_of(screening: Screening) -> str:
    """A result's advice in few words."""
    return advice_words(advice_of(screening))


def answer_of(screening: Screening) -> str:
    """A result's advice and what follows from it."""
    return advice_sentence(advice_of(screening))


def remarks_on(screening: Screening) -> tuple[str, ...]:
    """What stands below the advice: another suspicion, what to do about a borderline, what was not looked at."""
    prediction, advice = screening.prediction, advice_of(screening)
    remarks = []
    if advice is Advice.REFER_MELANOMA and prediction is not None and prediction.other_cancer_suspected:
        remarks.append(QCoreApplication.translate("answer", "Other skin cancer suspected too"))
    if advice is Advice.BORDERLINE:
        remarks.append(
            QCoreApplication.translate(
                "answer",
                "Turned or cropped a little, it reaches a referral threshold. Take another picture, or refer.",
            )
        )
    missing = {
        Unknown.OTHER_CANCER: QCoreApplication.translate("answer", "Other skin cancers were not looked for."),
        Unknown.COPIES: QCoreApplication.translate(
            "answer", "Whether it is borderline is not known: the model has no limit for it, or did not look."
        ),
    }
    return (*remarks, *(missing[unknown] for unknown in not_known(screening)))


def program_error() -> str:
    """What stands in the place of a result that a programming error prevented; the error dialog says the rest."""
    return QCoreApplication.translate("errors", "Something went wrong in the program.")


def warning_text(text: object) -> str:
    """A warning or an error with its sign."""
    return f"⚠ {text}"


def number_text(prediction: Prediction) -> str:
    """The sentence on a prediction that was forced for a refused image."""
    text = QCoreApplication.translate("answer", "The network's number for this picture, which is no probability: {0}.")
    return text.format(percent(prediction.melanoma_probability))


def points_from_threshold(prediction: Prediction) -> str:
    """The distance of the probability from the threshold in percentage points; one decimal below 10."""
    points = 100 * abs(prediction.melanoma_probability - prediction.threshold)
    return f"{points:.{1 if points < 10 else 0}f}"


def distance_text(prediction: Prediction) -> str:
    """The probability and its distance from the threshold."""
    if prediction.melanoma_suspected:
        text = QCoreApplication.translate("answer", "Probability of melanoma {0}: {1} points above the threshold.")
    else:
        text = QCoreApplication.translate("answer", "Probability of melanoma {0}: {1} points below the threshold.")
    return text.format(percent(prediction.melanoma_probability), points_from_threshold(prediction))


def probability_and_distance_texts(prediction: Prediction) -> tuple[str, str]:
    """The probability, and its distance from the threshold with the threshold, as a report says them."""
    probability = QCoreApplication.translate("answer", "Calibrated probability of melanoma: {0}.")
    if prediction.melanoma_suspected:
        distance = QCoreApplication.translate("answer", "{0} percentage points above the threshold of {1}.")
    else:
        distance = QCoreApplication.translate("answer", "{0} percentage points below the threshold of {1}.")
    return (
        probability.format(percent(prediction.melanoma_probability)),
        distance.format(points_from_threshold(prediction), percent(prediction.threshold)),
    )


def other_cancer_text(prediction: Prediction) -> str:
    """The probability of other skin cancers beside its threshold; empty where the model has none."""
    probability, threshold = prediction.other_cancer_probability, prediction.other_cancer_threshold
    if probability is None or threshold is None:
        return ""
    if prediction.other_cancer_suspected:
        text = QCoreApplication.translate(
            "answer", "Probability of another skin cancer {0}: at its threshold of {1} or above."
        )
    else:
        text = QCoreApplication.translate(
            "answer", "Probability of another skin cancer {0}: below its threshold of {1}."
        )
    return text.format(percent(probability), percent(threshold))


def accuracy_text(point: OperatingPoint) -> str:
    """Sensitivity and specificity as natural frequencies, beside a result at that threshold."""
    if point.other_cancer is None:
        text = QCoreApplication.translate(
            "answer",
            "At this threshold the model finds {0:.0f} of 100 melanomas and does not refer {1:.0f} of 100 other"
            " lesions.",
        )
        return text.format(100 * point.sensitivity.value, 100 * point.specificity.value)
    text = QCoreApplication.translate(
        "answer",
        "At its thresholds the model finds {0:.0f} of 100 melanomas, refers {1:.0f} of 100 other skin cancers, and does"
        " not refer {2:.0f} of 100 benign lesions.",
    )
    other = point.other_cancer
    return text.format(
        *(100 * each.value for each in (point.sensitivity, other.sensitivity, other.benign_not_referred))
    )


def model_accuracy_text(model: ModelId, point: OperatingPoint) -> str:
    """The same with threshold and model, where no result is shown."""
    text = QCoreApplication.translate(
        "answer",
        "At the threshold of {0} the model {1} finds {2:.0f} of 100 melanomas (its sensitivity) and stays"
        " below it for {3:.0f} of 100 other lesions (its specificity).",
    )
    return text.format(percent(point.threshold), model, 100 * point.sensitivity.value, 100 * point.specificity.value)


def accuracy_interval_text(point: OperatingPoint) -> str:
    """Sensitivity and specificity with their intervals, and what they were measured on."""
    text = QCoreApplication.translate(
        "answer", "At the threshold of {0}: sensitivity {1}, specificity {2}, with 95 % intervals. Measured on {3}."
    )
    figures = (point.sensitivity.percent(), point.specificity.percent())
    return text.format(percent(point.threshold), *figures, point.measured_on)


def consistency_text(prediction: Prediction) -> str:
    """How far melanoma's probability varies over turned and cropped views; empty where that was not computed."""
    consistency = prediction.consistency
    if consistency is None or (prediction.borderline and consistency.consistent):
        return ""  # a borderline by other cancers, whose copies agree on melanoma
    between = percent(consistency.lowest), percent(consistency.highest)
    if consistency.consistent:
        text = QCoreApplication.translate(
            "answer", "Stable: {0} to {1} when the picture is turned or cropped a little."
        )
    elif prediction.is_near_threshold:
        text = QCoreApplication.translate(
            "answer", "Unsteady: {0} to {1} when the picture is turned or cropped a little, across the threshold."
        )
    else:
        text = QCoreApplication.translate(
            "answer", "Unsteady: {0} to {1} when the picture is turned or cropped a little."
        )
    return text.format(*between)


def percent(value: float) -> str:
    """0..1 as a percentage: whole, with one decimal near the ends; never 0 or 100 by rounding."""
    if 0.0 < value < 0.001:
        return "< 0.1 %"
    if 0.999 < value < 1.0:
        return "> 99.9 %"
    digits = 1 if value < 0.1 or value > 0.99 else 0
    return f"{100 * value:.{digits}f} %"
