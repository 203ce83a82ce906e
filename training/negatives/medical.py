"""Other medical images: X-ray, histology, ultrasound and the eye's fundus."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.negatives.bodies import Capsule, ray, union
from training.negatives.fields import (
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
    softened,
    within,
    worley_cells,
)
from training.negatives.parts import BLACK, WHITE, between, font_of, one_of, pick, shaded, uneven_outline


def draw_xray(random: Random, size: Size, index: int) -> Image.Image:
    """Grey, bones bright: a hand, a chest, a long bone with its joint, or a skull, on black."""
    what = index % 4
    if what == 0:
        flesh, bones = [Capsule(0.5, 0.68, 0.17, 0.5, 1.1, 0.13)], [Capsule(0.47, 0.95, 0.035, 0.47, 1.1, 0.045)]
        for finger, reach in enumerate((0.25, 0.42, 0.46, 0.43, 0.33)):
            angle = -math.pi / 2 + (finger - 2) * between(random, 0.2, 0.28)
            flesh.append(ray(0.5, 0.65, angle, reach, 0.06, 0.04))
            for start, end in ((0.06, 0.4), (0.44, 0.68), (0.72, 0.88), (0.91, 1.0)):
                tip = ray(0.5, 0.68, angle, reach * end * 1.05, 0.02, 0.02)
                foot = ray(0.5, 0.68, angle, reach * start * 1.05, 0.02, 0.02)
                bones.append(Capsule(foot.x1, foot.y1, 0.022, tip.x1, tip.y1, 0.016))
    elif what == 1:
        flesh = [Capsule(0.5, 0.3, 0.42, 0.5, 0.9, 0.45)]
        bones = [Capsule(0.5, 0.05, 0.045, 0.5, 0.98, 0.05), Capsule(0.15, 0.16, 0.025, 0.85, 0.16, 0.025)]
        for rib in range(8):
            for side in (-1, 1):
                y = 0.2 + rib * 0.085
                bones.append(Capsule(0.5, y, 0.018, 0.5 + side * 0.24, y - 0.03, 0.016))
                bones.append(Capsule(0.5 + side * 0.24, y - 0.03, 0.016, 0.5 + side * 0.33, y + 0.09, 0.013))
    elif what == 2:
        tilt = between(random, -0.2, 0.2)
        flesh = [Capsule(0.5 - tilt, 0, 0.24, 0.5, 0.5, 0.2), Capsule(0.5, 0.5, 0.2, 0.5 + tilt, 1, 0.16)]
        bones = [Capsule(0.5 - tilt, 0, 0.07, 0.5, 0.46, 0.1), Capsule(0.5, 0.56, 0.1, 0.5 + tilt, 1, 0.06)]
        bones.append(Capsule(0.58, 0.57, 0.03, 0.58 + tilt, 1, 0.025))
    else:
        flesh = [Capsule(0.5, 0.38, 0.34, 0.5, 0.52, 0.3)]
        bones = [Capsule(0.5, 0.38, 0.32, 0.5, 0.45, 0.3), Capsule(0.5, 0.75, 0.16, 0.5, 0.82, 0.13)]
    soft, hard = union(flesh, size), union(bones, size)
    side = min(size)
    thick = 1 - np.exp(-2.2 * soft / max(float(soft.max()), 1e-6))  # Beer and Lambert: each layer takes its share
    bone = hard / max(float(hard.max()), 1e-6)
    values = 8 + 110 * thick + 130 * np.sqrt(np.minimum(bone, 0.75))
    if what == 1:  # air in the lungs takes up little
        lungs = union([Capsule(0.5 + s * 0.2, 0.3, 0.12, 0.5 + s * 0.22, 0.68, 0.16) for s in (-1, 1)], size)
        values = values - 85 * np.sqrt(lungs / lungs.max())
    if what == 3:
        holes = union([Capsule(0.5 + s * 0.13, 0.48, 0.07, 0.5 + s * 0.12, 0.5, 0.06) for s in (-1, 1)], size)
        values = values - 90 * holes / holes.max()
    values = softened(values, 3) * (0.85 + 0.3 * fractal(random, size, 30, 4)) + random.normal(0, 5, values.shape)
    image = as_image(255 - values if index % 6 == 5 else values)
    ImageDraw.Draw(image).text((10, 10), one_of(random, ("L", "R", "AP 12:04")), (230, 230, 230), font=font_of(26))
    return image


def draw_histology(random: Random, size: Size, index: int) -> Image.Image:
    """Haematoxylin and eosin: violet nuclei on pink stroma, with glands, fibres or a surface."""
    stroma = fractal(random, size, between(random, 25, 90), 5, stretch=between(random, 1, 4))
    pinks = (
        [(205, 95, 150), (232, 150, 190), (246, 205, 222)]
        if index % 2
        else [(214, 120, 140), (238, 180, 195), (250, 228, 232)]
    )
    values = ramp(stroma, pinks)
    if index % 3 == 1:  # fat or tears
        first, _ = worley_cells(random, size, between(random, 45, 90))
        values = over(values, (246, 243, 246), (first < 0.38) & (smooth(random, size, (200, 200)) > 0.2))
    if index % 3 == 2:  # nothing beyond the surface
        _, down = grid(size)
        edge = size[1] * (0.25 + 0.2 * smooth(random, (size[0], 1), (120, 1))[0])
        values = over(values, (244, 242, 245), down < edge[np.newaxis, :])
    image, bare = as_image(values), values.min(axis=-1) > 238
    pen = ImageDraw.Draw(image, "RGBA")
    radius = between(random, 2.5, 8)
    crowd = fractal(random, size, 120, 3)
    violet = one_of(random, ((70, 40, 120), (90, 50, 130), (60, 50, 110)))
    for _ in range(int(0.12 * size[0] * size[1] / radius**2 / 3)):
        x, y = between(random, 0, size[0] - 1), between(random, 0, size[1] - 1)
        if random.uniform() > crowd[int(y), int(x)] ** 1.5 * 1.6 or bare[int(y), int(x)]:
            continue
        corners = uneven_outline(random, x, y, radius * between(random, 0.7, 1.3), 0.2, between(random, 1, 1.6))
        pen.polygon(corners[::3], (*shaded(violet, between(random, 0.8, 1.4)), 215))
    if index % 3 == 0:  # glands: nuclei round a hole
        for _ in range(pick(random, 4, 12)):
            x, y, reach = between(random, 0, size[0]), between(random, 0, size[1]), between(random, 25, 60)
            pen.polygon(uneven_outline(random, x, y, reach, 0.1), (215, 150, 190, 255))
            for angle in np.arange(0, 2 * math.pi, radius * 1.7 / reach).tolist():
                place = (x + reach * 0.85 * math.cos(angle), y + reach * 0.85 * math.sin(angle))
                pen.polygon(uneven_outline(random, *place, radius, 0.2, 1.3)[::3], (*violet, 235))
            pen.polygon(uneven_outline(random, x, y, reach * 0.45, 0.2), (248, 244, 248, 255))
    return as_image(grained(random, as_values(image.filter(ImageFilter.GaussianBlur(0.9))), 4))


def draw_ultrasound(random: Random, size: Size, index: int) -> Image.Image:
    """Speckle in a fan on black, with dark cysts, a bright echo below them, a scale and lettering."""
    x, y = grid(size)
    centre, top = size[0] * 0.5, -size[1] * between(random, 0.05, 0.3)
    radius, angle = np.hypot(x - centre, y - top), np.arctan2(x - centre, y - top)
    tissue = 60 + 110 * fractal(random, size, 80, 4, stretch=3)
    layers = 25 * np.sin(radius / between(random, 12, 40) + 3 * smooth(random, size, (150, 150)))
    echo = tissue + layers
    for _ in range(pick(random, 1, 3)):
        cx, cy, r = between(random, 0.3, 0.7) * size[0], between(random, 0.3, 0.7) * size[1], between(random, 20, 70)
        inside = within(np.hypot((x - cx) / 1.3, y - cy), r, 4)
        echo = echo * (1 - 0.9 * inside) + 60 * (np.abs(x - cx) < r) * (y > cy + r) * (y < cy + 2.5 * r)
    speckle = random.rayleigh(0.8, (size[1], size[0]))  # fully developed speckle has Rayleigh's distribution
    speckle = softened(speckle, 2)
    fan = (
        (np.abs(angle) < between(random, 0.5, 0.8)) & (radius < size[1] * 0.95 - top) & (radius > size[1] * 0.08 - top)
    )
    if index % 3 == 1:
        fan = (np.abs(x - centre) < size[0] * 0.4) & (y > size[1] * 0.05) & (y < size[1] * 0.95)
    values = np.where(fan, echo * speckle, 4)
    image = as_image(
        values if index % 4 else ramp(np.clip(values / 255, 0, 1), [BLACK, (150, 110, 60), (255, 240, 200)])
    )
    pen = ImageDraw.Draw(image)
    pen.text(
        (8, 8),
        f"{pick(random, 3, 12)} MHz  {pick(random, 4, 16)} cm\nGain {pick(random, 30, 70)}",
        WHITE,
        font=font_of(14),
    )
    for mark in range(0, size[1], size[1] // 12):
        pen.line((size[0] - 10, mark, size[0] - 2, mark), WHITE)
    return image


def draw_fundus(random: Random, size: Size, index: int) -> Image.Image:
    """An eye's retina: an orange disc on black with the optic disc, vessels that branch from it, and the macula."""
    x, y = grid(size)
    side = min(size)
    reach = side * between(random, 0.46, 0.62 if index % 2 else 0.49)
    cx, cy = size[0] / 2, size[1] / 2
    away = np.hypot(x - cx, y - cy)
    ground = one_of(random, ((205, 95, 40), (180, 70, 30), (225, 130, 70), (150, 60, 35)))
    mottle = 0.85 + 0.3 * fractal(random, size, 60, 4)
    values = flat_field(size, ground) * (mottle * (1.1 - 0.5 * (away / reach) ** 2))[..., np.newaxis]
    way = 1 if index % 2 else -1
    dx, dy = cx + way * reach * 0.45, cy + between(random, -0.08, 0.08) * reach
    macula = np.exp(-(((x - cx + way * reach * 0.2) ** 2 + (y - cy) ** 2) / (2 * (reach * 0.14) ** 2)))
    values = values * (1 - 0.45 * macula)[..., np.newaxis]
    values = over(values, (250, 215, 140), within(np.hypot(x - dx, y - dy), reach * 0.14, 4))
    vessels = Image.new("RGB", size, BLACK)
    pen = ImageDraw.Draw(vessels)
    for angle in (-1.9, -1.2, 1.2, 1.9, -2.8, 2.8):
        turn = angle if way > 0 else math.pi - angle
        _vessel(random, pen, (dx, dy), math.pi - turn if way < 0 else turn, reach * 0.016 + 1.5, reach, (cx, cy))
    dark = np.asarray(vessels.filter(ImageFilter.GaussianBlur(1)))[..., 0] / 255
    values = over(values, shaded(ground, 0.45), dark * 0.85)
    if index % 3 == 0:  # bleeding and exudates
        for _ in range(pick(random, 5, 25)):
            sx, sy = cx + random.normal(0, 0.35) * reach, cy + random.normal(0, 0.35) * reach
            spot = np.exp(-((x - sx) ** 2 + (y - sy) ** 2) / (2 * between(random, 2, 7) ** 2))
            values = over(values, (90, 15, 10) if random.uniform() < 0.6 else (250, 220, 120), spot)
    rim = within(away, reach, 2)
    return as_image(grained(random, values * rim[..., np.newaxis], 3))


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
        pen.line((x, y, nx, ny), WHITE, max(1, round(thick)))
        x, y = nx, ny
        angle += float(random.normal(0, 0.17))
        thick *= 0.955
        if random.uniform() < 0.16:
            side = one_of(random, (-1, 1))
            _vessel(random, pen, (x, y), angle + side * between(random, 0.4, 0.9), thick * 0.6, reach, centre)
