"""Outlines of lesions as masks beside the images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.model.segmentation import STRIDE
from training.data.examples import Example, load_source, of_split
from training.errors import DataError


def outlined(data: Path, split: str) -> list[Example]:
    """The images of a split that have a mask. Raises `DataError`."""
    return [example for example in of_split(load_source(data), split) if mask_file(data, example).is_file()]


def read_mask(data: Path, example: Example, *, size: tuple[int, int] | None = None) -> NDArray[np.bool_]:
    """A lesion's mask, (height, width), resized to `size` (width, height) where it is given. Raises `DataError`."""
    mask = load_mask(data, example)
    return np.asarray(mask if size is None else mask.resize(size, Image.Resampling.BILINEAR)) >= 128


def load_mask(data: Path, example: Example) -> Image.Image:
    """A lesion's mask as a grey image, 0..255. Raises `DataError`, with the path, where it can't be read."""
    path = mask_file(data, example)
    try:
        with Image.open(path) as image:
            return image.convert("L")
    except (OSError, SyntaxError, ValueError) as error:  # Pillow raises all three for damaged files
        raise DataError(f"{path}: {error}") from error


def mask_file(data: Path, example: Example) -> Path:
    folder = data if data.is_dir() else data.parent
    return folder / "masks" / f"{example.image}_segmentation.png"


def wanted(masks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Masks (n, side, side, 1), 0..255 -> the share of lesion at each place of the network's map, 0..1."""
    n, side = masks.shape[:2]
    blocks = masks.reshape(n, side // STRIDE, STRIDE, side // STRIDE, STRIDE, 1)
    return blocks.mean(axis=(2, 4), dtype=np.float32) / np.float32(255)
