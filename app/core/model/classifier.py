"""A model bundle and images to calibrated predictions."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.domain.errors import BundleError
from app.core.domain.messages import Message
from app.core.domain.results import ModelId, Prediction
from app.core.imaging.preprocess import model_input, prepare
from app.core.model.bundle import ModelBundle
from app.core.model.card import DIAGNOSIS_LOGITS, EMBEDDING, INTERMEDIATE_FEATURES, LOGITS
from app.core.model.gate import Gate
from app.core.model.network import Network
from app.core.model.occlusion import occlusion_map
from app.core.model.out_of_distribution import OutOfDistributionDetector
from app.core.model.test_time_augmentation import AUGMENTED_VIEWS, augmented_views
from app.core.model.test_time_augmentation import consistency as consistency_of
from app.core.system.log import Event

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelOutput:
    """The model's output for one image. `ood_distance` and `case` as in `app.core.domain.results.Screening`.

    `dermoscopy_probability`, 0..1, is the gate's, `None` where the bundle has none.
    """

    prediction: Prediction
    ood_distance: float | None = None
    case: bytes = b""
    dermoscopy_probability: float | None = None


@dataclass(frozen=True)
class _Probabilities:
    """Calibrated probabilities of an image, or of several (n,): melanoma, the other cancers together, each diagnosis
    (the last axis); `None` where the card has none."""

    melanoma: NDArray[np.float64]
    other_cancer: NDArray[np.float64] | None
    diagnoses: NDArray[np.float64] | None

    def at(self, place: int | slice) -> _Probabilities:
        """Those of one of several images, or of some."""
        other_cancer = None if self.other_cancer is None else self.other_cancer[place]
        diagnoses = None if self.diagnoses is None else self.diagnoses[place]
        return _Probabilities(self.melanoma[place], other_cancer, diagnoses)

    @property
    def numbers(self) -> list[float]:
        values = (self.melanoma, self.other_cancer, self.diagnoses)
        return [float(number) for each in values if each is not None for number in np.ravel(each)]


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
        self._gate: Gate | None = None
        if bundle.gate is not None:
            self._gate = Gate.read(bundle.gate, features=outputs[INTERMEDIATE_FEATURES][1])
        _log.info(Event.MODEL_LOADED, self.model_id, time.perf_counter() - began)

    def predict(self, rgb: NDArray[np.uint8]) -> Prediction:
        """Classify an upright sRGB image of shape (height, width, 3), 0..255, any size, also a refused one.

        Wide borders are cut away, as in `app.core.screening.pipeline`. Raises `BundleError` where the network
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

        The turned and cropped copies of those just below a threshold are looked at too (`OperatingPoint.is_near`); with
        `consistency`, and a card that has a limit for it, those of all, which takes three times as long. Raises
        `BundleError` where the network can't be run at all.
        """
        if not pictures:
            return []
        outputs = self._network.outputs_of_several(np.stack(pictures))
        found = self._probabilities(outputs)
        point, count = self.card.operating_point, len(pictures)
        chosen = point.is_near(found.melanoma, found.other_cancer)
        if consistency and self.card.consistency is not None:
            chosen[:] = True
        of_views = self._of_views([picture for picture, is_chosen in zip(pictures, chosen, strict=True) if is_chosen])
        copies: list[_Probabilities | None] = [next(of_views) if looked_at else None for looked_at in chosen.tolist()]
        dermoscopy = self._dermoscopy(outputs, count)
        return [self._answer(outputs, i, found.at(i), copies[i], dermoscopy[i]) for i in range(count)]

    def explain(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The saliency map of an input that `network_input` gave (see `app.core.model.occlusion`).

        Raises `BundleError` where the network can't be run.
        """
        return occlusion_map(self.margins, picture)

    def margins(self, pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
        """The logits of melanoma against the rest, (n,), of inputs (n, side, side, 3)."""
        logits = self._network.outputs_of_several(pictures)[LOGITS].astype(np.float64)
        return logits[:, self._melanoma] - logits[:, 1 - self._melanoma]

    def _of_views(self, pictures: Sequence[NDArray[np.uint8]]) -> Iterator[_Probabilities]:
        """The probabilities of each picture's copies."""
        if not pictures:
            return
        views = [augmented_views(picture) for picture in pictures]
        found = self._probabilities(self._network.outputs_of_several(np.concatenate(views)))
        for start in range(0, len(found.melanoma), AUGMENTED_VIEWS):
            yield found.at(slice(start, start + AUGMENTED_VIEWS))

    def _answer(
        self,
        outputs: Mapping[str, NDArray[np.float32]],
        index: int,
        found: _Probabilities,
        copies: _Probabilities | None,
        dermoscopy: float | None,
    ) -> ModelOutput | BundleError:
        distance = self._distance(outputs, index)
        numbers = [*found.numbers, *(copies.numbers if copies else ()), distance, dermoscopy]
        if not np.isfinite([number for number in numbers if number is not None]).all():
            return BundleError(Message("model-gives-no-number"))
        return ModelOutput(
            self._prediction(found, copies),
            distance,
            self._detector.case(outputs[EMBEDDING][index]) if self._detector else b"",
            dermoscopy,
        )

    def _prediction(self, found: _Probabilities, copies: _Probabilities | None) -> Prediction:
        card, point = self.card, self.card.operating_point
        stable, borderline = None, None
        if point.near is not None:
            is_near = bool(point.is_near(found.melanoma, found.other_cancer))
            borderline = (
                is_near and copies is not None and bool(point.reaches(copies.melanoma, copies.other_cancer).any())
            )
        if copies is not None and card.consistency is not None:
            every = np.append(copies.melanoma, found.melanoma)
            others = None
            if copies.other_cancer is not None and found.other_cancer is not None:
                others = np.append(copies.other_cancer, found.other_cancer)
            limit = card.consistency.limit
            stable = consistency_of(every, threshold=point.threshold, limit=limit, other_cancer=others)
        diagnoses = () if found.diagnoses is None else zip(card.diagnoses, found.diagnoses.tolist(), strict=True)
        return Prediction(
            float(found.melanoma),
            point.threshold,
            stable,
            other_cancer_probability=None if found.other_cancer is None else float(found.other_cancer),
            other_cancer_threshold=point.other_cancer.threshold if point.other_cancer else None,
            borderline=borderline,
            diagnoses=tuple(sorted(diagnoses, key=lambda each: -each[1])),
        )

    def _probabilities(self, outputs: Mapping[str, NDArray[np.float32]]) -> _Probabilities:
        """The calibrated probabilities of several images' outputs; NaN where a logit is."""
        with np.errstate(invalid="ignore"):
            logits = outputs[LOGITS].astype(np.float64)
            melanoma = self.card.calibration.probabilities(logits)[:, self._melanoma]
            diagnoses = None
            if DIAGNOSIS_LOGITS in outputs:
                of_diagnoses = outputs[DIAGNOSIS_LOGITS].astype(np.float64)
                diagnoses = self.card.diagnosis_probabilities(melanoma, of_diagnoses)
        other_cancer = None
        if diagnoses is not None and self.card.other_cancers:
            places = [self.card.diagnoses.index(name) for name in self.card.other_cancers]
            other_cancer = diagnoses[:, places].sum(axis=1)
        return _Probabilities(melanoma, other_cancer, diagnoses)

    def _dermoscopy(self, outputs: Mapping[str, NDArray[np.float32]], count: int) -> Sequence[float | None]:
        """The probabilities that the images are dermoscopy; `None` without a gate."""
        if self._gate is None or self.card.gate is None:
            return [None] * count
        found = self._gate.dermoscopy_probabilities(outputs[INTERMEDIATE_FEATURES], self.card.gate.calibration)
        return list(found.tolist())

    def _distance(self, outputs: Mapping[str, NDArray[np.float32]], index: int) -> float | None:
        """Distance in units of the limit."""
        if self._detector is None or self.card.detector is None:
            return None
        # one by one: a product of matrices rounds a row otherwise when there are several
        (distance,) = self._detector.distances(outputs[INTERMEDIATE_FEATURES][index : index + 1])
        return float(distance / self.card.detector.limit)
