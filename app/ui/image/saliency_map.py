"""The saliency map as hatched areas over the image, and its controls."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from contourpy import FillType, contour_generator
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from app.core.domain.advice import Advice
from app.ui.look.style import label
from app.ui.look.tokens import GRID, LIGHT, PAPER, TextStyle, see_through

FULL_COLOUR_AT = 0.6
"""Logit units that are much: what the highest place of three in four melanomas of val lies below (Lite 7, occlusion
maps of 30 melanomas and 30 others of HAM10000 drawn by seed 0: median 0.35 and 0.09, third quartile 0.60 and 0.17). The
same for all images, so that their maps can be compared."""
STRENGTH = 0.6
"""The slider's first value: structures below stay legible (judged on full-size images)."""
MAP_SIDE = 96
"""Places of a map's longer side once it is interpolated."""
HATCHING = ((0.25, 14), (0.6, 7))
"""Shares of `FULL_COLOUR_AT` from which there are slanting lines, and how many pixels these are apart: the more, the
closer, so that they are told apart in grey and in print."""
TINTS = (0.18, 0.4)
"""Opacity of the colour between the lines of each."""
COLOUR = LIGHT.advice[Advice.REFER_MELANOMA].symbol
"""What speaks for melanoma; the picture below is grey in both schemes."""


@dataclass(frozen=True)
class MapAreas:
    """The areas of a map from each limit of `HATCHING` on, in fractions of the map's sides."""

    paths: tuple[QPainterPath, ...]

    @property
    def is_empty(self) -> bool:
        return all(path.isEmpty() for path in self.paths)


def areas_of(values: NDArray[np.float32], full_colour_at: float = FULL_COLOUR_AT) -> MapAreas:
    """The areas of a saliency map of shape (rows, columns), in logit units, that speak for melanoma.

    The values are interpolated bicubically before. Raises `ValueError` for an empty map, for values that are no
    numbers, and for a scale that is not positive.
    """
    if values.ndim != 2 or values.size == 0 or not np.isfinite(values).all():
        raise ValueError(f"expected a map of finite numbers of shape (rows, columns), got shape {values.shape}")
    if not (np.isfinite(full_colour_at) and full_colour_at > 0):
        raise ValueError(f"the value of full colour must be positive, got {full_colour_at}")
    times = max(2, round(MAP_SIDE / max(values.shape)))
    fine = _interpolated(_interpolated(values.astype(np.float64), times).T, times).T
    fine = np.pad(fine, 1, mode="edge")  # up to the image's edge
    rows, columns = fine.shape
    x, y = ((np.clip(np.arange(count) - 0.5, 0, count - 2)) / (count - 2) for count in (columns, rows))
    generator = contour_generator(x, y, fine, fill_type=FillType.OuterOffset)
    return MapAreas(tuple(_path(generator.filled(share * full_colour_at, np.inf)) for share, _ in HATCHING))


def _path(filled: Any) -> QPainterPath:
    """contourpy's polygons, with their holes, as a path."""
    path = QPainterPath()
    for points, offsets in zip(*filled, strict=True):
        for start, end in pairwise(offsets):
            path.addPolygon(QPolygonF([QPointF(*point) for point in points[start:end]]))
            path.closeSubpath()
    return path


def draw_areas(
    painter: QPainter,
    areas: MapAreas,
    place: QTransform,
    *,
    strength: float,
    colour: QColor = COLOUR,
    unit: float = 1.0,
) -> None:
    """Draw a map's areas: tinted, hatched, and with a contour in a light halo.

    `place` takes fractions of the map's sides to the painter's pixels, `unit` is what a pixel of the screen is there.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(painter.opacity() * strength / STRENGTH if strength < STRENGTH else painter.opacity())
    for path, (_, apart), tint in zip(areas.paths, HATCHING, TINTS, strict=True):
        shape = place.map(path)
        if shape.isEmpty():
            continue
        painter.save()
        painter.setClipPath(shape, Qt.ClipOperation.IntersectClip)
        painter.fillPath(shape, see_through(colour, min(1.0, tint * strength / STRENGTH)))
        _hatch(painter, shape.boundingRect(), apart * unit, QPen(colour, 1.5 * unit))
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for edge, width in ((see_through(PAPER, 0.8), 4.0), (colour, 2.0)):
            painter.setPen(QPen(edge, width * unit))
            painter.drawPath(shape)
    painter.restore()


def _hatch(painter: QPainter, area: QRectF, apart: float, pen: QPen) -> None:
    """Slanting lines over an area, on a grid that does not move with it."""
    painter.setPen(pen)
    step = apart * 2**0.5
    start = np.floor((area.left() + area.top()) / step) * step
    for total in np.arange(start, area.right() + area.bottom() + step, step):
        painter.drawLine(QPointF(total - area.top(), area.top()), QPointF(total - area.bottom(), area.bottom()))


def placed(area: QRectF, width: float, height: float) -> QTransform:
    """From fractions of a map's sides to the pixels of an image, on which it lies at `area` (fractions)."""
    made = QTransform.fromTranslate(area.x() * width, area.y() * height)
    return made.scale(area.width() * width, area.height() * height)


def speaks_for(values: NDArray[np.float32]) -> bool:
    """Whether a place of a saliency map gets lines."""
    return bool(values.max() >= HATCHING[0][0] * FULL_COLOUR_AT)


def _interpolated(values: NDArray[np.float64], times: int) -> NDArray[np.float64]:
    """Rows of values (rows, columns), each a `times`-th as far apart: (times * rows, columns).

    The cubic convolution of Keys (IEEE Trans. ASSP 29, 1981, a = -1/2), with values that stand for the middle of their
    cell and go on unchanged beyond the outermost. Held between the two values on either side: a cubic overshoots, and
    would claim what the network never gave.
    """
    rows = len(values)
    at = (np.arange(rows * times) + 0.5) / times - 0.5
    before = np.floor(at).astype(np.intp)
    t = (at - before)[:, np.newaxis]
    p0, p1, p2, p3 = (values[np.clip(before + step, 0, rows - 1)] for step in (-1, 0, 1, 2))
    cubic = p1 + t / 2 * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))
    return np.clip(cubic, np.minimum(p1, p2), np.maximum(p1, p2))


class SaliencyMapControls(QWidget):
    """Turns the saliency map on and off, sets its strength, and shows a legend while it is on."""

    toggled = Signal(bool)
    strength_changed = Signal(float)
    grey_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(self.tr("Heat map"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(10, 100)
        self.slider.setPageStep(10)
        self.slider.setValue(round(100 * STRENGTH))
        self.slider.setAccessibleName(self.tr("Strength of the heat map"))
        self.grey = QCheckBox(self.tr("Picture in grey"))
        self.grey.setChecked(True)
        self.legend = QWidget()
        self.note = label(quiet=True)
        self.reason = label(quiet=True)
        self.reason.hide()
        self._lay_out()
        self.box.toggled.connect(self._on_toggled)
        self.slider.valueChanged.connect(lambda _: self.strength_changed.emit(self.strength))
        self.grey.toggled.connect(self.grey_changed)
        self._show_state()

    def _lay_out(self) -> None:
        below = QVBoxLayout(self.legend)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(GRID)
        for place, words in ((1, self.tr("spoke most for melanoma")), (0, self.tr("spoke for it"))):
            row = QHBoxLayout()
            row.setSpacing(12)
            row.addWidget(_Swatch(place))
            row.addWidget(label(words), stretch=1)
            below.addLayout(row)
        below.addWidget(self.note)
        strength = QHBoxLayout()
        strength.setSpacing(2 * GRID)
        strength.addWidget(label(self.tr("Strength"), TextStyle.BODY))
        strength.addWidget(self.slider, stretch=1)
        below.addLayout(strength)
        below.addWidget(self.grey)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.box)
        column.addWidget(self.legend)
        column.addWidget(self.reason)

    @property
    def is_on(self) -> bool:
        return self.box.isChecked()

    @property
    def strength(self) -> float:
        """0.1..1"""
        return self.slider.value() / 100

    def set_on(self, on: bool) -> None:
        """Turn the map on or off; `toggled` is emitted on a change."""
        self.box.setChecked(on)

    def set_strength(self, strength: float) -> None:
        """Set the strength, 0.1..1; `strength_changed` is emitted on a change."""
        self.slider.setValue(round(100 * strength))

    def toggle(self) -> None:
        """Turn it on or off (key H); nothing while there is no map."""
        if self.box.isEnabled():
            self.box.toggle()

    def show_note(self, text: str) -> None:
        """Say beside the map what it shows, or why nothing is marked on it."""
        self.note.setText(text)

    def set_unavailable(self, reason: str) -> None:
        """Show the reason why there is no map; an empty reason: there is one. What was chosen stays chosen."""
        self.box.setEnabled(not reason)
        self.reason.setText(reason)
        self._show_state()

    def _on_toggled(self, on: bool) -> None:
        self._show_state()
        self.toggled.emit(on)

    def _show_state(self) -> None:
        shown = self.is_on and self.box.isEnabled()
        self.slider.setEnabled(shown)
        self.legend.setVisible(shown)
        self.reason.setVisible(not self.box.isEnabled() and bool(self.reason.text()))


class _Swatch(QWidget):
    """A piece of the hatching, as over the image."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self._place = place
        self.setFixedSize(QSize(28, 18))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = QRectF(QRect(0, 0, self.width(), self.height())).adjusted(1, 1, -1, -1)
        _, apart = HATCHING[self._place]
        painter.fillRect(area, PAPER)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(area)
        painter.fillRect(area, see_through(COLOUR, TINTS[self._place]))
        _hatch(painter, area, apart / 2, QPen(COLOUR, 1.5))
        painter.setClipping(False)
        painter.setPen(QPen(COLOUR, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(area)
