"""Pixels of labelled images, decoded by the program's own code."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.domain.errors import ImageError
from app.core.imaging.decode import decode
from app.core.imaging.preprocess import model_input
from app.core.imaging.read import read_bytes
from training.data.prepare import Prepared
from training.errors import DataError


def read_picture(path: Path) -> NDArray[np.uint8]:
    """A file's picture as the program decodes it, shape (height, width, 3). Raises `DataError`, with the path."""
    try:
        return decode(read_bytes(path)).rgb
    except ImageError as error:
        raise DataError(f"{path}: {error}") from error


def load_pictures(prepared: Prepared, *, side: int) -> NDArray[np.uint8]:
    """All prepared images, in the table's order, as the network sees them: (n, side, side, 3), read as needed.

    Decoded once by the program's own code and kept on disk beside the images.
    """
    examples = prepared.load()
    ids = hashlib.sha256("\n".join(example.image for example in examples).encode()).hexdigest()
    cache = prepared.folder / f"pictures-{side}-{ids[:12]}.npy"
    if cache.is_file():
        return np.load(cache, mmap_mode="r")
    partial = cache.with_suffix(".partial")
    shape = (len(examples), side, side, 3)
    pictures = np.lib.format.open_memmap(partial, mode="w+", dtype=np.uint8, shape=shape)
    for index, example in enumerate(tqdm(examples, desc="decode", unit="image")):
        pictures[index] = model_input(read_picture(prepared.image(example)), side)
    pictures.flush()
    del pictures  # Windows renames no file that is mapped
    partial.replace(cache)
    return np.load(cache, mmap_mode="r")
