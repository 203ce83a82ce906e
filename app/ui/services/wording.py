"""Results in words: symbol, advice, numbers, consistency."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication

from app.core.domain import times
from app.core.domain.advice import Advice, Unknown, advice_of, both_suspected, deciding, not_known
from app.core.domain.clinical import ABBREVIATIONS
from app.core.domain.entry import Mark
from app.core.domain.results import Prediction, Screening
from app.core.domain.statistics import Interval
from app.core.model.operating_point import OperatingPoint


def time_text(moment: dt.datetime) -> str:
    """A moment in local time, to the minute."""
    return left_to_right(f"{day_text(moment)}, {times.local(moment):%H:%M}")


def day_text(moment: dt.datetime) -> str:
    """A moment's day in local time."""
    return date_text(times.local(moment).date())


def date_text(day: dt.date) -> str:
    """A day with the month's name, which no one takes for the day."""
    return left_to_right(f"{day.day} {day:%b %Y}")


def left_to_right(text: str) -> str:
    """A number with its sign, or a date, whose parts keep their order in a window from right to left."""
    mirrored = QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    return f"\u2066{text}\u2069" if mirrored else text


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


EVEN = 0.5
"""Of a probability: from there on it is more likely than not."""
BOTH = SYMBOLS[Advice.REFER_MELANOMA] + SYMBOLS[Advice.REFER_OTHER_CANCER]
"""Another skin cancer suspected beside a melanoma, where there is room for symbols only."""


def line_of(screening: Screening) -> str:
    """A result's advice in a table's cell: every suspicion as a symbol, then the advice in few words."""
    return f"{BOTH if both_suspected(screening) else symbol_of(screening)} {words_of(screening)}"


def advice_words(advice: Advice) -> str:
    """An advice in few words."""
    return {
        Advice.REFER_MELANOMA: QCoreApplication.translate("answer", "Melanoma suspected"),
        Advice.REFER_OTHER_CANCER: QCoreApplication.translate("answer", "Other skin cancer suspected"),
        Advice.BORDERLINE: QCoreApplication.translate("answer", "Borderline"),
        Advice.BELOW_THRESHOLD: QCoreApplication.translate("answer", "Below the referral threshold"),
        Advice.NOT_ASSESSED: QCoreApplication.translate("answer", "Can't be assessed"),
    }[advice]


def short_advice_words(advice: Advice) -> str:
    """An advice where there is room for a few words only."""
    if advice is Advice.BELOW_THRESHOLD:
        return QCoreApplication.translate("answer", "Below the threshold")
    return advice_words(advice)


def action_words(advice: Advice) -> str:
    """What follows from an advice; empty for `NOT_ASSESSED`, whose reason stands in its place."""
    return {
        Advice.REFER_MELANOMA: QCoreApplication.translate("answer", "Refer for assessment"),
        Advice.REFER_OTHER_CANCER: QCoreApplication.translate("answer", "Refer for assessment"),
        Advice.BORDERLINE: QCoreApplication.translate("answer", "Look again: take another picture, or refer"),
        Advice.BELOW_THRESHOLD: QCoreApplication.translate("answer", "This does not rule out melanoma"),
        Advice.NOT_ASSESSED: "",
    }[advice]


def advice_sentence(advice: Advice) -> str:
    """An advice and what follows from it."""
    return ". ".join(filter(None, (advice_words(advice), action_words(advice))))


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


def decision_text(screening: Screening, mark: Mark) -> str:
    """The reader's own decision beside a result, and whether it goes against the program's suspicion."""
    advice = advice_of(screening)
    if mark is Mark.CLEAR and (advice.refers or advice is Advice.BORDERLINE):
        text = QCoreApplication.translate("answer", "Your decision: {0}, against the program's suspicion")
    else:
        text = QCoreApplication.translate("answer", "Your decision: {0}")
    return text.format(mark_words(mark))


def words_of(screening: Screening) -> str:
    """A result's advice in few words."""
    return advice_words(advice_of(screening))


def remarks_on(screening: Screening) -> tuple[str, ...]:
    """What stands below the advice: another suspicion, what to do about a borderline, what was not looked at."""
    remarks = []
    if both_suspected(screening):
        remarks.append(QCoreApplication.translate("answer", "Another skin cancer is suspected too"))
    if advice_of(screening) is Advice.BORDERLINE:
        remarks.append(_borderline_text(screening))
    missing = {
        Unknown.OTHER_CANCER: QCoreApplication.translate("answer", "Other skin cancers were not looked for."),
        Unknown.COPIES: QCoreApplication.translate(
            "answer", "Whether it is borderline is not known for this model or result."
        ),
    }
    return (*remarks, *(missing[unknown] for unknown in not_known(screening)))


def _borderline_text(screening: Screening) -> str:
    """Which threshold a borderline reaches, and what to do."""
    prediction = screening.answered
    if prediction is not None and deciding(prediction).of_other_cancer:
        return QCoreApplication.translate(
            "answer",
            "Turned or cropped a little, the picture reaches the threshold for other skin cancers.",
        )
    return QCoreApplication.translate(
        "answer",
        "Turned or cropped a little, the picture reaches the threshold for melanoma.",
    )


def program_error() -> str:
    """What stands in the place of a result that a programming error prevented; the error dialog says the rest."""
    return QCoreApplication.translate("errors", "Something went wrong in the program.")


def warning_text(text: object) -> str:
    """A warning or an error with its sign."""
    return f"⚠ {text}"


def number_text(prediction: Prediction) -> str:
    """The sentence on a prediction that was forced for a refused image."""
    text = QCoreApplication.translate(
        "answer", "The network's raw score for melanoma is {0:.2f}. It is not a probability and may mean nothing."
    )
    return text.format(prediction.melanoma_probability)


def probability_texts(prediction: Prediction) -> tuple[str, ...]:
    """The probabilities beside their thresholds, a sentence each; the one that the advice goes by is the first."""
    texts = (_melanoma_text(prediction), *filter(None, [_other_cancer_text(prediction)]))
    return texts[::-1] if deciding(prediction).of_other_cancer else texts


def _melanoma_text(prediction: Prediction) -> str:
    if prediction.melanoma_suspected:
        text = QCoreApplication.translate("answer", "Probability of melanoma: {0}, at or above its threshold of {1}.")
    else:
        text = QCoreApplication.translate("answer", "Probability of melanoma: {0}, below its threshold of {1}.")
    return text.format(percent(prediction.melanoma_probability), percent(prediction.threshold))


def _other_cancer_text(prediction: Prediction) -> str:
    """Empty where the model has no such probability or no threshold for it."""
    probability, threshold = prediction.other_cancer_probability, prediction.other_cancer_threshold
    if probability is None or threshold is None:
        return ""
    if prediction.other_cancer_suspected:
        text = QCoreApplication.translate(
            "answer", "Probability of another skin cancer: {0}, at or above its threshold of {1}."
        )
    else:
        text = QCoreApplication.translate(
            "answer", "Probability of another skin cancer: {0}, below its threshold of {1}."
        )
    return text.format(percent(probability), percent(threshold))


def problem_parts(reason: str) -> tuple[str, str]:
    """Why a picture can't be assessed, as a short sentence without its full stop, and what to do about it."""
    first, _, rest = reason.partition(". ")
    return first.removesuffix("."), rest


def saliency_map_text(screening: Screening, found: bool) -> str:
    """What stands beside a saliency map: what it shows, or why nothing is marked on it."""
    prediction, advice = screening.answered, advice_of(screening)
    if prediction is None:
        return QCoreApplication.translate("answer", "The picture was refused: its heat map means little.")
    if found:
        text = QCoreApplication.translate(
            "answer", "The lines mark what the network took for signs of melanoma, not where a tumour is."
        )
    elif advice is not Advice.REFER_MELANOMA:
        text = QCoreApplication.translate(
            "answer", "No part of the picture stands out as a sign of melanoma. This does not rule it out."
        )
    elif prediction.melanoma_probability < EVEN:
        text = QCoreApplication.translate(
            "answer",
            "No part of the picture stands out. Melanoma is suspected nevertheless, because the threshold ({0}) is low,"
            " so that few melanomas are missed.",
        ).format(percent(prediction.threshold))
    else:
        text = QCoreApplication.translate(
            "answer",
            "No part of the picture stands out: what the network took for signs of melanoma is spread over it.",
        )
    if advice is not Advice.REFER_OTHER_CANCER:
        return text
    further = QCoreApplication.translate("answer", "The heat map is about melanoma only, not about other skin cancers.")
    return f"{text} {further}"


def accuracy_text(point: OperatingPoint) -> str:
    """The model's accuracy as natural frequencies, beside a result at that threshold."""
    if point.other_cancer is None:
        text = QCoreApplication.translate(
            "answer",
            "At this threshold the model suspects {0:.0f} of 100 melanomas, and {1:.0f} of 100 lesions that are none.",
        )
        return text.format(100 * point.sensitivity.value, 100 * (1 - point.specificity.value))
    text = QCoreApplication.translate(
        "answer",
        "At these thresholds the model suspects melanoma in {0:.0f} of 100 melanomas, and a cancer in {1:.0f} of 100"
        " other skin cancers and in {2:.0f} of 100 benign lesions.",
    )
    other = point.other_cancer
    shares = (point.sensitivity.value, other.sensitivity.value, 1 - other.benign_not_referred.value)
    return text.format(*(100 * share for share in shares))


def accuracy_interval_text(point: OperatingPoint) -> str:
    """The same with 95 % intervals and what it was measured on; the thresholds are named."""
    other = point.other_cancer
    if other is None:
        text = QCoreApplication.translate(
            "answer",
            "At the threshold of {0} the model suspects {1} of the melanomas (sensitivity) and does not suspect {2} of"
            " the other lesions (specificity), with 95 % confidence intervals. Measured on {3}.",
        )
        figures = map(share_text, (point.sensitivity, point.specificity))
        return text.format(percent(point.threshold), *figures, point.measured_on)
    text = QCoreApplication.translate(
        "answer",
        "At the thresholds of {0} for melanoma and {1} for other skin cancer the model suspects melanoma in {2} of the"
        " melanomas and a cancer in {3} of the other skin cancers, and suspects nothing in {4} of the benign lesions,"
        " with 95 % confidence intervals. Measured on {5}.",
    )
    thresholds = (percent(point.threshold), percent(other.threshold))
    figures = map(share_text, (point.sensitivity, other.sensitivity, other.benign_not_referred))
    return text.format(*thresholds, *figures, point.measured_on)


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


def pictures(count: int) -> str:
    """A number of pictures: *1 picture*, *1,200 pictures*."""
    if count == 1:
        return QCoreApplication.translate("answer", "1 picture")
    return QCoreApplication.translate("answer", "{0:,} pictures").format(count)


def results(count: int) -> str:
    """A number of results: *1 result*, *1,200 results*."""
    if count == 1:
        return QCoreApplication.translate("answer", "1 result")
    return QCoreApplication.translate("answer", "{0:,} results").format(count)


def percent(value: float) -> str:
    """0..1 as a percentage: whole, with one decimal near the ends; never 0 or 100 by rounding."""
    if 0.0 < value < 0.001:
        return left_to_right("< 0.1 %")
    if 0.999 < value < 1.0:
        return left_to_right("> 99.9 %")
    digits = 1 if value < 0.1 or value > 0.99 else 0
    return left_to_right(f"{100 * value:.{digits}f} %")


def share_text(share: Interval) -> str:
    """A share (0..1) with its interval, in percent with one decimal."""
    text = QCoreApplication.translate("answer", "{0:.1f} % ({1:.1f} to {2:.1f} %)")
    return text.format(*(100 * each for each in (share.value, share.low, share.high)))
