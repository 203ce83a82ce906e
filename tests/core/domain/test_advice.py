from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from app.core.domain.advice import (
    Advice,
    DecidingNumber,
    Unknown,
    advice_of,
    both_suspected,
    deciding,
    not_known,
    suspicion,
)
from app.core.domain.results import Consistency, Prediction, Rejection, Screening
from tests.factories import screening


def result(melanoma: float, other: float | None = None, *, borderline: bool | None = False) -> Screening:
    threshold = None if other is None else 0.5
    return screening(
        prediction=Prediction(
            melanoma, 0.2, other_cancer_probability=other, other_cancer_threshold=threshold, borderline=borderline
        )
    )


def with_copies(one: Screening, highest: float) -> Screening:
    assert one.prediction is not None
    copies = Consistency(0.0, highest, consistent=False)
    return replace(one, prediction=replace(one.prediction, consistency=copies))


def refused(*, forced: bool = False) -> Screening:
    if forced:
        return screening(prediction=Prediction(0.9, 0.2), forced=True)
    return screening(prediction=None, error="no", refusal=Rejection.QUALITY)


@pytest.mark.parametrize(
    ("one", "advice"),
    [
        (result(0.2, 0.1), Advice.REFER_MELANOMA),
        (result(0.2, 0.9, borderline=True), Advice.REFER_MELANOMA),
        (result(0.1999, 0.5), Advice.REFER_OTHER_CANCER),
        (result(0.1999, 0.5, borderline=True), Advice.REFER_OTHER_CANCER),
        (result(0.1999, 0.4999, borderline=True), Advice.BORDERLINE),
        (result(0.1999, 0.4999), Advice.BELOW_THRESHOLD),
        (result(0.1, None, borderline=None), Advice.BELOW_THRESHOLD),
        (refused(), Advice.NOT_ASSESSED),
        (refused(forced=True), Advice.NOT_ASSESSED),
    ],
)
def test_the_advice_of_a_result(one: Screening, advice: Advice) -> None:
    assert advice_of(one) is advice
    assert advice.refers == (advice in ("refer-melanoma", "refer-other-cancer"))


@pytest.mark.parametrize(
    ("one", "number"),
    [
        (result(0.3, 0.9), DecidingNumber(0.3, 0.2)),
        (result(0.1, 0.6), DecidingNumber(0.6, 0.5, of_other_cancer=True)),
        (with_copies(result(0.19, 0.49, borderline=True), 0.2), DecidingNumber(0.19, 0.2)),
        (with_copies(result(0.19, 0.1, borderline=True), 0.1999), DecidingNumber(0.1, 0.5, of_other_cancer=True)),
        (result(0.01, 0.49, borderline=True), DecidingNumber(0.01, 0.2)),
        (with_copies(result(0.01, None, borderline=True), 0.1), DecidingNumber(0.01, 0.2)),
        (result(0.01, 0.49), DecidingNumber(0.01, 0.2)),
        (result(0.01, None, borderline=True), DecidingNumber(0.01, 0.2)),
    ],
)
def test_the_number_that_decides(one: Screening, number: DecidingNumber) -> None:
    assert one.prediction is not None
    assert deciding(one.prediction) == number


def test_both_are_suspected_where_melanoma_is_and_another_cancer_too() -> None:
    assert both_suspected(result(0.3, 0.5))
    for one in (result(0.3, 0.4), result(0.1, 0.5), result(0.3), refused(), refused(forced=True)):
        assert not both_suspected(one)
    forced = replace(result(0.3, 0.5), forced=True)
    assert not both_suspected(forced)
    assert suspicion(forced) == suspicion(refused())


@pytest.mark.parametrize(
    ("one", "unknown"),
    [
        (result(0.1, 0.1), ()),
        (result(0.1, 0.1, borderline=None), (Unknown.COPIES,)),
        (result(0.1, None), (Unknown.OTHER_CANCER,)),
        (result(0.1, None, borderline=None), (Unknown.OTHER_CANCER, Unknown.COPIES)),
        (result(0.3, None, borderline=None), ()),
        (refused(), ()),
        (refused(forced=True), ()),
    ],
)
def test_what_is_not_known_of_what_lies_below(one: Screening, unknown: tuple[Unknown, ...]) -> None:
    assert not_known(one) == unknown


def test_the_order_of_suspicion() -> None:
    ordered = [
        result(0.9, 0.05),
        replace(result(0.9), prediction=Prediction(0.9, 0.5)),  # no further above its own, higher threshold
        result(0.2, 0.79),
        result(0.01, 0.9),
        result(0.15, 0.5),
        result(0.05, 0.1, borderline=True),
        result(0.19, 0.4),
        result(0.01, 0.45),
        refused(),
    ]
    keys = [suspicion(one) for one in ordered]
    assert all(one > other for one, other in itertools.pairwise(keys))
