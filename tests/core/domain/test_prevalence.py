"""Lesions counted by Bayes' rule: sums, ends of intervals, and what is refused."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest

from app.core.domain.prevalence import Shares, apportion, at_prevalence, at_shares, outcomes
from app.core.domain.statistics import Interval

SENSITIVITY = Interval(0.942105, 0.899319, 0.967368)
SPECIFICITY = Interval(0.67159, 0.643927, 0.698111)


def test_a_thousand_lesions_by_hand() -> None:
    counted = outcomes(0.02, SENSITIVITY, SPECIFICITY)
    assert (counted.melanomas, counted.others) == (20, 980)
    assert (counted.true_positives.value, counted.true_positives.low, counted.true_positives.high) == (19, 18, 19)
    assert (counted.false_negatives.value, counted.false_negatives.low, counted.false_negatives.high) == (1, 1, 2)
    assert (counted.true_negatives.value, counted.true_negatives.low, counted.true_negatives.high) == (658, 631, 684)
    assert (counted.false_positives.value, counted.false_positives.low, counted.false_positives.high) == (322, 296, 349)


def test_predictive_values_are_bayes_rule() -> None:
    """Against exact fractions, and against counting a hundred million lesions."""
    counted = outcomes(0.02, SENSITIVITY, SPECIFICITY, lesions=100_000_000)
    assert counted.positive is not None
    assert counted.negative is not None
    prevalence, sensitivity, specificity = Fraction(2, 100), Fraction(942105, 10**6), Fraction(67159, 10**5)
    found = prevalence * sensitivity
    suspected = found + (1 - prevalence) * (1 - specificity)
    assert counted.positive.value == pytest.approx(float(found / suspected), rel=1e-12)
    cleared = counted.true_negatives.value
    assert counted.negative.value == pytest.approx(cleared / (cleared + counted.false_negatives.value), abs=1e-7)
    low = counted.true_positives.low / (counted.true_positives.low + counted.false_positives.high)
    high = counted.true_negatives.high / (counted.true_negatives.high + counted.false_negatives.low)
    assert counted.positive.low == pytest.approx(low, abs=1e-7)
    assert counted.negative.high == pytest.approx(high, abs=1e-7)


def test_counts_add_up_and_ends_enclose_whatever_the_figures() -> None:
    generator = random.Random(7)
    for _ in range(2000):
        intervals = [
            Interval(value, low, high)
            for low, value, high in (sorted(generator.random() for _ in range(3)) for _ in range(2))
        ]
        prevalence, lesions = generator.random() ** 3 or 0.5, generator.choice((1, 7, 1000, 100_000))
        counted = outcomes(prevalence, *intervals, lesions=lesions)
        for end, other in (("value", "value"), ("low", "high"), ("high", "low")):
            assert getattr(counted.true_positives, end) + getattr(counted.false_negatives, other) == counted.melanomas
            assert getattr(counted.true_negatives, end) + getattr(counted.false_positives, other) == counted.others
        assert counted.melanomas + counted.others == lesions
        assert abs(counted.melanomas - lesions * prevalence) <= 0.5 + 1e-9
        for count in (counted.true_positives, counted.false_negatives, counted.false_positives, counted.true_negatives):
            assert 0 <= count.low <= count.value <= count.high
        for value in (counted.positive, counted.negative):
            assert value is None or 0 <= value.low <= value.value <= value.high <= 1


def test_the_largest_remainder_is_rounded_up() -> None:
    assert apportion(10, (0.34, 0.33, 0.33)) == (4, 3, 3)
    assert apportion(10, (0.26, 0.26, 0.48)) == (3, 2, 5)
    assert apportion(1, (0.5, 0.5)) == (1, 0)
    assert apportion(1000, (1.0, 0.0)) == (1000, 0)


def test_no_predictive_value_of_nobody() -> None:
    never, always = Interval(0.0, 0.0, 0.0), Interval(1.0, 1.0, 1.0)
    nobody_suspected = outcomes(0.1, never, always)
    assert nobody_suspected.positive is None
    assert nobody_suspected.negative == Interval(0.9, 0.9, 0.9)
    everybody_suspected = outcomes(0.1, always, never)
    assert everybody_suspected.negative is None
    assert everybody_suspected.positive == Interval(0.1, 0.1, 0.1)


@pytest.mark.parametrize("prevalence", [0.0, 1.0, -0.1, 2.0, math.nan, math.inf])
def test_a_prevalence_that_is_none_is_refused(prevalence: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        outcomes(prevalence, SENSITIVITY, SPECIFICITY)
    with pytest.raises(ValueError, match="prevalence"):
        at_prevalence(0.5, 0.1, prevalence)
    with pytest.raises(ValueError, match="share"):
        at_prevalence(0.5, prevalence, 0.1)


@pytest.mark.parametrize(
    "interval",
    [Interval(0.5, 0.6, 0.7), Interval(0.9, 0.8, 0.85), Interval(1.1, 0.9, 1.2), Interval(math.nan, 0.1, 0.2)],
)
def test_an_interval_that_is_none_is_refused(interval: Interval) -> None:
    with pytest.raises(ValueError, match="sensitivity"):
        outcomes(0.1, interval, SPECIFICITY)
    with pytest.raises(ValueError, match="specificity"):
        outcomes(0.1, SENSITIVITY, interval)


def test_no_lesions_are_refused() -> None:
    with pytest.raises(ValueError, match="too few"):
        outcomes(0.1, SENSITIVITY, SPECIFICITY, lesions=0)


def test_a_probability_at_another_prevalence() -> None:
    assert at_prevalence(0.3, 0.14, 0.14) == pytest.approx(0.3)
    assert at_prevalence(0.14, 0.14, 0.02) == pytest.approx(0.02)  # what says nothing of a lesion says the prevalence
    assert at_prevalence(0.5, 0.2, 0.02) == pytest.approx(4 / 53)  # odds 1 * (1 / 49) / (1 / 4)
    assert at_prevalence(at_prevalence(0.7, 0.14, 0.02), 0.02, 0.14) == pytest.approx(0.7)
    assert [at_prevalence(end, 0.14, 0.02) for end in (0.0, 1.0)] == [0.0, 1.0]
    for nonsense in (-0.1, 1.1, math.nan):
        with pytest.raises(ValueError, match="no probability"):
            at_prevalence(nonsense, 0.14, 0.02)


class TestAtShares:
    DATA = Shares(0.25, 0.25)

    def test_with_the_shares_of_the_data_nothing_changes(self) -> None:
        assert at_shares(0.3, 0.5, self.DATA, self.DATA) == pytest.approx((0.3, 0.5))

    def test_three_kinds_by_hand(self) -> None:
        """Weights 0.3 · 0.02/0.25, 0.5 · 0.10/0.25, 0.2 · 0.88/0.5."""
        weights = (0.3 * 0.08, 0.5 * 0.4, 0.2 * 1.76)
        expected = (weights[0] / sum(weights), weights[1] / sum(weights))
        assert at_shares(0.3, 0.5, self.DATA, Shares(0.02, 0.10)) == pytest.approx(expected)

    def test_where_the_share_of_other_cancers_is_not_known_they_keep_their_part(self) -> None:
        melanoma, other = at_shares(0.3, 0.5, self.DATA, Shares(0.02))
        assert melanoma == pytest.approx(at_prevalence(0.3, 0.25, 0.02))
        assert other is not None
        assert other / (1 - melanoma) == pytest.approx(0.5 / 0.7)

    def test_without_other_cancers_it_is_the_one_of_two_kinds(self) -> None:
        for other, data in ((None, self.DATA), (0.5, Shares(0.25))):
            assert at_shares(0.3, other, data, Shares(0.02, 0.1)) == (at_prevalence(0.3, 0.25, 0.02), None)

    @pytest.mark.parametrize("clinic", [Shares(0.0, 0.1), Shares(0.5, 0.5), Shares(1.2, 0.1)])
    def test_shares_that_leave_nothing_are_refused(self, clinic: Shares) -> None:
        with pytest.raises(ValueError, match="share"):
            at_shares(0.3, 0.5, self.DATA, clinic)
