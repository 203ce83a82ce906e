"""Skin without a dermatoscope: near to, and on a limb, a back, a face, a hand or a patch with its moles."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.negatives.bodies import Capsule, lambert, union
from training.negatives.fields import (
    Colour,
    Field,
    Random,
    Size,
    as_image,
    as_values,
    flat_field,
    fractal,
    grained,
    grid,
    over,
    smooth,
    softened,
    worley_cells,
)
from training.negatives.parts import (
    BLACK,
    between,
    font_of,
    hue_colour,
    one_of,
    pick,
    shaded,
    skin_tone,
    uneven_outline,
)
from training.negatives.textures import cloth, draw_wood


def _skin_field(random: Random, size: Size, tone: Colour, scale: float) -> Field:
    """Skin, evenly lit: mottled, furrowed into small fields, with pores; `scale` is a field's size in pixels."""
    values = flat_field(size, tone)
    blood = fractal(random, size, max(20.0, scale * 8), 4) - 0.5
    values = values * (1 + blood[..., np.newaxis] * np.array([0.10, 0.20, 0.20]))
    if scale >= 4:
        first, second = worley_cells(random, size, scale)
        furrow = np.exp(-(((second - first) / 0.16) ** 2))
        values = values * (1 - between(random, 0.03, 0.1) * furrow)[..., np.newaxis]
        pore = np.exp(-((first / 0.16) ** 2)) * (smooth(random, size, (scale, scale)) > 0.5)
        values = values * (1 - between(random, 0.05, 0.3) * pore)[..., np.newaxis]
    fine = fractal(random, size, max(2.0, scale / 2), 3, stretch=between(random, 0.7, 1.8)) - 0.5
    return values * (1 + 0.14 * fine)[..., np.newaxis]


def _with_hairs(
    random: Random, values: Field, count: int, length: float, colour: Colour, where: Field | None = None
) -> Field:
    """Hairs that grow about one way; only where `where` is above 0, if given."""
    size = (values.shape[1], values.shape[0])
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    main = between(random, 0, 2 * math.pi)
    for _ in range(count):
        x, y = between(random, 0, size[0] - 1), between(random, 0, size[1] - 1)
        if where is not None and where[int(y), int(x)] <= 0:
            continue
        angle, bend = main + float(random.normal(0, 0.35)), float(random.normal(0, 0.06))
        points = [(x, y)]
        for _ in range(10):
            x, y, angle = x + length / 10 * math.cos(angle), y + length / 10 * math.sin(angle), angle + bend
            points.append((x, y))
        pen.line(points, pick(random, 110, 230), 1 if length < 60 else 2)
    return over(values, colour, np.asarray(mask.filter(ImageFilter.GaussianBlur(0.5))) / 255)


def draw_skin(random: Random, size: Size, index: int) -> Image.Image:
    """Plain skin near to, without a lesion: each tone, with pores, lines and hairs, in uneven light."""
    tone = skin_tone(index)
    scale = (0.0, 7.0, 12.0, 20.0, 34.0)[index % 5] * between(random, 0.8, 1.2)
    values = _skin_field(random, size, tone, scale)
    if index % 3 == 1:  # lines of a palm or a knuckle
        x, y = grid(size)
        angle = between(random, 0, math.pi)
        across = x * math.cos(angle) + y * math.sin(angle) + 18 * smooth(random, size, (160, 160))
        crease = np.exp(-((((across / between(random, 45, 140)) % 1) - 0.5) ** 2) / 2 / 0.02**2)
        values = values * (1 - 0.25 * crease * (smooth(random, size, (150, 150)) > -0.5))[..., np.newaxis]
    if index % 2:
        hair = shaded(tone, 0.35) if index % 4 == 1 else (200, 170, 120)
        values = _with_hairs(random, values, pick(random, 15, 160), between(random, 25, 130), hair)
    light = 0.75 + 0.4 * fractal(random, size, max(size), 2)
    return as_image(grained(random, values * light[..., np.newaxis], between(random, 1, 5)))


def _ground(random: Random, size: Size) -> Field:
    """What lies behind a body: cloth, a drape, a table or a wall."""
    what = pick(random, 0, 4)
    if what == 0:
        return as_values(draw_wood(random, size, 1))
    if what == 1:
        return (
            flat_field(size, hue_colour(random, 0.12, 0.85))
            * (0.75 + 0.3 * fractal(random, size, max(size), 2))[..., np.newaxis]
        )
    drape = one_of(random, ((60, 120, 150), (70, 140, 110), (235, 238, 240), (50, 60, 100), (30, 30, 32)))
    return cloth(random, size, drape if what < 4 else hue_colour(random, 0.5, 0.7), between(random, 3, 6), 0.8)


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
        x, y, reach = float(columns[place]), float(rows[place]), between(random, *radius)
        left, top = max(0, int(x - 3 * reach)), max(0, int(y - 3 * reach))  # a window: most moles are small
        right, bottom = min(width, int(x + 3 * reach) + 2), min(height, int(y + 3 * reach) + 2)
        mask = Image.new("L", (right - left, bottom - top), 0)
        corners = uneven_outline(random, x - left, y - top, reach, 0.3, between(random, 1, 1.3))
        ImageDraw.Draw(mask).polygon(corners, 255)
        cover = np.asarray(mask.filter(ImageFilter.GaussianBlur(max(0.7, reach * 0.12)))) / 255
        brown = one_of(random, ((0.42, 0.33, 0.3), (0.55, 0.42, 0.36), (0.3, 0.22, 0.22), (0.75, 0.55, 0.52)))
        shades = 0.85 + 0.3 * fractal(random, mask.size, max(2.0, reach * 0.8), 3)
        spot = np.asarray(tone) * np.asarray(brown) * shades[..., np.newaxis]
        window = values[top:bottom, left:right]
        values[top:bottom, left:right] = over(window, spot, cover * between(random, 0.75, 1))
    return values


def _photograph(
    random: Random, size: Size, height: Field, tone: Colour, moles: int, on: Field | None = None
) -> Image.Image:
    """A body of that height before a ground: shaded, with its shadow, moles, hairs, and a camera's faults.

    The moles are on `on` where that is given, and all over the body where not.
    """
    side = min(size)
    inside = height > 0
    rounded = softened(height, max(2, side // 60))
    # Nothing on the very rim, where a mole would be seen from the side.
    flat = np.hypot(*np.gradient(rounded)) < 1.0
    skin = _skin_field(random, size, tone, between(random, 0, 6))
    largest = side * between(random, 0.012, 0.045)
    skin = _with_moles(
        random, skin, inside & flat & (on > 0 if on is not None else True), tone, moles, (side * 0.006, largest)
    )
    if on is None and random.uniform() < 0.4:
        hair = shaded(tone, 0.4)
        skin = _with_hairs(
            random, skin, pick(random, 60, 400), side * 0.05, hair, np.asarray(inside & flat, np.float32)
        )
    light = (between(random, -0.8, 0.8), between(random, -0.9, 0.2))
    shade = lambert(rounded, light, between(random, 0.35, 0.6))
    skin = skin * shade[..., np.newaxis] + (np.clip(shade - 1.02, 0, 1) * 160)[..., np.newaxis]
    down, right = side // 40, side // 50  # where the shadow falls
    cast = np.pad(inside.astype(np.float32), ((down, 0), (right, 0)), mode="edge")[: inside.shape[0], : inside.shape[1]]
    shadow = softened(cast, max(2, side // 25))
    ground = _ground(random, size) * (1 - 0.55 * np.clip(shadow, 0, 1))[..., np.newaxis]
    cover = np.asarray(Image.fromarray((inside * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.2))) / 255
    return _developed(random, over(ground, skin, cover))


def _developed(random: Random, values: Field) -> Image.Image:
    """White balance, exposure, the corners' falling off, sharpness and noise of a hand-held camera."""
    height, width = values.shape[:2]
    x, y = grid((width, height))
    far = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 2
    balance = random.normal(1, 0.035, 3) * between(random, 0.88, 1.1)
    values = values * balance * (1 - between(random, 0, 0.35) * far)[..., np.newaxis]
    image = as_image(values).filter(ImageFilter.GaussianBlur(between(random, 0.2, 1.1)))
    return as_image(grained(random, as_values(image), between(random, 1, 5)))


def draw_limb(random: Random, size: Size, index: int) -> Image.Image:
    """An arm or a leg across the image, straight or bent at its joint."""
    lying = size[0] > size[1]
    thick = between(random, 0.16, 0.34)
    start, end = between(random, 0.3, 0.7), between(random, 0.3, 0.7)
    bend = between(random, 0.3, 0.7) if index % 3 == 2 else (start + end) / 2
    stops = ((-0.2, start, thick * 1.2), (0.5, bend, thick), (1.2, end, thick * between(random, 0.6, 1)))
    parts = []
    for (a0, b0, r0), (a1, b1, r1) in pairwise(stops):
        parts.append(Capsule(a0, b0, r0, a1, b1, r1) if lying else Capsule(b0, a0, r0, b1, a1, r1))
    return _photograph(random, size, union(parts, size), skin_tone(index), pick(random, 1, 9))


def draw_back(random: Random, size: Size, index: int) -> Image.Image:
    """A back or a belly with arms at its sides: broad, with a furrow down the middle and shoulder blades."""
    x, y = grid(size)
    lean = between(random, -0.08, 0.08)
    broad = between(random, 0.32, 0.45)
    trunk = Capsule(0.5 + lean, 0.35, broad, 0.5 - lean, 1.2, broad * 0.85).height(size) * 0.5
    neck = Capsule(0.5 + lean, 0.0, 0.14, 0.5 + lean, 0.3, 0.16).height(size)
    arms = [Capsule(0.5 + s * broad, 0.25, 0.12, 0.5 + s * (broad + 0.12), 1.0, 0.09).height(size) for s in (-1, 1)]
    height = np.max([trunk, neck, *arms], axis=0)
    middle = (0.5 + lean * (1 - 2 * y / size[1])) * size[0]
    furrow = np.exp(-(((x - middle) / (0.035 * min(size))) ** 2)) * (y > size[1] * 0.2)
    height = np.where(height > 0, np.maximum(height - 0.02 * min(size) * furrow, 0.5), 0)
    for side in (-1, 1):
        blade = Capsule(0.5 + side * 0.16, 0.38, 0.09, 0.5 + side * 0.13, 0.55, 0.05).height(size)
        height = np.where(height > 0, height + softened(blade, 25) * 0.25, 0)
    return _photograph(random, size, height, skin_tone(index), pick(random, 3, 25))


def draw_face(random: Random, size: Size, index: int) -> Image.Image:
    """A face-like head from the front: eyes, brows, nose, lips, hair; moles on its cheeks."""
    tone, side = skin_tone(index), min(size)
    cx, cy = 0.5 + between(random, -0.06, 0.06), 0.48
    px, py = cx * size[0], cy * size[1]
    head = Capsule(cx, cy - 0.08, 0.3, cx, cy + 0.14, 0.25)
    nose = Capsule(cx, cy - 0.02, 0.02, cx, cy + 0.1, 0.045).height(size)
    height = np.maximum(head.height(size) * 0.6, Capsule(cx, 0.8, 0.17, cx, 1.2, 0.3).height(size) * 0.3)
    height = height + softened(nose, 9) * 0.7
    x, y = grid(size)
    cheeks = (y > py + 0.02 * side) & (y < py + 0.3 * side) & (np.abs(x - px) < 0.22 * side)
    image = _photograph(random, size, height, tone, pick(random, 1, 6), cheeks.astype(np.float32))
    layer = Image.new("RGBA", size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    hair = one_of(random, ((30, 22, 18), (90, 60, 35), (190, 150, 90), (120, 120, 122)))
    for turn in (-1, 1):
        ex, ey = px + turn * 0.115 * side, py - 0.05 * side
        pen.ellipse((ex - 0.05 * side, ey - 0.022 * side, ex + 0.05 * side, ey + 0.022 * side), (225, 220, 215, 255))
        iris = one_of(random, ((80, 50, 30), (70, 110, 140), (80, 100, 60)))
        pen.ellipse((ex - 0.02 * side, ey - 0.021 * side, ex + 0.02 * side, ey + 0.021 * side), (*iris, 255))
        pen.ellipse((ex - 0.009 * side, ey - 0.009 * side, ex + 0.009 * side, ey + 0.009 * side), (10, 8, 8, 255))
        pen.arc(
            (ex - 0.055 * side, ey - 0.03 * side, ex + 0.055 * side, ey + 0.03 * side),
            190,
            350,
            (*shaded(tone, 0.4), 255),
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
        _disc_on(pen, nostril, 0.009 * side, (*shaded(tone, 0.35), 220))
    lips = shaded((tone[0], tone[1] * 0.62, tone[2] * 0.65), 0.9)
    pen.ellipse((px - 0.085 * side, py + 0.185 * side, px + 0.085 * side, py + 0.235 * side), (*lips, 235))
    pen.line((px - 0.08 * side, py + 0.21 * side, px + 0.08 * side, py + 0.21 * side), (*shaded(lips, 0.55), 255), 2)
    for _ in range(700):
        angle = between(random, math.pi * 0.98, math.pi * 2.02)
        sx, sy = px + 0.29 * side * math.cos(angle), py - 0.12 * side + 0.27 * side * math.sin(angle)
        ex, ey = (
            sx + 0.07 * side * math.cos(angle) + random.normal(0, 6),
            sy + 0.06 * side * math.sin(angle) + random.normal(0, 12),
        )
        pen.line((sx, sy, ex, ey), (*shaded(hair, between(random, 0.7, 1.3)), 255), 3)
    image.paste(layer, (0, 0), layer.filter(ImageFilter.GaussianBlur(1.2)))
    return image.filter(ImageFilter.GaussianBlur(0.6))


def _disc_on(
    pen: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, fill: tuple[int, int, int, int]
) -> None:
    pen.ellipse((centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius), fill)


def draw_hand(random: Random, size: Size, index: int) -> Image.Image:
    """A hand with spread fingers, laid down or held up."""
    wide, high = size
    side = min(size)
    px, py = 0.5, 0.62
    parts = [Capsule(px, py, 0.16, px, 1.2, 0.12)]
    spread = between(random, 0.14, 0.26)
    for finger, (out, reach) in enumerate(((-0.11, 0.34), (-0.04, 0.4), (0.035, 0.38), (0.1, 0.31))):
        angle = -math.pi / 2 + (finger - 1.5) * spread
        x, y = px + out * side / wide, py - 0.08 * side / high
        parts.append(
            Capsule(
                x, y, 0.05, x + reach * math.cos(angle) * side / wide, y + reach * math.sin(angle) * side / high, 0.034
            )
        )
    way = 1 if index % 2 else -1
    parts.append(Capsule(px, py + 0.05, 0.09, px + way * 0.29 * side / wide, py - 0.06, 0.042))
    image = _photograph(random, size, union(parts, size), skin_tone(index), pick(random, 1, 5))
    return image.transpose(Image.Transpose.ROTATE_180) if index % 3 == 2 else image


def draw_closeup(random: Random, size: Size, index: int) -> Image.Image:
    """A patch of skin that fills the image, with a mole or a few, uneven light, often hairs, sometimes a ruler."""
    tone, side = skin_tone(index), min(size)
    skin = _skin_field(random, size, tone, between(random, 4, 18))
    x, y = grid(size)
    middle = ((np.abs(x / size[0] - 0.5) < 0.3) & (np.abs(y / size[1] - 0.5) < 0.3)).astype(np.float32)
    largest = side * between(random, 0.04, 0.12)
    skin = _with_moles(random, skin, middle, tone, 1, (largest * 0.8, largest))
    skin = _with_moles(random, skin, np.ones_like(middle), tone, pick(random, 0, 6), (side * 0.005, side * 0.02))
    if index % 2:
        skin = _with_hairs(random, skin, pick(random, 20, 120), between(random, 30, 110), shaded(tone, 0.35))
    angle = between(random, 0, 2 * math.pi)
    slope = ((x / size[0] - 0.5) * math.cos(angle) + (y / size[1] - 0.5) * math.sin(angle)) * between(random, 0.2, 0.8)
    flash = np.exp(-(((x - size[0] * 0.5) ** 2 + (y - size[1] * 0.4) ** 2) / 2 / (side * 0.3) ** 2))
    skin = skin * (0.95 + slope)[..., np.newaxis] + (18 * flash)[..., np.newaxis]
    image = _developed(random, skin)
    if index % 3 == 1:
        ruler = Image.new("RGB", (size[0], side // 9), (240, 240, 236))
        pen = ImageDraw.Draw(ruler)
        for mark, left in enumerate(np.arange(0, size[0], side / 60).tolist()):
            pen.line((left, 0, left, ruler.height * (0.5 if mark % 10 == 0 else 0.25)), BLACK, 1)
            if mark % 10 == 0:
                pen.text((left + 2, ruler.height * 0.45), str(mark // 10), BLACK, font=font_of(ruler.height * 0.4))
        image.paste(ruler, (0, size[1] - ruler.height - pick(random, 0, size[1] // 8)))
    return image
