"""Documents and screens: pages of text, screenshots, charts and codes."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from training.negatives.fields import Colour, Random, Size, as_image, as_values, fractal, grained
from training.negatives.parts import (
    BLACK,
    PAPER,
    WHITE,
    WORDS,
    between,
    canvas,
    disc,
    font_of,
    hue_colour,
    one_of,
    pick,
    shaded,
    turned,
    words,
)


def draw_text(random: Random, size: Size, index: int) -> Image.Image:
    """A page: print in lines or columns, an invented script, or handwriting, on white or coloured paper."""
    paper = PAPER[index % len(PAPER)]
    ink = one_of(random, ((20, 20, 20), (40, 40, 90), (90, 30, 30), (60, 60, 60)))
    image, pen = canvas(size, paper)
    letter = between(random, 9, 34)
    style = ("print", "print", "columns", "glyphs", "hand")[index % 5]
    margin, gap = size[0] * 0.06, letter * between(random, 1.2, 1.8)
    columns = 2 if style == "columns" else 1
    wide = (size[0] - margin * (columns + 1)) / columns
    for column in range(columns):
        left = margin + column * (wide + margin)
        y = margin
        if random.uniform() < 0.6:
            pen.text((left, y), words(random, 2), ink, font=font_of(letter * 1.7), stroke_width=1)
            y += letter * 2.6
        while y < size[1] - margin - letter:
            length = wide * (0.5 if random.uniform() < 0.15 else between(random, 0.9, 1.0))
            _line_of(random, pen, (left, y, length), letter, style, ink)
            y += gap * (2 if random.uniform() < 0.1 else 1)
    if index % 4 == 3:  # photographed: uneven light, a turned page
        values = as_values(turned(image, between(random, -6, 6), shaded(paper, 0.5)))
        light = 0.7 + 0.4 * fractal(random, size, max(size), 2)
        image = as_image(grained(random, values * light[..., np.newaxis], 4))
    return image


def _line_of(
    random: Random, pen: ImageDraw.ImageDraw, place: tuple[float, float, float], letter: float, style: str, ink: Colour
) -> None:
    """One line of writing at (left, top, length)."""
    x, y, length = place
    if style in ("print", "columns"):
        font, text = font_of(letter), words(random, 40)
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
            step = pick(random, 12, 40)
            pen.line(run[word : word + step], ink, width=max(1, round(letter / 12)), joint="curve")
            word += step + 5
        return
    while x < end:  # an invented script of strokes, as dense as Chinese
        for _ in range(pick(random, 3, 7)):
            corners = random.uniform(0, letter * 0.85, 4)
            if random.uniform() < 0.6:  # most strokes are level or upright
                corners[2 if random.uniform() < 0.5 else 3] = corners[0 if random.uniform() < 0.5 else 1]
            pen.line((x + corners[0], y + corners[1], x + corners[2], y + corners[3]), ink, max(1, round(letter / 12)))
        x += letter * (1.0 if random.uniform() < 0.93 else 2.0)


def draw_screenshot(random: Random, size: Size, index: int) -> Image.Image:
    """A desktop: windows with bars, tables, charts, a terminal or a chat; every other one dark."""
    dark = index % 2 == 1
    ground = hue_colour(random, 0.4, 0.25 if dark else 0.85)
    back, ink = ((30, 31, 34), (214, 216, 220)) if dark else ((247, 248, 250), (35, 38, 42))
    accent = hue_colour(random, 0.75, 0.8)
    image, pen = canvas(size, ground)
    for window in range(pick(random, 1, 3)):
        left, top = between(random, 0, 0.25) * size[0], between(random, 0, 0.2) * size[1]
        right, bottom = size[0] * between(random, 0.75, 1), size[1] * between(random, 0.75, 1)
        pen.rectangle((left, top, right, bottom), back, shaded(ink, 0.6))
        pen.rectangle((left, top, right, top + 24), accent if window else shaded(ground, 0.7))
        pen.text((left + 8, top + 4), words(random, 2), WHITE, font=font_of(13))
        for button in range(3):
            disc(pen, right - 14 - 18 * button, top + 12, 5, ((235, 90, 80), (240, 190, 70), (90, 200, 90))[button])
        _content(random, pen, (left + 8, top + 32, right - 8, bottom - 8), (index // 2) % 4, ink, accent)
    pen.rectangle((0, size[1] - 26, size[0], size[1]), shaded(back, 0.85))
    for icon in range(pick(random, 4, 9)):
        pen.rectangle((8 + icon * 30, size[1] - 22, 26 + icon * 30, size[1] - 4), hue_colour(random))
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
    faint = shaded(accent, 0.6)
    row = pick(random, 16, 24)
    if what == 0:  # a table
        columns = pick(random, 3, 6)
        for number, y in enumerate(np.arange(top, bottom - row, row).tolist()):
            if number == 0:
                pen.rectangle((left, y, right, y + row), faint)
            pen.line((left, y + row, right, y + row), faint)
            for column in range(columns):
                text = one_of(random, WORDS) if column == 0 or number == 0 else f"{between(random, 0, 900):.2f}"
                pen.text((left + 4 + column * (right - left) / columns, y + 2), text, ink, font=font_of(row * 0.6))
    elif what == 1:  # a chart
        count = pick(random, 5, 12)
        wide = (right - left) / count
        for bar in range(count):
            x, y = left + bar * wide, bottom - between(random, 0.1, 0.9) * (bottom - top)
            pen.rectangle((x + wide * 0.2, y, x + wide * 0.8, bottom), accent)
        curve = np.cumsum(random.normal(0, 1, 40))
        curve = (curve - curve.min()) / (np.ptp(curve) + 1e-6)
        xs, ys = np.linspace(left, right, 40), bottom - (0.1 + 0.8 * curve) * (bottom - top)
        pen.line(list(zip(xs.tolist(), ys.tolist(), strict=True)), ink, 2)
    elif what == 2:  # a terminal, or a program's text
        for y in np.arange(top, bottom - row, row).tolist():
            indent = pick(random, 0, 4) * 18
            text = words(random, pick(random, 1, 5)) + "();"
            pen.text(
                (left + indent, y),
                text,
                one_of(random, (ink, accent, hue_colour(random, 0.4))),
                font=font_of(row * 0.65),
            )
    else:  # a chat
        y = top
        while y < bottom - 2 * row:
            mine = random.uniform() < 0.5
            x = left + (0.4 if mine else 0) * (right - left)
            tall = row * pick(random, 1, 3)
            pen.rounded_rectangle((x, y, x + 0.6 * (right - left), min(bottom, y + tall)), 8, accent if mine else faint)
            pen.text((x + 8, y + 3), words(random, 4), WHITE, font=font_of(row * 0.6))
            y += tall + 8


def draw_chart(random: Random, size: Size, index: int) -> Image.Image:
    """What a clinic prints: an ECG, a curve with percentiles, bars, a form with a body's outline, a pie."""
    what = index % 5
    wide, high = size
    image, pen = canvas(size, (255, 240, 238) if what == 0 else WHITE)
    if what == 0:  # an ECG: small squares of 1 mm, large ones of 5 mm
        small = pick(random, 5, 9)
        for line in range(0, max(size), small):
            pen.line((line, 0, line, high), (240, 170, 170), 2 if line % (5 * small) == 0 else 1)
            pen.line((0, line, wide, line), (240, 170, 170), 2 if line % (5 * small) == 0 else 1)
        leads, beat = pick(random, 2, 5), between(random, 70, 140)
        for lead in range(leads):
            across = np.arange(wide)
            phase = (across / beat + lead * 0.1) % 1
            waves = ((0.2, 0.03, 0.15), (0.37, 0.012, -0.15), (0.4, 0.012, 1.0), (0.43, 0.012, -0.3), (0.65, 0.05, 0.3))
            trace = sum(peak * np.exp(-(((phase - at) / spread) ** 2) / 2) for at, spread, peak in waves)
            level = (lead + 0.6) * high / leads - np.asarray(trace) * high / leads * 0.45
            pen.line(list(zip(across.tolist(), level.tolist(), strict=True)), BLACK, 2)
        return image
    pen.text((20, 8), words(random, 3), BLACK, font=font_of(20))
    left, top, right, bottom = wide * 0.1, high * 0.15, wide * 0.95, high * 0.9
    if what == 3:
        for row in np.arange(top, bottom, 26).tolist():
            pen.text((wide * 0.05, row), one_of(random, WORDS), BLACK, font=font_of(13))
            pen.line((wide * 0.25, row + 16, wide * 0.6, row + 16), BLACK)
        x, unit = wide * 0.8, high / 18
        disc(pen, x, high * 0.2, unit, WHITE, BLACK)
        limbs = ((0, 3.5, 0, 9), (0, 5, -2.5, 9), (0, 5, 2.5, 9), (0, 9, -1.5, 15), (0, 9, 1.5, 15))
        for x0, y0, x1, y1 in limbs:
            pen.line((x + x0 * unit, high * 0.07 + y0 * unit, x + x1 * unit, high * 0.07 + y1 * unit), BLACK, 3)
        for _ in range(4):
            disc(pen, x + between(random, -1, 1) * unit, high * between(random, 0.3, 0.6), 4, (200, 30, 30))
        return image
    if what == 4:
        start = 0.0
        for _ in range(5):
            end = start + between(random, 20, 110)
            box = (wide / 2 - high * 0.35, high * 0.15, wide / 2 + high * 0.35, high * 0.85)
            pen.pieslice(box, start, min(end, 360), hue_colour(random), WHITE, 2)
            start = end
        return image
    pen.rectangle((left, top, right, bottom), outline=BLACK)
    for share in np.linspace(0, 1, 9).tolist():
        y = bottom - share * (bottom - top)
        pen.line((left, y, right, y), (210, 210, 210))
        pen.text((4, y - 7), f"{share * 80:.0f}", BLACK, font=font_of(12))
    if what == 1:
        t = np.linspace(0, 1, 80)
        for curve in range(pick(random, 3, 7)):
            ys = bottom - (bottom - top) * (0.1 + 0.09 * curve + (0.15 + 0.05 * curve) * np.sqrt(t))
            points = zip((left + t * (right - left)).tolist(), ys.tolist(), strict=True)
            pen.line(list(points), hue_colour(random, 0.8, 0.6), 2)
    else:
        for x in np.linspace(left, right, pick(random, 6, 14), endpoint=False).tolist():
            y = bottom - between(random, 0.1, 0.95) * (bottom - top)
            pen.rectangle((x + 6, y, x + 24, bottom), hue_colour(random, 0.5, 0.7))
            pen.line((x + 15, y - 12, x + 15, y + 12), BLACK, 2)
    return image


def draw_code(random: Random, size: Size, index: int) -> Image.Image:
    """A bar code or a square code (three finders, random modules), on white, coloured or photographed paper."""
    paper = PAPER[(index // 2) % len(PAPER)]
    image, pen = canvas(size, paper)
    wide, high = size
    if index % 2 == 0:
        x = wide * 0.1
        while x < wide * 0.9:
            bar = pick(random, 1, 4) * max(1, wide // 250)
            pen.rectangle((x, high * 0.15, x + bar - 1, high * 0.8), BLACK)
            x += bar + pick(random, 1, 4) * max(1, wide // 250)
        digits = "  ".join(str(digit) for digit in random.integers(10, size=13))
        pen.text((wide * 0.15, high * 0.83), digits, BLACK, font=font_of(wide / 24))
    else:
        modules = 4 * pick(random, 1, 6) + 17  # a QR code of version 1 to 6 has 21 to 41 modules a side
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
        image.paste(BLACK, ((wide - code.width) // 2, (high - code.height) // 2), Image.eval(code, lambda v: 255 - v))
    if index % 3 == 2:
        values = as_values(turned(image, between(random, -25, 25), shaded(paper, 0.6)))
        image = as_image(grained(random, values * (0.6 + 0.4 * fractal(random, size, 400, 2))[..., np.newaxis], 5))
    return image
