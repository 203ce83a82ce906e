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
from app.core.model.gate import GateNetwork
from app.core.model.network import Network
from app.core.model.out_of_distribution import OutOfDistributionDetector
from app.core.model.test_time_augmentation import augmented_views
from app.core.model.test_time_augmentation import consistency as consistency_of
from app.core.system.log import Event

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelOutput:
    """The model's output for one image. `ood_distance` and `case` as in `app.core.domain.results.Screening`.

    The explanation's map lies on the whole of the image that was asked about. `dermoscopy_probability`, 0..1, is the
    gate's, `None` where the bundle has none.
    """

    prediction: Prediction
    explanation: Explanation
    ood_distance: float | None = None
    case: bytes = b""
    dermoscopy_probability: float | None = None


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
        self._gate: GateNetwork | None = None
        if bundle.gate is not None and self.card.gate is not None:
            gate = self.card.gate
            self._gate = GateNetwork(bundle.gate, gate.calibration, side=gate.side, threads=threads)
        _log.info(Event.MODEL_LOADED, self.model_id, time.perf_counter() - began)

    def predict(self, rgb: NDArray[np.uint8]) -> Prediction:
        """Classify an upright sRGB image of shape (height, width, 3), 0..255, any size, also a refused one.

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
        dermoscopy = self._gate.dermoscopy_probabilities(stacked).tolist() if self._gate else [None] * count
        return [self._answer(outputs, i, probabilities[i], of_views[i], dermoscopy[i]) for i in range(count)]

    def _answer(
        self,
        outputs: Mapping[str, NDArray[np.float32]],
        index: int,
        probability: float,
        of_views: NDArray[np.float64],
        dermoscopy: float | None,
    ) -> ModelOutput | BundleError:
        distance = self._distance(outputs, index)
        diagnoses = self._diagnoses(outputs, index, probability)
        of_others = [diagnoses[name] for name in self.card.other_cancers]
        numbers = [probability, *of_views, distance, dermoscopy, *of_others]
        if not np.isfinite([number for number in numbers if number is not None]).all():
            return BundleError(Message("model-gives-no-number"))
        point = self.card.operating_point
        stable = None
        if self.card.consistency is not None and of_views.size:
            limit = self.card.consistency.limit
            stable = consistency_of(np.array([probability, *of_views]), threshold=point.threshold, limit=limit)
        activation_map = outputs[ACTIVATION_MAP][index] if ACTIVATION_MAP in outputs else None
        return ModelOutput(
            Prediction(
                float(probability),
                point.threshold,
                stable,
                other_cancer_probability=sum(of_others) if of_others else None,
                other_cancer_threshold=point.other_cancer.threshold if point.other_cancer else None,
            ),
            Explanation(activation_map, diagnoses=tuple(sorted(diagnoses.items(), key=lambda each: -each[1]))),
            distance,
            self._detector.case(outputs[EMBEDDING][index]) if self._detector else b"",
            dermoscopy,
        )

    def _probabilities(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Calibrated probabilities of melanoma (n,); NaN where a logit is."""
        with np.errstate(invalid="ignore"):
            return self.card.calibration.probabilities(logits.astype(np.float64))[:, self._melanoma]

    def _distance(self, outputs: Mapping[str, NDArray[np.float32]], index: int) -> float | None:
        """Distance in units of the limit."""
        if self._detector is None or self.card.detector is None:
            return None
        # one by one: a product of matrices rounds a row otherwise when there are several
        (distance,) = self._detector.distances(outputs[INTERMEDIATE_FEATURES][index : index + 1])
        return float(distance / self.card.detector.limit)

    def _diagnoses(self, outputs: Mapping[str, NDArray[np.float32]], index: int, melanoma: float) -> dict[str, float]:
        """Probabilities by diagnosis, with melanoma's as given; empty where the card has none that hold."""
        if DIAGNOSIS_LOGITS not in outputs:
            return {}
        logits = outputs[DIAGNOSIS_LOGITS][index : index + 1].astype(np.float64)
        with np.errstate(invalid="ignore"):
            probabilities = self.card.diagnosis_probabilities(np.array([melanoma]), logits)
        return {} if probabilities is None else dict(zip(self.card.diagnoses, probabilities[0].tolist(), strict=True))
