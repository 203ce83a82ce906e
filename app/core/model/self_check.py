"""Checks that a model gives on this machine what its card says, by the reference image."""

from __future__ import annotations

from app.core.domain.errors import BundleError
from app.core.domain.messages import Message
from app.core.domain.results import Prediction
from app.core.imaging.reference_image import reference_image
from app.core.model.classifier import Classifier

TOLERANCE = 2e-3
"""Of the probability: processors differ in the last digits of a network's sums."""


def check_reference_image(classifier: Classifier) -> Prediction:
    """The model's prediction for the reference image. Raises `BundleError` where it is not what the card says."""
    prediction = classifier.predict(reference_image())
    found, stored = prediction.melanoma_probability, classifier.card.self_test_probability
    if abs(found - stored) > TOLERANCE:
        raise BundleError(Message("model-reference-differs", found=found, stored=stored))
    return prediction
