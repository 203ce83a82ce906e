"""Parameters fitted to a network's outputs by the program's own path: calibration, operating points, limits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.domain.clinical import MELANOMA_ABBREVIATION
from app.core.domain.results import MELANOMA
from app.core.model.card import (
    DIAGNOSIS_LOGITS,
    EMBEDDING,
    INTERMEDIATE_FEATURES,
    LOGITS,
    CalibratedShares,
    Calibration,
    ConsistencyLimit,
    OutOfDistributionFile,
)
from app.core.model.network import Network
from app.core.model.operating_point import OperatingPoint
from app.core.model.test_time_augmentation import AUGMENTED_VIEWS, augmented_views
from training.data.examples import Example, named_sources
from training.data.images import read_input
from training.export import out_of_distribution
from training.export.calibration import calibrate, calibrated_shares, diagnosis_calibration, source_weights
from training.export.operating_points import Validated, operating_points
from training.metrics import Probabilities
from training.recipe import Recipe

OUT_OF_DISTRIBUTION_FILE = "familiarity.npz"
CHUNK_SIZE = 8
"""Images that the network is asked about at once."""

Outputs = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class FittedParameters:
    """What a bundle's card and files get beside the network."""

    calibration: Calibration
    operating_points: tuple[OperatingPoint, ...]
    diagnoses: Calibration | None
    consistency: ConsistencyLimit
    shares: CalibratedShares
    detector: OutOfDistributionFile | None
    detector_content: bytes | None


def fit_parameters(
    network: Network, train: Sequence[Example], val: Sequence[Example], recipe: Recipe, *, data: str
) -> FittedParameters:
    """Calibration, thresholds and limits from `val`; the detector from `train`, its limit from `val`.

    The images are prepared as the program prepares them; `data` is what the card calls them where they have no source.
    """
    fitted_on = described_split(val, "val", data)
    weights = source_weights(val, recipe.calibration_sources)
    weighted = f"{fitted_on}; each source counting the same" if recipe.calibration_sources else fitted_on
    side = recipe.network.side
    on_val = network_outputs(network, val, side, names=(LOGITS, DIAGNOSIS_LOGITS, INTERMEDIATE_FEATURES))
    logits = on_val[LOGITS]
    margins = logits[:, MELANOMA] - logits[:, 1 - MELANOMA]
    labels = np.array([example.melanoma for example in val])
    calibration = calibrate(margins, labels, weights, fitted_on=weighted)
    melanoma = calibration.probabilities(logits)[:, MELANOMA]
    diagnoses = None
    if DIAGNOSIS_LOGITS in on_val:
        of_diagnoses = on_val[DIAGNOSIS_LOGITS]
        diagnoses = diagnosis_calibration(of_diagnoses, melanoma, val, weights, recipe, fitted_on=weighted)
    views = [_of_view(network, val, side, copy) for copy in range(AUGMENTED_VIEWS)]
    own, *copies = (_probabilities(outputs, calibration, diagnoses, recipe) for outputs in (on_val, *views))
    validated = Validated(val, *own, tuple(copies))
    points = operating_points(validated, sensitivity=recipe.screening_sensitivity, fitted_on=fitted_on)
    consistency = _consistency_limit([on_val, *views], calibration, fitted_on=fitted_on)
    detector, content = None, None
    if INTERMEDIATE_FEATURES in on_val:
        features = on_val[INTERMEDIATE_FEATURES].astype(np.float32)
        sources = [example.source for example in val]
        detector, content = _fit_detector(network, train, side, features, sources, fitted_on=fitted_on)
    shares = calibrated_shares(val, weights, other_cancers=own[1] is not None)
    return FittedParameters(calibration, points, diagnoses, consistency, shares, detector, content)


def described_split(examples: Sequence[Example], split: str, data: str) -> str:
    """Images of a split in words for people: how many, of which sources (`data` where they have none)."""
    melanomas = sum(example.melanoma for example in examples)
    return f"{len(examples)} {split} images of {named_sources(examples, data)}, {melanomas} of them melanomas"


def _of_view(network: Network, val: Sequence[Example], side: int, copy: int) -> Outputs:
    """The logits of one of the images' augmented views."""
    return network_outputs(network, val, side, names=(LOGITS, DIAGNOSIS_LOGITS), copy=copy)


def _probabilities(
    outputs: Outputs, calibration: Calibration, diagnoses: Calibration | None, recipe: Recipe
) -> tuple[Probabilities, Probabilities | None]:
    """The calibrated probabilities of melanoma and, where the recipe names some that hold, of other cancers."""
    melanoma = calibration.probabilities(outputs[LOGITS])[:, MELANOMA]
    if diagnoses is None or not recipe.other_cancers:
        return melanoma, None
    names = [names[0] for names in recipe.network.diagnoses]
    each = diagnoses.probabilities_beside(melanoma, outputs[DIAGNOSIS_LOGITS], names.index(MELANOMA_ABBREVIATION))
    return melanoma, each[:, [names.index(name) for name in recipe.other_cancers]].sum(axis=1)


def _consistency_limit(views: Sequence[Outputs], calibration: Calibration, *, fitted_on: str) -> ConsistencyLimit:
    """The limit by the logits of the images as they are, and of their augmented views."""
    logits = [view[LOGITS] for view in views]
    of_views = np.stack([one[:, MELANOMA] - one[:, 1 - MELANOMA] for one in logits], axis=1)
    limit = out_of_distribution.consistency_limit(of_views / calibration.temperature)
    return ConsistencyLimit(
        round(limit, 6), f"{1 - out_of_distribution.INCONSISTENT_OF_VAL:.0%} of val keep to it; {fitted_on}"
    )


def _fit_detector(
    network: Network,
    train: Sequence[Example],
    side: int,
    features: NDArray[np.float32],
    sources: Sequence[str],
    *,
    fitted_on: str,
) -> tuple[OutOfDistributionFile, bytes]:
    """The detector's file, with its limit by the intermediate features of `val` and their sources."""
    on_train = network_outputs(network, train, side, names=(INTERMEDIATE_FEATURES, EMBEDDING))
    known = out_of_distribution.fit_detector(
        on_train[INTERMEDIATE_FEATURES], on_train[EMBEDDING], [example.source for example in train]
    )
    content = known.write()
    return OutOfDistributionFile(
        file=OUT_OF_DISTRIBUTION_FILE,
        sha256=hashlib.sha256(content).hexdigest(),
        limit=round(out_of_distribution.distance_limit(known.distances(features), sources), 6),
        chosen=f"beyond it {out_of_distribution.REFUSED_OF_VAL:.1%} of val at most, and"
        f" {out_of_distribution.REFUSED_OF_A_SOURCE:.1%} of any source; {fitted_on}",
    ), content


def network_outputs(
    network: Network, examples: Sequence[Example], side: int, *, names: Iterable[str], copy: int | None = None
) -> Outputs:
    """The network's outputs of these names, as far as it has them, for images or for one of their augmented views."""
    given: dict[str, list[NDArray[np.float32]]] = {name: [] for name in names if name in network.names}
    for start in tqdm(range(0, len(examples), CHUNK_SIZE), desc="fit", unit=f"{CHUNK_SIZE} images"):
        images = [read_input(Path(example.path), side) for example in examples[start : start + CHUNK_SIZE]]
        if copy is not None:
            images = [augmented_views(image)[copy] for image in images]
        outputs = network.outputs_of_several(np.stack(images))
        for name, values in given.items():
            values.append(outputs[name])
    return {name: np.concatenate(values).astype(float) for name, values in given.items()}
