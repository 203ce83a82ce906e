"""Pictures that are no dermoscopy, drawn by code: what the program ought to refuse, the same on every machine.

A screening program answers whatever it is shown, so its refusal is measured on strangers: documents, screens,
textures, other medical images, plain skin, and, hardest, clinical photographs of skin without a dermatoscope.
Colours and proportions are chosen by eye unless a source is named; nothing here is fitted to a model or a gate.
"""

from __future__ import annotations

import colorsys
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

Pixels = NDArray[np.uint8]
Field = NDArray[Any]
Colour = tuple[int, int, int]
Size = tuple[int, int]
Random = np.random.Generator
T = TypeVar("T")

SEED = 20
SMALLEST, LARGEST = 300, 800
"""Sides of a picture, in pixels."""

_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
_TONES: tuple[Colour, ...] = (
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
_PAPER: tuple[Colour, ...] = (
    _WHITE,
    (250, 246, 232),
    (255, 250, 205),
    (214, 234, 248),
    (253, 222, 230),
    (221, 245, 221),
    (236, 200, 176),
    (200, 200, 200),
)
# fmt: off
_WORDS = (
    "patient", "clinic", "report", "the", "of", "and", "appointment", "letter", "invoice", "total", "date",
    "signature", "please", "return", "to", "form", "skin", "results", "normal", "page", "chapter", "history",
    "where", "light", "evening", "river", "under", "machine", "window", "open", "question", "answer", "number",
    "summary", "table", "medicine", "tablet", "daily", "before", "after", "meal", "doctor", "nurse", "hospital",
    "street", "city", "Ärzte", "façade", "señor", "über",
)
# fmt: on


@dataclass(frozen=True)
class _Kind:
    """How one kind of picture is drawn: `draw(random, (width, height), index)` gives RGB of that size."""

    draw: Callable[[Random, Size, int], Image.Image]
    count: int


def drawn() -> Iterator[tuple[str, Pixels]]:
    """Each picture's name (`text-03`: its kind, its number in it) and RGB values, shape (height, width, 3), 0..255."""
    return ((name, draw(name)) for name in _names(_KINDS))


def clinical_drawn() -> Iterator[tuple[str, Pixels]]:
    """The hard case, as `drawn`: photographs of a limb, a back, a face, a hand or a patch of skin with its moles."""
    return ((name, draw(name)) for name in _names(_CLINICAL))


def drawn_names() -> list[str]:
    """The names that `drawn` gives, in its order; nothing is drawn."""
    return _names(_KINDS)


def clinical_names() -> list[str]:
    """The names that `clinical_drawn` gives, in its order; nothing is drawn."""
    return _names(_CLINICAL)


def _names(kinds: dict[str, _Kind]) -> list[str]:
    return [f"{kind}-{index:02d}" for kind, how in kinds.items() for index in range(how.count)]


def draw(name: str) -> Pixels:
    """The picture of that name: RGB, shape (height, width, 3), 0..255. Raises KeyError for a name there is not."""
    kind, _, number = name.rpartition("-")
    how = (_KINDS | _CLINICAL)[kind]
    if name not in _names({kind: how}):
        raise KeyError(name)
    random = np.random.default_rng((SEED, zlib.crc32(kind.encode()), int(number)))
    long = int(random.integers(420, LARGEST + 1))
    short = max(SMALLEST, round(long * float(random.uniform(0.5, 1.0))))
    size = (long, short) if random.uniform() < 0.6 else (short, long)
    return np.asarray(how.draw(random, size, int(number)).convert("RGB"))


def write(folder: Path) -> int:
    """Write all of them as PNG into `folder/drawn` and `folder/clinical-drawn`; gives how many.

    Raises OSError where a folder or a file can't be written.
    """
    count = 0
    for name, pictures in (("drawn", drawn()), ("clinical-drawn", clinical_drawn())):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for title, pixels in pictures:
            Image.fromarray(pixels).save(folder / name / f"{title}.png", compress_level=1)
            count += 1
    return count


# Fields: float arrays of a picture's height and width


def _grid(size: Size) -> tuple[Field, Field]:
    """x and y of each pixel, each of shape (height, width)."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    return x, y


def _resized(field: Field, size: Size) -> Field:
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC))


def _softened(field: Field, by: int) -> Field:
    """Smoothed over about `by` pixels; by 1 or less leaves it as it is."""
    height, width = field.shape
    if by <= 1:
        return field
    image = Image.fromarray(np.ascontiguousarray(field, dtype=np.float32))
    small = image.resize((max(2, width // by), max(2, height // by)), Image.Resampling.BOX)
    return np.asarray(small.resize((width, height), Image.Resampling.BICUBIC))


def _smooth(random: Random, size: Size, cell: tuple[float, float]) -> Field:
    """Noise of mean 0 and standard deviation near 1 whose lumps are `cell` (width, height) pixels large."""
    shape = (max(2, round(size[1] / cell[1])), max(2, round(size[0] / cell[0])))
    return _resized(random.standard_normal(shape), size)


def _fractal(random: Random, size: Size, cell: float, octaves: int = 5, stretch: float = 1.0) -> Field:
    """Lumps of several sizes, each half as large and as strong as the one before; 0..1."""
    field: Field = np.zeros((size[1], size[0]), np.float32)
    for octave in range(octaves):
        lump = max(1.0, cell / 2**octave)
        field = field + _smooth(random, size, (max(1.0, lump * stretch), lump)) / 2**octave
    low, high = float(field.min()), float(field.max())
    return (field - low) / max(high - low, 1e-6)


def _cells(random: Random, size: Size, cell: float) -> tuple[Field, Field]:
    """Worley's cells: the distance to the nearest and to the second nearest of scattered points, in cells."""
    across, down_ = _grid(size)
    x, y = across / cell, down_ / cell
    shape = (int(size[1] / cell) + 4, int(size[0] / cell) + 4)
    jitter = random.uniform(0.05, 0.95, (2, *shape)).astype(np.float32)
    row, column = np.floor(y).astype(int) + 1, np.floor(x).astype(int) + 1
    first = np.full(x.shape, 9.0, np.float32)
    second = first.copy()
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            i, j = row + down, column + right
            distance = np.hypot(x - (j - 1) - jitter[0, i, j], y - (i - 1) - jitter[1, i, j])
            second = np.minimum(second, np.maximum(first, distance))
            first = np.minimum(first, distance)
    return first, second


def _ramp(field: Field, colours: Sequence[Colour]) -> Field:
    """Colours for a field of 0..1, evenly spaced and mixed between: shape (height, width, 3)."""
    places = np.linspace(0, 1, len(colours))
    return np.stack(
        [np.interp(field, places, [colour[i] for colour in colours]) for i in range(3)], axis=-1, dtype=np.float32
    )


def _image(values: Field) -> Image.Image:
    """RGB of (height, width, 3), or grey of (height, width); what lies outside 0..255 is cut."""
    pixels = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels).convert("RGB")


def _values(image: Image.Image) -> Field:
    return np.asarray(image.convert("RGB")).astype(np.float32)


def _flat(size: Size, colour: Sequence[float]) -> Field:
    return np.broadcast_to(np.asarray(colour, np.float32), (size[1], size[0], 3)).copy()


def _over(below: Field, above: Field | Sequence[float], cover: Field) -> Field:
    """`above` laid over `below` where `cover`, of shape (height, width), is 1."""
    share = np.clip(np.asarray(cover, np.float32), 0, 1)[..., np.newaxis]
    return below + (np.asarray(above, np.float32) - below) * share


def _grained(random: Random, values: Field, strength: float) -> Field:
    """A camera's noise: half of it grey, half coloured."""
    grey = random.standard_normal(values.shape[:2], np.float32)[..., np.newaxis]
    return values + (0.7 * strength) * (grey + random.standard_normal(values.shape, np.float32))


def _within(away: Field, reach: float, soft: float) -> Field:
    """1 nearer than `reach`, 0 beyond, over about `soft` pixels."""
    return 1 / (1 + np.exp(np.clip((away - reach) / soft, -30, 30)))


# Small parts


def _hue(random: Random, saturation: float = 0.7, value: float = 0.8, hue: float | None = None) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(float(random.uniform()) if hue is None else hue % 1, saturation, value)
    return round(255 * red), round(255 * green), round(255 * blue)


def _tone(index: int) -> Colour:
    return _TONES[index % len(_TONES)]


def _shade(colour: Sequence[float], factor: float) -> Colour:
    red, green, blue = (min(255, max(0, round(channel * factor))) for channel in colour)
    return red, green, blue


def _between(random: Random, low: float, high: float) -> float:
    return float(random.uniform(low, high))


def _pick(random: Random, low: int, high: int) -> int:
    """A whole number of low..high, both included."""
    return int(random.integers(low, max(low, high) + 1))


def _one_of(random: Random, choices: Sequence[T]) -> T:
    return choices[int(random.integers(len(choices)))]


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(6.0, size))


def _words(random: Random, count: int) -> str:
    return " ".join(_WORDS[i] for i in random.integers(len(_WORDS), size=count))


def _canvas(size: Size, colour: Colour) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", size, colour)
    return image, ImageDraw.Draw(image)


def _disc(
    pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, fill: Colour, outline: Colour | None = None
) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill, outline=outline, width=2)


def _outline(
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


def _turned(image: Image.Image, degrees: float, fill: Colour) -> Image.Image:
    return image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=fill)


# Documents, screens and drawings


def _text(random: Random, size: Size, index: int) -> Image.Image:
    """A page: print in lines or columns, an invented script, or handwriting, on white or coloured paper."""
    paper = _PAPER[index % len(_PAPER)]
    ink = _one_of(random, ((20, 20, 20), (40, 40, 90), (90, 30, 30), (60, 60, 60)))
    image, pen = _canvas(size, paper)
    letter = _between(random, 9, 34)
    style = ("print", "print", "columns", "glyphs", "hand")[index % 5]
    margin, gap = size[0] * 0.06, letter * _between(random, 1.2, 1.8)
    columns = 2 if style == "columns" else 1
    wide = (size[0] - margin * (columns + 1)) / columns
    for column in range(columns):
        left = margin + column * (wide + margin)
        y = margin
        if random.uniform() < 0.6:
            pen.text((left, y), _words(random, 2), ink, font=_font(letter * 1.7), stroke_width=1)
            y += letter * 2.6
        while y < size[1] - margin - letter:
            length = wide * (0.5 if random.uniform() < 0.15 else _between(random, 0.9, 1.0))
            _line_of(random, pen, (left, y, length), letter, style, ink)
            y += gap * (2 if random.uniform() < 0.1 else 1)
    if index % 4 == 3:  # photographed: uneven light, a turned page
        values = _values(_turned(image, _between(random, -6, 6), _shade(paper, 0.5)))
        light = 0.7 + 0.4 * _fractal(random, size, max(size), 2)
        image = _image(_grained(random, values * light[..., np.newaxis], 4))
    return image


def _line_of(
    random: Random, pen: ImageDraw.ImageDraw, place: tuple[float, float, float], letter: float, style: str, ink: Colour
) -> None:
    """One line of writing at (left, top, length)."""
    x, y, length = place
    if style in ("print", "columns"):
        font, text = _font(letter), _words(random, 40)
        # Twice: a line's mean letter is not a page's.
        for _ in range(2):
            fitting = int(len(text) * min(1.0, length / font.getlength(text)))
            text = text[:fitting].rpartition(" ")[0] or text[:fitting]
        pen.text((x, y), text, ink, font=font)
        return
    end = x + length
    if style == "hand":
        places = np.arange(x, end, max(1.5, letter / 8))
        sway = np.cumsum(random.normal(0, 0.35, len(places))) * 0.15
        wave = np.sin(places / letter * 7 + sway * 4) * letter * 0.28 * (1 + random.normal(0, 0.35, len(places)))
        run = list(zip(places.tolist(), (y + letter / 2 + wave).tolist(), strict=True))
        word = 0
        while word < len(run):
            step = _pick(random, 12, 40)
            pen.line(run[word : word + step], ink, width=max(1, round(letter / 12)), joint="curve")
            word += step + 5
        return
    while x < end:  # an invented script of strokes, as dense as Chinese
        for _ in range(_pick(random, 3, 7)):
            corners = random.uniform(0, letter * 0.85, 4)
            if random.uniform() < 0.6:  # most strokes are level or upright
                corners[2 if random.uniform() < 0.5 else 3] = corners[0 if random.uniform() < 0.5 else 1]
            pen.line((x + corners[0], y + corners[1], x + corners[2], y + corners[3]), ink, max(1, round(letter / 12)))
        x += letter * (1.0 if random.uniform() < 0.93 else 2.0)


def _screenshot(random: Random, size: Size, index: int) -> Image.Image:
    """A desktop: windows with bars, tables, charts, a terminal or a chat; every other one dark."""
    dark = index % 2 == 1
    ground = _hue(random, 0.4, 0.25 if dark else 0.85)
    back, ink = ((30, 31, 34), (214, 216, 220)) if dark else ((247, 248, 250), (35, 38, 42))
    accent = _hue(random, 0.75, 0.8)
    image, pen = _canvas(size, ground)
    for window in range(_pick(random, 1, 3)):
        left, top = _between(random, 0, 0.25) * size[0], _between(random, 0, 0.2) * size[1]
        right, bottom = size[0] * _between(random, 0.75, 1), size[1] * _between(random, 0.75, 1)
        pen.rectangle((left, top, right, bottom), back, _shade(ink, 0.6))
        pen.rectangle((left, top, right, top + 24), accent if window else _shade(ground, 0.7))
        pen.text((left + 8, top + 4), _words(random, 2), _WHITE, font=_font(13))
        for button in range(3):
            _disc(pen, right - 14 - 18 * button, top + 12, 5, ((235, 90, 80), (240, 190, 70), (90, 200, 90))[button])
        _content(random, pen, (left + 8, top + 32, right - 8, bottom - 8), (index // 2) % 4, ink, accent)
    pen.rectangle((0, size[1] - 26, size[0], size[1]), _shade(back, 0.85))
    for icon in range(_pick(random, 4, 9)):
        pen.rectangle((8 + icon * 30, size[1] - 22, 26 + icon * 30, size[1] - 4), _hue(random))
    return image


def _content(
    random: Random,
    pen: ImageDraw.ImageDraw,
    box: tuple[float, float, float, float],
    what: int,
    ink: Colour,
    accent: Colour,
) -> None:
    left, top, right, bottom = box
    faint = _shade(accent, 0.6)
    row = _pick(random, 16, 24)
    if what == 0:  # a table
        columns = _pick(random, 3, 6)
        for number, y in enumerate(np.arange(top, bottom - row, row).tolist()):
            if number == 0:
                pen.rectangle((left, y, right, y + row), faint)
            pen.line((left, y + row, right, y + row), faint)
            for column in range(columns):
                text = _one_of(random, _WORDS) if column == 0 or number == 0 else f"{_between(random, 0, 900):.2f}"
                pen.text((left + 4 + column * (right - left) / columns, y + 2), text, ink, font=_font(row * 0.6))
    elif what == 1:  # a chart
        count = _pick(random, 5, 12)
        wide = (right - left) / count
        for bar in range(count):
            x, y = left + bar * wide, bottom - _between(random, 0.1, 0.9) * (bottom - top)
            pen.rectangle((x + wide * 0.2, y, x + wide * 0.8, bottom), accent)
        curve = np.cumsum(random.normal(0, 1, 40))
        curve = (curve - curve.min()) / (np.ptp(curve) + 1e-6)
        xs, ys = np.linspace(left, right, 40), bottom - (0.1 + 0.8 * curve) * (bottom - top)
        pen.line(list(zip(xs.tolist(), ys.tolist(), strict=True)), ink, 2)
    elif what == 2:  # a terminal, or a program's text
        for y in np.arange(top, bottom - row, row).tolist():
            indent = _pick(random, 0, 4) * 18
            text = _words(random, _pick(random, 1, 5)) + "();"
            pen.text(
                (left + indent, y), text, _one_of(random, (ink, accent, _hue(random, 0.4))), font=_font(row * 0.65)
            )
    else:  # a chat
        y = top
        while y < bottom - 2 * row:
            mine = random.uniform() < 0.5
            x = left + (0.4 if mine else 0) * (right - left)
            tall = row * _pick(random, 1, 3)
            pen.rounded_rectangle((x, y, x + 0.6 * (right - left), min(bottom, y + tall)), 8, accent if mine else faint)
            pen.text((x + 8, y + 3), _words(random, 4), _WHITE, font=_font(row * 0.6))
            y += tall + 8


def _line(random: Random, size: Size, index: int) -> Image.Image:
    """A line drawing: curves, a plan, hatched solids, a plant, a rose of circles or a knot of pencil."""
    paper, ink = _one_of(random, ((_WHITE, _BLACK), ((250, 245, 230), (60, 50, 40)), ((20, 50, 110), (220, 230, 250))))
    image, pen = _canvas(size, paper)
    wide, high = size
    middle = (wide / 2, high / 2)
    thick = _pick(random, 1, 4)
    what = index % 6
    if what == 0:
        t = np.linspace(0, 2 * math.pi * _pick(random, 1, 9), 1500)
        a, b = _pick(random, 2, 7), _pick(random, 3, 8)
        xs = middle[0] + 0.45 * wide * np.sin(a * t / 3) * np.cos(t * 0.07)
        ys = middle[1] + 0.45 * high * np.sin(b * t / 3 + 0.5) * np.cos(t * 0.05)
        pen.line(list(zip(xs.tolist(), ys.tolist(), strict=True)), ink, thick)
    elif what == 1:  # a floor plan
        for _ in range(_pick(random, 5, 10)):
            x, y = _between(random, 0.05, 0.6) * wide, _between(random, 0.05, 0.6) * high
            box = (x, y, x + _between(random, 0.1, 0.35) * wide, y + _between(random, 0.1, 0.35) * high)
            pen.rectangle(box, outline=ink, width=thick + 1)
            pen.arc((x, y, x + 40, y + 40), 0, 90, ink, thick)
            pen.text((x + 10, y + 10), _one_of(random, _WORDS), ink, font=_font(14))
    elif what == 2:
        for _ in range(_pick(random, 3, 8)):
            x, y, side = _between(random, 0.1, 0.7) * wide, _between(random, 0.2, 0.7) * high, _between(random, 40, 150)
            pen.rectangle((x, y, x + side, y + side), outline=ink, width=thick)
            for corner in ((x, y), (x + side, y), (x + side, y + side)):
                pen.line((*corner, corner[0] + side * 0.4, corner[1] - side * 0.4), ink, thick)
            for step in np.arange(0, side, 6).tolist():
                pen.line((x + step, y + side, x, y + side - step), ink, 1)
    elif what == 3:
        _branch(random, pen, (wide / 2, high * 0.97), -math.pi / 2, high * 0.22, 7, ink)
    elif what == 4:
        count, reach = _pick(random, 6, 18), min(wide, high) * 0.22
        for turn in np.linspace(0, 2 * math.pi, count, endpoint=False).tolist():
            x, y = middle[0] + reach * math.cos(turn), middle[1] + reach * math.sin(turn)
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), outline=ink, width=thick)
            pen.line((*middle, x + reach * math.cos(turn), y + reach * math.sin(turn)), ink, 1)
    else:
        for _ in range(_pick(random, 4, 14)):
            walk = np.cumsum(np.cumsum(random.normal(0, 0.8, (120, 2)), axis=0), axis=0)
            walk = (walk - walk.min(axis=0)) / (np.ptp(walk, axis=0) + 1e-6) * (wide * 0.9, high * 0.9)
            pen.line([(float(x) + 10, float(y) + 10) for x, y in walk], ink, thick)
    return image


def _branch(
    random: Random,
    pen: ImageDraw.ImageDraw,
    start: tuple[float, float],
    angle: float,
    length: float,
    depth: int,
    ink: Colour,
    thick: float | None = None,
) -> None:
    """A tree from `start` towards `angle` (radians): each branch ends in two thinner and shorter ones."""
    end = (start[0] + length * math.cos(angle), start[1] + length * math.sin(angle))
    width = float(depth) if thick is None else thick
    pen.line((*start, *end), ink, max(1, round(width)))
    if depth > 1:
        for side in (-1, 1):
            bend = angle + side * _between(random, 0.15, 0.6)
            shorter = length * _between(random, 0.65, 0.88)
            _branch(random, pen, end, bend, shorter, depth - 1, ink, None if thick is None else thick * 0.72)


def _cartoon(random: Random, size: Size, index: int) -> Image.Image:
    """Flat colours with black outlines: a face, a house, a car, a set of icons, or a flag."""
    image, pen = _canvas(size, _hue(random, _between(random, 0.1, 0.6), 0.95))
    wide, high = size
    unit = min(size) / 10
    x, y = wide / 2, high / 2
    what = index % 5
    if what == 0:
        _disc(pen, x, y, 3.8 * unit, _one_of(random, (*_TONES[:6], (255, 215, 60))), _BLACK)
        for side in (-1, 1):
            _disc(pen, x + side * 1.4 * unit, y - unit, 0.8 * unit, _WHITE, _BLACK)
            _disc(pen, x + side * 1.4 * unit, y - 0.9 * unit, 0.35 * unit, _BLACK)
            pen.line((x + side * 0.8 * unit, y - 2.2 * unit, x + side * 2 * unit, y - 2.4 * unit), _BLACK, 5)
        pen.arc((x - 2 * unit, y - unit, x + 2 * unit, y + 2.4 * unit), 20, 160, (150, 30, 30), 6)
    elif what == 1:
        pen.rectangle((0, high * 0.7, wide, high), (110, 180, 80))
        pen.rectangle((x - 3 * unit, y - unit, x + 3 * unit, y + 3 * unit), _hue(random), _BLACK, 3)
        pen.polygon([(x - 3.6 * unit, y - unit), (x, y - 4 * unit), (x + 3.6 * unit, y - unit)], (180, 60, 50), _BLACK)
        pen.rectangle((x - 0.7 * unit, y + unit, x + 0.7 * unit, y + 3 * unit), (110, 70, 40), _BLACK, 2)
        for pane in (x - 2 * unit, x + 2 * unit):
            pen.rectangle((pane - unit / 2, y, pane + unit / 2, y + unit), (190, 225, 250), _BLACK, 2)
        _disc(pen, wide * 0.9, high * 0.1, unit, (255, 220, 60))
    elif what == 2:
        body = _hue(random)
        pen.rounded_rectangle((x - 4 * unit, y, x + 4 * unit, y + 2 * unit), 12, body, _BLACK, 3)
        pen.rounded_rectangle((x - 2.4 * unit, y - 1.8 * unit, x + 2.2 * unit, y + 0.3 * unit), 16, body, _BLACK, 3)
        for wheel in (x - 2.2 * unit, x + 2.2 * unit):
            _disc(pen, wheel, y + 2 * unit, unit, (40, 40, 40), _BLACK)
            _disc(pen, wheel, y + 2 * unit, unit / 2, (200, 200, 200))
    elif what == 3:
        step = min(size) // _pick(random, 3, 5)
        for left in range(step // 8, wide - step // 2, step):
            for top in range(step // 8, high - step // 2, step):
                box = (left, top, left + step * 3 // 4, top + step * 3 // 4)
                pen.rounded_rectangle(box, step // 8, _hue(random), _BLACK, 2)
                corners, centre = _pick(random, 3, 8), (left + step * 3 / 8, top + step * 3 / 8)
                pen.regular_polygon((centre, step / 4), corners, _pick(random, 0, 90), _WHITE, _BLACK)
    else:
        stripes = _pick(random, 2, 6)
        for stripe in range(stripes):
            if index % 2:
                pen.rectangle((0, stripe * high / stripes, wide, high), _hue(random))
            else:
                pen.rectangle((stripe * wide / stripes, 0, wide, high), _hue(random))
        pen.regular_polygon(((x, y), 2.5 * unit), _pick(random, 3, 6), 0, _hue(random, 0.9), _WHITE)
    return image


def _chart(random: Random, size: Size, index: int) -> Image.Image:
    """What a clinic prints: an ECG, a curve with percentiles, bars, a form with a body's outline, a pie."""
    what = index % 5
    wide, high = size
    image, pen = _canvas(size, (255, 240, 238) if what == 0 else _WHITE)
    if what == 0:  # an ECG: small squares of 1 mm, large ones of 5 mm
        small = _pick(random, 5, 9)
        for line in range(0, max(size), small):
            pen.line((line, 0, line, high), (240, 170, 170), 2 if line % (5 * small) == 0 else 1)
            pen.line((0, line, wide, line), (240, 170, 170), 2 if line % (5 * small) == 0 else 1)
        leads, beat = _pick(random, 2, 5), _between(random, 70, 140)
        for lead in range(leads):
            across = np.arange(wide)
            phase = (across / beat + lead * 0.1) % 1
            waves = ((0.2, 0.03, 0.15), (0.37, 0.012, -0.15), (0.4, 0.012, 1.0), (0.43, 0.012, -0.3), (0.65, 0.05, 0.3))
            trace = sum(peak * np.exp(-(((phase - at) / spread) ** 2) / 2) for at, spread, peak in waves)
            level = (lead + 0.6) * high / leads - np.asarray(trace) * high / leads * 0.45
            pen.line(list(zip(across.tolist(), level.tolist(), strict=True)), _BLACK, 2)
        return image
    pen.text((20, 8), _words(random, 3), _BLACK, font=_font(20))
    left, top, right, bottom = wide * 0.1, high * 0.15, wide * 0.95, high * 0.9
    if what == 3:
        for row in np.arange(top, bottom, 26).tolist():
            pen.text((wide * 0.05, row), _one_of(random, _WORDS), _BLACK, font=_font(13))
            pen.line((wide * 0.25, row + 16, wide * 0.6, row + 16), _BLACK)
        x, unit = wide * 0.8, high / 18
        _disc(pen, x, high * 0.2, unit, _WHITE, _BLACK)
        limbs = ((0, 3.5, 0, 9), (0, 5, -2.5, 9), (0, 5, 2.5, 9), (0, 9, -1.5, 15), (0, 9, 1.5, 15))
        for x0, y0, x1, y1 in limbs:
            pen.line((x + x0 * unit, high * 0.07 + y0 * unit, x + x1 * unit, high * 0.07 + y1 * unit), _BLACK, 3)
        for _ in range(4):
            _disc(pen, x + _between(random, -1, 1) * unit, high * _between(random, 0.3, 0.6), 4, (200, 30, 30))
        return image
    if what == 4:
        start = 0.0
        for _ in range(5):
            end = start + _between(random, 20, 110)
            box = (wide / 2 - high * 0.35, high * 0.15, wide / 2 + high * 0.35, high * 0.85)
            pen.pieslice(box, start, min(end, 360), _hue(random), _WHITE, 2)
            start = end
        return image
    pen.rectangle((left, top, right, bottom), outline=_BLACK)
    for share in np.linspace(0, 1, 9).tolist():
        y = bottom - share * (bottom - top)
        pen.line((left, y, right, y), (210, 210, 210))
        pen.text((4, y - 7), f"{share * 80:.0f}", _BLACK, font=_font(12))
    if what == 1:
        t = np.linspace(0, 1, 80)
        for curve in range(_pick(random, 3, 7)):
            ys = bottom - (bottom - top) * (0.1 + 0.09 * curve + (0.15 + 0.05 * curve) * np.sqrt(t))
            points = zip((left + t * (right - left)).tolist(), ys.tolist(), strict=True)
            pen.line(list(points), _hue(random, 0.8, 0.6), 2)
    else:
        for x in np.linspace(left, right, _pick(random, 6, 14), endpoint=False).tolist():
            y = bottom - _between(random, 0.1, 0.95) * (bottom - top)
            pen.rectangle((x + 6, y, x + 24, bottom), _hue(random, 0.5, 0.7))
            pen.line((x + 15, y - 12, x + 15, y + 12), _BLACK, 2)
    return image


def _code(random: Random, size: Size, index: int) -> Image.Image:
    """A bar code or a square code (three finders, random modules), on white, coloured or photographed paper."""
    paper = _PAPER[(index // 2) % len(_PAPER)]
    image, pen = _canvas(size, paper)
    wide, high = size
    if index % 2 == 0:
        x = wide * 0.1
        while x < wide * 0.9:
            bar = _pick(random, 1, 4) * max(1, wide // 250)
            pen.rectangle((x, high * 0.15, x + bar - 1, high * 0.8), _BLACK)
            x += bar + _pick(random, 1, 4) * max(1, wide // 250)
        digits = "  ".join(str(digit) for digit in random.integers(10, size=13))
        pen.text((wide * 0.15, high * 0.83), digits, _BLACK, font=_font(wide / 24))
    else:
        modules = 4 * _pick(random, 1, 6) + 17  # a QR code of version 1 to 6 has 21 to 41 modules a side
        cells = random.uniform(size=(modules, modules)) < 0.5
        for row, column in ((0, 0), (0, modules - 7), (modules - 7, 0)):
            finder = np.ones((7, 7), bool)
            finder[1:6, 1:6] = False
            finder[2:5, 2:5] = True
            cells[max(0, row - 1) : row + 8, max(0, column - 1) : column + 8] = False
            cells[row : row + 7, column : column + 7] = finder
        side = int(min(size) * 0.8) // modules
        code = Image.fromarray(np.where(cells, 0, 255).astype(np.uint8))
        code = code.resize((modules * side, modules * side), Image.Resampling.NEAREST)
        image.paste(paper, ((wide - code.width) // 2, (high - code.height) // 2), Image.eval(code, lambda v: v))
        image.paste(_BLACK, ((wide - code.width) // 2, (high - code.height) // 2), Image.eval(code, lambda v: 255 - v))
    if index % 3 == 2:
        values = _values(_turned(image, _between(random, -25, 25), _shade(paper, 0.6)))
        image = _image(_grained(random, values * (0.6 + 0.4 * _fractal(random, size, 400, 2))[..., np.newaxis], 5))
    return image


def _map(random: Random, size: Size, index: int) -> Image.Image:
    """Land and sea with contours, or a town's streets and parks, with names."""
    wide, high = size
    if index % 2 == 0:
        relief = _fractal(random, size, min(size) / 2, 6)
        land = ((60, 110, 180), (150, 195, 225), (235, 225, 180), (170, 200, 130), (190, 160, 110), (245, 245, 245))
        steps = np.floor(relief * 12) / 12
        values = _ramp(steps, land)
        edge = np.abs(np.diff(steps, axis=0, prepend=steps[:1])) + np.abs(np.diff(steps, axis=1, prepend=steps[:, :1]))
        image = _image(_over(values, (110, 90, 70), (edge > 0) * 0.7))
    else:
        first, second = _cells(random, size, _between(random, 35, 80))
        road = second - first < 0.12
        block = _smooth(random, size, (60, 60))
        values = _flat(size, (242, 239, 230))
        values = _over(values, (200, 225, 180), block > 0.9)
        values = _over(values, (170, 205, 230), block < -1.3)
        image = _image(_over(values, (255, 255, 255) if index % 4 == 1 else (120, 120, 120), road))
    pen = ImageDraw.Draw(image)
    route = np.cumsum(random.normal(0, 1, (60, 2)), axis=0)
    route = (route - route.min(axis=0)) / (np.ptp(route, axis=0) + 1e-6) * size
    pen.line([(float(x), float(y)) for x, y in route], (220, 90, 60), 4, joint="curve")
    for _ in range(_pick(random, 5, 14)):
        x, y = _between(random, 0, 0.85) * wide, _between(random, 0.05, 0.95) * high
        _disc(pen, x, y, 4, (200, 40, 40), _BLACK)
        pen.text((x + 7, y - 8), _one_of(random, _WORDS).capitalize(), _BLACK, font=_font(_between(random, 10, 22)))
    return image


# Plain fields and textures


def _gradient(random: Random, size: Size, index: int) -> Image.Image:
    """From one colour to another, straight or round; every third one between tones of skin, round the hues else."""
    x, y = _grid(size)
    angle = _between(random, 0, 2 * math.pi)
    field = (x - size[0] / 2) * math.cos(angle) + (y - size[1] / 2) * math.sin(angle)
    if index % 2:
        field = np.hypot(x - size[0] * _between(random, 0.2, 0.8), y - size[1] * _between(random, 0.2, 0.8))
    field = (field - field.min()) / np.ptp(field)
    if index % 3 == 0:
        colours = [_tone(index // 3), _tone(index // 3 + _pick(random, 1, 3))]
    else:
        colours = [
            _hue(random, _between(random, 0.2, 1), _between(random, 0.4, 1), index / 16 + 0.13 * i) for i in (0, 1)
        ]
    if index % 4 == 3:
        colours.append(_hue(random))
    return _image(_ramp(field, colours))


def _noise(random: Random, size: Size, index: int) -> Image.Image:
    """White or smooth, grey, coloured, or in the tones of skin."""
    what = index % 6
    shape = (size[1], size[0])
    if what == 0:
        return _image(random.uniform(0, 255, shape))
    if what == 1:
        return _image(random.uniform(0, 255, (*shape, 3)))
    cell = _between(random, 15, 150)
    field = _fractal(random, size, cell, _pick(random, 1, 7))
    if what == 2:
        return _image(field * 255)
    if what == 3:
        return _image(np.stack([_fractal(random, size, cell, 5) for _ in range(3)], axis=-1) * 255)
    if what == 4:
        return _image(_ramp(field, [_tone(index), _tone(index + 2), _shade(_tone(index + 1), 0.7)]))
    return _image(_grained(random, _flat(size, _tone(index)), _between(random, 8, 40)))


def _wood(random: Random, size: Size, index: int) -> Image.Image:
    """Rings seen along the grain, and boards."""
    _, y = _grid(size)
    warp = _fractal(random, size, 120, 3, stretch=_between(random, 2, 5))
    ring = 0.5 + 0.5 * np.sin(y / _between(random, 4, 14) + warp * _between(random, 10, 40))
    grain = _fractal(random, size, 4, 2, stretch=25)
    light = _one_of(random, ((222, 184, 135), (190, 130, 80), (150, 95, 60), (235, 215, 180), (120, 80, 60)))
    values = _ramp(np.clip(0.6 * ring + 0.4 * grain, 0, 1), [_shade(light, 0.62), light])
    if index % 2:
        board = size[1] / _pick(random, 3, 7)
        tint = random.uniform(0.8, 1.15, 12)[np.floor(y / board).astype(int)]
        values = values * tint[..., np.newaxis] * np.where(y % board < 3, 0.35, 1)[..., np.newaxis]
    image = _image(values)
    return image if index % 3 else _turned(image.resize((LARGEST, LARGEST)), 90, _BLACK).crop((0, 0, *size))


def _cloth(random: Random, size: Size, colour: Colour, weave: float, folds: float) -> Field:
    """A woven cloth with soft folds: (height, width, 3)."""
    x, y = _grid(size)
    thread = np.sin(2 * math.pi * x / weave) * np.sin(2 * math.pi * y / weave)
    height = _fractal(random, size, min(size) / 1.5, 3, stretch=_between(random, 0.5, 2)) * 0.35 * min(size) * folds
    light = (_between(random, -0.8, 0.8), _between(random, -0.8, 0.8))
    return _flat(size, colour) * (_lit(height, light, 0.4) * (1 + 0.08 * thread))[..., np.newaxis]


def _fabric(random: Random, size: Size, index: int) -> Image.Image:
    """Plain weave, tartan, dots or knit."""
    x, y = _grid(size)
    colour = _hue(random, _between(random, 0.1, 0.7), _between(random, 0.4, 0.95)) if index % 4 else _tone(index)
    values = _cloth(random, size, colour, _between(random, 3, 9), _between(random, 0.2, 1))
    what = index % 4
    if what == 1:
        for axis in (x, y):
            for _ in range(3):
                stripe, wide = _between(random, 40, 120), _between(random, 6, 30)
                values = _over(values, _hue(random), 0.5 * (axis % stripe < wide))
    elif what == 2:
        step = _between(random, 24, 70)
        values = _over(values, _hue(random), (np.hypot(x % step - step / 2, y % step - step / 2) < step * 0.3) * 0.9)
    elif what == 3:
        step = _between(random, 14, 30)
        knit = np.abs(np.sin(math.pi * (x / step))) * np.abs(np.sin(math.pi * (y / step + np.abs((x / step) % 2 - 1))))
        values = values * (0.5 + 0.7 * knit)[..., np.newaxis]
    return _image(_grained(random, values, 4))


def _brick(random: Random, size: Size, index: int) -> Image.Image:
    """Bricks, tiles or rubble."""
    x, y = _grid(size)
    colour = _one_of(random, ((165, 75, 55), (190, 120, 90), (120, 120, 125), (205, 190, 170), (90, 60, 50)))
    rough = _fractal(random, size, 20, 4)
    if index % 3 == 2:
        first, second = _cells(random, size, _between(random, 40, 110))
        joint, tint = second - first < 0.1, _smooth(random, size, (50, 50)) * 0.12
    else:
        high = size[1] / _pick(random, 5, 16)
        wide = high * (2.5 if index % 3 == 0 else 1)
        row = np.floor(y / high)
        shifted = x + (row % 2) * wide / 2 * (index % 3 == 0)
        joint = (y % high < high * 0.1) | (shifted % wide < high * 0.1)
        column = np.floor(shifted / wide)
        tint = np.sin(row * 12.9898 + column * 78.233) * 0.18  # a cheap hash: each brick's own tint
    values = _flat(size, colour) * (0.7 + 0.5 * rough + tint)[..., np.newaxis]
    return _image(_grained(random, _over(values, (200, 195, 185) if index % 2 else (80, 75, 70), joint), 5))


def _marble(random: Random, size: Size, index: int) -> Image.Image:
    """Veined stone, granite or clouds of plaster."""
    x, y = _grid(size)
    field = _fractal(random, size, 180, 6)
    if index % 3 == 2:
        field = _fractal(random, size, _between(random, 5, 14), 3)
    else:
        field = np.abs(np.sin((x + y * _between(random, -1, 1)) / _between(random, 60, 160) + field * 9)) ** 0.5
    stones = (
        [(70, 70, 80), (225, 225, 228), (250, 250, 250)],
        [(30, 40, 35), (50, 80, 65), (120, 150, 130)],
        [(160, 100, 90), (235, 205, 190), (250, 235, 225)],
        [(20, 20, 22), (60, 58, 60), (210, 205, 200)],
    )
    return _image(_grained(random, _ramp(field, stones[index % 4]), 2))


def _checker(random: Random, size: Size, index: int) -> Image.Image:
    """A board of two colours, or stripes, or rings."""
    x, y = _grid(size)
    step = _between(random, 8, 120)
    x, y = x + 0.3 * y * (index % 2), y - 0.3 * x * (index % 2)
    if index % 5 == 3:
        field = np.floor(x / step) % 2
    elif index % 5 == 4:
        field = np.floor(np.hypot(x - size[0] / 2, y - size[1] / 2) / step) % 2
    else:
        field = (np.floor(x / step) + np.floor(y / step)) % 2
    pair = ([_BLACK, _WHITE], [_tone(index), _tone(index + 3)], [_hue(random), _hue(random, 0.4)])[index % 3]
    return _image(_ramp(field, pair))


def _black(random: Random, size: Size, index: int) -> Image.Image:
    """Black, a lens with its cap on, or a faint glow in one corner."""
    values = _flat(size, _BLACK)
    if index:
        values = _grained(random, values + 4, 2.0 * index)
    if index > 2:
        x, y = _grid(size)
        values = values + 40 * np.exp(-np.hypot(x, y) / 150)[..., np.newaxis]
    return _image(values)


def _white(random: Random, size: Size, index: int) -> Image.Image:
    """White, overexposed, or an empty sheet of paper."""
    values = _flat(size, _WHITE)
    if index:
        values = _grained(random, values - 3 * index, 1.0 + index)
    if index > 2:
        values = values - 40 * _fractal(random, size, max(size), 2)[..., np.newaxis]
    return _image(values)


def _colour(random: Random, size: Size, index: int) -> Image.Image:
    """One colour, every other one a tone of skin; every fourth with a camera's noise."""
    colour = (
        _tone(index // 2) if index % 2 else _hue(random, _between(random, 0.3, 1), _between(random, 0.3, 1), index / 16)
    )
    values = _flat(size, colour)
    return _image(_grained(random, values, 5) if index % 4 >= 2 else values)


# Bodies: a height over the picture's plane, lit from one side


@dataclass(frozen=True)
class _Capsule:
    """A rounded limb between two ends, in shares of the picture's width and height; the radii of its shorter side."""

    x0: float
    y0: float
    r0: float
    x1: float
    y1: float
    r1: float

    def height(self, size: Size) -> Field:
        """How far its surface stands out, in pixels; 0 outside."""
        x, y = _grid(size)
        side = min(size)
        ax, ay = self.x0 * size[0], self.y0 * size[1]
        dx, dy = self.x1 * size[0] - ax, self.y1 * size[1] - ay
        along = np.clip(((x - ax) * dx + (y - ay) * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
        radius = side * (self.r0 + (self.r1 - self.r0) * along)
        away = np.hypot(x - ax - along * dx, y - ay - along * dy)
        return np.sqrt(np.clip(radius**2 - away**2, 0, None))


def _union(capsules: Sequence[_Capsule], size: Size) -> Field:
    return np.max([capsule.height(size) for capsule in capsules], axis=0)


def _lit(height: Field, light: tuple[float, float], ambient: float) -> Field:
    """Lambert's law for a surface of that height, lit from (x, y) above it; about 0..1.2."""
    down, right = np.gradient(height)
    length = math.sqrt(light[0] ** 2 + light[1] ** 2 + 1)
    cosine = (1 - right * light[0] - down * light[1]) / np.sqrt(1 + right**2 + down**2) / length
    return ambient + (1 - ambient) * np.clip(cosine, 0, None) * 1.15


# Other medical pictures


def _xray(random: Random, size: Size, index: int) -> Image.Image:
    """Grey, bones bright: a hand, a chest, a long bone with its joint, or a skull, on black."""
    what = index % 4
    if what == 0:
        flesh, bones = [_Capsule(0.5, 0.68, 0.17, 0.5, 1.1, 0.13)], [_Capsule(0.47, 0.95, 0.035, 0.47, 1.1, 0.045)]
        for finger, reach in enumerate((0.25, 0.42, 0.46, 0.43, 0.33)):
            angle = -math.pi / 2 + (finger - 2) * _between(random, 0.2, 0.28)
            flesh.append(_ray(0.5, 0.65, angle, reach, 0.06, 0.04))
            for start, end in ((0.06, 0.4), (0.44, 0.68), (0.72, 0.88), (0.91, 1.0)):
                tip = _ray(0.5, 0.68, angle, reach * end * 1.05, 0.02, 0.02)
                foot = _ray(0.5, 0.68, angle, reach * start * 1.05, 0.02, 0.02)
                bones.append(_Capsule(foot.x1, foot.y1, 0.022, tip.x1, tip.y1, 0.016))
    elif what == 1:
        flesh = [_Capsule(0.5, 0.3, 0.42, 0.5, 0.9, 0.45)]
        bones = [_Capsule(0.5, 0.05, 0.045, 0.5, 0.98, 0.05), _Capsule(0.15, 0.16, 0.025, 0.85, 0.16, 0.025)]
        for rib in range(8):
            for side in (-1, 1):
                y = 0.2 + rib * 0.085
                bones.append(_Capsule(0.5, y, 0.018, 0.5 + side * 0.24, y - 0.03, 0.016))
                bones.append(_Capsule(0.5 + side * 0.24, y - 0.03, 0.016, 0.5 + side * 0.33, y + 0.09, 0.013))
    elif what == 2:
        tilt = _between(random, -0.2, 0.2)
        flesh = [_Capsule(0.5 - tilt, 0, 0.24, 0.5, 0.5, 0.2), _Capsule(0.5, 0.5, 0.2, 0.5 + tilt, 1, 0.16)]
        bones = [_Capsule(0.5 - tilt, 0, 0.07, 0.5, 0.46, 0.1), _Capsule(0.5, 0.56, 0.1, 0.5 + tilt, 1, 0.06)]
        bones.append(_Capsule(0.58, 0.57, 0.03, 0.58 + tilt, 1, 0.025))
    else:
        flesh = [_Capsule(0.5, 0.38, 0.34, 0.5, 0.52, 0.3)]
        bones = [_Capsule(0.5, 0.38, 0.32, 0.5, 0.45, 0.3), _Capsule(0.5, 0.75, 0.16, 0.5, 0.82, 0.13)]
    soft, hard = _union(flesh, size), _union(bones, size)
    side = min(size)
    thick = 1 - np.exp(-2.2 * soft / max(float(soft.max()), 1e-6))  # Beer and Lambert: each layer takes its share
    bone = hard / max(float(hard.max()), 1e-6)
    values = 8 + 110 * thick + 130 * np.sqrt(np.minimum(bone, 0.75))
    if what == 1:  # air in the lungs takes up little
        lungs = _union([_Capsule(0.5 + s * 0.2, 0.3, 0.12, 0.5 + s * 0.22, 0.68, 0.16) for s in (-1, 1)], size)
        values = values - 85 * np.sqrt(lungs / lungs.max())
    if what == 3:
        holes = _union([_Capsule(0.5 + s * 0.13, 0.48, 0.07, 0.5 + s * 0.12, 0.5, 0.06) for s in (-1, 1)], size)
        values = values - 90 * holes / holes.max()
    values = _softened(values, 3) * (0.85 + 0.3 * _fractal(random, size, 30, 4)) + random.normal(0, 5, values.shape)
    image = _image(255 - values if index % 6 == 5 else values)
    ImageDraw.Draw(image).text((10, 10), _one_of(random, ("L", "R", "AP 12:04")), (230, 230, 230), font=_font(26))
    return image


def _ray(x: float, y: float, angle: float, length: float, r0: float, r1: float) -> _Capsule:
    return _Capsule(x, y, r0, x + length * math.cos(angle), y + length * math.sin(angle), r1)


def _histology(random: Random, size: Size, index: int) -> Image.Image:
    """Haematoxylin and eosin: violet nuclei on pink stroma, with glands, fibres or a surface."""
    stroma = _fractal(random, size, _between(random, 25, 90), 5, stretch=_between(random, 1, 4))
    pinks = (
        [(205, 95, 150), (232, 150, 190), (246, 205, 222)]
        if index % 2
        else [(214, 120, 140), (238, 180, 195), (250, 228, 232)]
    )
    values = _ramp(stroma, pinks)
    if index % 3 == 1:  # fat or tears
        first, _ = _cells(random, size, _between(random, 45, 90))
        values = _over(values, (246, 243, 246), (first < 0.38) & (_smooth(random, size, (200, 200)) > 0.2))
    if index % 3 == 2:  # nothing beyond the surface
        _, down = _grid(size)
        edge = size[1] * (0.25 + 0.2 * _smooth(random, (size[0], 1), (120, 1))[0])
        values = _over(values, (244, 242, 245), down < edge[np.newaxis, :])
    image, bare = _image(values), values.min(axis=-1) > 238
    pen = ImageDraw.Draw(image, "RGBA")
    radius = _between(random, 2.5, 8)
    crowd = _fractal(random, size, 120, 3)
    violet = _one_of(random, ((70, 40, 120), (90, 50, 130), (60, 50, 110)))
    for _ in range(int(0.12 * size[0] * size[1] / radius**2 / 3)):
        x, y = _between(random, 0, size[0] - 1), _between(random, 0, size[1] - 1)
        if random.uniform() > crowd[int(y), int(x)] ** 1.5 * 1.6 or bare[int(y), int(x)]:
            continue
        corners = _outline(random, x, y, radius * _between(random, 0.7, 1.3), 0.2, _between(random, 1, 1.6))
        pen.polygon(corners[::3], (*_shade(violet, _between(random, 0.8, 1.4)), 215))
    if index % 3 == 0:  # glands: nuclei round a hole
        for _ in range(_pick(random, 4, 12)):
            x, y, reach = _between(random, 0, size[0]), _between(random, 0, size[1]), _between(random, 25, 60)
            pen.polygon(_outline(random, x, y, reach, 0.1), (215, 150, 190, 255))
            for angle in np.arange(0, 2 * math.pi, radius * 1.7 / reach).tolist():
                place = (x + reach * 0.85 * math.cos(angle), y + reach * 0.85 * math.sin(angle))
                pen.polygon(_outline(random, *place, radius, 0.2, 1.3)[::3], (*violet, 235))
            pen.polygon(_outline(random, x, y, reach * 0.45, 0.2), (248, 244, 248, 255))
    return _image(_grained(random, _values(image.filter(ImageFilter.GaussianBlur(0.9))), 4))


def _ultrasound(random: Random, size: Size, index: int) -> Image.Image:
    """Speckle in a fan on black, with dark cysts, a bright echo below them, a scale and lettering."""
    x, y = _grid(size)
    centre, top = size[0] * 0.5, -size[1] * _between(random, 0.05, 0.3)
    radius, angle = np.hypot(x - centre, y - top), np.arctan2(x - centre, y - top)
    tissue = 60 + 110 * _fractal(random, size, 80, 4, stretch=3)
    layers = 25 * np.sin(radius / _between(random, 12, 40) + 3 * _smooth(random, size, (150, 150)))
    echo = tissue + layers
    for _ in range(_pick(random, 1, 3)):
        cx, cy, r = _between(random, 0.3, 0.7) * size[0], _between(random, 0.3, 0.7) * size[1], _between(random, 20, 70)
        inside = _within(np.hypot((x - cx) / 1.3, y - cy), r, 4)
        echo = echo * (1 - 0.9 * inside) + 60 * (np.abs(x - cx) < r) * (y > cy + r) * (y < cy + 2.5 * r)
    speckle = random.rayleigh(0.8, (size[1], size[0]))  # fully developed speckle has Rayleigh's distribution
    speckle = _softened(speckle, 2)
    fan = (
        (np.abs(angle) < _between(random, 0.5, 0.8)) & (radius < size[1] * 0.95 - top) & (radius > size[1] * 0.08 - top)
    )
    if index % 3 == 1:
        fan = (np.abs(x - centre) < size[0] * 0.4) & (y > size[1] * 0.05) & (y < size[1] * 0.95)
    values = np.where(fan, echo * speckle, 4)
    image = _image(
        values if index % 4 else _ramp(np.clip(values / 255, 0, 1), [_BLACK, (150, 110, 60), (255, 240, 200)])
    )
    pen = ImageDraw.Draw(image)
    pen.text(
        (8, 8),
        f"{_pick(random, 3, 12)} MHz  {_pick(random, 4, 16)} cm\nGain {_pick(random, 30, 70)}",
        _WHITE,
        font=_font(14),
    )
    for mark in range(0, size[1], size[1] // 12):
        pen.line((size[0] - 10, mark, size[0] - 2, mark), _WHITE)
    return image


def _fundus(random: Random, size: Size, index: int) -> Image.Image:
    """An eye's retina: an orange disc on black with the optic disc, vessels that branch from it, and the macula."""
    x, y = _grid(size)
    side = min(size)
    reach = side * _between(random, 0.46, 0.62 if index % 2 else 0.49)
    cx, cy = size[0] / 2, size[1] / 2
    away = np.hypot(x - cx, y - cy)
    ground = _one_of(random, ((205, 95, 40), (180, 70, 30), (225, 130, 70), (150, 60, 35)))
    mottle = 0.85 + 0.3 * _fractal(random, size, 60, 4)
    values = _flat(size, ground) * (mottle * (1.1 - 0.5 * (away / reach) ** 2))[..., np.newaxis]
    way = 1 if index % 2 else -1
    dx, dy = cx + way * reach * 0.45, cy + _between(random, -0.08, 0.08) * reach
    macula = np.exp(-(((x - cx + way * reach * 0.2) ** 2 + (y - cy) ** 2) / (2 * (reach * 0.14) ** 2)))
    values = values * (1 - 0.45 * macula)[..., np.newaxis]
    values = _over(values, (250, 215, 140), _within(np.hypot(x - dx, y - dy), reach * 0.14, 4))
    vessels = Image.new("RGB", size, _BLACK)
    pen = ImageDraw.Draw(vessels)
    for angle in (-1.9, -1.2, 1.2, 1.9, -2.8, 2.8):
        turn = angle if way > 0 else math.pi - angle
        _vessel(random, pen, (dx, dy), math.pi - turn if way < 0 else turn, reach * 0.016 + 1.5, reach, (cx, cy))
    dark = np.asarray(vessels.filter(ImageFilter.GaussianBlur(1)))[..., 0] / 255
    values = _over(values, _shade(ground, 0.45), dark * 0.85)
    if index % 3 == 0:  # bleeding and exudates
        for _ in range(_pick(random, 5, 25)):
            sx, sy = cx + random.normal(0, 0.35) * reach, cy + random.normal(0, 0.35) * reach
            spot = np.exp(-((x - sx) ** 2 + (y - sy) ** 2) / (2 * _between(random, 2, 7) ** 2))
            values = _over(values, (90, 15, 10) if random.uniform() < 0.6 else (250, 220, 120), spot)
    rim = _within(away, reach, 2)
    return _image(_grained(random, values * rim[..., np.newaxis], 3))


def _vessel(
    random: Random,
    pen: ImageDraw.ImageDraw,
    start: tuple[float, float],
    angle: float,
    thick: float,
    reach: float,
    centre: tuple[float, float],
) -> None:
    """A vessel that wanders, thins and branches until it is hair-thin or leaves the disc."""
    x, y = start
    while thick > 0.9 and math.hypot(x - centre[0], y - centre[1]) < reach * 1.05:
        step = reach * 0.05
        nx, ny = x + step * math.cos(angle), y + step * math.sin(angle)
        pen.line((x, y, nx, ny), _WHITE, max(1, round(thick)))
        x, y = nx, ny
        angle += float(random.normal(0, 0.17))
        thick *= 0.955
        if random.uniform() < 0.16:
            side = _one_of(random, (-1, 1))
            _vessel(random, pen, (x, y), angle + side * _between(random, 0.4, 0.9), thick * 0.6, reach, centre)


# The world outside


def _landscape(random: Random, size: Size, index: int) -> Image.Image:
    """A sky with clouds or a sunset over hills, the sea, snow or a forest."""
    x, y = _grid(size)
    skies = (
        [(90, 150, 220), (200, 225, 245)],
        [(60, 40, 90), (230, 110, 70), (255, 210, 130)],
        [(150, 160, 170), (215, 218, 220)],
    )
    horizon = size[1] * _between(random, 0.35, 0.65)
    values = _ramp(np.clip(y / horizon, 0, 1), skies[index % 3])
    if index % 2 == 0:
        cloud = np.clip(_fractal(random, size, 150, 6, stretch=2) * 2.4 - 1.1, 0, 1)
        values = _over(values, (250, 250, 250), cloud * 0.9)
    sun = (_between(random, 0.1, 0.9) * size[0], horizon * _between(random, 0.2, 0.9))
    values = _over(values, (255, 245, 200), np.exp(-(((x - sun[0]) ** 2 + (y - sun[1]) ** 2) / 2 / 22**2)))
    ground = (((70, 110, 60), 0.9), ((40, 90, 130), 0.8), ((235, 240, 245), 0.8), ((190, 160, 110), 0.85))[index % 4]
    ridges = _pick(random, 2, 5)
    for ridge in range(ridges):
        base = horizon + (size[1] - horizon) * ridge / ridges
        crest = base - _smooth(random, (size[0], 1), (90, 1))[0] * 26 - _smooth(random, (size[0], 1), (14, 1))[0] * 5
        if index % 4 == 1 and ridge:
            crest = np.full(size[0], base)
        rough = 0.75 + 0.5 * _fractal(random, size, 12, 3, stretch=4)
        haze = ground[1] ** (ridge - 1)
        values = _over(values, _flat(size, _shade(ground[0], haze)) * rough[..., np.newaxis], y > crest[np.newaxis, :])
    image = _image(_grained(random, values, 3))
    if index % 3 != 2:
        pen = ImageDraw.Draw(image)
        for _ in range(_pick(random, 5, 40)):
            tx, ty = _between(random, 0, 1) * size[0], _between(random, horizon + 20, size[1])
            tall = _between(random, 20, 90)
            colour = _shade((40, 80, 40), _between(random, 0.6, 1.3))
            pen.polygon([(tx - tall / 4, ty), (tx, ty - tall), (tx + tall / 4, ty)], colour)
    return image


def _food(random: Random, size: Size, index: int) -> Image.Image:
    """Fruit in a heap, a plate with things on it, or a pizza, on a table."""
    table = _image(_cloth(random, size, _hue(random, 0.3, 0.7), 5, 1)) if index % 2 else _wood(random, size, 1)
    values, (x, y), side = _values(table), _grid(size), min(size)
    cx, cy = size[0] / 2, size[1] / 2
    away = np.hypot(x - cx, y - cy)
    what = index % 3
    if what == 1:
        values = _over(values, (240, 240, 238), away < side * 0.45)
        values = _over(values, (215, 215, 212), np.abs(away - side * 0.33) < 3)
    if what == 2:
        values = _over(
            values,
            _flat(size, (190, 130, 70)) * (0.7 + 0.5 * _fractal(random, size, 25, 4))[..., None],
            away < side * 0.46,
        )
        values = _over(
            values, _ramp(_fractal(random, size, 40, 4), [(200, 60, 30), (245, 205, 110)]), away < side * 0.41
        )
    fruits: tuple[Colour, ...] = (
        (235, 130, 30),
        (200, 30, 40),
        (120, 170, 50),
        (70, 50, 110),
        (235, 200, 60),
        (150, 80, 40),
    )
    own = _one_of(random, fruits)
    for _ in range(_pick(random, 8, 40) if what == 0 else _pick(random, 6, 16)):
        reach = side * (_between(random, 0.06, 0.14) if what == 0 else _between(random, 0.03, 0.08))
        if what == 0:
            px, py = _between(random, 0, 1) * size[0], _between(random, 0.1, 1) * size[1]
        else:
            angle, out = _between(random, 0, 6.3), side * 0.36 * math.sqrt(_between(random, 0, 1))
            px, py = cx + out * math.cos(angle), cy + out * math.sin(angle)
        part = np.s_[
            max(0, int(py - 3 * reach)) : int(py + 3 * reach), max(0, int(px - 3 * reach)) : int(px + 3 * reach)
        ]
        dx, dy, below = x[part] - px, y[part] - py, values[part]
        if not below.size:
            continue
        ball = np.sqrt(np.clip(reach**2 - dx**2 - (dy * _between(random, 0.9, 1.2)) ** 2, 0, None))
        colour = own if index % 2 else _one_of(random, fruits)
        lit = _lit(ball if what != 2 else ball * 0.2, (-0.6, -0.7), 0.35)
        shine = np.exp(-((dx + reach * 0.35) ** 2 + (dy + reach * 0.4) ** 2) / 2 / (reach * 0.13) ** 2)
        shadow = 0.35 * np.exp(-((dx - 5) ** 2 + (dy - 8) ** 2) / reach**2)
        skin = _over(np.asarray(colour) * lit[..., np.newaxis], _WHITE, shine * 0.7)
        values[part] = _over(below * (1 - shadow)[..., np.newaxis], skin, ball > 0)
    return _image(_grained(random, values, 4))


def _night(random: Random, size: Size, index: int) -> Image.Image:
    """Stars, with the Milky Way, the moon, a galaxy, or a skyline."""
    x, y = _grid(size)
    values = _ramp(y / size[1], [(4, 5, 16), (14, 18, 44)])
    if index % 4 == 0:
        band = np.exp(-(((x - size[0] / 2) * 0.5 + (y - size[1] / 2)) ** 2) / 2 / 70**2)
        values = values + (band * _fractal(random, size, 80, 6))[..., np.newaxis] * np.array([120, 100, 130])
    if index % 4 == 1:
        mx, my, r = (
            _between(random, 0.3, 0.7) * size[0],
            _between(random, 0.3, 0.6) * size[1],
            min(size) * _between(random, 0.08, 0.35),
        )
        moon = _ramp(_fractal(random, size, r, 5), [(90, 90, 92), (215, 212, 205)])
        values = _over(values, moon, _within(np.hypot(x - mx, y - my), r, 1.5))
    if index % 4 == 2:
        dx, dy = x - size[0] / 2, (y - size[1] / 2) * _between(random, 1.2, 2.5)
        far, turn = np.hypot(dx, dy), np.arctan2(dy, dx)
        arms = np.exp(-far / (min(size) * 0.13)) * (0.6 + 0.6 * np.cos(2 * turn - np.log(far + 1) * 4))
        values = values + arms[..., np.newaxis] * np.array([230, 200, 240])
    stars = np.zeros((size[1], size[0]), np.float32)
    count = _pick(random, 200, 1500)
    stars[random.integers(size[1], size=count), random.integers(size[0], size=count)] = random.exponential(180, count)
    image = _image(values + stars[..., np.newaxis]).filter(ImageFilter.GaussianBlur(0.6))
    if index % 4 == 3:
        pen = ImageDraw.Draw(image)
        for left in range(0, size[0], 50):
            top = size[1] * _between(random, 0.5, 0.85)
            pen.rectangle((left, top, left + 48, size[1]), (10, 10, 14))
            for wx in range(left + 6, left + 42, 10):
                for wy in range(int(top) + 8, size[1], 14):
                    if random.uniform() < 0.4:
                        pen.rectangle((wx, wy, wx + 5, wy + 7), (250, 215, 130))
    return _image(_grained(random, _values(image), 3))


# Skin without a dermatoscope


def _skin_field(random: Random, size: Size, tone: Colour, scale: float) -> Field:
    """Skin, evenly lit: mottled, furrowed into small fields, with pores; `scale` is a field's size in pixels."""
    values = _flat(size, tone)
    blood = _fractal(random, size, max(20.0, scale * 8), 4) - 0.5
    values = values * (1 + blood[..., np.newaxis] * np.array([0.10, 0.20, 0.20]))
    if scale >= 4:
        first, second = _cells(random, size, scale)
        furrow = np.exp(-(((second - first) / 0.16) ** 2))
        values = values * (1 - _between(random, 0.03, 0.1) * furrow)[..., np.newaxis]
        pore = np.exp(-((first / 0.16) ** 2)) * (_smooth(random, size, (scale, scale)) > 0.5)
        values = values * (1 - _between(random, 0.05, 0.3) * pore)[..., np.newaxis]
    fine = _fractal(random, size, max(2.0, scale / 2), 3, stretch=_between(random, 0.7, 1.8)) - 0.5
    return values * (1 + 0.14 * fine)[..., np.newaxis]


def _with_hairs(
    random: Random, values: Field, count: int, length: float, colour: Colour, where: Field | None = None
) -> Field:
    """Hairs that grow about one way; only where `where` is above 0, if given."""
    size = (values.shape[1], values.shape[0])
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    main = _between(random, 0, 2 * math.pi)
    for _ in range(count):
        x, y = _between(random, 0, size[0] - 1), _between(random, 0, size[1] - 1)
        if where is not None and where[int(y), int(x)] <= 0:
            continue
        angle, bend = main + float(random.normal(0, 0.35)), float(random.normal(0, 0.06))
        points = [(x, y)]
        for _ in range(10):
            x, y, angle = x + length / 10 * math.cos(angle), y + length / 10 * math.sin(angle), angle + bend
            points.append((x, y))
        pen.line(points, _pick(random, 110, 230), 1 if length < 60 else 2)
    return _over(values, colour, np.asarray(mask.filter(ImageFilter.GaussianBlur(0.5))) / 255)


def _skin(random: Random, size: Size, index: int) -> Image.Image:
    """Plain skin near to, without a lesion: each tone, with pores, lines and hairs, in uneven light."""
    tone = _tone(index)
    scale = (0.0, 7.0, 12.0, 20.0, 34.0)[index % 5] * _between(random, 0.8, 1.2)
    values = _skin_field(random, size, tone, scale)
    if index % 3 == 1:  # lines of a palm or a knuckle
        x, y = _grid(size)
        angle = _between(random, 0, math.pi)
        across = x * math.cos(angle) + y * math.sin(angle) + 18 * _smooth(random, size, (160, 160))
        crease = np.exp(-((((across / _between(random, 45, 140)) % 1) - 0.5) ** 2) / 2 / 0.02**2)
        values = values * (1 - 0.25 * crease * (_smooth(random, size, (150, 150)) > -0.5))[..., np.newaxis]
    if index % 2:
        hair = _shade(tone, 0.35) if index % 4 == 1 else (200, 170, 120)
        values = _with_hairs(random, values, _pick(random, 15, 160), _between(random, 25, 130), hair)
    light = 0.75 + 0.4 * _fractal(random, size, max(size), 2)
    return _image(_grained(random, values * light[..., np.newaxis], _between(random, 1, 5)))


def _ground(random: Random, size: Size) -> Field:
    """What lies behind a body: cloth, a drape, a table or a wall."""
    what = _pick(random, 0, 4)
    if what == 0:
        return _values(_wood(random, size, 1))
    if what == 1:
        return (
            _flat(size, _hue(random, 0.12, 0.85)) * (0.75 + 0.3 * _fractal(random, size, max(size), 2))[..., np.newaxis]
        )
    drape = _one_of(random, ((60, 120, 150), (70, 140, 110), (235, 238, 240), (50, 60, 100), (30, 30, 32)))
    return _cloth(random, size, drape if what < 4 else _hue(random, 0.5, 0.7), _between(random, 3, 6), 0.8)


def _with_moles(
    random: Random, values: Field, where: Field, tone: Colour, count: int, radius: tuple[float, float]
) -> Field:
    """Moles of `radius` (smallest, largest; pixels) whose centre is where `where` is above 0: brown, uneven, soft."""
    height, width = where.shape
    rows, columns = np.nonzero(where > 0)
    if not len(rows):
        return values
    values = values.copy()
    for _ in range(count):
        place = int(random.integers(len(rows)))
        x, y, reach = float(columns[place]), float(rows[place]), _between(random, *radius)
        left, top = max(0, int(x - 3 * reach)), max(0, int(y - 3 * reach))  # a window: most moles are small
        right, bottom = min(width, int(x + 3 * reach) + 2), min(height, int(y + 3 * reach) + 2)
        mask = Image.new("L", (right - left, bottom - top), 0)
        corners = _outline(random, x - left, y - top, reach, 0.3, _between(random, 1, 1.3))
        ImageDraw.Draw(mask).polygon(corners, 255)
        cover = np.asarray(mask.filter(ImageFilter.GaussianBlur(max(0.7, reach * 0.12)))) / 255
        brown = _one_of(random, ((0.42, 0.33, 0.3), (0.55, 0.42, 0.36), (0.3, 0.22, 0.22), (0.75, 0.55, 0.52)))
        shades = 0.85 + 0.3 * _fractal(random, mask.size, max(2.0, reach * 0.8), 3)
        spot = np.asarray(tone) * np.asarray(brown) * shades[..., np.newaxis]
        window = values[top:bottom, left:right]
        values[top:bottom, left:right] = _over(window, spot, cover * _between(random, 0.75, 1))
    return values


def _photograph(
    random: Random, size: Size, height: Field, tone: Colour, moles: int, on: Field | None = None
) -> Image.Image:
    """A body of that height before a ground: shaded, with its shadow, moles, hairs, and a camera's faults.

    The moles are on `on` where that is given, and all over the body where not.
    """
    side = min(size)
    inside = height > 0
    rounded = _softened(height, max(2, side // 60))
    # Nothing on the very rim, where a mole would be seen from the side.
    flat = np.hypot(*np.gradient(rounded)) < 1.0
    skin = _skin_field(random, size, tone, _between(random, 0, 6))
    largest = side * _between(random, 0.012, 0.045)
    skin = _with_moles(
        random, skin, inside & flat & (on > 0 if on is not None else True), tone, moles, (side * 0.006, largest)
    )
    if on is None and random.uniform() < 0.4:
        hair = _shade(tone, 0.4)
        skin = _with_hairs(
            random, skin, _pick(random, 60, 400), side * 0.05, hair, np.asarray(inside & flat, np.float32)
        )
    light = (_between(random, -0.8, 0.8), _between(random, -0.9, 0.2))
    shade = _lit(rounded, light, _between(random, 0.35, 0.6))
    skin = skin * shade[..., np.newaxis] + (np.clip(shade - 1.02, 0, 1) * 160)[..., np.newaxis]
    down, right = side // 40, side // 50  # where the shadow falls
    cast = np.pad(inside.astype(np.float32), ((down, 0), (right, 0)), mode="edge")[: inside.shape[0], : inside.shape[1]]
    shadow = _softened(cast, max(2, side // 25))
    ground = _ground(random, size) * (1 - 0.55 * np.clip(shadow, 0, 1))[..., np.newaxis]
    cover = np.asarray(Image.fromarray((inside * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.2))) / 255
    return _developed(random, _over(ground, skin, cover))


def _developed(random: Random, values: Field) -> Image.Image:
    """White balance, exposure, the corners' falling off, sharpness and noise of a hand-held camera."""
    height, width = values.shape[:2]
    x, y = _grid((width, height))
    far = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 2
    balance = random.normal(1, 0.035, 3) * _between(random, 0.88, 1.1)
    values = values * balance * (1 - _between(random, 0, 0.35) * far)[..., np.newaxis]
    image = _image(values).filter(ImageFilter.GaussianBlur(_between(random, 0.2, 1.1)))
    return _image(_grained(random, _values(image), _between(random, 1, 5)))


def _limb(random: Random, size: Size, index: int) -> Image.Image:
    """An arm or a leg across the picture, straight or bent at its joint."""
    lying = size[0] > size[1]
    thick = _between(random, 0.16, 0.34)
    start, end = _between(random, 0.3, 0.7), _between(random, 0.3, 0.7)
    bend = _between(random, 0.3, 0.7) if index % 3 == 2 else (start + end) / 2
    stops = ((-0.2, start, thick * 1.2), (0.5, bend, thick), (1.2, end, thick * _between(random, 0.6, 1)))
    parts = []
    for (a0, b0, r0), (a1, b1, r1) in pairwise(stops):
        parts.append(_Capsule(a0, b0, r0, a1, b1, r1) if lying else _Capsule(b0, a0, r0, b1, a1, r1))
    return _photograph(random, size, _union(parts, size), _tone(index), _pick(random, 1, 9))


def _back(random: Random, size: Size, index: int) -> Image.Image:
    """A back or a belly with arms at its sides: broad, with a furrow down the middle and shoulder blades."""
    x, y = _grid(size)
    lean = _between(random, -0.08, 0.08)
    broad = _between(random, 0.32, 0.45)
    trunk = _Capsule(0.5 + lean, 0.35, broad, 0.5 - lean, 1.2, broad * 0.85).height(size) * 0.5
    neck = _Capsule(0.5 + lean, 0.0, 0.14, 0.5 + lean, 0.3, 0.16).height(size)
    arms = [_Capsule(0.5 + s * broad, 0.25, 0.12, 0.5 + s * (broad + 0.12), 1.0, 0.09).height(size) for s in (-1, 1)]
    height = np.max([trunk, neck, *arms], axis=0)
    middle = (0.5 + lean * (1 - 2 * y / size[1])) * size[0]
    furrow = np.exp(-(((x - middle) / (0.035 * min(size))) ** 2)) * (y > size[1] * 0.2)
    height = np.where(height > 0, np.maximum(height - 0.02 * min(size) * furrow, 0.5), 0)
    for side in (-1, 1):
        blade = _Capsule(0.5 + side * 0.16, 0.38, 0.09, 0.5 + side * 0.13, 0.55, 0.05).height(size)
        height = np.where(height > 0, height + _softened(blade, 25) * 0.25, 0)
    return _photograph(random, size, height, _tone(index), _pick(random, 3, 25))


def _face(random: Random, size: Size, index: int) -> Image.Image:
    """A face-like head from the front: eyes, brows, nose, lips, hair; moles on its cheeks."""
    tone, side = _tone(index), min(size)
    cx, cy = 0.5 + _between(random, -0.06, 0.06), 0.48
    px, py = cx * size[0], cy * size[1]
    head = _Capsule(cx, cy - 0.08, 0.3, cx, cy + 0.14, 0.25)
    nose = _Capsule(cx, cy - 0.02, 0.02, cx, cy + 0.1, 0.045).height(size)
    height = np.maximum(head.height(size) * 0.6, _Capsule(cx, 0.8, 0.17, cx, 1.2, 0.3).height(size) * 0.3)
    height = height + _softened(nose, 9) * 0.7
    x, y = _grid(size)
    cheeks = (y > py + 0.02 * side) & (y < py + 0.3 * side) & (np.abs(x - px) < 0.22 * side)
    image = _photograph(random, size, height, tone, _pick(random, 1, 6), cheeks.astype(np.float32))
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    hair = _one_of(random, ((30, 22, 18), (90, 60, 35), (190, 150, 90), (120, 120, 122)))
    for turn in (-1, 1):
        ex, ey = px + turn * 0.115 * side, py - 0.05 * side
        pen.ellipse((ex - 0.05 * side, ey - 0.022 * side, ex + 0.05 * side, ey + 0.022 * side), (225, 220, 215, 255))
        iris = _one_of(random, ((80, 50, 30), (70, 110, 140), (80, 100, 60)))
        pen.ellipse((ex - 0.02 * side, ey - 0.021 * side, ex + 0.02 * side, ey + 0.021 * side), (*iris, 255))
        pen.ellipse((ex - 0.009 * side, ey - 0.009 * side, ex + 0.009 * side, ey + 0.009 * side), (10, 8, 8, 255))
        pen.arc(
            (ex - 0.055 * side, ey - 0.03 * side, ex + 0.055 * side, ey + 0.03 * side),
            190,
            350,
            (*_shade(tone, 0.4), 255),
            3,
        )
        pen.arc(
            (ex - 0.07 * side, ey - 0.07 * side, ex + 0.07 * side, ey + 0.03 * side),
            215,
            325,
            (*hair, 230),
            max(3, side // 60),
        )
        nostril = (px + turn * 0.025 * side, py + 0.115 * side)
        _disc_on(pen, nostril, 0.009 * side, (*_shade(tone, 0.35), 220))
    lips = _shade((tone[0], tone[1] * 0.62, tone[2] * 0.65), 0.9)
    pen.ellipse((px - 0.085 * side, py + 0.185 * side, px + 0.085 * side, py + 0.235 * side), (*lips, 235))
    pen.line((px - 0.08 * side, py + 0.21 * side, px + 0.08 * side, py + 0.21 * side), (*_shade(lips, 0.55), 255), 2)
    for _ in range(700):
        angle = _between(random, math.pi * 0.98, math.pi * 2.02)
        sx, sy = px + 0.29 * side * math.cos(angle), py - 0.12 * side + 0.27 * side * math.sin(angle)
        ex, ey = (
            sx + 0.07 * side * math.cos(angle) + random.normal(0, 6),
            sy + 0.06 * side * math.sin(angle) + random.normal(0, 12),
        )
        pen.line((sx, sy, ex, ey), (*_shade(hair, _between(random, 0.7, 1.3)), 255), 3)
    image.paste(layer, (0, 0), layer.filter(ImageFilter.GaussianBlur(1.2)))
    return image.filter(ImageFilter.GaussianBlur(0.6))


def _disc_on(
    pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, fill: tuple[int, int, int, int]
) -> None:
    pen.ellipse((centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius), fill)


def _hand(random: Random, size: Size, index: int) -> Image.Image:
    """A hand with spread fingers, laid down or held up."""
    wide, high = size
    side = min(size)
    px, py = 0.5, 0.62
    parts = [_Capsule(px, py, 0.16, px, 1.2, 0.12)]
    spread = _between(random, 0.14, 0.26)
    for finger, (out, reach) in enumerate(((-0.11, 0.34), (-0.04, 0.4), (0.035, 0.38), (0.1, 0.31))):
        angle = -math.pi / 2 + (finger - 1.5) * spread
        x, y = px + out * side / wide, py - 0.08 * side / high
        parts.append(
            _Capsule(
                x, y, 0.05, x + reach * math.cos(angle) * side / wide, y + reach * math.sin(angle) * side / high, 0.034
            )
        )
    way = 1 if index % 2 else -1
    parts.append(_Capsule(px, py + 0.05, 0.09, px + way * 0.29 * side / wide, py - 0.06, 0.042))
    image = _photograph(random, size, _union(parts, size), _tone(index), _pick(random, 1, 5))
    return image.transpose(Image.Transpose.ROTATE_180) if index % 3 == 2 else image


def _closeup(random: Random, size: Size, index: int) -> Image.Image:
    """A patch of skin that fills the picture, with a mole or a few, uneven light, often hairs, sometimes a ruler."""
    tone, side = _tone(index), min(size)
    skin = _skin_field(random, size, tone, _between(random, 4, 18))
    x, y = _grid(size)
    middle = ((np.abs(x / size[0] - 0.5) < 0.3) & (np.abs(y / size[1] - 0.5) < 0.3)).astype(np.float32)
    largest = side * _between(random, 0.04, 0.12)
    skin = _with_moles(random, skin, middle, tone, 1, (largest * 0.8, largest))
    skin = _with_moles(random, skin, np.ones_like(middle), tone, _pick(random, 0, 6), (side * 0.005, side * 0.02))
    if index % 2:
        skin = _with_hairs(random, skin, _pick(random, 20, 120), _between(random, 30, 110), _shade(tone, 0.35))
    angle = _between(random, 0, 2 * math.pi)
    slope = ((x / size[0] - 0.5) * math.cos(angle) + (y / size[1] - 0.5) * math.sin(angle)) * _between(random, 0.2, 0.8)
    flash = np.exp(-(((x - size[0] * 0.5) ** 2 + (y - size[1] * 0.4) ** 2) / 2 / (side * 0.3) ** 2))
    skin = skin * (0.95 + slope)[..., np.newaxis] + (18 * flash)[..., np.newaxis]
    image = _developed(random, skin)
    if index % 3 == 1:
        ruler = Image.new("RGB", (size[0], side // 9), (240, 240, 236))
        pen = ImageDraw.Draw(ruler)
        for mark, left in enumerate(np.arange(0, size[0], side / 60).tolist()):
            pen.line((left, 0, left, ruler.height * (0.5 if mark % 10 == 0 else 0.25)), _BLACK, 1)
            if mark % 10 == 0:
                pen.text((left + 2, ruler.height * 0.45), str(mark // 10), _BLACK, font=_font(ruler.height * 0.4))
        image.paste(ruler, (0, size[1] - ruler.height - _pick(random, 0, size[1] // 8)))
    return image


_KINDS: dict[str, _Kind] = {
    "text": _Kind(_text, 16),
    "screenshot": _Kind(_screenshot, 12),
    "line": _Kind(_line, 12),
    "cartoon": _Kind(_cartoon, 10),
    "chart": _Kind(_chart, 10),
    "code": _Kind(_code, 8),
    "map": _Kind(_map, 8),
    "gradient": _Kind(_gradient, 16),
    "noise": _Kind(_noise, 18),
    "wood": _Kind(_wood, 8),
    "fabric": _Kind(_fabric, 8),
    "brick": _Kind(_brick, 6),
    "marble": _Kind(_marble, 8),
    "checker": _Kind(_checker, 10),
    "black": _Kind(_black, 4),
    "white": _Kind(_white, 4),
    "colour": _Kind(_colour, 16),
    "xray": _Kind(_xray, 10),
    "histology": _Kind(_histology, 10),
    "ultrasound": _Kind(_ultrasound, 8),
    "fundus": _Kind(_fundus, 10),
    "landscape": _Kind(_landscape, 12),
    "food": _Kind(_food, 9),
    "night": _Kind(_night, 8),
    "skin": _Kind(_skin, 20),
}
_CLINICAL: dict[str, _Kind] = {
    "limb": _Kind(_limb, 10),
    "back": _Kind(_back, 7),
    "face": _Kind(_face, 7),
    "hand": _Kind(_hand, 7),
    "closeup": _Kind(_closeup, 12),
}
