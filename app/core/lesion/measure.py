"""Measures the lesion of an image within its outline, found or drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.core.domain.geometry import Rgb
from app.core.domain.outline import Outline
from app.core.imaging.decode import decode
from app.core.lesion.abcd import LesionError, Measures, measure


@dataclass(frozen=True)
class LesionMeasurement:
    """`outline` is `None` where none was found; `measures` then too, and where the outline encloses too little.

    `field_width` is the width of the image in mm by which `measures` has its diameter; `None` where it is not known.
    `measured_by_file`: the file itself states it.
    """

    outline: Outline | None
    measures: Measures | None
    field_width: float | None
    measured_by_file: bool = False


def measure_lesion(
    data: bytes,
    find: Callable[[Rgb], Outline | None] | None,
    *,
    outline: Outline | None = None,
    field_width: float | None = None,
) -> LesionMeasurement:
    """Measure a file's lesion within `outline`, or within the one that `find` gives for its image where that is `None`.

    `field_width` goes before what the file says of its scale. Raises `ImageError` or `BundleError`.
    """
    picture = decode(data)
    if outline is None and find is not None:
        outline = find(picture.rgb)
    width = field_width or picture.field_width
    by_file = field_width is None and width is not None
    if outline is None:
        return LesionMeasurement(None, None, width, by_file)
    height, columns = picture.rgb.shape[:2]
    try:
        measures = measure(picture.rgb, outline.mask(columns, height), mm_per_pixel=width and width / columns)
    except LesionError:
        return LesionMeasurement(outline, None, width, by_file)
    return LesionMeasurement(outline, measures, width, by_file)
