"""What is found in a picture that is refused for its quality."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFilter

from app.core.imaging.reference_image import reference_image
from app.core.quality.assessment import assess
from app.core.quality.findings import FindingKind, findings_of
from app.core.quality.measures import measure


def blurred(sigma: float) -> np.ndarray:
    return np.asarray(Image.fromarray(reference_image()).filter(ImageFilter.GaussianBlur(sigma)))


@pytest.mark.parametrize(
    ("rgb", "missed"),
    [
        (reference_image(), None),
        (blurred(12), FindingKind.SHARPNESS),
        ((reference_image() * 0.05).astype(np.uint8), FindingKind.BRIGHTNESS),
        (np.full((256, 256, 3), 252, np.uint8), FindingKind.OVEREXPOSED),
    ],
    ids=["good", "blurred", "dark", "bright"],
)
def test_what_refuses_a_picture_is_among_what_is_missed(rgb: np.ndarray, missed: FindingKind | None) -> None:
    kinds = [finding.kind for finding in findings_of(measure(rgb)) if not finding.is_met]
    assert (missed in kinds) if missed else (kinds == [])
    assert (assess(rgb, full_size=(256, 256)).refusal is not None) == (missed is not None)
