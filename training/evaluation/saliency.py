"""Evaluates saliency maps: mass inside the lesion, and the effect of occluding the hottest tenth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from app.core.domain.statistics import Interval
from app.core.imaging.preprocess import model_input
from app.core.model.bundle import ModelBundle
from app.core.model.classifier import Classifier
from training.data.examples import Example
from training.data.images import read_prepared
from training.data.masks import read_mask
from training.metrics import bootstrap, proportion

COVERED = 0.1
"""Share of the image that is occluded."""


@dataclass(frozen=True)
class SaliencyMetrics:
    """Figures of the saliency maps of images with outlines, with 95 % intervals.

    A map's mass is its size without the sign: what speaks against melanoma moves the network as well. (The part above 0
    alone lies beside the lesion in images of no melanoma: on val 31 % of it on the lesion, of melanomas 73 %.)
    `mass_inside` is the mean share of it that lies on the lesion, `area_inside` what a map without meaning would
    give: the mean share of the image that the lesion takes. `hottest` and `random` are the mean changes of the logit,
    up or down, when the tenth of the image with the most mass is covered by the image's mean colour, and when a
    tenth of the same shape is, moved at random; `hottest_more` is the share of images where the former is larger.
    """

    images: int
    melanomas: int
    mass_inside: Interval
    area_inside: Interval
    hottest: Interval
    random: Interval
    hottest_more: Interval


def evaluate_saliency(
    bundle: ModelBundle, examples: Sequence[Example], data: Path, *, seed: int = 0
) -> SaliencyMetrics:
    """Measure a bundle's maps on images that all have an outline in `data`. Raises `DataError`."""
    classifier = Classifier(bundle)
    random = np.random.default_rng(seed)
    rows = np.array(list(_rows(classifier, examples, data, random)))
    labels = np.array([example.melanoma for example in examples])
    groups = np.array([example.group for example in examples])

    def mean(column: int) -> Interval:
        return bootstrap(labels, groups, lambda a, b: float(rows[np.concatenate([a, b]), column].mean()))

    more = int((rows[:, 2] > rows[:, 3]).sum())
    return SaliencyMetrics(
        len(examples), int(labels.sum()), mean(0), mean(1), mean(2), mean(3), proportion(more, len(examples))
    )


def _rows(
    classifier: Classifier, examples: Sequence[Example], data: Path, random: np.random.Generator
) -> Iterator[tuple[float, float, float, float]]:
    """For each image: mass and area inside, the logit's change by the hottest tenth and by another one."""
    side = classifier.card.network.side
    for example in tqdm(examples, desc="why", unit="image"):
        prepared = read_prepared(Path(example.path))
        image = model_input(prepared.standard, side)
        mask = Image.fromarray(read_mask(data, example))
        mask = mask.crop(prepared.area.pixels(*mask.size))
        inside = np.asarray(mask.resize((side, side), Image.Resampling.NEAREST))
        values = Image.fromarray(classifier.explain(image)).resize((side, side), Image.Resampling.BICUBIC)
        heat = np.abs(np.asarray(values))
        hottest = heat >= np.quantile(heat, 1 - COVERED)
        moved = np.roll(hottest, random.integers(0, side, 2), axis=(0, 1))
        shown = np.stack([image, *(_covered(image, where) for where in (hottest, moved))])
        before, *after = classifier.margins(shown)
        changes = [abs(each - before) for each in after]
        mass = float(heat.sum())
        yield (
            float(heat[inside].sum()) / mass if mass else float(inside.mean()),
            float(inside.mean()),
            float(changes[0]),
            float(changes[1]),
        )


def _covered(image: NDArray[np.uint8], where: NDArray[np.bool_]) -> NDArray[np.uint8]:
    changed = image.copy()
    changed[where] = image.reshape(-1, 3).mean(axis=0).astype(np.uint8)
    return changed
