"""An outline as points: while it is edited by its handles, and whether a line is one at all."""

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
"""Shape (n, 2), x and y in the picture's pixels: a line that is closed from its last point to its first."""
HANDLES = 32
"""Chosen by eye: apart enough to be hit on a small lesion, near enough for a notch."""
STEPS = 8
"""Points to a handle at least, so that the line bends between handles."""
MOST_POINTS = 512
"""An outline with more is taken apart into as many, equally far apart: its detail stays below a pixel of the view."""
REACH = 2.5
"""Distances between handles over which a moved handle takes the line on either side along, at least."""
PULL = 1.5
"""Over so many times the way that it is moved it does as well, lest a long way make a spike."""


@dataclass(frozen=True, eq=False)
class EditableOutline:
    """An outline while it is edited: all of its points, and which of them have handles (ascending rows)."""

    points: Points
    handles: NDArray[np.intp]

    @classmethod
    def of(cls, points: Points) -> EditableOutline:
        """`HANDLES` handles, equally far apart, on a line of at least 3 points that are not one and the same."""
        if len(points) > MOST_POINTS:
            points = evenly_spaced(points, MOST_POINTS)
        points = _with_steps(points, perimeter(points) / (HANDLES * STEPS))
        along = _along(points)
        wanted = np.arange(HANDLES) * perimeter(points) / HANDLES
        return cls(points, np.unique(np.abs(along[:, np.newaxis] - wanted).argmin(axis=0)))

    @classmethod
    def drawn(cls, track: Points, least_area: float) -> EditableOutline | None:
        """What a line drawn by hand encloses, without the hand's tremor; None where it is no outline (`cleaned`)."""
        points = cleaned(track, least_area)
        if points is not None:
            points = cleaned(smoothed(evenly_spaced(points, HANDLES * STEPS)), least_area)
        return None if points is None else cls.of(points)

    def moved(
        self, handle: int, by: NDArray[np.float64], *, reach: float, size: NDArray[np.float64]
    ) -> EditableOutline:
        """A handle moved by (x, y), and the line on either side with it, less and less (a raised cosine).

        `reach` is how far that goes along the line at least, in mean distances between handles (see `PULL`). Points
        stay within 0..`size`.
        """
        along, length = _along(self.points), perimeter(self.points)
        apart = np.abs(along - along[self.handles[handle]])
        far = reach * max(length / HANDLES, PULL / REACH * float(np.hypot(*by)))
        apart = np.minimum(apart, length - apart) / min(far, length / 2)
        share = np.where(apart < 1, (1 + np.cos(np.pi * apart)) / 2, 0.0)
        return EditableOutline(np.clip(self.points + share[:, np.newaxis] * by, 0.0, size), self.handles)

    def with_handle_at(self, place: NDArray[np.float64]) -> tuple[EditableOutline, int, float]:
        """A handle more where the line is nearest to a place; which it is, and how far from there in pixels."""
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
        """A handle more halfway to the next; which it is."""
        row, following = self.handles[handle], self.handles[(handle + 1) % len(self.handles)]
        middle = (row + (following - row) % len(self.points) // 2) % len(self.points)
        handles = np.unique(np.append(self.handles, middle))
        return EditableOutline(self.points, handles), int(np.searchsorted(handles, middle))

    def without_handle(self, handle: int) -> EditableOutline:
        """One handle of at least 4 less: a cubic through its neighbours, with the slopes that the line has there."""
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
    """An outline in fractions of the picture, as it is given.

    Raises `ValueError` for fewer than 3 points and for any that is not within 0..1.
    """
    return list(Outline(tuple((float(x), float(y)) for x, y in points)).points)


def cleaned(points: Points, least_area: float) -> Points | None:
    """The outline that a line draws: where it crosses itself, round the largest part that it encloses.

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
    """Without points that are where the one before is."""
    apart: NDArray[np.bool_] = np.hypot(*(points - np.roll(points, 1, axis=0)).T) > 1e-6
    return np.asarray(points[apart])


def smoothed(points: Points) -> Points:
    """Each point half itself and half its neighbours, several times: without the tremor of a hand."""
    for _ in range(8):  # a Gaussian of 2 points; a circle of 256 points shrinks by 0.1 %
        points = points / 2 + (np.roll(points, 1, axis=0) + np.roll(points, -1, axis=0)) / 4
    return points


def _along(points: Points) -> NDArray[np.float64]:
    """How far along the line each point is from the first."""
    return np.append(0.0, side_lengths(points)[:-1].cumsum())


def _with_steps(points: Points, step: float) -> Points:
    """Edges longer than `step` taken apart into equal ones that are not; the points that were there stay."""
    following = np.roll(points, -1, axis=0)
    parts = np.maximum(1, np.ceil(side_lengths(points) / step - 1e-9)).astype(np.intp)
    edge = np.repeat(np.arange(len(points)), parts)
    share = (np.arange(len(edge)) - np.repeat(parts.cumsum() - parts, parts)) / parts[edge]
    return np.asarray(points[edge] + share[:, np.newaxis] * (following - points)[edge])
