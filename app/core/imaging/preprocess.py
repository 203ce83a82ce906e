"""Preparation of a decoded image for the checks and the network: the same for training, fitting and use.

Wide borders are cut away (see `app.core.imaging.borders`), then the image becomes the thesis's 256×256 (LANCZOS,
aspect ratio not kept), which is what the training images are stored as. A network with another input size takes it
from there. Scaling the values is the network's own first layer, so that nothing about it can differ between training
and use.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.core.domain.geometry import Box
from app.core.imaging.borders import crop_borders

STANDARD_SIDE = 256
"""Pixels on a side of a standard image (the thesis's size)."""


@dataclass(frozen=True)
class Prepared:
    """A standard image, (256, 256, 3), RGB, 0..255, and the area of the decoded image that it shows."""

    standard: NDArray[np.uint8]
    area: Box


def prepare(rgb: NDArray[np.uint8]) -> Prepared:
    """Cut wide borders away from a decoded image of shape (height, width, 3), 0..255, and resize the rest."""
    cropped, area = crop_borders(rgb)
    return Prepared(standard_image(cropped), area)


def standard_image(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Resize an image of shape (height, width, 3), values 0..255, to (256, 256, 3) by LANCZOS."""
    return resized(rgb, STANDARD_SIDE)


def model_input(rgb: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The image as the network sees it: shape (side, side, 3), RGB, values 0..255.

    `rgb` has the shape (height, width, 3). An image that is 256×256 already keeps its pixels up to the
    second step, so a prepared training image and its original differ only by the JPEG between them.
    """
    return resized(standard_image(rgb), side)


def resized(rgb: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """An image (height, width, 3) resized to (side, side, 3) by LANCZOS."""
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(f"expected 8-bit RGB of shape (height, width, 3), got {rgb.dtype} {rgb.shape}")
    if rgb.shape[:2] == (side, side):
        return rgb
    return np.asarray(Image.fromarray(rgb).resize((side, side), Image.Resampling.LANCZOS))
