"""A lesion's principal axes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from app.core.domain.geometry import Mask, Points
from app.core.lesion.colours import to_lab

FRAME = 256
"""Pixels on a side of the lesion's own frame: centroid in the middle, the long principal axis horizontal."""
MARGIN = 1.25
"""The frame's half side over the distance of the centroid to the farthest point of the outline: leaves room for skin.
"""


@dataclass(frozen=True)
class Frame:
    """The lesion's own square frame: (u, v) from 0 to `FRAME`, u along the long principal axis."""

    centre: tuple[float, float]
    along: tuple[float, float]
    """The long axis's direction."""
    scale: float
    """Pixels of the frame a pixel of the image."""

    @classmethod
    def of(cls, outline: Points) -> Frame:
        """From the moments of the area within a polygon (Green's theorem; Steger, On the calculation of
        arbitrary moments of polygons, TU Munich, FGBV-96-05, 1996)."""
        origin = outline.mean(axis=0)
        x, y = (outline - origin).T
        x1, y1 = np.roll(x, -1), np.roll(y, -1)
        cross = x * y1 - x1 * y
        area = cross.sum() / 2
        cx, cy = ((x + x1) * cross).sum() / (6 * area), ((y + y1) * cross).sum() / (6 * area)
        xx = ((x * x + x * x1 + x1 * x1) * cross).sum() / (12 * area) - cx * cx
        yy = ((y * y + y * y1 + y1 * y1) * cross).sum() / (12 * area) - cy * cy
        xy = ((2 * x * y + x * y1 + x1 * y + 2 * x1 * y1) * cross).sum() / (24 * area) - cx * cy
        angle = math.atan2(2 * xy, xx - yy) / 2
        farthest = float(np.hypot(x - cx, y - cy).max())
        return cls(
            (float(origin[0] + cx), float(origin[1] + cy)),
            (math.cos(angle), math.sin(angle)),
            FRAME / 2 / (MARGIN * farthest),
        )

    def points(self, outline: Points) -> Points:
        """Points of the image in the frame."""
        cos, sin = self.along
        x, y = (outline - self.centre).T * self.scale
        return np.stack([x * cos + y * sin, y * cos - x * sin], axis=1) + FRAME / 2

    def lesion(self, outline: Points) -> Mask:
        """What lies within the outline, (FRAME, FRAME). Drawn four times as large, for Pillow fills what a
        polygon's line touches."""
        drawn = self.points(outline)
        canvas = Image.new("L", (4 * FRAME, 4 * FRAME))
        ImageDraw.Draw(canvas).polygon((4 * drawn - 0.5).ravel().tolist(), fill=255)
        return np.asarray(canvas.reduce(4)) > 127

    def colours(self, picture: Image.Image) -> tuple[NDArray[np.float32], Mask]:
        """The image's CIELAB in the frame, (FRAME, FRAME, 3), and where the image reaches."""
        cos, sin = (part / self.scale for part in self.along)
        x, y = self.centre
        half = FRAME / 2
        turn = (cos, -sin, x - half * (cos - sin), sin, cos, y - half * (sin + cos))
        picture = picture.copy()
        picture.putalpha(255)
        turned = np.asarray(picture.transform((FRAME, FRAME), Image.Transform.AFFINE, turn, Image.Resampling.BILINEAR))
        return to_lab(turned[..., :3]), turned[..., 3] == 255
