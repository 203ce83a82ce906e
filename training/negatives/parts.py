"""Small parts that images are drawn of: colours, numbers by chance, words, discs and uneven shapes."""

from __future__ import annotations

import colorsys
import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.negatives.fields import Colour, Random, Size

T = TypeVar("T")

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
TONES: tuple[Colour, ...] = (
    (246, 224, 208),
    (236, 200, 176),
    (222, 178, 150),
    (205, 155, 122),
    (178, 124, 90),
    (141, 90, 62),
    (102, 64, 46),
    (66, 42, 33),
)
"""Skin from Fitzpatrick's type I (with two tones for the lightest types) to VI, by eye."""
PAPER: tuple[Colour, ...] = (
    WHITE,
    (250, 246, 232),
    (255, 250, 205),
    (214, 234, 248),
    (253, 222, 230),
    (221, 245, 221),
    (236, 200, 176),
    (200, 200, 200),
)
# fmt: off
WORDS = (
    "patient", "clinic", "report", "the", "of", "and", "appointment", "letter", "invoice", "total", "date",
    "signature", "please", "return", "to", "form", "skin", "results", "normal", "page", "chapter", "history",
    "where", "light", "evening", "river", "under", "machine", "window", "open", "question", "answer", "number",
    "summary", "table", "medicine", "tablet", "daily", "before", "after", "meal", "doctor", "nurse", "hospital",
    "street", "city", "Ärzte", "façade", "señor", "über",
)
# fmt: on


def hue_colour(random: Random, saturation: float = 0.7, value: float = 0.8, hue: float | None = None) -> Colour:
    """The colour of a hue (0..1, round the circle; by chance where it is not given), of that saturation and value."""
    red, green, blue = colorsys.hsv_to_rgb(float(random.uniform()) if hue is None else hue % 1, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def skin_tone(index: int) -> Colour:
    """One of `TONES`, over and over again."""
    return TONES[index % len(TONES)]


def shaded(colour: Sequence[float], factor: float) -> Colour:
    """A colour darker (a factor below 1) or lighter, each channel kept within 0..255."""
    red, green, blue = (min(255, max(0, round(channel * factor))) for channel in colour)
    return red, green, blue


def between(random: Random, low: float, high: float) -> float:
    """A number of `low` up to `high`, all of them alike."""
    return float(random.uniform(low, high))


def pick(random: Random, low: int, high: int) -> int:
    """A whole number of low..high, both included."""
    return int(random.integers(low, max(low, high) + 1))


def one_of(random: Random, choices: Sequence[T]) -> T:
    """One of the choices by chance, all of them alike."""
    return choices[int(random.integers(len(choices)))]


def font_of(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, so that no machine's matters; at least 6 pixels large."""
    return ImageFont.load_default(max(6.0, size))


def words(random: Random, count: int) -> str:
    """So many of `WORDS` by chance, with blanks between."""
    return " ".join(WORDS[i] for i in random.integers(len(WORDS), size=count))


def canvas(size: Size, colour: Colour) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty image, and what draws on it."""
    image = Image.new("RGB", size, colour)
    return image, ImageDraw.Draw(image)


def disc(
    pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: Colour, outline: Colour | None = None
) -> None:
    """A filled disc round (x, y), with a line 2 pixels wide round it where `outline` is given."""
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill, outline=outline, width=2)


def uneven_outline(
    random: Random, x: float, y: float, radius: float, uneven: float, stretch: float = 1.0
) -> list[tuple[float, float]]:
    """The corners of an uneven, turned, stretched round shape."""
    angles = np.linspace(0, 2 * math.pi, 40, endpoint=False)
    reach = radius * np.ones_like(angles)
    for waves in (2, 3, 5, 7):
        reach += radius * uneven / waves * random.normal() * np.cos(waves * angles + random.uniform(0, 6.3))
    turn = random.uniform(0, math.pi)
    along, across = reach * np.cos(angles) * stretch, reach * np.sin(angles) / stretch
    return [
        (float(x + a * math.cos(turn) - b * math.sin(turn)), float(y + a * math.sin(turn) + b * math.cos(turn)))
        for a, b in zip(along, across, strict=True)
    ]


def turned(image: Image.Image, degrees: float, fill: Colour) -> Image.Image:
    """Turned anticlockwise about its middle, as large as before; the corners are filled."""
    return image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=fill)
