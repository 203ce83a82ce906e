"""Images that the gate learns from: dermoscopy, photographs and drawn images, by kind, source and split."""

from __future__ import annotations

import functools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.imaging.preprocess import model_input, prepare
from app.core.model.gate import DERMOSCOPY, KINDS
from training.data.examples import Example
from training.data.images import load_images, read_input
from training.data.optics import as_by_other_camera, as_by_other_optics
from training.data.photographs import Photograph
from training.data.prepare import Prepared
from training.errors import DataError
from training.negatives import catalogue

Pixels = NDArray[np.uint8]

CLOSE_UP, OTHER = KINDS.index("close-up"), KINDS.index("other")
DRAWN = "drawn"
"""The source of the drawn images."""
AS_IT_IS = 0.35
"""Share of the images shown that are not changed."""


@dataclass(frozen=True)
class GateImages:
    """Images of one split: `pictures` (n, side, side, 3), `kinds` (n,) as indices into `KINDS`, `sources` (n,)."""

    pictures: Pixels
    kinds: NDArray[np.int64]
    sources: NDArray[np.str_]

    @classmethod
    def joined(cls, parts: Sequence[GateImages]) -> GateImages:
        """The images of all parts, one after the other."""
        return cls(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(cls)))

    def draws(self, count: int, shares: Sequence[float], random: np.random.Generator) -> NDArray[np.int64]:
        """About `count` places in random order: each kind has its share, and within it each source one that grows with
        the square root of its images."""
        places = []
        for kind, share in enumerate(shares):
            counted = Counter(self.sources[self.kinds == kind].tolist())
            total = sum(math.sqrt(number) for number in counted.values())
            for source, number in sorted(counted.items()):
                wanted = round(count * share * math.sqrt(number) / total)
                there = np.flatnonzero((self.kinds == kind) & (self.sources == source))
                places.append(random.choice(there, wanted, replace=wanted > number))
        return random.permutation(np.concatenate(places))

    def changed(self, places: NDArray[np.int64], random: np.random.Generator) -> Pixels:
        """The images at some places, most of them changed: dermoscopy as by other optics, others as by another
        camera."""
        return np.stack(
            [
                self.pictures[place]
                if random.uniform() < AS_IT_IS
                else _change_of(self.kinds[place])(self.pictures[[place]], random)[0]
                for place in places
            ]
        )


def _change_of(kind: int) -> Callable[[Pixels, np.random.Generator], Pixels]:
    return as_by_other_optics if kind == DERMOSCOPY else as_by_other_camera


def dermoscopy_images(prepared: Prepared, examples: Sequence[Example], side: int) -> GateImages:
    """Those of the prepared images that are among the examples."""
    row_of = {example.image: row for row, example in enumerate(prepared.load())}
    rows = np.array([row_of[example.image] for example in examples])
    sources = np.array([example.source for example in examples])
    return GateImages(load_images(prepared, side=side)[rows], np.full(len(rows), DERMOSCOPY), sources)


def photograph_images(photographs: Sequence[Photograph], side: int) -> GateImages:
    """Photographs as the program prepares them. Those that it can't read need no gate and are left out."""
    read = [(one, pixels) for one, pixels in _read(photographs, side) if pixels is not None]
    if not read:
        raise DataError("There is no photograph that can be read.")
    return GateImages(
        np.stack([pixels for _, pixels in read]),
        np.array([CLOSE_UP if one.is_clinical else OTHER for one, _ in read]),
        np.array([one.source for one, _ in read]),
    )


def _read(photographs: Sequence[Photograph], side: int) -> Iterator[tuple[Photograph, Pixels | None]]:
    for one in tqdm(photographs, desc="photographs", unit="image"):
        try:
            yield one, read_input(Path(one.path), side)
        except DataError:
            yield one, None


@functools.cache
def drawn_images(side: int) -> GateImages:
    """Every second of the drawn images; the others are left to test with."""
    names = drawn_to_teach()
    pictures = np.stack([model_input(prepare(catalogue.draw(name)).standard, side) for name in names])
    return GateImages(pictures, np.full(len(names), OTHER), np.full(len(names), DRAWN))


def drawn_to_teach() -> list[str]:
    """The names of the drawn images that the gate is taught with."""
    names = (*catalogue.drawn_names(), *catalogue.clinical_names())
    return [name for name in names if int(name.rpartition("-")[2]) % 2 == 0]
