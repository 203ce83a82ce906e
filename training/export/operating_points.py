"""Operating points, chosen on `val`: a threshold for melanoma, and with it one for other cancers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.core.model.operating_point import OperatingPoint, OtherCancerPoint
from training import metrics
from training.data.examples import Example
from training.evaluation.figures.kinds import Kind, kind_of
from training.export.borderline import borderline_limit
from training.metrics import Labels, Probabilities

SCREENING, BALANCED = "screening", "balanced"
"""The operating points' names."""
LEAST_SENSITIVITY_OF_A_SOURCE = 0.90
ENOUGH_MELANOMAS = 30
"""Melanomas of `val` that a source's sensitivity counts from."""
MOST_SPECIFICITY_FOR_IT = 0.05
"""Specificity that is given up at most so that no source falls below `LEAST_SENSITIVITY_OF_A_SOURCE`."""
LEAST_BENIGN_NOT_REFERRED = 0.60
MOST_BENIGN_FOR_OTHER_CANCER = 0.08
"""Share of the benign images that may be referred as other cancer beyond those referred as melanoma."""


@dataclass(frozen=True)
class Validated:
    """The images of `val` with their calibrated probabilities, and those of each of their augmented views.

    `other_cancer` is `None` where the model has no such probability; so is the second of each pair in `copies`.
    """

    examples: Sequence[Example]
    melanoma: Probabilities
    other_cancer: Probabilities | None = None
    copies: tuple[tuple[Probabilities, Probabilities | None], ...] = ()

    @property
    def labels(self) -> Labels:
        return np.array([example.melanoma for example in self.examples])


def operating_points(val: Validated, *, sensitivity: float, fitted_on: str) -> tuple[OperatingPoint, ...]:
    """The points *screening*, for the sensitivity wanted, and *balanced*."""
    screening, chosen = screening_threshold(val, sensitivity)
    balanced = metrics.balanced_threshold(val.labels, val.melanoma)
    points = (
        _point(val, SCREENING, screening, chosen, fitted_on),
        _point(val, BALANCED, balanced, "sensitivity equal to specificity on val", fitted_on),
    )
    return tuple(_with_limit(point, val, fitted_on) for point in points)


def _with_limit(point: OperatingPoint, val: Validated, fitted_on: str) -> OperatingPoint:
    """The point with the limit within which copies count."""
    if not val.copies:
        return point
    near = borderline_limit(point, (val.melanoma, val.other_cancer), val.copies, fitted_on=fitted_on)
    return msgspec.structs.replace(point, near=near)


def screening_threshold(val: Validated, sensitivity: float) -> tuple[float, str]:
    """The highest threshold with this sensitivity on `val`, and how it was chosen, in words.

    It is lowered until no source with `ENOUGH_MELANOMAS` falls below `LEAST_SENSITIVITY_OF_A_SOURCE`, where that costs
    less specificity than `MOST_SPECIFICITY_FOR_IT`.
    """
    labels = val.labels
    threshold = metrics.threshold_for_sensitivity(labels, val.melanoma, sensitivity)
    chosen = f"{sensitivity:.0%} sensitivity on val"
    lower = min([threshold, *_thresholds_of_sources(val)])
    if lower == threshold:
        return threshold, chosen
    others = val.melanoma[labels == 0]
    cost = float(((others < threshold) & (others >= lower)).mean())
    each = f"{LEAST_SENSITIVITY_OF_A_SOURCE:.0%} in each source with {ENOUGH_MELANOMAS} melanomas"
    if cost < MOST_SPECIFICITY_FOR_IT:
        return lower, f"{chosen}, and lowered to {each}, for {cost:.1%} of specificity"
    return threshold, f"{chosen}; not lowered to {each}, which costs {cost:.1%} of specificity"


def _thresholds_of_sources(val: Validated) -> list[float]:
    labels, sources = val.labels, np.array([example.source for example in val.examples])
    found = []
    for source in np.unique(sources):
        inside = sources == source
        if labels[inside].sum() >= ENOUGH_MELANOMAS:
            found.append(
                metrics.threshold_for_sensitivity(labels[inside], val.melanoma[inside], LEAST_SENSITIVITY_OF_A_SOURCE)
            )
    return found


def _point(val: Validated, name: str, threshold: float, chosen: str, fitted_on: str) -> OperatingPoint:
    point = OperatingPoint(
        name=name,
        threshold=threshold,
        chosen=chosen,
        measured_on=fitted_on,
        sensitivity=metrics.sensitivity(val.labels, val.melanoma, threshold).rounded(),
        specificity=metrics.specificity(val.labels, val.melanoma, threshold).rounded(),
    )
    benign, other_cancers = kinds(val.examples)
    if val.other_cancer is None or not benign.any() or not other_cancers.any():
        return point
    second, why = other_cancer_threshold(val.melanoma[benign], val.other_cancer[benign], threshold)
    return msgspec.structs.replace(
        point,
        other_cancer=measured_other_cancer(
            val.examples, (val.melanoma >= threshold) | (val.other_cancer >= second), second, why, fitted_on
        ),
    )


def kinds(examples: Sequence[Example]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which images show something benign, and which a cancer other than melanoma."""
    found = [kind_of(example) for example in examples]
    is_other_cancer = [kind is not None and kind not in (Kind.MELANOMA, Kind.BENIGN) for kind in found]
    return np.array([kind is Kind.BENIGN for kind in found]), np.array(is_other_cancer)


def measured_other_cancer(
    examples: Sequence[Example], referred: NDArray[np.bool_], threshold: float, chosen: str, measured_on: str
) -> OtherCancerPoint:
    """A threshold with its figures on images of which some are referred, as melanoma or other cancer."""
    benign, other_cancers = kinds(examples)
    sensitivity = metrics.proportion(int(referred[other_cancers].sum()), int(other_cancers.sum()))
    spared = metrics.proportion(int((~referred[benign]).sum()), int(benign.sum()))
    return OtherCancerPoint(threshold, chosen, measured_on, sensitivity.rounded(), spared.rounded())


def other_cancer_threshold(melanoma: Probabilities, other_cancer: Probabilities, threshold: float) -> tuple[float, str]:
    """The lowest threshold for other cancers at which enough benign images are left, and how it was chosen, in words.

    Takes the probabilities of the benign images (n,). Left are at least `LEAST_BENIGN_NOT_REFERRED` of them, and
    `MOST_BENIGN_FOR_OTHER_CANCER` fewer than with melanoma's threshold alone at most. Where melanoma's alone leaves
    less than the former, the latter decides.
    """
    spared = np.sort(other_cancer[melanoma < threshold])[::-1]
    alone = spared.size / melanoma.size
    least = max(LEAST_BENIGN_NOT_REFERRED, alone - MOST_BENIGN_FOR_OTHER_CANCER)
    chosen = f"the lowest that leaves {least:.1%} of the benign images of val not referred"
    if alone < LEAST_BENIGN_NOT_REFERRED:
        least = alone - MOST_BENIGN_FOR_OTHER_CANCER
        chosen = (
            f"the lowest that leaves {least:.1%} of the benign images of val not referred;"
            f" melanoma's threshold alone leaves {alone:.1%}"
        )
    room = max(int(np.floor((alone - least) * melanoma.size + 1e-9)), 0)
    if room >= spared.size:
        return 0.0, chosen
    above = spared[room - 1] if room else 1.0
    return float((spared[room] + above) / 2), chosen
