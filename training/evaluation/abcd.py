"""Univariate AUROC for melanoma of each ABCD feature (see `app.core.lesion.abcd`).

The images of the data are stored at 256×256 without their aspect ratio. Form and diameter are of the real shape, so
HAM10000 and ISIC 2017, of which the first and most of the second are 4:3, are stretched back before they are measured;
the few of ISIC 2017 that were not 4:3 are measured with a wrong one. The program measures images as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain.statistics import Interval
from app.core.lesion.abcd import LesionError, Measures, measure
from training import metrics
from training.data.examples import Example, load_source, of_split
from training.data.images import read_image
from training.data.masks import mask_file, read_mask
from training.errors import DataError

FOUR_TO_THREE = frozenset({"HAM10000", "ISIC2017"})
"""Sources whose images were 4:3 before they were stored as squares."""

SCORES: dict[str, Callable[[Measures], float]] = {
    "asymmetry_long": lambda measures: measures.asymmetry_long,
    "asymmetry_short": lambda measures: measures.asymmetry_short,
    "colour_asymmetry_long": lambda measures: measures.colour_asymmetry_long,
    "colour_asymmetry_short": lambda measures: measures.colour_asymmetry_short,
    "compactness": lambda measures: measures.compactness,
    "1 - solidity": lambda measures: 1 - measures.solidity,
    "abrupt_sectors": lambda measures: measures.abrupt_sectors,
    "number of colours": lambda measures: len(measures.colours),
    "share of white": lambda measures: measures.colour_shares[0].share,
    "share of red": lambda measures: measures.colour_shares[1].share,
    "share of light brown": lambda measures: measures.colour_shares[2].share,
    "share of dark brown": lambda measures: measures.colour_shares[3].share,
    "share of blue-grey": lambda measures: measures.colour_shares[4].share,
    "share of black": lambda measures: measures.colour_shares[5].share,
    "diameter_pixels": lambda measures: measures.diameter_pixels,
}
"""Scores to rank by, higher meaning more suspicious; the diameter is in the data's pixels, of unknown size in
millimetres."""

Rgb = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Outliner = Callable[[Example, Rgb], Mask | None]
"""An example and its image (height, width, 3), with its real aspect ratio -> its lesion's mask (height, width), or
none."""


@dataclass(frozen=True)
class MeasureResult:
    """AUROC of one of `SCORES`; 0.5 is chance."""

    name: str
    auroc: Interval


@dataclass(frozen=True)
class Measured:
    """Results on a split. `failed` counts images without a measurable lesion; they are left out."""

    split: str
    images: int
    melanomas: int
    failed: int
    results: tuple[MeasureResult, ...]


def measure_split(source: Path, split: str) -> Measured:
    """Measure the lesions of a split of `source` (a folder with `metadata.csv`), and the AUROC of each feature.

    Only images that have a mask in `masks/` beside the table are measured, within it. See `measure_examples`.
    """
    examples = [example for example in of_split(load_source(source), split) if mask_file(source, example).is_file()]
    return measure_examples(
        examples, split, lambda example, rgb: read_mask(source, example, size=(rgb.shape[1], rgb.shape[0]))
    )


def measure_examples(examples: Sequence[Example], split: str, outliner: Outliner) -> Measured:
    """Measure the lesions of a split's images within the masks that the `outliner` gives.

    Intervals by the bootstrap over groups (`metrics.bootstrap`). Raises `DataError`.
    """
    measured = [(example, found) for example in examples if (found := _measured(example, outliner))]
    if len({example.melanoma for example, _ in measured}) != 2:
        raise DataError(f"In the split {split} too few lesions could be measured, both classes are needed.")
    return Measured(
        split=split,
        images=len(measured),
        melanomas=sum(example.melanoma for example, _ in measured),
        failed=len(examples) - len(measured),
        results=tuple(results(measured)),
    )


def results(measured: Iterable[tuple[Example, Measures]]) -> list[MeasureResult]:
    """AUROC of each of `SCORES` on labelled lesions of both classes."""
    examples, measures = zip(*measured, strict=True)
    labels = np.array([example.melanoma for example in examples], dtype=np.int64)
    groups = np.array([example.group for example in examples])
    found = []
    for name, score in SCORES.items():
        scores = np.array([score(each) for each in measures], dtype=np.float64)
        found.append(MeasureResult(name, metrics.auroc_estimate(labels, scores, groups)))
    return found


def real_aspect(image: Rgb, source: str) -> Rgb:
    """A stored image (height, width, 3) with the aspect ratio that it was taken with, as far as that is known.

    The height is kept: nothing that is there is thrown away.
    """
    size = _real_size(image.shape[0], image.shape[1], source)
    if size == (image.shape[1], image.shape[0]):
        return image
    return np.asarray(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


def _real_size(height: int, width: int, source: str) -> tuple[int, int]:
    return (round(height * 4 / 3) if source in FOUR_TO_THREE and height == width else width), height


def _measured(example: Example, outliner: Outliner) -> Measures | None:
    """`None` where there is no lesion, or too small a one."""
    image = real_aspect(read_image(Path(example.path)), example.source)
    mask = outliner(example, image)
    if mask is None:
        return None
    try:
        return measure(image, mask)
    except LesionError:
        return None
