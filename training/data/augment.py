"""Augmentation of training images: one map of the coordinates and one of the colours for each image.

The thesis's changes are those of Keras's layers of the same names, put together so that the pixels are
interpolated once and not once a change; OpenCV does it, several times faster than TensorFlow's operations.
"""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.recipe import Augmentation

Pixels = NDArray[np.uint8]

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_TO_YIQ = np.array([[0.299, 0.587, 0.114], [0.5959, -0.2746, -0.3213], [0.2115, -0.5227, 0.3112]])  # NTSC, 1953
_SMALLEST_FIELD, _LARGEST_FIELD = 0.42, 0.7
"""Radius of a drawn field of view, in sides: from one that leaves a broad frame to one that cuts the corners."""
_LARGEST_HOLE = 0.375
"""Side of an erased square, in sides of the image (DeVries and Taylor, arXiv:1708.04552, choose it by the data)."""

SMALLEST_COPY = 0.45
"""Of the size: what the training's sources went through on their way is 0.6 and more."""
LARGEST_GRAIN = 10.0
"""Deviation, of 255."""
MOMENT = 6
"""The order of the channels' moments that neutral light makes equal (Finlayson and Trezzi, 2004)."""

cv2.setNumThreads(1)  # the training step has the other cores


def augment(images: Pixels, augmentation: Augmentation, random: np.random.Generator) -> Pixels:
    """Change a batch (n, side, side, 3), each image differently; the same `random` gives the same changes.

    What a turn or a shift lets in from outside is filled by reflection. Colours and spectra are taken from other
    images of the same batch.
    """
    takes_from_others = augmentation.recolour or augmentation.spectrum
    others = random.permutation(len(images)) if takes_from_others else np.arange(len(images))
    return np.stack(
        [_changed(image, images[other], augmentation, random) for image, other in zip(images, others, strict=True)]
    )


def _changed(image: Pixels, other: Pixels, a: Augmentation, random: np.random.Generator) -> Pixels:
    changed: Any = image
    if _chosen(a.grey_world, random):
        changed = grey_world(changed)
    if _chosen(a.recolour, random):
        changed = _recoloured(changed, other, random.uniform(0.5, 1.0))
    if _chosen(a.spectrum, random):
        changed = _with_spectrum(changed, other, random)
    if any((a.flip, a.rotation, a.translation, a.zoom, a.stretch)):
        changed = _moved(changed, a, random)
    if any((a.contrast, a.brightness, a.saturation, a.hue, a.white_balance)):
        changed = _coloured(changed, a, random)
    if a.sharpness:
        amount = _around(random, 0.0, a.sharpness)
        changed = cv2.addWeighted(changed, 1 + amount, cv2.blur(changed, (3, 3)), -amount, 0.0)
    if random.uniform() < a.frame:
        changed = _framed(changed, random)
    if _chosen(a.rescale, random):
        changed = _rescaled(changed, random)
    if _chosen(a.grain, random):
        noise = random.standard_normal(changed.shape, np.float32) * random.uniform(1, LARGEST_GRAIN)
        changed = np.clip(changed + noise, 0, 255).astype(np.uint8)
    if _chosen(a.jpeg, random):
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(40, 96))]
        changed = cv2.imdecode(cv2.imencode(".jpg", changed, quality)[1], cv2.IMREAD_COLOR)
    if random.uniform() < a.erase:
        changed = _erased(changed, random)
    return changed


def _chosen(share: float, random: np.random.Generator) -> bool:
    """Whether a change that this share of the images gets is made. Where none gets it, `random` is not asked."""
    return bool(share) and random.uniform() < share


def grey_world(image: Pixels) -> Pixels:
    """The image under neutral light: its channels' moments of the order `MOMENT` made equal (shades of grey)."""
    values = image.astype(np.float32).reshape(-1, 3) / 255
    light = np.maximum((values**MOMENT).mean(axis=0), 1e-12) ** (1 / MOMENT)
    gains = np.linalg.norm(light) / (light * math.sqrt(3))
    return np.asarray(cv2.transform(image, np.diag(gains)))


def _recoloured(image: Pixels, other: Pixels, amount: float) -> Any:
    """Mean and deviation of CIELAB moved towards another image's by the amount, 0 to 1."""
    lab, target = (cv2.cvtColor(one, cv2.COLOR_RGB2LAB) for one in (image, other))
    (mean, deviation), (new_mean, new_deviation) = (
        [np.ravel(figure) for figure in cv2.meanStdDev(one)] for one in (lab, target)
    )
    scale = 1 + amount * (np.clip(new_deviation / np.maximum(deviation, 1), 0.5, 2.0) - 1)
    shift = mean + amount * (new_mean - mean) - scale * mean
    moved = cv2.transform(lab, np.column_stack([np.diag(scale), shift]))
    return cv2.cvtColor(moved, cv2.COLOR_LAB2RGB)


def _with_spectrum(image: Pixels, other: Pixels, random: np.random.Generator) -> Pixels:
    """The lowest frequencies' amplitudes mixed with another image's, the phases kept."""
    own, target = (np.fft.rfft2(one.astype(np.float32), axes=(0, 1)) for one in (image, other))
    reach = max(1, round(image.shape[0] * random.uniform(0.01, 0.1)))
    share = random.uniform(0.0, 1.0)
    for rows in (slice(0, reach), slice(-reach, None)):
        low, new = own[rows, :reach], target[rows, :reach]
        low *= 1 - share + share * np.abs(new) / np.maximum(np.abs(low), 1e-3)
    changed = np.fft.irfft2(own, s=image.shape[:2], axes=(0, 1))
    return np.clip(changed, 0, 255).astype(np.uint8)


def _rescaled(image: Pixels, random: np.random.Generator) -> Any:
    """Made smaller and as large as before: a camera with fewer pixels, or a copy that was stored smaller."""
    side = image.shape[0]
    small = max(8, round(side * random.uniform(SMALLEST_COPY, 1.0)))
    up = cv2.INTER_CUBIC if random.uniform() < 0.5 else cv2.INTER_LINEAR
    return cv2.resize(cv2.resize(image, (small, small), interpolation=cv2.INTER_AREA), (side, side), interpolation=up)


def _around(random: np.random.Generator, centre: float, reach: float) -> float:
    return float(random.uniform(centre - reach, centre + reach))


def _moved(image: Pixels, a: Augmentation, random: np.random.Generator) -> Any:
    """Flip, turn, zoom, stretch and shift, by one interpolation."""
    angle = _around(random, 0.0, a.rotation) * 2 * math.pi
    zoom = _around(random, 1.0, a.zoom)
    stretch = math.exp(_around(random, 0.0, math.log1p(a.stretch)) / 2)
    flips = random.choice((-1, 1), 2) if a.flip else np.ones(2)
    side = image.shape[0]
    shift = random.uniform(-a.translation, a.translation, 2) * side
    # from where in the original each pixel of the result is taken
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = turn * (zoom * np.array([stretch, 1 / stretch]) * flips)
    centre = np.full(2, (side - 1) / 2)
    return cv2.warpAffine(
        image,
        np.column_stack([matrix, centre - matrix @ centre + shift]),
        (side, side),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT_101,
    )


def _coloured(image: Pixels, a: Augmentation, random: np.random.Generator) -> Any:
    """Contrast around the mean, then saturation, hue, white balance and brightness, as one 3×4 matrix."""
    saturation = _around(random, 1.0, a.saturation)
    grey = np.ones((3, 1)) * np.array(_LUMA)
    angle = _around(random, 0.0, a.hue) * 2 * math.pi
    cos, sin = math.cos(angle), math.sin(angle)
    turn = np.linalg.inv(_TO_YIQ) @ np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]]) @ _TO_YIQ
    gains = random.uniform(1 - a.white_balance, 1 + a.white_balance, 3) * _around(random, 1.0, a.brightness)
    matrix = gains[:, np.newaxis] * (turn @ (saturation * np.eye(3) + (1 - saturation) * grey))
    contrast = _around(random, 1.0, a.contrast)
    mean = np.array(cv2.mean(image)[:3])
    return cv2.transform(image, np.column_stack([contrast * matrix, (1 - contrast) * matrix @ mean]))


def _framed(image: Pixels, random: np.random.Generator) -> Pixels:
    """The black frame of a round field of view, with a soft edge."""
    place = np.linspace(-0.5, 0.5, image.shape[0])
    x, y = random.uniform(-0.05, 0.05, 2)
    distance = np.hypot(place[:, np.newaxis] - y, place - x)
    radius, softness = random.uniform(_SMALLEST_FIELD, _LARGEST_FIELD), random.uniform(0.005, 0.08)
    lit = 1 / (1 + np.exp(np.clip((distance - radius) / softness, -50, 50)))
    return (image * lit[..., np.newaxis]).astype(np.uint8)


def _erased(image: Pixels, random: np.random.Generator) -> Pixels:
    """A square of the image's mean colour anywhere over it, so that no single place is relied on."""
    side = image.shape[0]
    half = random.uniform(0.1, _LARGEST_HOLE) * side / 2
    x, y = random.uniform(0, side, 2)
    left, right, top, bottom = np.clip([x - half, x + half, y - half, y + half], 0, side).astype(int)
    erased = image.copy()
    erased[top:bottom, left:right] = cv2.mean(image)[:3]
    return erased
