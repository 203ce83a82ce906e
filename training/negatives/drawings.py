"""Drawings: lines, cartoons and maps."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from training.negatives.fields import (
    Colour,
    Random,
    Size,
    as_image,
    flat_field,
    fractal,
    over,
    ramp,
    smooth,
    worley_cells,
)
from training.negatives.parts import (
    BLACK,
    TONES,
    WHITE,
    WORDS,
    between,
    canvas,
    disc,
    font_of,
    hue_colour,
    one_of,
    pick,
)


def draw_line(random: Random, size: Size, index: int) -> Image.Image:
    """A line drawing: curves, a plan, hatched solids, a plant, a rose of circles or a knot of pencil."""
    paper, ink = one_of(random, ((WHITE, BLACK), ((250, 245, 230), (60, 50, 40)), ((20, 50, 110), (220, 230, 250))))
    image, pen = canvas(size, paper)
    wide, high = size
    middle = (wide / 2, high / 2)
    thick = pick(random, 1, 4)
    what = index % 6
    if what == 0:
        t = np.linspace(0, 2 * math.pi * pick(random, 1, 9), 1500)
        a, b = pick(random, 2, 7), pick(random, 3, 8)
        xs = middle[0] + 0.45 * wide * np.sin(a * t / 3) * np.cos(t * 0.07)
        ys = middle[1] + 0.45 * high * np.sin(b * t / 3 + 0.5) * np.cos(t * 0.05)
        pen.line(list(zip(xs.tolist(), ys.tolist(), strict=True)), ink, thick)
    elif what == 1:  # a floor plan
        for _ in range(pick(random, 5, 10)):
            x, y = between(random, 0.05, 0.6) * wide, between(random, 0.05, 0.6) * high
            box = (x, y, x + between(random, 0.1, 0.35) * wide, y + between(random, 0.1, 0.35) * high)
            pen.rectangle(box, outline=ink, width=thick + 1)
            pen.arc((x, y, x + 40, y + 40), 0, 90, ink, thick)
            pen.text((x + 10, y + 10), one_of(random, WORDS), ink, font=font_of(14))
    elif what == 2:
        for _ in range(pick(random, 3, 8)):
            x, y, side = between(random, 0.1, 0.7) * wide, between(random, 0.2, 0.7) * high, between(random, 40, 150)
            pen.rectangle((x, y, x + side, y + side), outline=ink, width=thick)
            for corner in ((x, y), (x + side, y), (x + side, y + side)):
                pen.line((*corner, corner[0] + side * 0.4, corner[1] - side * 0.4), ink, thick)
            for step in np.arange(0, side, 6).tolist():
                pen.line((x + step, y + side, x, y + side - step), ink, 1)
    elif what == 3:
        _branch(random, pen, (wide / 2, high * 0.97), -math.pi / 2, high * 0.22, 7, ink)
    elif what == 4:
        count, reach = pick(random, 6, 18), min(wide, high) * 0.22
        for turn in np.linspace(0, 2 * math.pi, count, endpoint=False).tolist():
            x, y = middle[0] + reach * math.cos(turn), middle[1] + reach * math.sin(turn)
            pen.ellipse((x - reach, y - reach, x + reach, y + reach), outline=ink, width=thick)
            pen.line((*middle, x + reach * math.cos(turn), y + reach * math.sin(turn)), ink, 1)
    else:
        for _ in range(pick(random, 4, 14)):
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
            bend = angle + side * between(random, 0.15, 0.6)
            shorter = length * between(random, 0.65, 0.88)
            _branch(random, pen, end, bend, shorter, depth - 1, ink, None if thick is None else thick * 0.72)


def draw_cartoon(random: Random, size: Size, index: int) -> Image.Image:
    """Flat colours with black outlines: a face, a house, a car, a set of icons, or a flag."""
    image, pen = canvas(size, hue_colour(random, between(random, 0.1, 0.6), 0.95))
    wide, high = size
    unit = min(size) / 10
    x, y = wide / 2, high / 2
    what = index % 5
    if what == 0:
        disc(pen, x, y, 3.8 * unit, one_of(random, (*TONES[:6], (255, 215, 60))), BLACK)
        for side in (-1, 1):
            disc(pen, x + side * 1.4 * unit, y - unit, 0.8 * unit, WHITE, BLACK)
            disc(pen, x + side * 1.4 * unit, y - 0.9 * unit, 0.35 * unit, BLACK)
            pen.line((x + side * 0.8 * unit, y - 2.2 * unit, x + side * 2 * unit, y - 2.4 * unit), BLACK, 5)
        pen.arc((x - 2 * unit, y - unit, x + 2 * unit, y + 2.4 * unit), 20, 160, (150, 30, 30), 6)
    elif what == 1:
        pen.rectangle((0, high * 0.7, wide, high), (110, 180, 80))
        pen.rectangle((x - 3 * unit, y - unit, x + 3 * unit, y + 3 * unit), hue_colour(random), BLACK, 3)
        pen.polygon([(x - 3.6 * unit, y - unit), (x, y - 4 * unit), (x + 3.6 * unit, y - unit)], (180, 60, 50), BLACK)
        pen.rectangle((x - 0.7 * unit, y + unit, x + 0.7 * unit, y + 3 * unit), (110, 70, 40), BLACK, 2)
        for pane in (x - 2 * unit, x + 2 * unit):
            pen.rectangle((pane - unit / 2, y, pane + unit / 2, y + unit), (190, 225, 250), BLACK, 2)
        disc(pen, wide * 0.9, high * 0.1, unit, (255, 220, 60))
    elif what == 2:
        body = hue_colour(random)
        pen.rounded_rectangle((x - 4 * unit, y, x + 4 * unit, y + 2 * unit), 12, body, BLACK, 3)
        pen.rounded_rectangle((x - 2.4 * unit, y - 1.8 * unit, x + 2.2 * unit, y + 0.3 * unit), 16, body, BLACK, 3)
        for wheel in (x - 2.2 * unit, x + 2.2 * unit):
            disc(pen, wheel, y + 2 * unit, unit, (40, 40, 40), BLACK)
            disc(pen, wheel, y + 2 * unit, unit / 2, (200, 200, 200))
    elif what == 3:
        step = min(size) // pick(random, 3, 5)
        for left in range(step // 8, wide - step // 2, step):
            for top in range(step // 8, high - step // 2, step):
                box = (left, top, left + step * 3 // 4, top + step * 3 // 4)
                pen.rounded_rectangle(box, step // 8, hue_colour(random), BLACK, 2)
                corners, centre = pick(random, 3, 8), (left + step * 3 / 8, top + step * 3 / 8)
                pen.regular_polygon((centre, step / 4), corners, pick(random, 0, 90), WHITE, BLACK)
    else:
        stripes = pick(random, 2, 6)
        for stripe in range(stripes):
            if index % 2:
                pen.rectangle((0, stripe * high / stripes, wide, high), hue_colour(random))
            else:
                pen.rectangle((stripe * wide / stripes, 0, wide, high), hue_colour(random))
        pen.regular_polygon(((x, y), 2.5 * unit), pick(random, 3, 6), 0, hue_colour(random, 0.9), WHITE)
    return image


def draw_map(random: Random, size: Size, index: int) -> Image.Image:
    """Land and sea with contours, or a town's streets and parks, with names."""
    wide, high = size
    if index % 2 == 0:
        relief = fractal(random, size, min(size) / 2, 6)
        land = ((60, 110, 180), (150, 195, 225), (235, 225, 180), (170, 200, 130), (190, 160, 110), (245, 245, 245))
        steps = np.floor(relief * 12) / 12
        values = ramp(steps, land)
        edge = np.abs(np.diff(steps, axis=0, prepend=steps[:1])) + np.abs(np.diff(steps, axis=1, prepend=steps[:, :1]))
        image = as_image(over(values, (110, 90, 70), (edge > 0) * 0.7))
    else:
        first, second = worley_cells(random, size, between(random, 35, 80))
        road = second - first < 0.12
        block = smooth(random, size, (60, 60))
        values = flat_field(size, (242, 239, 230))
        values = over(values, (200, 225, 180), block > 0.9)
        values = over(values, (170, 205, 230), block < -1.3)
        image = as_image(over(values, (255, 255, 255) if index % 4 == 1 else (120, 120, 120), road))
    pen = ImageDraw.Draw(image)
    route = np.cumsum(random.normal(0, 1, (60, 2)), axis=0)
    route = (route - route.min(axis=0)) / (np.ptp(route, axis=0) + 1e-6) * size
    pen.line([(float(x), float(y)) for x, y in route], (220, 90, 60), 4, joint="curve")
    for _ in range(pick(random, 5, 14)):
        x, y = between(random, 0, 0.85) * wide, between(random, 0.05, 0.95) * high
        disc(pen, x, y, 4, (200, 40, 40), BLACK)
        pen.text((x + 7, y - 8), one_of(random, WORDS).capitalize(), BLACK, font=font_of(between(random, 10, 22)))
    return image
