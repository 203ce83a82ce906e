"""An outline's geometry: handles that move the line about them, and the repair of lines drawn by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath, QPolygonF

from app.core.domain.geometry import area, evenly_spaced, perimeter, side_lengths
from app.core.domain.outline import Outline

Points = NDArray[np.float64]
"""Shape (n, 2), x and y in the image's pixels: a line that is closed from its last point to its first."""
HANDLES = 32
"""Number of handles, chosen by eye: far enough apart on a small lesion, near enough for a notch."""
STEPS = 8
"""Points to a handle at least, so that the line bends between handles."""
MOST_POINTS = 512
"""Points above which an outline is resampled to as many at equal distances; the loss is below a pixel of the view."""
REACH = 2.5
"""Least distance, in distances between handles, over which a moved handle takes the line along on either side."""
PULL = 1.5
"""The same distance in lengths of the move, so that a long move makes no spike."""


@dataclass(frozen=True, eq=False)
class EditableOutline:
    """An outline while it is edited: its points, and the ascending rows of those that have handles."""

    points: Points
    handles: NDArray[np.intp]

    @classmethod
    def of(cls, points: Points) -> EditableOutline:
        """`HANDLES` handles at equal distances on a line of at least 3 distinct points."""
        if len(points) > MOST_POINTS:
            points = evenly_spaced(points, MOST_POINTS)
        points = _with_steps(points, perimeter(points) / (HANDLES * STEPS))
        along = _along(points)
        wanted = np.arange(HANDLES) * perimeter(points) / HANDLES
        return cls(points, np.unique(np.abs(along[:, np.newaxis] - wanted).argmin(axis=0)))

    @classmethod
    def drawn(cls, track: Points, least_area: float) -> EditableOutline | None:
        """The smoothed outline of what a line drawn by hand encloses; None where it is no outline (`cleaned`)."""
        points = cleaned(track, least_area)
        if points is not None:
            points = cleaned(smoothed(evenly_spaced(points, HANDLES * STEPS)), least_area)
        return None if points is None else cls.of(points)

    def moved(
        self, handle: int, by: NDArray[np.float64], *, reach: float, size: NDArray[np.float64]
    ) -> EditableOutline:
        """The outline with a handle moved by (x, y); the line on either side follows by a raised cosine.

        `reach` is the least distance along the line that follows, in mean distances between handles (see `PULL`).
        Points stay within 0..`size`.
        """
        along, length = _along(self.points), perimeter(self.points)
        apart = np.abs(along - along[self.handles[handle]])
        far = reach * max(length / HANDLES, PULL / REACH * float(np.hypot(*by)))
        apart = np.minimum(apart, length - apart) / min(far, length / 2)
        share = np.where(apart < 1, (1 + np.cos(np.pi * apart)) / 2, 0.0)
        return EditableOutline(np.clip(self.points + share[:, np.newaxis] * by, 0.0, size), self.handles)

    def with_handle_at(self, place: NDArray[np.float64]) -> tuple[EditableOutline, int, float]:
        """The outline with a handle more where the line is nearest to a place; its number and distance in pixels."""
        starts, steps = self.points, np.roll(self.points, -1, axis=0) - self.points
        squared = np.maximum((steps**2).sum(axis=1), 1e-12)
        nearest = starts + np.clip(((place - starts) * steps).sum(axis=1) / squared, 0, 1)[:, np.newaxis] * steps
        distances = np.hypot(*(nearest - place).T)
        edge = int(distances.argmin())
        row = edge + 1
        handles = np.sort(np.append(np.where(self.handles > edge, self.handles + 1, self.handles), row))
        shape = EditableOutline(np.insert(self.points, row, nearest[edge], axis=0), handles)
        return shape, int(np.searchsorted(handles, row)), float(distances[edge])

    def with_handle_after(self, handle: int) -> tuple[EditableOutline, int]:
        """The outline with a handle more halfway to the next, and its number."""
        row, following = self.handles[handle], self.handles[(handle + 1) % len(self.handles)]
        middle = (row + (following - row) % len(self.points) // 2) % len(self.points)
        handles = np.unique(np.append(self.handles, middle))
        return EditableOutline(self.points, handles), int(np.searchsorted(handles, middle))

    def without_handle(self, handle: int) -> EditableOutline:
        """The outline without one of at least 4 handles: a cubic through its neighbours, with the slopes there."""
        count = len(self.handles)
        rows = [self.handles[(handle + step) % count] for step in (-2, -1, 1, 2)]
        p0, p1, p2, p3 = (self.points[row] for row in rows)
        first = rows[1]
        points = np.roll(self.points, -first, axis=0)
        end = (rows[2] - first) % len(points)
        t = (np.arange(1, end) / end)[:, np.newaxis]
        # Slopes of the parabolas through three handles each, where p1 to p2 counts as two distances between handles.
        leaving = 2 * (p1 - p0) - 2 / 3 * (p2 - p0) + (p2 - p1)
        arriving = (p2 - p1) - 2 / 3 * (p3 - p1) + 2 * (p3 - p2)
        points[1:end] = (
            (2 * t**3 - 3 * t**2 + 1) * p1
            + (t**3 - 2 * t**2 + t) * leaving
            + (3 * t**2 - 2 * t**3) * p2
            + (t**3 - t**2) * arriving
        )
        left = (np.delete(self.handles, handle) - first) % len(points)
        return EditableOutline(points, np.sort(left))


def checked(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A checked outline in fractions of the image.

    Raises `ValueError` for fewer than 3 points and for any that is not within 0..1.
    """
    return list(Outline(tuple((float(x), float(y)) for x, y in points)).points)


def cleaned(points: Points, least_area: float) -> Points | None:
    """The outline that a line encloses; of a line that crosses itself, round the largest part.

    None where there are fewer than 3 points or less than `least_area` square pixels in it.
    """
    points = distinct(points)
    if len(points) > MOST_POINTS:
        points = evenly_spaced(points, MOST_POINTS)
    if len(points) >= 3 and crosses_itself(points):
        path = QPainterPath()
        path.addPolygon(QPolygonF([QPointF(*point) for point in points]))
        path.closeSubpath()
        path.setFillRule(Qt.FillRule.WindingFill)
        parts = [
            distinct(np.array([(point.x(), point.y()) for point in part.toList()]).reshape(-1, 2))
            for part in path.simplified().toSubpathPolygons()
        ]
        points = max(parts, key=area, default=points[:0])
    return points if len(points) >= 3 and area(points) >= least_area else None


def crosses_itself(points: Points) -> bool:
    """Whether any two edges of a closed line cross; those that only touch don't."""
    edges = np.roll(points, -1, axis=0) - points
    x, y = (points[np.newaxis] - points[:, np.newaxis]).transpose(2, 0, 1)
    side = edges[:, :1] * y - edges[:, 1:] * x  # [edge, point]: which side of the edge the point is on
    parted = side * np.roll(side, -1, axis=1) < 0
    return bool((parted & parted.T).any())


def distinct(points: Points) -> Points:
    """The points without repetitions of the one before."""
    apart: NDArray[np.bool_] = np.hypot(*(points - np.roll(points, 1, axis=0)).T) > 1e-6
    return np.asarray(points[apart])


def smoothed(points: Points) -> Points:
    """The line without a hand's tremor: 8 times, each point becomes half itself and half its neighbours' mean."""
    for _ in range(8):  # a Gaussian of 2 points; a circle of 256 points shrinks by 0.1 %
        points = points / 2 + (np.roll(points, 1, axis=0) + np.roll(points, -1, axis=0)) / 4
    return points


def _along(points: Points) -> NDArray[np.float64]:
    """Distance of each point from the first along the line."""
    return np.append(0.0, side_lengths(points)[:-1].cumsum())


def _with_steps(points: Points, step: float) -> Points:
    """The line with edges longer than `step` divided into equal parts; its points stay."""
    following = np.roll(points, -1, axis=0)
    parts = np.maximum(1, np.ceil(side_lengths(points) / step - 1e-9)).astype(np.intp)
    edge = np.repeat(np.arange(len(points)), parts)
    share = (np.arange(len(edge)) - np.repeat(parts.cumsum() - parts, parts)) / parts[edge]
    return np.asarray(points[edge] + share[:, np.newaxis] * (following - points)[edge])
