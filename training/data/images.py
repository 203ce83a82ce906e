"""Pixels of labelled images, decoded and prepared by the program's own code."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.domain.errors import ImageError
from app.core.imaging import preprocess
from app.core.imaging.decode import decode
from app.core.imaging.preprocess import model_input
from app.core.imaging.read import read_bytes
from training.data.prepare import Prepared
from training.errors import DataError


def read_image(path: Path) -> NDArray[np.uint8]:
    """A file's image as the program decodes it, (height, width, 3), 0..255. Raises `DataError`, with the path."""
    try:
        return decode(read_bytes(path)).rgb
    except ImageError as error:
        raise DataError(f"{path}: {error}") from error


def read_prepared(path: Path) -> preprocess.Prepared:
    """A file's image as the program prepares it for the checks and the network. Raises `DataError`, with the path."""
    return preprocess.prepare(read_image(path))


def read_input(path: Path, side: int) -> NDArray[np.uint8]:
    """The network's input for a file as the program makes it: (side, side, 3). Raises `DataError`, with the path."""
    return model_input(read_prepared(path).standard, side)


def load_images(prepared: Prepared, *, side: int) -> NDArray[np.uint8]:
    """All prepared images, in the table's order, as the network sees them: (n, side, side, 3), read as needed.

    Decoded once by the program's own code and kept on disk beside the images. They are prepared already, so nothing
    is cut away a second time.
    """
    examples = prepared.load()
    ids = hashlib.sha256("\n".join(example.image for example in examples).encode()).hexdigest()
    cache = prepared.folder / f"pictures-{side}-{ids[:12]}.npy"
    if cache.is_file():
        return np.load(cache, mmap_mode="r")
    partial = cache.with_suffix(".partial")
    shape = (len(examples), side, side, 3)
    images = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape)
    for index, example in enumerate(tqdm(examples, desc="decode", unit="image")):
        images[index] = model_input(read_image(prepared.image(example)), side)
    images.flush()
    del images  # Windows renames no file that is mapped
    partial.replace(cache)
    return np.load(cache, mmap_mode="r")
