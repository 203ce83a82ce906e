"""Results in words: symbol, answer, number, consistency."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QCoreApplication

from app.core.domain import times
from app.core.domain.results import Prediction, Screening


def time_text(moment: dt.datetime) -> str:
    """A moment in local time, to the minute."""
    return f"{times.local(moment):%Y-%m-%d %H:%M}"


def day_text(moment: dt.datetime) -> str:
    """A moment's day in local time."""
    return f"{times.local(moment):%Y-%m-%d}"


def symbol_of(screening: Screening) -> str:
    """The answer as a shape, for eyes that can't rely on its colour."""
    if screening.prediction is None:
        return "✕"
    if screening.is_out_of_distribution:
        return "?"
    return "▲" if screening.prediction.melanoma_suspected else "●"


def words_of(screening: Screening) -> str:
    """The answer in few words."""
    if screening.prediction is None:
        return QCoreApplication.translate("answer", "Can't be judged")
    if screening.is_out_of_distribution:
        return QCoreApplication.translate("answer", "No result: not like dermoscopy")
    if screening.prediction.melanoma_suspected:
        return QCoreApplication.translate("answer", "Melanoma suspected")
    return QCoreApplication.translate("answer", "No sign of melanoma")


def answer_of(screening: Screening) -> str:
    """The answer to an image with a number, and what follows from it."""
    if screening.is_out_of_distribution or screening.prediction is None:
        return words_of(screening)
    if screening.prediction.melanoma_suspected:
        return QCoreApplication.translate("answer", "Melanoma suspected: refer")
    return QCoreApplication.translate("answer", "No sign of melanoma: this does not rule it out")


def program_error() -> str:
    """What stands in the place of a result that a programming error prevented; the error dialog says the rest."""
    return QCoreApplication.translate("errors", "Something went wrong in the program.")


def number_text(prediction: Prediction) -> str:
    """What is said of a number that was asked for although the picture is unfamiliar."""
    text = QCoreApplication.translate("answer", "The network's number for this picture, which is no probability: {0}.")
    return text.format(percent(prediction.melanoma_probability))


def consistency_text(prediction: Prediction) -> str:
    """Whether the answer holds for turned and cropped copies; empty where that was not looked at."""
    consistency = prediction.consistency
    if consistency is None:
        return ""
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
