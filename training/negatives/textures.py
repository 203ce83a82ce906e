"""Plain fields and textures."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from training.negatives.bodies import lambert
from training.negatives.fields import (
    LARGEST,
    Colour,
    Field,
    Random,
    Size,
    as_image,
    flat_field,
    fractal,
    grained,
    grid,
    over,
    ramp,
    smooth,
    worley_cells,
)
from training.negatives.parts import BLACK, WHITE, between, hue_colour, one_of, pick, shaded, skin_tone, turned


def draw_gradient(random: Random, size: Size, index: int) -> Image.Image:
    """From one colour to another, straight or round; every third one between tones of skin, round the hues else."""
    x, y = grid(size)
    angle = between(random, 0, 2 * math.pi)
    field = (x - size[0] / 2) * math.cos(angle) + (y - size[1] / 2) * math.sin(angle)
    if index % 2:
        field = np.hypot(x - size[0] * between(random, 0.2, 0.8), y - size[1] * between(random, 0.2, 0.8))
    field = (field - field.min()) / np.ptp(field)
    if index % 3 == 0:
        colours = [skin_tone(index // 3), skin_tone(index // 3 + pick(random, 1, 3))]
    else:
        colours = [
            hue_colour(random, between(random, 0.2, 1), between(random, 0.4, 1), index / 16 + 0.13 * i) for i in (0, 1)
        ]
    if index % 4 == 3:
        colours.append(hue_colour(random))
    return as_image(ramp(field, colours))


def draw_noise(random: Random, size: Size, index: int) -> Image.Image:
    """White or smooth, grey, coloured, or in the tones of skin."""
    what = index % 6
    shape = (size[1], size[0])
    if what == 0:
        return as_image(random.uniform(0, 255, shape))
    if what == 1:
        return as_image(random.uniform(0, 255, (*shape, 3)))
    cell = between(random, 15, 150)
    field = fractal(random, size, cell, pick(random, 1, 7))
    if what == 2:
        return as_image(field * 255)
    if what == 3:
        return as_image(np.stack([fractal(random, size, cell, 5) for _ in range(3)], axis=-1) * 255)
    if what == 4:
        return as_image(ramp(field, [skin_tone(index), skin_tone(index + 2), shaded(skin_tone(index + 1), 0.7)]))
    return as_image(grained(random, flat_field(size, skin_tone(index)), between(random, 8, 40)))


def draw_wood(random: Random, size: Size, index: int) -> Image.Image:
    """Rings seen along the grain, and boards."""
    _, y = grid(size)
    warp = fractal(random, size, 120, 3, stretch=between(random, 2, 5))
    ring = 0.5 + 0.5 * np.sin(y / between(random, 4, 14) + warp * between(random, 10, 40))
    grain = fractal(random, size, 4, 2, stretch=25)
    light = one_of(random, ((222, 184, 135), (190, 130, 80), (150, 95, 60), (235, 215, 180), (120, 80, 60)))
    values = ramp(np.clip(0.6 * ring + 0.4 * grain, 0, 1), [shaded(light, 0.62), light])
    if index % 2:
        board = size[1] / pick(random, 3, 7)
        tint = random.uniform(0.8, 1.15, 12)[np.floor(y / board).astype(int)]
        values = values * tint[..., np.newaxis] * np.where(y % board < 3, 0.35, 1)[..., np.newaxis]
    image = as_image(values)
    return image if index % 3 else turned(image.resize((LARGEST, LARGEST)), 90, BLACK).crop((0, 0, *size))


def cloth(random: Random, size: Size, colour: Colour, weave: float, folds: float) -> Field:
    """A woven cloth with soft folds: (height, width, 3)."""
    x, y = grid(size)
    thread = np.sin(2 * math.pi * x / weave) * np.sin(2 * math.pi * y / weave)
    height = fractal(random, size, min(size) / 1.5, 3, stretch=between(random, 0.5, 2)) * 0.35 * min(size) * folds
    light = (between(random, -0.8, 0.8), between(random, -0.8, 0.8))
    return flat_field(size, colour) * (lambert(height, light, 0.4) * (1 + 0.08 * thread))[..., np.newaxis]


def draw_fabric(random: Random, size: Size, index: int) -> Image.Image:
    """Plain weave, tartan, dots or knit."""
    x, y = grid(size)
    colour = (
        hue_colour(random, between(random, 0.1, 0.7), between(random, 0.4, 0.95)) if index % 4 else skin_tone(index)
    )
    values = cloth(random, size, colour, between(random, 3, 9), between(random, 0.2, 1))
    what = index % 4
    if what == 1:
        for axis in (x, y):
            for _ in range(3):
                stripe, wide = between(random, 40, 120), between(random, 6, 30)
                values = over(values, hue_colour(random), 0.5 * (axis % stripe < wide))
    elif what == 2:
        step = between(random, 24, 70)
        values = over(
            values, hue_colour(random), (np.hypot(x % step - step / 2, y % step - step / 2) < step * 0.3) * 0.9
        )
    elif what == 3:
        step = between(random, 14, 30)
        knit = np.abs(np.sin(math.pi * (x / step))) * np.abs(np.sin(math.pi * (y / step + np.abs((x / step) % 2 - 1))))
        values = values * (0.5 + 0.7 * knit)[..., np.newaxis]
    return as_image(grained(random, values, 4))


def draw_brick(random: Random, size: Size, index: int) -> Image.Image:
    """Bricks, tiles or rubble."""
    x, y = grid(size)
    colour = one_of(random, ((165, 75, 55), (190, 120, 90), (120, 120, 125), (205, 190, 170), (90, 60, 50)))
    rough = fractal(random, size, 20, 4)
    if index % 3 == 2:
        first, second = worley_cells(random, size, between(random, 40, 110))
        joint, tint = second - first < 0.1, smooth(random, size, (50, 50)) * 0.12
    else:
        high = size[1] / pick(random, 5, 16)
        wide = high * (2.5 if index % 3 == 0 else 1)
        row = np.floor(y / high)
        shifted = x + (row % 2) * wide / 2 * (index % 3 == 0)
        joint = (y % high < high * 0.1) | (shifted % wide < high * 0.1)
        column = np.floor(shifted / wide)
        tint = np.sin(row * 12.9898 + column * 78.233) * 0.18  # a cheap hash: each brick's own tint
    values = flat_field(size, colour) * (0.7 + 0.5 * rough + tint)[..., np.newaxis]
    return as_image(grained(random, over(values, (200, 195, 185) if index % 2 else (80, 75, 70), joint), 5))


def draw_marble(random: Random, size: Size, index: int) -> Image.Image:
    """Veined stone, granite or clouds of plaster."""
    x, y = grid(size)
    field = fractal(random, size, 180, 6)
    if index % 3 == 2:
        field = fractal(random, size, between(random, 5, 14), 3)
    else:
        field = np.abs(np.sin((x + y * between(random, -1, 1)) / between(random, 60, 160) + field * 9)) ** 0.5
    stones = (
        [(70, 70, 80), (225, 225, 228), (250, 250, 250)],
        [(30, 40, 35), (50, 80, 65), (120, 150, 130)],
        [(160, 100, 90), (235, 205, 190), (250, 235, 225)],
        [(20, 20, 22), (60, 58, 60), (210, 205, 200)],
    )
    return as_image(grained(random, ramp(field, stones[index % 4]), 2))


def draw_checker(random: Random, size: Size, index: int) -> Image.Image:
    """A board of two colours, or stripes, or rings."""
    x, y = grid(size)
    step = between(random, 8, 120)
    x, y = x + 0.3 * y * (index % 2), y - 0.3 * x * (index % 2)
    if index % 5 == 3:
        field = np.floor(x / step) % 2
    elif index % 5 == 4:
        field = np.floor(np.hypot(x - size[0] / 2, y - size[1] / 2) / step) % 2
    else:
        field = (np.floor(x / step) + np.floor(y / step)) % 2
    pair = ([BLACK, WHITE], [skin_tone(index), skin_tone(index + 3)], [hue_colour(random), hue_colour(random, 0.4)])[
        index % 3
    ]
    return as_image(ramp(field, pair))


def draw_black(random: Random, size: Size, index: int) -> Image.Image:
    """Black, a lens with its cap on, or a faint glow in one corner."""
    values = flat_field(size, BLACK)
    if index:
        values = grained(random, values + 4, 2.0 * index)
    if index > 2:
        x, y = grid(size)
        values = values + 40 * np.exp(-np.hypot(x, y) / 150)[..., np.newaxis]
    return as_image(values)


def draw_white(random: Random, size: Size, index: int) -> Image.Image:
    """White, overexposed, or an empty sheet of paper."""
    values = flat_field(size, WHITE)
    if index:
        values = grained(random, values - 3 * index, 1.0 + index)
    if index > 2:
        values = values - 40 * fractal(random, size, max(size), 2)[..., np.newaxis]
    return as_image(values)


def draw_colour(random: Random, size: Size, index: int) -> Image.Image:
    """One colour, every other one a tone of skin; every fourth with a camera's noise."""
    colour = (
        skin_tone(index // 2)
        if index % 2
        else hue_colour(random, between(random, 0.3, 1), between(random, 0.3, 1), index / 16)
    )
    values = flat_field(size, colour)
    return as_image(grained(random, values, 5) if index % 4 >= 2 else values)
