"""The gate of a bundle: taught on the network's features to tell dermoscopy from photographs; its limit from `val`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from app.core.imaging.preprocess import model_input, prepare
from app.core.model.gate import DERMOSCOPY, KINDS, DermoscopyGate
from training.data.examples import Example
from training.data.images import read_input
from training.data.optics import as_by_other_camera, as_by_other_optics
from training.data.photographs import Photograph
from training.errors import DataError
from training.negatives import catalogue

Pixels = NDArray[np.uint8]
Features = NDArray[np.float32]
FeaturesOf = Callable[[Pixels], Features]
"""Network inputs (n, side, side, 3), 0..255 -> intermediate features (n, features)."""

CLOSE_UP, OTHER = KINDS.index("close-up"), KINDS.index("other")
DRAWN = "drawn"
"""Source and subject of the drawn images."""
IMAGES_OF_A_SOURCE = 400
"""Dermoscopy images that are taken of a source, at most."""
CHUNK_SIZE = 8
REGULARISATION = 0.01
"""scikit-learn's C: the smaller, the smaller the weights."""
REFUSED_OF_VAL = 0.005
"""Largest share of the dermoscopy images of `val`, each source counting the same, that the limit refuses."""


@dataclass(frozen=True)
class GateImages:
    """Images to teach the gate with, as the network sees them.

    `features` (n, features) are the intermediate ones, `kinds` (n,) indices into `KINDS`, `sources` (n,) where the
    images come from, `subjects` (n,) a photograph's kind (see `training.data.photographs`), or `dermoscopy` or `drawn`;
    `changed` (n,) says which are changed, and not as they are.
    """

    features: Features
    kinds: NDArray[np.int64]
    sources: NDArray[np.str_]
    subjects: NDArray[np.str_]
    changed: NDArray[np.bool_]

    def only(self, chosen: NDArray[np.bool_]) -> GateImages:
        """Those that are chosen (n,)."""
        return GateImages(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


@dataclass(frozen=True)
class _Shown:
    """An image to teach the gate with, not read yet."""

    kind: int
    source: str
    subject: str
    read: Callable[[], Pixels]

    def pixels(self) -> Pixels | None:
        """`None` where the program can't read it: it needs no gate then."""
        try:
            return self.read()
        except DataError:
            return None


def gate_images(
    features_of: FeaturesOf, train: Sequence[Example], photographs: Sequence[Photograph], *, side: int, seed: int
) -> GateImages:
    """Images of `train`, photographs that are no dermoscopy and every second drawn image, each as it is and changed.

    Dermoscopy is changed as by other optics, the others as by another camera.
    """
    random = np.random.default_rng(seed)
    shown = [
        *(
            _Shown(DERMOSCOPY, example.source, KINDS[DERMOSCOPY], partial(read_input, Path(example.path), side))
            for example in _some_of_each_source(train, random)
        ),
        *(
            _Shown(CLOSE_UP if one.is_clinical else OTHER, one.source, one.kind, partial(read_input, one.path, side))
            for one in photographs
        ),
        *(_Shown(OTHER, DRAWN, DRAWN, partial(_draw, name, side)) for name in drawn_to_teach()),
    ]
    features, rows = [], []
    for start in tqdm(range(0, len(shown), CHUNK_SIZE), desc="gate", unit=f"{CHUNK_SIZE} images"):
        chunk = [(one, pixels) for one in shown[start : start + CHUNK_SIZE] if (pixels := one.pixels()) is not None]
        if not chunk:
            continue
        changed = [_changed(pixels, one.kind, random) for one, pixels in chunk]
        features += [features_of(np.stack([pixels for _, pixels in chunk])), features_of(np.stack(changed))]
        rows += [(one.kind, one.source, one.subject, is_changed) for is_changed in (False, True) for one, _ in chunk]
    kinds, sources, subjects, are_changed = (np.array(column) for column in zip(*rows, strict=True))
    return GateImages(np.concatenate(features), kinds, sources, subjects, are_changed)


def fit_gate(images: GateImages) -> DermoscopyGate:
    """The gate for some images, each kind counting the same."""
    roots = np.sqrt(np.maximum(images.features, 0))
    mean, scale = roots.mean(axis=0), roots.std(axis=0)
    scale = np.maximum(scale, 1e-3 * scale.max())
    model = LogisticRegression(C=REGULARISATION, class_weight="balanced", max_iter=300)
    model.fit((roots - mean) / scale, images.kinds)
    return DermoscopyGate(
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        weights=model.coef_.T.astype(np.float16).astype(np.float32),  # as stored
        bias=model.intercept_.astype(np.float32),
    )


def gate_limit(probabilities: NDArray[np.float64], sources: Sequence[str]) -> float:
    """The probability of dermoscopy below which `REFUSED_OF_VAL` of the dermoscopy images lie, each source counting
    the same.

    Takes the images' probabilities (n,) and sources.
    """
    names = np.array(sources)
    weights = np.zeros(names.size)
    for name in np.unique(names):
        weights[names == name] = 1 / (names == name).sum()
    order = np.argsort(probabilities)
    counted = np.cumsum(weights[order]) / weights.sum()
    return float(probabilities[order[int(np.searchsorted(counted, REFUSED_OF_VAL, side="right"))]])


def drawn_to_teach() -> list[str]:
    """Every second of the drawn images; the others are left to test with."""
    names = (*catalogue.drawn_names(), *catalogue.clinical_names())
    return [name for name in names if int(name.rpartition("-")[2]) % 2 == 0]


def _draw(name: str, side: int) -> Pixels:
    return model_input(prepare(catalogue.draw(name)).standard, side)


def _changed(image: Pixels, kind: int, random: np.random.Generator) -> Pixels:
    change = as_by_other_optics if kind == DERMOSCOPY else as_by_other_camera
    return change(image[np.newaxis], random)[0]


def _some_of_each_source(examples: Sequence[Example], random: np.random.Generator) -> list[Example]:
    by_source: dict[str, list[Example]] = {}
    for example in examples:
        by_source.setdefault(example.source, []).append(example)
    return [
        own[place]
        for _, own in sorted(by_source.items())
        for place in random.permutation(len(own))[:IMAGES_OF_A_SOURCE].tolist()
    ]
