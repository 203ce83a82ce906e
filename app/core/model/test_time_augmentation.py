"""Test-time augmentation: how far the prediction varies over flipped and cropped views.

A lesion has no up and down, so the answer should not depend on how the dermatoscope was held.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain.results import Consistency
from app.core.model.operating_point import log_odds

AUGMENTED_VIEWS = 2
"""Of the pairs of ten ways to turn, mirror and crop, one of those that show best on val how far all ten move the answer
(the ranges correlate with 0.71) and which answers one of the ten turns over (60 % of them)."""
CROP = 0.9
"""Of a side's length, that the cropped copy keeps."""


def augmented_views(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Augmented views of a square image (side, side, 3): transposed, and centre-cropped: (2, side, side, 3)."""
    side = picture.shape[0]
    edge = (1 - CROP) / 2 * side
    middle = Image.fromarray(picture).resize(
        (side, side), Image.Resampling.BILINEAR, box=(edge, edge, side - edge, side - edge)
    )
    return np.stack([picture.transpose(1, 0, 2), np.asarray(middle)])


def consistency(
    probabilities: NDArray[np.float64],
    *,
    threshold: float,
    limit: float,
    other_cancer: NDArray[np.float64] | None = None,
) -> Consistency:
    """Consistency of the probabilities (n,), 0..1, of an image and its augmented views; `other_cancer` is theirs too.

    Steady is what lies on one side of the threshold, and no further apart than `limit` logits.
    """
    lowest, highest = float(probabilities.min()), float(probabilities.max())
    apart = float(np.ptp(log_odds([lowest, highest])))
    consistent = bool((lowest < threshold) == (highest < threshold) and apart <= limit)
    others = None if other_cancer is None else (float(other_cancer.min()), float(other_cancer.max()))
    return Consistency(lowest, highest, consistent, others)
