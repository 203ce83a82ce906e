"""Asymmetry, border, colours and diameter of a lesion as measurements of its outline and its image.

Not a total dermoscopy score (Nachbar et al. 1994): that also counts differential structures (network, dots,
globules, streaks, structureless areas), which are not measured here, and its factors hold for an expert's scores,
not for these numbers.

The image must have its real aspect ratio. Hair and bubbles are not taken away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from contourpy import LineType, contour_generator
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from app.core.domain.geometry import Mask, Points, Rgb, area, evenly_spaced, perimeter, signed_area
from app.core.lesion.frame import FRAME, Frame

WORKING_SIDE = 512
"""Pixels of the longest side at which the outline is measured; larger images are reduced."""
SMALLEST_LESION = 100
"""Pixels of the lesion, at that size, below which its form can't be measured: a disc of 11 pixels across."""
SMOOTHING = 0.01
"""Standard deviation of the Gaussian that rounds the mask's pixel steps, as a share of the lesion's equivalent
diameter (that of a disc of its area), so that a lesion's perimeter does not depend on its size in pixels. On train
0.005 to 0.03 hardly differ (AUROC of the compactness 0.608 to 0.590)."""
SMALLEST_SMOOTHING = 1.5
"""Pixels: below it the steps of a small lesion's mask remain (a disc of 40 pixels across: compactness 1.01)."""
HULL_POINTS = 500
"""About how many points of the outline the convex hull is taken of; the others lie within 0.01 pixels of it."""
CELL = 16
"""Pixels of the frame on a side of the cells whose mean colours are compared: a sixth of the way from the centroid to
the farthest point. Structures, not single pixels or hairs, are what the rule of dermoscopy compares. On train 8, 16 and
32 hardly differ (AUROC 0.80, 0.79, 0.76)."""
SECTORS = 8
"""Of the border, as in the ABCD rule of dermoscopy (Nachbar et al. 1994); the first begins at the long axis."""
BORDER_POINTS = 320
"""Points of the outline, evenly spaced, at which the border's steepness is looked at."""
NARROW, WIDE = 6, 20
"""Pixels of the frame on either side of the outline: 6 % and 20 % of the way from the centroid to the farthest point of
the outline. Chosen on train."""
ABRUPT_FROM = 0.5
"""Share of the change of L* over the wide bands that the narrow ones have where the border is cut off abruptly: an even
ramp has (6 + 1) / (20 + 1) = 1/3, a step has 1. Chosen on train."""
CONTRAST_FROM = 10.0
"""L* that a sector's border must differ by over the wide bands; of less the share says nothing. Chosen on train."""
COLOURS = ("white", "red", "light brown", "dark brown", "blue-grey", "black")
"""The six colours of the ABCD rule of dermoscopy (Nachbar et al. 1994)."""
REFERENCES: NDArray[np.float32] = np.array(
    [(82, 4, 8), (46, 40, 20), (60, 20, 28), (34, 20, 24), (46, 8, 8), (14, 8, 10)], np.float32
)
"""CIELAB (D65) of `COLOURS`, once the skin's tint is `SKIN`.

Our own. With those of Kasmi and Mokrani (IET Image Process. 10, 2016; sRGB 255,255,255; 204,51,51; 153,102,0; 51,0,0;
51,153,255; 0,0,0) and no tint taken off, 91 % of HAM10000's melanomas had white, 3 % blue-grey, and 71 % of its nevi
red: the images are pinker and duller than these. Chosen on train so that the colours are found where dermoscopy
has them (red: vascular lesions 74 %, nevi 17 %; blue-grey: melanomas 21 %, nevi 12 %; black: 24 %, 14 %), not for
the AUROC. No expert has named the colours of these images, so how often they are right is not known.
"""
SKIN: NDArray[np.float32] = np.array([12, 14], np.float32)
"""a* and b* that the surrounding skin is moved to, and the lesion with it: our own choice, of light skin. Without it
the tint of a camera decides which colours are found: over HAM10000 the skin's b* goes from -9 to 17 (5 % to 95 %)."""
PRESENT_FROM = 0.05
"""Share of the lesion from which a colour counts as present (Kasmi and Mokrani 2016)."""
WHITE_ABOVE_SKIN = 2.0
"""L* by which white must be lighter than the surrounding skin. That it must be is the rule's own (Nachbar et al.
1994); by how much is our own choice, a just visible difference."""


class LesionError(ValueError):
    """A mask with no lesion, or one too small to be measured."""


class ColourShare(NamedTuple):
    """A colour of `COLOURS` and the share of the lesion's area that has it, 0..1."""

    colour: str
    share: float


@dataclass(frozen=True)
class Measures:
    """What was measured of a lesion. Of several separate areas in a mask only the largest counts; holes are filled.

    - `asymmetry_long`, `asymmetry_short`: 1 - |L and L'| / |L|, with L the lesion and L' its mirror image over the
      long or the short principal axis (of the area's second moments) through the centroid; a share of the area,
      0 (mirrors onto itself) to 1 (Stoecker et al. 1992). The axes of a nearly round lesion lie by chance.
    - `colour_asymmetry_long`, `colour_asymmetry_short`: mean CIELAB difference (CIE 1976) between cells of
      the lesion and those that they are mirrored onto, over the same axes, weighted by how much of both cells the
      lesion covers; 0 (alike) to about 100 (black onto white). The ABCD rule counts colour and structure beside the
      form (Nachbar et al. 1994).
    - `compactness`: P² / (4 pi A), perimeter P and area A of the smoothed outline; no unit, 1 (disc) upwards
      (Golston et al. 1992).
    - `solidity`: A / area of the convex hull; no unit, above 0 to 1 (no indentation).
    - `abrupt_sectors`: of eight sectors around the centroid, those whose border is cut off abruptly: L* rises outwards
      by at least 10 between wide bands along the outline, and at least half of that between narrow ones; a
      count, 0 to 8. After the border score of Nachbar et al. 1994, where an expert counts.
    - `colour_shares`: for each of `COLOURS`, in their order, the share of the lesion's pixels to which it is the
      nearest in CIELAB; 0..1, together 1.
    - `diameter_pixels`: largest distance between two points of the outline (maximal Feret diameter), in pixels of
      the image as given; `diameter_mm`: the same in millimetres, `None` where the scale is not known.
    - `skin`: median CIELAB of the skin around the lesion, `None` where the image shows none; the colours
      are then named as they are stored.
    - `leaves_picture`: whether the lesion reaches the image's edge: all the above is then of the visible part.
    """

    asymmetry_long: float
    asymmetry_short: float
    colour_asymmetry_long: float
    colour_asymmetry_short: float
    compactness: float
    solidity: float
    abrupt_sectors: int
    colour_shares: tuple[ColourShare, ...]
    diameter_pixels: float
    diameter_mm: float | None
    skin: tuple[float, float, float] | None
    leaves_picture: bool

    @property
    def colours(self) -> tuple[str, ...]:
        """Those of `COLOURS` that are present: on at least 5 % of the lesion. One to six."""
        return tuple(colour for colour, share in self.colour_shares if share >= PRESENT_FROM)


def measure(rgb: Rgb, mask: Mask, *, mm_per_pixel: float | None = None) -> Measures:
    """Measure the lesion that `mask` (height, width) outlines in `rgb` (height, width, 3), sRGB, values 0..255.

    `mm_per_pixel` is the size of a pixel of this image (see `app.core.domain.scale`). Raises `LesionError`
    for a mask with no lesion or too small a one, another `ValueError` for arrays that don't fit together and a scale
    that is none.
    """
    _check(rgb, mask, mm_per_pixel)
    picture, covered, pixel = _reduced(rgb, mask)
    outline = _outline(covered)
    corners = outline[:: max(1, len(outline) // HULL_POINTS)]
    hull = _convex_hull(corners)
    frame = Frame.of(outline)
    lesion = frame.lesion(outline)
    lab, shown = frame.colours(picture)
    skin = _skin(lab, lesion, shown)
    form = [_not_overlapping(lesion, axis) for axis in (0, 1)]
    colour = _colour_differences(lab, lesion)
    diameter = _largest_distance(hull * pixel)
    edges = (mask[0], mask[-1], mask[:, 0], mask[:, -1])
    return Measures(
        asymmetry_long=form[0],
        asymmetry_short=form[1],
        colour_asymmetry_long=colour[0],
        colour_asymmetry_short=colour[1],
        compactness=perimeter(outline) ** 2 / (4 * math.pi * area(outline)),
        solidity=min(1.0, area(corners) / area(hull)),
        abrupt_sectors=_abrupt_sectors(lab[..., 0], shown, frame.points(outline)),
        colour_shares=_colour_shares(lab[lesion], skin),
        diameter_pixels=diameter,
        diameter_mm=None if mm_per_pixel is None else diameter * mm_per_pixel,
        skin=None if skin is None else (float(skin[0]), float(skin[1]), float(skin[2])),
        leaves_picture=any(bool(edge.any()) for edge in edges),
    )


def _check(rgb: Rgb, mask: Mask, mm_per_pixel: float | None) -> None:
    if rgb.ndim != 3 or rgb.shape[2] != 3 or rgb.dtype != np.uint8:
        raise ValueError(f"expected 8-bit RGB of shape (height, width, 3), got {rgb.dtype} {rgb.shape}")
    if mask.shape != rgb.shape[:2] or mask.dtype != np.bool_:
        raise ValueError(f"expected a boolean mask of shape {rgb.shape[:2]}, got {mask.dtype} {mask.shape}")
    if mm_per_pixel is not None and not (math.isfinite(mm_per_pixel) and mm_per_pixel > 0):
        raise ValueError(f"a pixel has more than 0 mm, not {mm_per_pixel}")


def _reduced(rgb: Rgb, mask: Mask) -> tuple[Image.Image, Image.Image, tuple[float, float]]:
    """The image, how much of each pixel the lesion covers (0..255), and a pixel's width and height in those given.

    At most `WORKING_SIDE` on a side. Of very large images only every so many rows and columns are looked at, so
    that two to a pixel remain: all of them would take ten times as long.
    """
    step = max(1, max(mask.shape) // (2 * WORKING_SIDE))
    every = slice(step // 2, None, step)
    picture = Image.fromarray(np.ascontiguousarray(rgb[every, every]))
    covered = Image.fromarray(mask[every, every] * np.uint8(255))
    width, height = picture.size
    factor = min(1.0, WORKING_SIDE / max(width, height))
    size = max(1, round(width * factor)), max(1, round(height * factor))
    if size != (width, height):
        picture, covered = (image.resize(size, Image.Resampling.BOX, reducing_gap=1.0) for image in (picture, covered))
    return picture, covered, (step * width / size[0], step * height / size[1])


def _outline(covered: Image.Image) -> Points:
    """The smoothed outline of the largest area, closed (the first point is not repeated).

    The mask's steps would make a perimeter up to 4 / pi too long, however fine the pixels; a Gaussian makes a
    ramp of them, along which the contour at one half runs between pixels.
    """
    box = covered.getbbox()
    pixels = 0.0 if box is None else float(np.asarray(covered, np.float64).sum() / 255)
    if box is None or pixels < SMALLEST_LESION:
        raise LesionError(f"The outlined lesion is too small to measure: {pixels:.0f} pixels of {covered.size}.")
    sigma = max(SMALLEST_SMOOTHING, SMOOTHING * 2 * math.sqrt(pixels / math.pi))
    margin = math.ceil(4 * sigma)
    padded = Image.new("L", (box[2] - box[0] + 2 * margin, box[3] - box[1] + 2 * margin))
    padded.paste(covered.crop(box), (margin, margin))
    smooth = np.asarray(padded.filter(ImageFilter.GaussianBlur(sigma)), np.float64)
    lines = contour_generator(z=smooth, line_type=LineType.Separate).lines(127.5)
    if not lines:
        raise LesionError("The outlined lesion is too thin to measure.")
    largest = max((np.asarray(line, np.float64)[:-1] for line in lines), key=area)
    if area(largest) < SMALLEST_LESION:
        raise LesionError(f"The outlined lesion is too small to measure: {area(largest):.0f} pixels in one piece.")
    return largest + 0.5 - margin + np.array(box[:2])


def _convex_hull(points: Points) -> Points:
    """The corners of the convex hull (Andrew's monotone chain, Inf. Process. Lett. 9, 1979)."""
    ordered = sorted(map(tuple, points.tolist()))
    halves = []
    for way in (ordered, ordered[::-1]):
        chain: list[tuple[float, ...]] = []
        for x, y in way:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append((x, y))
        halves += chain[:-1]
    return np.array(halves)


def _largest_distance(hull: Points) -> float:
    return float(np.hypot(*(hull[:, np.newaxis] - hull).transpose(2, 0, 1)).max())


def _not_overlapping(lesion: Mask, axis: int) -> float:
    """Share of the lesion that its mirror image does not cover; 0 mirrors over the long axis, 1 over the short."""
    return 1 - float((lesion & np.flip(lesion, axis)).sum() / lesion.sum())


def _colour_differences(lab: NDArray[np.float32], lesion: Mask) -> tuple[float, float]:
    """Mean CIELAB difference between the lesion's cells and their mirror images over the long and the short axis."""
    covered = _by_cell(lesion[..., np.newaxis].astype(np.float32))
    colours = _by_cell(lab * lesion[..., np.newaxis]) / np.maximum(covered, 1)
    differences = []
    for axis in (0, 1):
        weight = np.minimum(covered, np.flip(covered, axis))[..., 0]
        difference = np.linalg.norm(colours - np.flip(colours, axis), axis=-1)
        differences.append(float((difference * weight).sum() / weight.sum()) if weight.any() else 0.0)
    return differences[0], differences[1]


def _by_cell(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums over the cells of a frame (FRAME, FRAME, n)."""
    cells = FRAME // CELL
    rows = values.reshape(cells, CELL, -1).sum(axis=1)
    return rows.reshape(cells, cells, CELL, -1).sum(axis=2)


def _abrupt_sectors(lightness: NDArray[np.float32], shown: Mask, outline: Points) -> int:
    """How many sectors have an abrupt border. `lightness` is L* and `outline` the outline, both of the frame."""
    points = evenly_spaced(outline, BORDER_POINTS)
    tangent = np.roll(points, -4, axis=0) - np.roll(points, 4, axis=0)  # over 3 % of the border: no single pixel's
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1) / np.maximum(np.hypot(*tangent.T), 1e-9)[:, np.newaxis]
    x, y = points.T
    if signed_area(points) < 0:  # the normal points inwards
        normal = -normal
    steps = np.arange(1, WIDE + 1)
    offsets = np.concatenate([-steps, steps])
    u, v = np.clip((points[:, np.newaxis] + normal[:, np.newaxis] * offsets[:, np.newaxis]).astype(int), 0, FRAME - 1).T
    seen = shown[v, u]
    angle = np.arctan2(y - FRAME / 2, x - FRAME / 2) % (2 * math.pi)
    sector = (angle * SECTORS / (2 * math.pi)).astype(int) % SECTORS
    of_sector = (sector[:, np.newaxis] == np.arange(SECTORS)).astype(np.float64)
    sums, counts = (lightness[v, u] * seen) @ of_sector, seen @ of_sector  # (offsets, SECTORS)

    def rise(width: int) -> NDArray[np.float64]:
        bands = (slice(WIDE, WIDE + width), slice(0, width))  # outside, inside
        outside, inside = (sums[band].sum(axis=0) / np.maximum(counts[band].sum(axis=0), 1) for band in bands)
        both = np.all([counts[band].any(axis=0) for band in bands], axis=0)
        return np.where(both, outside - inside, 0.0)

    wide = rise(WIDE)
    return int(((wide >= CONTRAST_FROM) & (rise(NARROW) >= ABRUPT_FROM * wide)).sum())


def _skin(lab: NDArray[np.float32], lesion: Mask, shown: Mask) -> NDArray[np.float32] | None:
    """Median CIELAB of the skin around the lesion, `None` where less than 1 % of the frame shows any.

    From a twentieth to a fifth of the frame's half side away (a Gaussian's values); what is as dark as a
    dermatoscope's rim is left out.
    """
    nearness = np.asarray(Image.fromarray(lesion.view(np.uint8) * np.uint8(255)).filter(ImageFilter.GaussianBlur(12)))
    around = ~lesion & shown & (nearness > 8) & (nearness < 90) & (lab[..., 0] > 25)
    return np.median(lab[around], axis=0) if around.mean() > 0.01 else None


def _colour_shares(lab: NDArray[np.float32], skin: NDArray[np.float32] | None) -> tuple[ColourShare, ...]:
    """Share of pixels (n, 3) nearest to each of the colours."""
    moved = lab if skin is None else lab + np.array([0, *(SKIN - skin[1:])], np.float32)
    distance = -2 * moved @ REFERENCES.T + (REFERENCES**2).sum(axis=1)  # squared, but for what is the same for all
    if skin is not None:
        distance[lab[:, 0] < skin[0] + WHITE_ABOVE_SKIN, COLOURS.index("white")] = np.inf
    counts = np.bincount(distance.argmin(axis=1), minlength=len(COLOURS))
    return tuple(ColourShare(colour, float(count / len(lab))) for colour, count in zip(COLOURS, counts, strict=True))
