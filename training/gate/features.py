"""Features that the gate learns from: the network's, for images that are drawn and changed at random."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.model.bundle import ModelBundle
from app.core.model.card import INTERMEDIATE_FEATURES
from app.core.model.network import Network
from app.core.system.files import write_atomically
from training.gate.images import GateImages

CHUNK_SIZE = 8
"""Images that a network is asked about at once."""
_Pictures = Callable[[int, NDArray[np.int64]], NDArray[np.uint8]]
"""A chunk's number, and places -> the pictures that the network is shown of them."""


@dataclass(frozen=True)
class GateFeatures:
    """Intermediate features (n, features), in half precision, and the images' kinds (n,), as indices into `KINDS`."""

    values: NDArray[np.float16]
    kinds: NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence[GateFeatures]) -> GateFeatures:
        """The features of all parts, one after the other."""
        return cls(np.concatenate([part.values for part in parts]), np.concatenate([part.kinds for part in parts]))

    @classmethod
    def read(cls, file: Path) -> GateFeatures:
        """Those that `write` put into a file."""
        with np.load(file) as stored:
            return cls(stored["values"], stored["kinds"])

    def write(self, file: Path) -> None:
        content = io.BytesIO()
        np.savez(content, values=self.values, kinds=self.kinds)
        write_atomically(file, content.getvalue())


def changed_features(
    bundle: ModelBundle, images: GateImages, places: NDArray[np.int64], seed: tuple[int, ...]
) -> GateFeatures:
    """The features of the images at some places, each changed at random (see `GateImages.changed`), on all cores."""

    def changed(chunk: int, chosen: NDArray[np.int64]) -> NDArray[np.uint8]:
        return images.changed(chosen, np.random.default_rng((*seed, chunk)))

    return _features(bundle, images, places, changed)


def features(bundle: ModelBundle, images: GateImages) -> GateFeatures:
    """The features of images as they are, on all cores."""
    return _features(bundle, images, np.arange(len(images.kinds)), lambda _, chosen: images.pictures[chosen])


def _features(bundle: ModelBundle, images: GateImages, places: NDArray[np.int64], pictures: _Pictures) -> GateFeatures:
    description = bundle.card.network
    own = threading.local()

    def begin() -> None:
        own.network = Network(bundle.network, description.outputs, side=description.side, threads=1)

    def asked(chunk: int) -> NDArray[np.float16]:
        chosen = places[chunk * CHUNK_SIZE : (chunk + 1) * CHUNK_SIZE]
        outputs = own.network.outputs_of_several(pictures(chunk, chosen))
        return np.asarray(outputs[INTERMEDIATE_FEATURES].astype(np.float16))

    chunks = range(-(-len(places) // CHUNK_SIZE))
    with ThreadPoolExecutor(os.cpu_count(), initializer=begin) as pool:
        found = list(
            tqdm(pool.map(asked, chunks), total=len(chunks), desc="gate", unit=f"{CHUNK_SIZE} images", mininterval=5)
        )
    return GateFeatures(np.concatenate(found), images.kinds[places])
