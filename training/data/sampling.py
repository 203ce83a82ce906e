"""Sampling of the images of an epoch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from training.data.examples import Example
from training.errors import DataError

MOST_DRAWS = 4
"""How often a lesion is drawn for an epoch at most: of one source there is a single lesion."""


def sample_epoch(
    examples: Sequence[Example], *, balance: str, count: int, seed: int, melanoma_share: float = 0.5
) -> NDArray[np.int64]:
    """The images that an epoch shows, in order: `count` indices into `examples` (0: as many as there are).

    With `lesion` there may be fewer, where a source has few lesions (see `MOST_DRAWS`).
    `balance` is `Recipe.balance`. Every image (with `lesion`, every lesion) of a group comes once before any of it
    comes again. Raises `DataError` where a source can't be drawn as asked.
    """
    random = np.random.default_rng(seed)
    count = count or len(examples)
    labels = np.array([example.melanoma for example in examples])
    if balance == "none":
        return _repeated(np.arange(len(labels)), count, random)
    if balance == "lesion":
        return _by_lesion(examples, count, random, melanoma_share)
    melanomas, others = np.flatnonzero(labels == 1), np.flatnonzero(labels == 0)
    drawn = [_repeated(melanomas, count // 2, random)]
    if balance == "class":
        drawn.append(_repeated(others, count // 2, random))
    else:
        sources = np.array([example.source for example in examples])
        counted = Counter(sources[melanomas].tolist())
        for source, melanomas_there in sorted(counted.items()):
            there = others[sources[others] == source]
            if not len(there):
                raise DataError(f"The source {source!r} has melanomas alone: it can't be drawn class-and-source.")
            drawn.append(_repeated(there, round(count / 2 * melanomas_there / len(melanomas)), random))
    return random.permutation(np.concatenate(drawn))


def _by_lesion(
    examples: Sequence[Example], count: int, random: np.random.Generator, melanoma_share: float
) -> NDArray[np.int64]:
    """Source, then class, then collection, then lesion, then one of its images.

    A source, and a collection within a source and class, has a share that grows with the square root of its number
    of lesions; a source's melanomas have `melanoma_share` of its draws wherever it has both classes.
    """
    strata: dict[tuple[str, int, str], dict[str, list[int]]] = {}
    for place, example in enumerate(examples):
        lesions = strata.setdefault((example.source, example.melanoma, example.collection), {})
        lesions.setdefault(example.lesion_id, []).append(place)
    lesions_of: Counter[str] = Counter()
    for (source, *_), found in strata.items():
        lesions_of[source] += len(found)
    of_source = _root_shares(lesions_of)
    drawn: list[int] = []
    for (source, melanoma, collection), lesions in sorted(strata.items()):
        beside = {name: len(found) for (s, m, name), found in strata.items() if (s, m) == (source, melanoma)}
        has_both_classes = any((s, m) == (source, 1 - melanoma) for s, m, _ in strata)
        of_class = (melanoma_share if melanoma else 1 - melanoma_share) if has_both_classes else 1.0
        share = of_source[source] * of_class * _root_shares(beside)[collection]
        wanted = min(round(count * share), MOST_DRAWS * len(lesions))
        images = [lesions[lesion] for lesion in sorted(lesions)]
        drawn += [int(random.choice(images[index])) for index in _repeated(np.arange(len(images)), wanted, random)]
    return random.permutation(np.array(drawn, dtype=np.int64))


def _root_shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Shares that add up to 1, in proportion to the square roots of the counts."""
    total = sum(math.sqrt(number) for number in counts.values())
    return {name: math.sqrt(number) / total for name, number in sorted(counts.items())}


def _repeated(indices: NDArray[np.int64], count: int, random: np.random.Generator) -> NDArray[np.int64]:
    """`count` of the indices, shuffled; all come once before any comes again."""
    if not count or not len(indices):
        return indices[:0]
    rounds = -(-count // len(indices))
    return np.concatenate([random.permutation(indices) for _ in range(rounds)])[:count]
