"""Scale of an image in mm a pixel, from DICOM's pixel spacing or a line along a ruler."""

from __future__ import annotations

import math

from app.core.domain.errors import ScaleError
from app.core.domain.messages import Message

FINEST, COARSEST = 0.0002, 0.5
"""Millimetres a pixel that an image of a lesion may have: 2 mm over 10,000 pixels, 100 mm over 200.

Chosen wide. It refuses what software writes where it knows nothing (1 mm) and micrometres or metres.
"""
SQUARE_WITHIN = 0.01
"""By which share the sides of a pixel may differ: rounding of the spacing as written, not another shape."""
FIELD_OF_VIEW = (2.0, 100.0)
"""Millimetres that a dermoscopy image's width may show: a high magnification to a close-up. Chosen wide."""
SHORTEST_LINE = 10.0
"""Pixels that a line must have at least: half a pixel at either end is then up to 10 % of the scale."""

Point = tuple[float, float]


def from_spacing(row_mm: float, column_mm: float) -> float:
    """Millimetres a pixel from DICOM's Pixel Spacing (0028,0030), PS3.3 10.7.1.3.

    `row_mm` is the distance between the centres of two rows, `column_mm` of two columns: the order of the file.
    They are averaged. It holds for the image as stored: one shown at a reduced scale has larger pixels, by as
    much. Raises `ScaleError` for pixels that are not square and for sizes that no image of a lesion has.
    """
    for side in (row_mm, column_mm):
        _check_size(side)
    if abs(row_mm - column_mm) > SQUARE_WITHIN * max(row_mm, column_mm):
        raise ScaleError(Message("pixels-not-square", row=row_mm, column=column_mm))
    return (row_mm + column_mm) / 2


def from_line(start: Point, end: Point, millimetres: float, *, width: int) -> float:
    """Millimetres a pixel from a line of known length along a ruler in the image.

    `start` and `end` are (x, y) in pixels, `width` is the image's width in the same pixels. Raises `ScaleError`
    for a line without a length and for a scale at which the image would show less than 2 or more than 100 mm.
    """
    if not all(math.isfinite(value) for value in (*start, *end)):
        raise ScaleError(Message("line-outside"))
    pixels = math.dist(start, end)
    if pixels < SHORTEST_LINE:
        raise ScaleError(Message("line-too-short", pixels=pixels, least=SHORTEST_LINE))
    if not (math.isfinite(millimetres) and millimetres > 0):
        raise ScaleError(Message("line-without-length", millimetres=millimetres))
    scale = millimetres / pixels
    check_field_of_view(scale, width)
    return scale


def check_field_of_view(mm_per_pixel: float, width: int) -> None:
    """Raises `ScaleError` where an image of `width` pixels would show less than 2 or more than 100 mm."""
    if width <= 0:
        raise ScaleError(Message("width-not-positive", width=width))
    shown = mm_per_pixel * width
    lowest, highest = FIELD_OF_VIEW
    if not lowest <= shown <= highest:
        raise ScaleError(Message("field-of-view-implausible", shown=shown, lowest=lowest, highest=highest))


def _check_size(side: float) -> None:
    if not (math.isfinite(side) and FINEST <= side <= COARSEST):
        raise ScaleError(Message("pixel-size-implausible", side=side, finest=FINEST, coarsest=COARSEST))
