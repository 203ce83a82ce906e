"""Sentences on a result and on the model's accuracy."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from app.core.domain.advice import Advice
from app.core.domain.entry import Mark
from app.core.domain.results import Consistency, Prediction, Screening
from app.core.domain.statistics import Interval
from app.core.model.operating_point import OperatingPoint, OtherCancerPoint
from app.ui.services.wording import (
    accuracy_interval_text,
    accuracy_text,
    advice_sentence,
    advice_words,
    date_text,
    day_text,
    decision_text,
    line_of,
    probability_texts,
    problem_parts,
    remarks_on,
    saliency_map_text,
    short_advice_words,
    time_text,
)
from tests.factories import screening


def result(melanoma: float, other: float | None = 0.05, **changes: object) -> Screening:
    threshold = None if other is None else 0.2
    prediction = Prediction(melanoma, 0.1, other_cancer_probability=other, other_cancer_threshold=threshold)
    return screening(prediction=replace(prediction, **changes))


@pytest.fixture
def point() -> OperatingPoint:
    other = OtherCancerPoint(0.2, "chosen", "90 test images", Interval(0.9, 0.8, 0.95), Interval(0.6, 0.5, 0.7))
    sensitivity, specificity = Interval(0.95, 0.9, 0.98), Interval(0.7, 0.65, 0.75)
    return OperatingPoint("screening", 0.1, "chosen", "90 test images", sensitivity, specificity, other)


def test_the_accuracy_of_a_model_that_knows_other_cancers(point: OperatingPoint) -> None:
    assert accuracy_text(point) == (
        "At these thresholds the model suspects melanoma in 95 of 100 melanomas, and a cancer in 90 of 100 other skin"
        " cancers and in 40 of 100 benign lesions."
    )
    assert accuracy_interval_text(point) == (
        "At the thresholds of 10 % for melanoma and 20 % for other skin cancer the model suspects melanoma in 95.0 %"
        " (90.0 to 98.0 %) of the melanomas and a cancer in 90.0 % (80.0 to 95.0 %) of the other skin cancers, and"
        " suspects nothing in 60.0 % (50.0 to 70.0 %) of the benign lesions, with 95 % confidence intervals."
        " Measured on 90 test images."
    )


def test_the_accuracy_of_a_model_that_knows_melanoma_only(point: OperatingPoint) -> None:
    alone = OperatingPoint("screening", 0.1, "chosen", "90 test images", point.sensitivity, point.specificity)
    assert accuracy_text(alone) == (
        "At this threshold the model suspects 95 of 100 melanomas, and 30 of 100 lesions that are none."
    )
    assert accuracy_interval_text(alone) == (
        "At the threshold of 10 % the model suspects 95.0 % (90.0 to 98.0 %) of the melanomas (sensitivity) and does"
        " not suspect 70.0 % (65.0 to 75.0 %) of the other lesions (specificity), with 95 % confidence intervals."
        " Measured on 90 test images."
    )


@pytest.mark.parametrize(
    ("one", "found", "text"),
    [
        (result(0.3), True, "The lines mark what the network took for signs of melanoma, not where a tumour is."),
        (result(0.01), False, "No part of the picture stands out as a sign of melanoma. This does not rule it out."),
        (
            result(0.3),
            False,
            "No part of the picture stands out. Melanoma is suspected nevertheless, because the threshold (10 %) is"
            " low, so that few melanomas are missed.",
        ),
        (
            result(0.9),
            False,
            "No part of the picture stands out: what the network took for signs of melanoma is spread over it.",
        ),
        (
            result(0.01, 0.9),
            False,
            "No part of the picture stands out as a sign of melanoma. This does not rule it out. The heat map is about"
            " melanoma only, not about other skin cancers.",
        ),
        (replace(result(0.9), forced=True), False, "The picture was refused: its heat map means little."),
    ],
)
def test_what_stands_beside_a_heat_map(one: Screening, found: bool, text: str) -> None:
    assert saliency_map_text(one, found) == text


def test_the_probability_that_decides_comes_first() -> None:
    first, second = probability_texts(result(0.3).prediction)
    assert first == "Probability of melanoma: 30 %, at or above its threshold of 10 %."
    assert second == "Probability of another skin cancer: 5.0 %, below its threshold of 20 %."
    by_other = result(0.01, 0.19, borderline=True, consistency=Consistency(0.01, 0.09, consistent=True))
    first, second = probability_texts(by_other.prediction)
    assert first.startswith("Probability of another skin cancer: 19 %")
    assert "reaches the threshold for other skin cancers" in remarks_on(by_other)[0]
    by_melanoma = result(0.09, 0.19, borderline=True, consistency=Consistency(0.05, 0.11, consistent=False))
    assert "reaches the threshold for melanoma" in remarks_on(by_melanoma)[0]
    assert probability_texts(result(0.01, None).prediction) == (
        "Probability of melanoma: 1.0 %, below its threshold of 10 %.",
    )


@pytest.mark.parametrize(
    ("one", "mark", "text"),
    [
        (result(0.3), Mark.CLEAR, "Your decision: Clear, against the program's suspicion"),
        (result(0.01, 0.3), Mark.CLEAR, "Your decision: Clear, against the program's suspicion"),
        (result(0.01, borderline=True), Mark.CLEAR, "Your decision: Clear, against the program's suspicion"),
        (result(0.01), Mark.CLEAR, "Your decision: Clear"),
        (result(0.3), Mark.REFER, "Your decision: Refer"),
    ],
)
def test_a_decision_against_the_suspicion_is_called_one(one: Screening, mark: Mark, text: str) -> None:
    assert decision_text(one, mark) == text


def test_both_suspicions_are_told() -> None:
    both = result(0.3, 0.3)
    assert line_of(both) == "▲◆ Melanoma suspected"
    assert remarks_on(both) == ("Another skin cancer is suspected too",)
    assert line_of(result(0.01, 0.3)) == "◆ Other skin cancer suspected"


def test_a_result_of_which_it_is_not_known_whether_it_is_borderline_says_so() -> None:
    copies = Consistency(0.01, 0.05, consistent=True)
    assert remarks_on(result(0.02, consistency=copies)) == (
        "Whether it is borderline is not known for this model or result.",
    )


@pytest.mark.parametrize(
    ("advice", "words", "short", "sentence"),
    [
        (Advice.REFER_MELANOMA, "Melanoma suspected", None, "Melanoma suspected. Refer for assessment"),
        (
            Advice.REFER_OTHER_CANCER,
            "Other skin cancer suspected",
            None,
            "Other skin cancer suspected. Refer for assessment",
        ),
        (Advice.BORDERLINE, "Borderline", None, "Borderline. Look again: take another picture, or refer"),
        (
            Advice.BELOW_THRESHOLD,
            "Below the referral threshold",
            "Below the threshold",
            "Below the referral threshold. This does not rule out melanoma",
        ),
        (Advice.NOT_ASSESSED, "Can't be assessed", None, "Can't be assessed"),
    ],
)
def test_an_advice_in_words(advice: Advice, words: str, short: str | None, sentence: str) -> None:
    assert advice_words(advice) == words
    assert short_advice_words(advice) == (short or words)
    assert advice_sentence(advice) == sentence


@pytest.mark.parametrize(
    ("reason", "parts"),
    [
        ("The picture is too dark. Take it again.", ("The picture is too dark", "Take it again.")),
        ("Damaged. Save it again. Then open it.", ("Damaged", "Save it again. Then open it.")),
        ("The file is empty.", ("The file is empty", "")),
        ("", ("", "")),
    ],
)
def test_why_and_what_to_do_are_told_apart(reason: str, parts: tuple[str, str]) -> None:
    assert problem_parts(reason) == parts


def test_a_month_is_told_by_its_name() -> None:
    moment = dt.datetime(2026, 12, 3, 14, 31).astimezone()
    assert time_text(moment) == "3 Dec 2026, 14:31"
    assert day_text(moment) == date_text(moment.date()) == "3 Dec 2026"
