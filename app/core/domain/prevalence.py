"""Predictive values and natural frequencies at a given prevalence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.core.domain.statistics import Interval

LESIONS = 1000
"""Natural frequencies are understood where shares are not (Gigerenzer and Hoffrage, Psychol. Rev. 102, 1995)."""


@dataclass(frozen=True)
class Range:
    """A count with its lower and upper limits."""

    value: int
    low: int
    high: int


@dataclass(frozen=True)
class Outcomes:
    """Expected results for `lesions` lesions, of which a share `prevalence` (0..1) are melanomas.

    `true_positives` and `false_negatives` add up to `melanomas`, `false_positives` and `true_negatives` to `others`,
    and all four to `lesions`.
    The predictive values are shares 0..1: `positive` is that of melanomas among the suspected, `negative` that of
    others among those without suspicion; `None` where there are no such lesions. Their ends are those that both ends
    of the intervals give together, so they are somewhat wide for 95 %.
    """

    prevalence: float
    lesions: int
    melanomas: int
    others: int
    true_positives: Range
    false_negatives: Range
    false_positives: Range
    true_negatives: Range
    positive: Interval | None
    negative: Interval | None


def outcomes(prevalence: float, sensitivity: Interval, specificity: Interval, *, lesions: int = LESIONS) -> Outcomes:
    """Expected results for a number of lesions (1 or more) at a prevalence (between 0 and 1), by Bayes' rule.

    Raises `ValueError` for a prevalence or an interval that is none.
    """
    _check_share("prevalence", prevalence)
    if lesions < 1:
        raise ValueError(f"{lesions} lesions are too few")
    for name, interval in (("sensitivity", sensitivity), ("specificity", specificity)):
        if not 0.0 <= interval.low <= interval.value <= interval.high <= 1.0:  # refuses NaN as well
            raise ValueError(f"the {name} {interval} is no share with its interval")
    melanomas, others = apportion(lesions, (prevalence, 1.0 - prevalence))
    true_positives, false_negatives = _split(melanomas, sensitivity)
    true_negatives, false_positives = _split(others, specificity)
    ends = [
        (getattr(sensitivity, end), getattr(specificity, end)) for end in ("value", "low", "high")
    ]  # both predictive values grow with sensitivity and with specificity
    return Outcomes(
        prevalence=prevalence,
        lesions=lesions,
        melanomas=melanomas,
        others=others,
        true_positives=true_positives,
        false_negatives=false_negatives,
        false_positives=false_positives,
        true_negatives=true_negatives,
        positive=_interval(
            [_share(sens * prevalence, (1.0 - spec) * (1.0 - prevalence)) for sens, spec in ends],
        ),
        negative=_interval(
            [_share(spec * (1.0 - prevalence), (1.0 - sens) * prevalence) for sens, spec in ends],
        ),
    )


def at_prevalence(probability: float, share: float, prevalence: float) -> float:
    """A probability (0..1) that was calibrated where a share of images were melanomas, for another prevalence.

    The odds change as the odds of melanoma do (Elkan, The Foundations of Cost-Sensitive Learning, IJCAI 2001,
    theorem 2). It holds as far as melanomas look like those of the data, and the others like the others.
    Raises `ValueError` for what is no probability, and for a share or a prevalence that is not between 0 and 1.
    """
    _check_share("share", share)
    _check_share("prevalence", prevalence)
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"{probability} is no probability")
    for_it = probability * prevalence / share
    against_it = (1.0 - probability) * (1.0 - prevalence) / (1.0 - share)
    return for_it / (for_it + against_it)


IN_SCREENING = 0.02
"""The share of melanomas among the lesions looked at in general screening, for clinics that have not said theirs."""


@dataclass(frozen=True)
class Shares:
    """Shares (between 0 and 1) of melanomas and of other skin cancers among lesions.

    `other_cancer` is `None` where it is not known. `assumed`: the share of melanomas is that of general screening,
    because that of the clinic is not known.
    """

    melanoma: float
    other_cancer: float | None = None
    assumed: bool = False


def at_shares(melanoma: float, other_cancer: float | None, data: Shares, clinic: Shares) -> tuple[float, float | None]:
    """Probabilities of melanoma and other cancers that hold for the shares of `data`, for those of a `clinic`.

    The odds of each kind change as its share does (see `at_prevalence`). Where the clinic's share of other cancers is
    not known, they keep their part of what is no melanoma. Raises `ValueError` for shares that leave nothing else.
    """
    if other_cancer is None or data.other_cancer is None:
        return at_prevalence(melanoma, data.melanoma, clinic.melanoma), None
    other_share = clinic.other_cancer
    if other_share is None:
        other_share = data.other_cancer * (1 - clinic.melanoma) / (1 - data.melanoma)
    old = (data.melanoma, data.other_cancer, 1 - data.melanoma - data.other_cancer)
    new = (clinic.melanoma, other_share, 1 - clinic.melanoma - other_share)
    for name, share in zip(("melanoma", "other cancer", "rest") * 2, (*old, *new), strict=True):
        _check_share(f"share of {name}", share)
    probabilities = (melanoma, other_cancer, max(0.0, 1 - melanoma - other_cancer))
    weighed = [p * after / before for p, before, after in zip(probabilities, old, new, strict=True)]
    return weighed[0] / sum(weighed), weighed[1] / sum(weighed)


def apportion(total: int, shares: Sequence[float]) -> tuple[int, ...]:
    """Whole numbers closest to the shares (sum 1) that add up to a total.

    The method of the largest remainder (Hamilton); of equal remainders the first is rounded up.
    """
    exact = [total * share for share in shares]
    counts = [math.floor(count) for count in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])
    for i in by_remainder[: total - sum(counts)]:
        counts[i] += 1
    return tuple(counts)


def _split(total: int, share: Interval) -> tuple[Range, Range]:
    """A share of a total, and the rest."""
    (value, rest), (low, most_rest), (high, least_rest) = (
        apportion(total, (part, 1.0 - part)) for part in (share.value, share.low, share.high)
    )
    return Range(value, low, high), Range(rest, least_rest, most_rest)


def _share(part: float, rest: float) -> float | None:
    return part / (part + rest) if part + rest > 0.0 else None


def _interval(ends: Sequence[float | None]) -> Interval | None:
    value, low, high = ends
    return None if value is None or low is None or high is None else Interval(value, low, high)


def _check_share(name: str, share: float) -> None:
    if not 0.0 < share < 1.0:
        raise ValueError(f"the {name} has to lie between 0 and 1, and {share} does not")
