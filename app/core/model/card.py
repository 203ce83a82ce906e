"""The model card of a bundle: what a network is, what it was measured on, how its output is to be read.

`card.json` is this schema to the letter: unknown or missing fields and values out of range are refused.
"""

from __future__ import annotations

import hashlib
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from app.core.domain.clinical import MELANOMA_ABBREVIATION
from app.core.domain.results import ModelId, Screening
from app.core.domain.statistics import Interval
from app.core.model.card_fields import Count, FileName, Fraction, Positive, Sha256, Text
from app.core.model.operating_point import OperatingPoint

SCHEMA = 4
"""Goes up when a card of the older form can't be read any more."""
LOGITS, EMBEDDING, DIAGNOSIS_LOGITS = "logits", "embedding", "diagnosis_logits"
INTERMEDIATE_FEATURES = "middle_features"
"""The names of a network's outputs; see `NetworkFile`."""
GATE_KINDS = ("dermoscopy", "close-up", "other")
"""The kinds of images that a gate tells apart."""


class NetworkFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The network's file in the bundle's folder, and what it takes and gives.

    Takes (1, side, side, 3), float32, RGB, 0..255 (`colour`, `lowest`, `highest`); it scales by itself.
    Gives, all float32, in one pass, the `outputs` by their names in the file's signature:

    - `logits` (1, classes);
    - `embedding` (1, features): the pooled features that the logits are computed from;
    - `intermediate_features` (1, features), where the card has a `detector` or a `gate`: pooled features of layers
      half way up;
    - `diagnosis_logits` (1, diagnoses), where the card names diagnoses: what goes into a softmax over them.
    """

    file: FileName
    sha256: Sha256
    format: Text
    architecture: Text
    side: Annotated[int, Meta(ge=32, le=1024)]
    colour: Text = "RGB"
    lowest: float = 0.0
    highest: float = 255.0
    outputs: dict[str, tuple[Positive, ...]]


class Calibration(Struct, frozen=True, forbid_unknown_fields=True):
    """Turns logits into probabilities: softmax(logits / temperature + bias).

    Temperature scaling (Guo et al., ICML 2017) with a bias per class, which makes good for drawing the
    classes equally often in training.
    """

    temperature: Annotated[float, Meta(gt=0.0)]
    bias: tuple[float, ...]
    fitted_on: Text

    def probabilities(self, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated probabilities, shape (..., classes), from logits of the same shape."""
        scaled = logits / self.temperature + np.asarray(self.bias)
        powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True), dtype=np.float64)

    def probabilities_beside(
        self, melanoma: NDArray[np.float64], logits: NDArray[np.float64], index: int
    ) -> NDArray[np.float64]:
        """Probabilities (n, classes) that add up to 1: the class at `index` has the probability `melanoma` (n,), the
        others share the rest by their `logits` (n, classes)."""
        of_others = logits.copy()
        of_others[:, index] = -np.inf
        probabilities = self.probabilities(of_others) * (1 - melanoma[:, np.newaxis])
        probabilities[:, index] = melanoma
        return probabilities


class OutOfDistributionFile(Struct, frozen=True, forbid_unknown_fields=True):
    """What the training's images are like, a file in the bundle's folder (see `app.core.model.out_of_distribution`).

    Beyond `limit`, in the file's own measure, an image is not like them; `chosen` says how the limit was.
    """

    file: FileName
    sha256: Sha256
    limit: Annotated[float, Meta(gt=0.0)]
    chosen: Text


class GateFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The gate, a file in the bundle's folder that tells dermoscopy from other pictures (see `app.core.model.gate`).

    `calibration` is that of its logits. A picture whose probability of dermoscopy lies below `limit` is refused;
    `chosen` says how the limit was, and `origin` is the command that made the gate.
    """

    file: FileName
    sha256: Sha256
    calibration: Calibration
    limit: Fraction
    chosen: Text
    origin: Text


class ConsistencyLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """By how many logits the probabilities of an image's copies may differ in a steady answer, and why."""

    limit: Annotated[float, Meta(gt=0.0)]
    chosen: Text


class OutlineFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The network that finds the lesion's outline, in the bundle's folder (see `app.core.model.segmentation`)."""

    file: FileName
    sha256: Sha256
    format: Text
    architecture: Text
    side: Annotated[int, Meta(ge=32, le=1024)]
    origin: Text


class LicenceFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The licence of the weights, a text file in the bundle's folder, and its name."""

    file: FileName
    sha256: Sha256
    name: Text


class Figure(Struct, frozen=True, forbid_unknown_fields=True):
    """A measured figure, the data it was measured on, and the command that gives it again."""

    metric: Text
    estimate: Interval
    data: Text
    split: str
    images: Count
    melanomas: Count
    command: Text


class CalibratedShares(Struct, frozen=True, forbid_unknown_fields=True):
    """Shares of melanomas, and of other cancers where the card has some, for which the probabilities hold."""

    melanoma: Annotated[float, Meta(gt=0.0, lt=1.0)]
    other_cancer: Annotated[float, Meta(gt=0.0, lt=1.0)] | None


class DataSet(Struct, frozen=True, forbid_unknown_fields=True):
    """Images that the network was made from."""

    name: Text
    images: Count
    melanomas: Count
    licence: Text
    citation: Text


class Origin(Struct, frozen=True, forbid_unknown_fields=True):
    """How the bundle was made: the command, its recipe, seed, source code and packages."""

    command: Text
    recipe: Text
    seed: int
    commit: Text
    packages: dict[str, str]


_NAMES_IN_THE_FILE = {"detector": "familiarity", "consistency": "stability"}
"""Fields that `card.json` calls otherwise."""


class Card(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename=_NAMES_IN_THE_FILE):
    """A whole model card. `created` is a date (ISO 8601).

    `self_test_probability` is what the network as exported gives for the image drawn by code
    (`app.core.imaging.reference_image`), so that a copy can be checked anywhere.

    `not_for` says what it must not be used for, `factors` what its figures depend on, `data_lack` what the
    training data have too little of, `ethics` and `limits` what else to weigh (Mitchell et al., Model Cards for
    Model Reporting, 2019). `diagnoses` are the classes of the output `diagnosis_logits`, if there is one; where
    `diagnosis_calibration` is `None` their probabilities don't hold, and are not shown. `other_cancers` are those
    among the diagnoses that are cancers other than melanoma. `calibrated_shares` are `None` in older cards.
    `detector`, `consistency`, `outline`, `gate` and `licence` are `None` where the bundle has none.

    A field with a default came after the others and is not written where it has that, so that a card without it keeps
    its checksum.
    """

    schema: int
    name: Text
    version: Text
    created: Text
    description: Text
    intended_use: Text
    not_for: tuple[Text, ...]
    factors: tuple[Text, ...]
    data_lack: tuple[Text, ...]
    ethics: tuple[Text, ...]
    limits: tuple[Text, ...]
    network: NetworkFile
    classes: tuple[Text, ...]
    melanoma_class: Text
    diagnoses: tuple[Text, ...]
    calibration: Calibration
    operating_points: Annotated[tuple[OperatingPoint, ...], Meta(min_length=1)]
    self_test_probability: Fraction
    diagnosis_calibration: Calibration | None
    detector: OutOfDistributionFile | None
    consistency: ConsistencyLimit | None
    outline: OutlineFile | None
    data: tuple[DataSet, ...]
    figures: tuple[Figure, ...]
    origin: Origin
    other_cancers: tuple[Text, ...] = ()
    gate: GateFile | None = None
    licence: LicenceFile | None = None
    calibrated_shares: CalibratedShares | None = None

    def __post_init__(self) -> None:
        if self.melanoma_class not in self.classes:
            raise ValueError(f"{self.melanoma_class!r} is not among the classes")
        if len(self.calibration.bias) != len(self.classes):
            raise ValueError("the calibration has not one bias for each class")
        if self.diagnosis_calibration and len(self.diagnosis_calibration.bias) != len(self.diagnoses):
            raise ValueError("the calibration of the diagnoses has not one bias for each")
        if (self.detector or self.gate) and INTERMEDIATE_FEATURES not in self.network.outputs:
            raise ValueError(f"the network has no output {INTERMEDIATE_FEATURES!r}, for its familiarity and its gate")
        if self.gate and len(self.gate.calibration.bias) != len(GATE_KINDS):
            raise ValueError("the calibration of the gate has not one bias for each kind of image")
        self._check_other_cancers()
        expected = {LOGITS: len(self.classes), DIAGNOSIS_LOGITS: len(self.diagnoses)}
        for name, size in expected.items():
            if self.network.outputs.get(name, (1, 0)) != (1, size):
                raise ValueError(f"the network's output {name!r} has not the shape (1, {size})")

    def _check_other_cancers(self) -> None:
        if any(point.other_cancer for point in self.operating_points) and not self.other_cancers:
            raise ValueError("an operating point has a threshold for other_cancers, of which the card names none")
        if not self.other_cancers:
            return
        if MELANOMA_ABBREVIATION in self.other_cancers:
            raise ValueError(f"{MELANOMA_ABBREVIATION!r} is among the other_cancers")
        for name in (MELANOMA_ABBREVIATION, *self.other_cancers):
            if name not in self.diagnoses:
                raise ValueError(f"{name!r} is not among the diagnoses, which the other_cancers are told by")
        if self.diagnosis_calibration is None:
            raise ValueError("the card has other_cancers, and no calibration of the diagnoses")

    def diagnosis_probabilities(
        self, melanoma: NDArray[np.float64], logits: NDArray[np.float64]
    ) -> NDArray[np.float64] | None:
        """Probabilities (n, diagnoses) of the diagnoses, one set with the melanoma probability: they add up to 1.

        Melanoma has its calibrated probability (n,), from `calibration`. The other diagnoses share the rest in the
        proportions of their calibrated softmax over `logits` (n, diagnoses). `None` where the diagnoses have no
        calibration, or melanoma is not one of several.
        """
        if self.diagnosis_calibration is None or MELANOMA_ABBREVIATION not in self.diagnoses or len(self.diagnoses) < 2:
            return None
        return self.diagnosis_calibration.probabilities_beside(
            melanoma, logits, self.diagnoses.index(MELANOMA_ABBREVIATION)
        )

    @property
    def model_id(self) -> ModelId:
        """The network and this card, whose checksum is that of its values, however the file is laid out."""
        card_sha256 = hashlib.sha256(msgspec.json.encode(self)).hexdigest()
        return ModelId(self.name, self.version, self.network.sha256, card_sha256)

    def point_of(self, screening: Screening) -> OperatingPoint | None:
        """The operating point that a result was held against; `None` where it is no answer, or not by this card."""
        prediction = screening.answered
        own = ModelId(self.name, self.version, self.network.sha256)  # `model_id` would hash the card for each result
        if prediction is None or screening.model != own:
            return None
        thresholds = (prediction.threshold, prediction.other_cancer_threshold)
        return next((point for point in self.operating_points if point.thresholds == thresholds), None)

    @property
    def operating_point(self) -> OperatingPoint:
        """The one in use: the card's first, *screening*."""
        return self.operating_points[0]


class _Head(Struct):
    """What is looked at before the rest of a card."""

    schema: int


def read_card(content: bytes) -> Card:
    """Parse and check a card. Raises `ValueError` with what is wrong and where."""
    try:
        schema = msgspec.json.decode(content, type=_Head).schema
        if schema != SCHEMA:  # said before what else is not as it should be, which follows from it
            raise ValueError(f"the card has the schema {schema}, this program reads {SCHEMA}")
        return msgspec.json.decode(content, type=Card)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error


def write_card(card: Card) -> bytes:
    """The card as JSON, indented for reading."""
    return msgspec.json.format(msgspec.json.encode(card), indent=2) + b"\n"
