"""Splits into train, val and test, images of a group kept together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from training.data.examples import SPLITS, Example

SHARES = (0.8, 0.1, 0.1)


def subset(examples: Sequence[Example], melanoma_share: float, *, seed: int) -> list[Example]:
    """As many of the examples as can be with this share of melanomas (0..1), drawn by `seed`, in their order."""
    random = np.random.default_rng(seed)
    of_class = [[i for i, example in enumerate(examples) if example.melanoma == label] for label in (0, 1)]
    total = min(len(of_class[0]) / (1 - melanoma_share), len(of_class[1]) / melanoma_share)
    counts = (round(total * (1 - melanoma_share)), round(total * melanoma_share))
    chosen = [random.choice(of_class[label], counts[label], replace=False) for label in (0, 1)]
    return [examples[i] for i in np.sort(np.concatenate(chosen))]


def split_by_lesion(examples: Sequence[Example], *, seed: int) -> list[Example]:
    """Divide 80/10/10 into train, val and test; all images of a group fall on one side (see `assign_splits`)."""
    place = assign_splits(examples, SHARES, seed=seed)
    return [replace(example, split=SPLITS[place[example.group]]) for example in examples]


def split_by_image(examples: Sequence[Example], *, seed: int) -> list[Example]:
    """Divide 80/10/10 into train, val and test image by image, as the thesis did: lesions fall on both sides."""
    place = np.random.default_rng(seed).permutation(len(examples)) / len(examples)
    splits = np.searchsorted(np.cumsum(SHARES)[:-1], place, side="right")
    return [replace(example, split=SPLITS[split]) for example, split in zip(examples, splits, strict=True)]


def assign_splits(examples: Sequence[Example], shares: Sequence[float], *, seed: int) -> dict[str, int]:
    """Deal groups out to parts of the given shares (their sum is 1): group -> index of its part.

    Stratified by source and class: within each, the groups are shuffled by `seed` and dealt out by their
    number of images.
    """
    strata: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    stratum_of: dict[str, tuple[str, int]] = {}
    for example in examples:
        stratum = stratum_of.setdefault(example.group, (example.source, example.melanoma))
        strata[stratum][example.group] += 1
    random = np.random.default_rng(seed)
    place: dict[str, int] = {}
    for _, groups in sorted(strata.items()):
        dealt = 0
        for group in random.permutation(sorted(groups)):
            share = (dealt + groups[group] / 2) / groups.total()
            place[str(group)] = int(np.searchsorted(np.cumsum(shares)[:-1], share, side="right"))
            dealt += groups[group]
    return place
