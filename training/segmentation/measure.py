"""Dice of the outlines that a network finds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.domain.statistics import Interval
from app.core.model.segmentation import OutlineNetwork
from training import metrics
from training.data.images import read_image
from training.data.masks import outlined, read_mask


def dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Twice the common area of two masks of one shape over the sum of theirs (Dice, 1945); 1 where both are empty."""
    total = int(one.sum()) + int(other.sum())
    return 2 * int((one & other).sum()) / total if total else 1.0


@dataclass(frozen=True)
class Measured:
    """Dice of each image of a split (0 where no lesion was found), with its group."""

    images: tuple[str, ...]
    groups: NDArray[np.str_]
    dice: NDArray[np.float64]

    def mean(self) -> Interval:
        """The mean with the percentile bootstrap's 95 % interval, whole groups resampled."""
        _, of_group = np.unique(self.groups, return_inverse=True)
        images, sums = np.bincount(of_group), np.bincount(of_group, self.dice)
        random = np.random.default_rng(metrics.BOOTSTRAP_SEED)
        drawn = random.integers(len(images), size=(metrics.BOOTSTRAP_ROUNDS, len(images)))
        low, high = np.quantile(sums[drawn].sum(axis=1) / images[drawn].sum(axis=1), [0.025, 0.975])
        return Interval(float(self.dice.mean()), float(low), float(high))


def measure(content: bytes, data: Path, split: str, *, side: int) -> Measured:
    """Dice of the outlines that the program finds against the masks, in pixels of the mask. Raises `DataError`."""
    network = OutlineNetwork(content, side=side)
    examples = outlined(data, split)
    values = []
    for example in tqdm(examples, desc=split, unit="image"):
        wanted = read_mask(data, example)
        found = network.find(read_image(Path(example.path)))
        height, width = wanted.shape
        values.append(dice(found.mask(width, height), wanted) if found else 0.0)
    groups = np.array([example.group for example in examples])
    return Measured(tuple(example.image for example in examples), groups, np.array(values))
