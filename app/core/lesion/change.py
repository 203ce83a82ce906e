"""A lesion's quantities with their uncertainty, so that two pictures of it can be compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from app.core.domain.geometry import Rgb
from app.core.domain.outline import Outline
from app.core.lesion.abcd import LesionError, Measures, measure

SIDE = 640
"""Pixels of the longer side at which both pictures are measured, so that neither has finer structure than the other."""
ENOUGH = 4
"""Copies, of eight or five, from which a deviation is computed."""
COUNTING = 12**-0.5
"""The standard deviation of rounding to a whole number."""
STRETCHES = (0.98, 0.99, 1.01, 1.02)
"""Sizes of an outline drawn by hand, about its middle: how far a second drawing may differ."""


@dataclass(frozen=True)
class Quantity:
    """A value and its standard deviation over turned and mirrored copies of the picture, or, where the outline was
    drawn by hand, over slightly larger and smaller outlines. What the light, the pressure of the dermatoscope or
    the scale's own error change is not in it. `None` where fewer than `ENOUGH` copies could be measured."""

    value: float
    deviation: float | None


@dataclass(frozen=True)
class Quantities:
    """What is compared. Diameter (mm) and area (mm²) are `None` where the scale is not known; `asymmetry` is the mean
    of both axes' (0..1), `border` the irregularity (1 for a circle), `colours` a number of six."""

    diameter: Quantity | None
    area: Quantity | None
    asymmetry: Quantity
    border: Quantity
    colours: Quantity


@dataclass(frozen=True)
class Change:
    """The difference of a quantity, and its uncertainty: two standard deviations, about 95 %; `None` where too few
    copies could be measured to say."""

    then: float
    now: float
    uncertainty: float | None

    @property
    def difference(self) -> float:
        return self.now - self.then


def change(then: Quantity | None, now: Quantity | None) -> Change | None:
    """The change of a quantity; `None` where one of the two is not known."""
    if then is None or now is None:
        return None
    known = then.deviation is not None and now.deviation is not None
    deviation = math.hypot(then.deviation or 0.0, now.deviation or 0.0)
    return Change(then.value, now.value, 2 * deviation if known else None)


def quantities(
    rgb: Rgb,
    find: Callable[[Rgb], Outline | None] | None,
    outline: Outline | None = None,
    field_width: float | None = None,
) -> Quantities | None:
    """Quantities of an image's lesion; `None` where no outline is found or it encloses too little.

    Without an `outline` drawn by hand, `find` gives one for each copy. `field_width` is the image's width in mm.
    """
    rgb = _reduced(rgb)
    mm_per_pixel = field_width / rgb.shape[1] if field_width else None
    found = []
    for view, drawn, mm in _views(rgb, find, outline, mm_per_pixel):
        try:
            measures = measure(view, drawn.mask(view.shape[1], view.shape[0]), mm_per_pixel=mm)
        except LesionError:
            continue
        found.append(_values(measures, drawn, view, mm))
    if not found:
        return None
    columns = [_quantity(list(column)) for column in zip(*found, strict=True)]
    diameter, area, asymmetry, border, colours = columns
    if colours is not None and colours.deviation is not None:  # a count may be off by a half before it is rounded
        colours = replace(colours, deviation=math.hypot(colours.deviation, COUNTING))
    if asymmetry is None or border is None or colours is None:
        return None
    return Quantities(diameter, area, asymmetry, border, colours)


def _views(
    rgb: Rgb, find: Callable[[Rgb], Outline | None] | None, outline: Outline | None, mm_per_pixel: float | None
) -> Iterator[tuple[Rgb, Outline, float | None]]:
    """Copies of the picture with an outline each, the picture as it is first."""
    if outline is not None:
        yield rgb, outline, mm_per_pixel
        for stretch in STRETCHES:
            yield rgb, _stretched(outline, stretch), mm_per_pixel
        return
    if find is None:
        return
    for mirrored in (False, True):
        for turns in range(4):
            view = np.ascontiguousarray(np.rot90(rgb[:, ::-1] if mirrored else rgb, turns))
            drawn = find(view)
            if drawn is not None:
                yield view, drawn, mm_per_pixel


def _values(measures: Measures, outline: Outline, view: Rgb, mm: float | None) -> tuple[float | None, ...]:
    height, width = view.shape[:2]
    area = float(outline.mask(width, height).sum()) * mm * mm if mm is not None else None
    asymmetry = (measures.asymmetry_long + measures.asymmetry_short) / 2
    return measures.diameter_mm, area, asymmetry, measures.compactness, float(len(measures.colours))


def _quantity(values: list[float | None]) -> Quantity | None:
    known = [value for value in values if value is not None]
    deviation = float(np.std(known, ddof=1)) if len(known) >= ENOUGH else None
    return Quantity(known[0], deviation) if known else None


def _stretched(outline: Outline, factor: float) -> Outline:
    points = np.array(outline.points)
    middle = points.mean(axis=0)
    moved = np.clip(middle + factor * (points - middle), 0.0, 1.0)
    return Outline(tuple((float(x), float(y)) for x, y in moved))


def _reduced(rgb: Rgb) -> Rgb:
    height, width = rgb.shape[:2]
    if max(height, width) <= SIDE:
        return rgb
    image = Image.fromarray(rgb)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image)
