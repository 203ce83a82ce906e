"""Does a model give on this machine what its card says? Asked with the picture that is drawn by code."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from app.core.classifier import Classifier
from app.core.domain.errors import BundleError
from app.core.domain.results import Screening
from app.core.imaging.reference_image import drawn_lesion
from app.core.screening import screen_bytes

TOLERANCE = 2e-3
"""Of the probability: processors differ in the last digits of a network's sums."""


def screen_drawing(classifier: Classifier) -> Screening:
    """What the model says of the drawn lesion, which is what its card says. Raises `BundleError` where it is not."""
    picture = io.BytesIO()
    Image.fromarray(drawn_lesion()).save(picture, "PNG")
    screening = screen_bytes(picture.getvalue(), Path("drawn.png"), classifier, although_unfamiliar=True)
    if screening.prediction is None:
        raise BundleError(f"The drawn picture gives no result: {screening.error}")
    found = screening.prediction.melanoma_probability
    stored = classifier.card.self_test_probability
    if abs(found - stored) > TOLERANCE:
        raise BundleError(f"The drawn picture gives {found:.6f}, the model's card says {stored:.6f}.")
    return screening
