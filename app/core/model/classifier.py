"""A model bundle and images to calibrated predictions."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.domain.errors import BundleError
from app.core.domain.messages import Message
from app.core.domain.results import Explanation, ModelId, Prediction
from app.core.imaging.preprocess import model_input, prepare
from app.core.model.bundle import ModelBundle
from app.core.model.card import ACTIVATION_MAP, DIAGNOSIS_LOGITS, EMBEDDING, INTERMEDIATE_FEATURES, LOGITS
from app.core.model.network import Network
from app.core.model.out_of_distribution import OutOfDistributionDetector
from app.core.model.test_time_augmentation import augmented_views
from app.core.model.test_time_augmentation import consistency as consistency_of
from app.core.system.log import Event

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelOutput:
    """The model's output for one image. `ood_distance` and `case` as in `app.core.domain.results.Screening`.

    The explanation's map lies on the whole of the image that was asked about.
    """

    prediction: Prediction
    explanation: Explanation
    ood_distance: float | None = None
    case: bytes = b""


class Classifier:
    """The network with its calibration and threshold. Not thread-safe."""

    def __init__(self, bundle: ModelBundle, *, threads: int | None = None) -> None:
        """`threads` as in `Network`. Raises `BundleError` where the network can't be loaded."""
        began = time.perf_counter()
        self.card = bundle.card
        self.model_id: ModelId = bundle.card.model_id
        outputs = self.card.network.outputs
        self._network = Network(bundle.network, outputs, side=self.card.network.side, threads=threads)
        self._melanoma = self.card.classes.index(self.card.melanoma_class)
        self._detector: OutOfDistributionDetector | None = None
        if bundle.detector is not None:
            self._detector = OutOfDistributionDetector.read(
                bundle.detector, features=outputs[INTERMEDIATE_FEATURES][1], embedding=outputs[EMBEDDING][1]
            )
        _log.info(Event.MODEL_LOADED, self.model_id, time.perf_counter() - began)

    def predict(self, rgb: NDArray[np.uint8]) -> Prediction:
        """Classify an upright sRGB image of shape (height, width, 3), 0..255, any size, also out of distribution.

        A heavy black frame is cut away, as in `app.core.screening.pipeline`. Raises `BundleError` where the network
        gives no number.
        """
        (answer,) = self.answer([self.network_input(prepare(rgb).standard)])
        if isinstance(answer, BundleError):
            raise answer
        return answer.prediction

    def network_input(self, standard: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The network's input for a standard image (see `app.core.imaging.preprocess.prepare`): (side, side, 3)."""
        return model_input(standard, self.card.network.side)

    def answer(
        self, pictures: Sequence[NDArray[np.uint8]], *, consistency: bool = False
    ) -> list[ModelOutput | BundleError]:
        """Ask about inputs that `network_input` gave, together. One for which the network gives no number has an error.

        With `consistency`, and a card that has a limit for it, each image's copies are looked at too, which takes
        three times as long. Raises `BundleError` where the network can't be run at all.
        """
        if not pictures:
            return []
        stacked = np.stack(pictures)
        limit = self.card.consistency if consistency else None
        turned = [augmented_views(picture) for picture in pictures] if limit else []
        outputs = self._network.outputs_of_several(np.concatenate([stacked, *turned]))
        probabilities = self._probabilities(outputs[LOGITS])
        count = len(pictures)
        of_views = probabilities[count:].reshape(count, -1)
        distances = self._distances(outputs, count)
        return [
            self._answer(outputs, i, probabilities[i], of_views[i], None if distances is None else distances[i])
            for i in range(count)
        ]

    def _answer(
        self,
        outputs: Mapping[str, NDArray[np.float32]],
        index: int,
        probability: float,
        of_views: NDArray[np.float64],
        distance: float | None,
    ) -> ModelOutput | BundleError:
        if not np.isfinite([probability, *of_views, 0.0 if distance is None else distance]).all():
            return BundleError(Message("model-gives-no-number"))
        threshold = self.card.operating_point.threshold
        stable = None
        if self.card.consistency is not None and of_views.size:
            limit = self.card.consistency.limit
            stable = consistency_of(np.array([probability, *of_views]), threshold=threshold, limit=limit)
        activation_map = outputs[ACTIVATION_MAP][index] if ACTIVATION_MAP in outputs else None
        return ModelOutput(
            Prediction(float(probability), threshold, stable),
            Explanation(activation_map, diagnoses=self._diagnoses(outputs, index)),
            distance,
            self._detector.case(outputs[EMBEDDING][index]) if self._detector else b"",
        )

    def _probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Calibrated probabilities of melanoma (n,); NaN where a logit is."""
        with np.errstate(invalid="ignore"):
            return self.card.calibration.probabilities(logits.astype(np.float64))[:, self._melanoma]

    def _distances(self, outputs: Mapping[str, NDArray[np.float32]], count: int) -> list[float] | None:
        """Distances in units of the limit."""
        if self._detector is None or self.card.detector is None:
            return None
        features = outputs[INTERMEDIATE_FEATURES]
        # one by one: a product of matrices rounds a row otherwise when there are several
        distances = np.concatenate([self._detector.distances(features[i : i + 1]) for i in range(count)])
        return (distances / self.card.detector.limit).tolist()

    def _diagnoses(self, outputs: Mapping[str, NDArray[np.float32]], index: int) -> tuple[tuple[str, float], ...]:
        calibration = self.card.diagnosis_calibration
        if calibration is None:
            return ()
        probabilities = calibration.probabilities(outputs[DIAGNOSIS_LOGITS][index].astype(np.float64)).tolist()
        return tuple(sorted(zip(self.card.diagnoses, probabilities, strict=True), key=lambda each: -each[1]))
