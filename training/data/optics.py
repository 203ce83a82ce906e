"""Images changed as by other optics: fields of view, frames, tint, reflections, gel, film.

The gate is taught with them, so that a dermatoscope which the training's clinics do not have is not refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.augment import augment
from training.recipe import Augmentation

Pixels = NDArray[np.uint8]

CAMERA = Augmentation(
    flip=True,
    rotation=0.5,
    translation=0.05,
    zoom=0.25,
    stretch=0.35,
    contrast=0.25,
    brightness=0.25,
    saturation=0.35,
    hue=0.03,
    white_balance=0.15,
    sharpness=0.5,
    rescale=0.25,
    jpeg=0.3,
    grain=0.15,
)
"""What another camera and another way of storing do to any picture, dermoscopic or not."""
SHARE = 0.15
"""How often each of the changes of the optics is made."""


def as_by_other_optics(images: Pixels, random: np.random.Generator) -> Pixels:
    """Images (n, side, side, 3) seen through other optics, each differently; the same `random` gives the same."""
    return np.stack([_changed(image, random) for image in augment(images, CAMERA, random)])


def as_by_other_camera(images: Pixels, random: np.random.Generator) -> Pixels:
    """Images (n, side, side, 3) by another camera, some of them from nearer, or in a frame: a frame alone makes no
    dermoscopy."""
    nearer = np.stack([_cut(one, random) if random.uniform() < SHARE else one for one in images])
    changed = augment(nearer, CAMERA, random)
    return np.stack([_round_field(one, random) if random.uniform() < SHARE / 2 else one for one in changed])


def _cut(image: Pixels, random: np.random.Generator) -> Pixels:
    """A part of the image, of half its sides or more."""
    side = image.shape[0]
    width, height = (side * random.uniform(0.5, 1.0, 2)).astype(int)
    left, top = int(random.uniform(0, side - width)), int(random.uniform(0, side - height))
    part = image[top : top + height, left : left + width]
    return np.asarray(cv2.resize(part, (side, side), interpolation=cv2.INTER_LINEAR))


def _changed(image: Pixels, random: np.random.Generator) -> Pixels:
    for change in _CHANGES:
        if random.uniform() < SHARE:
            image = change(image, random)
    return image


def _tint(image: Pixels, random: np.random.Generator) -> Pixels:
    """Film, or a lamp of another colour: a gain and a gamma for each channel."""
    values = (image.astype(np.float32) / 255) ** random.uniform(0.7, 1.5, 3) * random.uniform(0.7, 1.25, 3)
    return _pixels(255 * values)


def _glare(image: Pixels, random: np.random.Generator) -> Pixels:
    """Light without a polariser: a haze over the picture, and the spots of the lamps."""
    side = image.shape[0]
    veil = np.zeros((side, side), np.float32)
    for _ in range(int(random.integers(1, 7))):
        spot = np.zeros_like(veil)
        centre = tuple(int(value) for value in random.uniform(0, side, 2))
        cv2.circle(spot, centre, max(1, int(side * random.uniform(0.01, 0.05))), 1.0, -1)
        veil += random.uniform(0.3, 1.0) * cv2.GaussianBlur(spot, (0, 0), side * random.uniform(0.005, 0.06))
    haze = random.uniform(0, 0.2)
    share = np.clip(veil + haze, 0, 1)[..., np.newaxis]
    return _pixels(image * (1 - share) + 250 * share)


def _gel(image: Pixels, random: np.random.Generator) -> Pixels:
    """Bubbles in the fluid between skin and glass: rings, bright on one side."""
    drawn = image.copy()
    side = image.shape[0]
    for _ in range(int(random.integers(3, 25))):
        centre = tuple(int(value) for value in random.uniform(0, side, 2))
        radius = max(1, int(side * random.uniform(0.008, 0.05)))
        tone = np.array(drawn[min(centre[1], side - 1), min(centre[0], side - 1)], float)
        cv2.circle(drawn, centre, radius, (tone * 0.6).tolist(), 1, cv2.LINE_AA)
        cv2.ellipse(drawn, centre, (radius, radius), 0, 200, 290, (245, 245, 245), 1, cv2.LINE_AA)
    return drawn


def _vignette(image: Pixels, random: np.random.Generator) -> Pixels:
    """A phone's adapter: darker and less sharp towards the edge."""
    distance = _distance(image.shape[0], random)
    light = 1 - random.uniform(0.2, 0.8) * np.clip(distance / 0.75, 0, 1) ** 2
    blurred = cv2.GaussianBlur(image, (0, 0), random.uniform(0.8, 3.0))
    share = np.clip((distance - 0.25) / 0.4, 0, 1)[..., np.newaxis]
    return _pixels((image * (1 - share) + blurred * share) * light[..., np.newaxis])


def _round_field(image: Pixels, random: np.random.Generator) -> Pixels:
    """A round field of view on black, now and then on white or grey."""
    softness = random.uniform(0.003, 0.05)
    radius = random.uniform(0.4, 0.66)
    lit = 1 / (1 + np.exp(np.clip((_distance(image.shape[0], random) - radius) / softness, -50, 50)))
    ground = random.choice([random.uniform(0, 40), random.uniform(0, 40), random.uniform(150, 255)])
    return _pixels(image * lit[..., np.newaxis] + ground * (1 - lit[..., np.newaxis]))


def _bars(image: Pixels, random: np.random.Generator) -> Pixels:
    """A frame, or what a screen leaves beside a picture: bars on one side or several."""
    drawn = image.copy()
    side = image.shape[0]
    tone = random.choice([random.uniform(0, 30), random.uniform(225, 255)])
    for turn in range(4):
        if random.uniform() < 0.5:
            np.rot90(drawn, turn)[: int(side * random.uniform(0.02, 0.14))] = tone
    return drawn


def _marks(image: Pixels, random: np.random.Generator) -> Pixels:
    """Pen, a sticker, the ticks of a ruler."""
    drawn = image.copy()
    side = image.shape[0]
    ink = [int(value) for value in random.integers(0, 120, 3)]
    kind = random.integers(3)
    if kind == 0:
        points = np.cumsum(random.normal(0, side / 14, (12, 2)), axis=0) + random.uniform(0, side, 2)
        cv2.polylines(drawn, [points.astype(np.int32)], random.uniform() < 0.5, ink, int(random.integers(2, 6)))
    elif kind == 1:
        corner = random.uniform(0, side, 2).astype(int)
        size = (side * random.uniform(0.08, 0.3, 2)).astype(int)
        colour = [int(value) for value in random.integers(0, 256, 3)]
        cv2.rectangle(drawn, corner.tolist(), (corner + size).tolist(), colour, -1)
    else:
        line = int(random.uniform(0.02, 0.98) * side)
        for place in range(0, side, max(3, int(side * random.uniform(0.02, 0.08)))):
            cv2.line(drawn, (place, line), (place, line + int(side * 0.03)), (20, 20, 20), 1)
        drawn = drawn if random.uniform() < 0.5 else np.ascontiguousarray(drawn.transpose(1, 0, 2))
    return drawn


def _polarised(image: Pixels, random: np.random.Generator) -> Pixels:
    """Crossed polarisers, or none: deeper colours, or paler ones."""
    grey = image.mean(axis=2, keepdims=True)
    depth = random.uniform(0.55, 1.5)
    return _pixels((grey + (image - grey) * depth - 128) * random.uniform(0.75, 1.3) + 128)


def _distance(side: int, random: np.random.Generator) -> NDArray[np.float64]:
    """Each pixel's distance from a centre near the middle, in sides."""
    place = np.linspace(-0.5, 0.5, side)
    x, y = random.uniform(-0.08, 0.08, 2)
    return np.asarray(np.hypot((place[:, np.newaxis] - y) * random.uniform(0.85, 1.15), place - x))


def _pixels(values: NDArray[Any]) -> Pixels:
    return np.clip(values, 0, 255).astype(np.uint8)


_CHANGES: tuple[Callable[[Pixels, np.random.Generator], Pixels], ...] = (
    _polarised,
    _tint,
    _gel,
    _marks,
    _glare,
    _vignette,
    _round_field,
    _bars,
)
