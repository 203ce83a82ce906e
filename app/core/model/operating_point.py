"""Operating points: thresholds for melanoma and other cancers, and which images lie near them."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import ArrayLike, NDArray

from app.core.domain.statistics import Interval
from app.core.model.card_fields import Fraction, Text


class OtherCancerPoint(Struct, frozen=True, forbid_unknown_fields=True):
    """A threshold on the summed probability of the other cancers, why it is where it is, and what it gives.

    `sensitivity` is the share of the other cancers that are referred, as melanoma or as other cancer;
    `benign_not_referred` the share of the benign images that lie below both thresholds.
    """

    threshold: Fraction
    chosen: Text
    measured_on: Text
    sensitivity: Interval
    benign_not_referred: Interval


class BorderlineLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """How near its thresholds an image lies whose turned and cropped copies count, and what that gives.

    `distance` is in logits of the calibrated probability, below the threshold. `copied` is the share of the images
    whose copies are looked at, `borderline` that of those which are borderline, `missed` the share of borderline images
    that lie farther away.
    """

    distance: Annotated[float, Meta(gt=0.0)]
    chosen: Text
    measured_on: Text
    copied: Interval
    borderline: Interval
    missed: Interval


class OperatingPoint(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A threshold on the calibrated probability of melanoma, why it is where it is, and what it gives.

    `other_cancer` is the threshold for other cancers beside it, `None` where the card has none; `near` says which
    images below them have their copies looked at, `None`: none have.
    """

    name: Text
    threshold: Fraction
    chosen: Text
    measured_on: Text
    sensitivity: Interval
    specificity: Interval
    other_cancer: OtherCancerPoint | None = None
    near: BorderlineLimit | None = None

    @property
    def thresholds(self) -> tuple[float, float | None]:
        """Those of melanoma and of other cancers; `None` where the model has none for these."""
        return self.threshold, self.other_cancer.threshold if self.other_cancer else None

    def reaches(self, melanoma: ArrayLike, other_cancer: ArrayLike | None = None) -> NDArray[np.bool_]:
        """Whether probabilities (n,) of melanoma, or of other cancers, lie at their threshold or above."""
        reached = np.asarray(melanoma) >= self.threshold
        if self.other_cancer is not None and other_cancer is not None:
            reached |= np.asarray(other_cancer) >= self.other_cancer.threshold
        return np.asarray(reached)

    def is_near(self, melanoma: ArrayLike, other_cancer: ArrayLike | None = None) -> NDArray[np.bool_]:
        """Whether images with these probabilities (n,) lie below the thresholds, and near one of them."""
        if self.near is None:
            return np.zeros(np.shape(melanoma), dtype=bool)
        is_within = self.distances_below(melanoma, other_cancer) <= self.near.distance
        return np.asarray(is_within & ~self.reaches(melanoma, other_cancer))

    def distances_below(self, melanoma: ArrayLike, other_cancer: ArrayLike | None = None) -> NDArray[np.float64]:
        """How far probabilities (n,) lie below the nearer of their thresholds, in logits."""
        distances = log_odds(self.threshold) - log_odds(melanoma)
        if self.other_cancer is None or other_cancer is None:
            return np.asarray(distances)
        return np.minimum(distances, log_odds(self.other_cancer.threshold) - log_odds(other_cancer))


def log_odds(probabilities: ArrayLike) -> NDArray[np.float64]:
    """The log odds of probabilities, finite at 0 and 1."""
    within = np.clip(np.asarray(probabilities, dtype=np.float64), 1e-9, 1 - 1e-9)
    return np.asarray(np.log(within / (1 - within)))
