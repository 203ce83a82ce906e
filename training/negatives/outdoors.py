"""The world outside: landscapes, food and the night."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.negatives.bodies import lambert
from training.negatives.fields import (
    Colour,
    Random,
    Size,
    as_image,
    as_values,
    flat_field,
    fractal,
    grained,
    grid,
    over,
    ramp,
    smooth,
    within,
)
from training.negatives.parts import WHITE, between, hue_colour, one_of, pick, shaded
from training.negatives.textures import cloth, draw_wood


def draw_landscape(random: Random, size: Size, index: int) -> Image.Image:
    """A sky with clouds or a sunset over hills, the sea, snow or a forest."""
    x, y = grid(size)
    skies = (
        [(90, 150, 220), (200, 225, 245)],
        [(60, 40, 90), (230, 110, 70), (255, 210, 130)],
        [(150, 160, 170), (215, 218, 220)],
    )
    horizon = size[1] * between(random, 0.35, 0.65)
    values = ramp(np.clip(y / horizon, 0, 1), skies[index % 3])
    if index % 2 == 0:
        cloud = np.clip(fractal(random, size, 150, 6, stretch=2) * 2.4 - 1.1, 0, 1)
        values = over(values, (250, 250, 250), cloud * 0.9)
    sun = (between(random, 0.1, 0.9) * size[0], horizon * between(random, 0.2, 0.9))
    values = over(values, (255, 245, 200), np.exp(-(((x - sun[0]) ** 2 + (y - sun[1]) ** 2) / 2 / 22**2)))
    ground = (((70, 110, 60), 0.9), ((40, 90, 130), 0.8), ((235, 240, 245), 0.8), ((190, 160, 110), 0.85))[index % 4]
    ridges = pick(random, 2, 5)
    for ridge in range(ridges):
        base = horizon + (size[1] - horizon) * ridge / ridges
        crest = base - smooth(random, (size[0], 1), (90, 1))[0] * 26 - smooth(random, (size[0], 1), (14, 1))[0] * 5
        if index % 4 == 1 and ridge:
            crest = np.full(size[0], base)
        rough = 0.75 + 0.5 * fractal(random, size, 12, 3, stretch=4)
        haze = ground[1] ** (ridge - 1)
        values = over(
            values, flat_field(size, shaded(ground[0], haze)) * rough[..., np.newaxis], y > crest[np.newaxis, :]
        )
    image = as_image(grained(random, values, 3))
    if index % 3 != 2:
        pen = ImageDraw.Draw(image)
        for _ in range(pick(random, 5, 40)):
            tx, ty = between(random, 0, 1) * size[0], between(random, horizon + 20, size[1])
            tall = between(random, 20, 90)
            colour = shaded((40, 80, 40), between(random, 0.6, 1.3))
            pen.polygon([(tx - tall / 4, ty), (tx, ty - tall), (tx + tall / 4, ty)], colour)
    return image


def draw_food(random: Random, size: Size, index: int) -> Image.Image:
    """Fruit in a heap, a plate with things on it, or a pizza, on a table."""
    table = (
        as_image(cloth(random, size, hue_colour(random, 0.3, 0.7), 5, 1)) if index % 2 else draw_wood(random, size, 1)
    )
    values, (x, y), side = as_values(table), grid(size), min(size)
    cx, cy = size[0] / 2, size[1] / 2
    away = np.hypot(x - cx, y - cy)
    what = index % 3
    if what == 1:
        values = over(values, (240, 240, 238), away < side * 0.45)
        values = over(values, (215, 215, 212), np.abs(away - side * 0.33) < 3)
    if what == 2:
        values = over(
            values,
            flat_field(size, (190, 130, 70)) * (0.7 + 0.5 * fractal(random, size, 25, 4))[..., None],
            away < side * 0.46,
        )
        values = over(values, ramp(fractal(random, size, 40, 4), [(200, 60, 30), (245, 205, 110)]), away < side * 0.41)
    fruits: tuple[Colour, ...] = (
        (235, 130, 30),
        (200, 30, 40),
        (120, 170, 50),
        (70, 50, 110),
        (235, 200, 60),
        (150, 80, 40),
    )
    own = one_of(random, fruits)
    for _ in range(pick(random, 8, 40) if what == 0 else pick(random, 6, 16)):
        reach = side * (between(random, 0.06, 0.14) if what == 0 else between(random, 0.03, 0.08))
        if what == 0:
            px, py = between(random, 0, 1) * size[0], between(random, 0.1, 1) * size[1]
        else:
            angle, out = between(random, 0, 6.3), side * 0.36 * math.sqrt(between(random, 0, 1))
            px, py = cx + out * math.cos(angle), cy + out * math.sin(angle)
        part = np.s_[
            max(0, int(py - 3 * reach)) : int(py + 3 * reach), max(0, int(px - 3 * reach)) : int(px + 3 * reach)
        ]
        dx, dy, below = x[part] - px, y[part] - py, values[part]
        if not below.size:
            continue
        ball = np.sqrt(np.clip(reach**2 - dx**2 - (dy * between(random, 0.9, 1.2)) ** 2, 0, None))
        colour = own if index % 2 else one_of(random, fruits)
        lit = lambert(ball if what != 2 else ball * 0.2, (-0.6, -0.7), 0.35)
        shine = np.exp(-((dx + reach * 0.35) ** 2 + (dy + reach * 0.4) ** 2) / 2 / (reach * 0.13) ** 2)
        shadow = 0.35 * np.exp(-((dx - 5) ** 2 + (dy - 8) ** 2) / reach**2)
        skin = over(np.asarray(colour) * lit[..., np.newaxis], WHITE, shine * 0.7)
        values[part] = over(below * (1 - shadow)[..., np.newaxis], skin, ball > 0)
    return as_image(grained(random, values, 4))


def draw_night(random: Random, size: Size, index: int) -> Image.Image:
    """Stars, with the Milky Way, the moon, a galaxy, or a skyline."""
    x, y = grid(size)
    values = ramp(y / size[1], [(4, 5, 16), (14, 18, 44)])
    if index % 4 == 0:
        band = np.exp(-(((x - size[0] / 2) * 0.5 + (y - size[1] / 2)) ** 2) / 2 / 70**2)
        values = values + (band * fractal(random, size, 80, 6))[..., np.newaxis] * np.array([120, 100, 130])
    if index % 4 == 1:
        mx, my, r = (
            between(random, 0.3, 0.7) * size[0],
            between(random, 0.3, 0.6) * size[1],
            min(size) * between(random, 0.08, 0.35),
        )
        moon = ramp(fractal(random, size, r, 5), [(90, 90, 92), (215, 212, 205)])
        values = over(values, moon, within(np.hypot(x - mx, y - my), r, 1.5))
    if index % 4 == 2:
        dx, dy = x - size[0] / 2, (y - size[1] / 2) * between(random, 1.2, 2.5)
        far, turn = np.hypot(dx, dy), np.arctan2(dy, dx)
        arms = np.exp(-far / (min(size) * 0.13)) * (0.6 + 0.6 * np.cos(2 * turn - np.log(far + 1) * 4))
        values = values + arms[..., np.newaxis] * np.array([230, 200, 240])
    stars = np.zeros((size[1], size[0]), np.float32)
    count = pick(random, 200, 1500)
    stars[random.integers(size[1], size=count), random.integers(size[0], size=count)] = random.exponential(180, count)
    image = as_image(values + stars[..., np.newaxis]).filter(ImageFilter.GaussianBlur(0.6))
    if index % 4 == 3:
        pen = ImageDraw.Draw(image)
        for left in range(0, size[0], 50):
            top = size[1] * between(random, 0.5, 0.85)
            pen.rectangle((left, top, left + 48, size[1]), (10, 10, 14))
            for wx in range(left + 6, left + 42, 10):
                for wy in range(int(top) + 8, size[1], 14):
                    if random.uniform() < 0.4:
                        pen.rectangle((wx, wy, wx + 5, wy + 7), (250, 215, 130))
    return as_image(grained(random, as_values(image), 3))
