"""The saliency map (class activation map) hatched over the image, its controls, and both painted as one image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QVBoxLayout, QWidget

from app.ui.image.image_view import WHOLE, in_grey
from app.ui.widgets.style import GRID, SUSPECTED, label

FULL_COLOUR_AT = 8.0
"""Logit units at which the colour is full. Chosen on val with model 3 (300 images drawn by seed 0): 90 % of the places
lie within 8.2 and 75 % within 1.7; of melanomas, the highest place is 4.1 in the median and 8.1 in the third quartile.
The same for all images, so that their maps can be compared."""
STRENGTH = 0.6
"""The slider's first value: structures below stay legible at full colour (judged on full-size images)."""
MAP_SIDE = 512
"""Pixels of a map's longer side."""
TINT = 0.5
"""Opacity of the colour between the lines where it is full."""
HATCHING = ((0.25, 16), (0.6, 8))
"""Shares of the full value from which there are slanting lines, and how many pixels these are apart: the more, the
closer, so that they are told apart in grey and in print."""
LINE = 2
"""Pixels of a line's width, along the row."""


def to_qimage(activation: NDArray[np.float32], full_colour_at: float = FULL_COLOUR_AT) -> QImage:
    """A class activation map of shape (rows, columns), in logit units, as colour and lines to lay over the image.

    Places with positive values, which speak for melanoma, are orange and hatched; all others stay clear. The opacity
    is `TINT` · value / `full_colour_at`, at most `TINT`, and full on the lines of `HATCHING`. The values are
    interpolated bicubically before. ARGB, premultiplied, the longer side about `MAP_SIDE` pixels. Raises `ValueError`
    for an empty map, for values that are no numbers, and for a scale that is not positive.
    """
    if activation.ndim != 2 or activation.size == 0 or not np.isfinite(activation).all():
        raise ValueError(f"expected a map of finite numbers of shape (rows, columns), got shape {activation.shape}")
    if not (np.isfinite(full_colour_at) and full_colour_at > 0):
        raise ValueError(f"the value of full colour must be positive, got {full_colour_at}")
    times = max(1, round(MAP_SIDE / max(activation.shape)))
    values = _interpolated(_interpolated(activation.astype(np.float64), times).T, times).T
    shares = np.clip(values / full_colour_at, 0.0, 1.0)
    alpha = np.where(_lines(shares), 1.0, TINT * shares)
    colour = QColor(SUSPECTED)
    premultiplied = np.array([colour.red(), colour.green(), colour.blue()]) * alpha[..., np.newaxis]
    channels = np.rint(np.dstack([255 * alpha, premultiplied])).astype(np.uint32)  # alpha, red, green, blue
    words = np.ascontiguousarray(channels @ np.array([1 << 24, 1 << 16, 1 << 8, 1], np.uint32))
    height, width = words.shape
    return QImage(words.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()


def painted(image: QImage, colours: QImage, area: QRectF | None, strength: float = STRENGTH) -> QImage:
    """An image in grey with a saliency map (see `to_qimage`) painted on it, as in the window, for a report.

    `area` and `strength` are as in `ImageView.set_saliency_map` and `set_saliency_map_strength`.
    """
    area = WHOLE if area is None else area
    if area.isEmpty() or not WHOLE.contains(area) or not 0.0 <= strength <= 1.0:
        raise ValueError(f"the area must lie within 0..1 and so must the strength, got {area.getRect()}, {strength}")
    made = in_grey(image).convertToFormat(QImage.Format.Format_RGB32)
    width, height = made.width(), made.height()
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setOpacity(strength)
    place = QRectF(area.x() * width, area.y() * height, area.width() * width, area.height() * height)
    painter.drawImage(place, colours)
    painter.end()
    return made


def speaks_for(activation: NDArray[np.float32]) -> bool:
    """Whether a place of a class activation map gets lines."""
    return bool(activation.max() >= HATCHING[0][0] * FULL_COLOUR_AT)


def _lines(shares: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where slanting lines go: (rows, columns), as the shares of the full value."""
    rows, columns = np.indices(shares.shape)
    lines = np.zeros(shares.shape, dtype=bool)
    for least, apart in HATCHING:
        lines |= (shares >= least) & ((rows + columns) % apart < LINE)
    return lines


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

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(self.tr("Heat map (H)"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(10, 100)
        self.slider.setPageStep(10)
        self.slider.setValue(round(100 * STRENGTH))
        self.slider.setAccessibleName(self.tr("Strength of the heat map"))
        self.slider.setToolTip(self.tr("Strength of the heat map"))
        self.legend = QWidget()
        self._bar = _Bar()
        little, much = label(self.tr("little")), label(self.tr("much"))
        for words, side in ((little, Qt.AlignmentFlag.AlignLeft), (much, Qt.AlignmentFlag.AlignRight)):
            words.setAlignment(side | Qt.AlignmentFlag.AlignTop)
        self.note = label()
        self.reason = label()
        self.reason.hide()

        top = QHBoxLayout()
        top.setSpacing(2 * GRID)
        top.addWidget(self.box)
        top.addWidget(self.slider, stretch=1)
        ends = QHBoxLayout()
        ends.addWidget(little)
        ends.addWidget(much)
        below = QVBoxLayout(self.legend)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(GRID // 2)
        below.addWidget(self._bar)
        below.addLayout(ends)
        below.addWidget(self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addWidget(self.legend)
        column.addWidget(self.reason)
        self.box.toggled.connect(self._on_toggled)
        self.slider.valueChanged.connect(self._on_slider)
        self._show_state()

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

    def _on_slider(self) -> None:
        self._bar.set_strength(self.strength)
        self.strength_changed.emit(self.strength)

    def _show_state(self) -> None:
        shown = self.is_on and self.box.isEnabled()
        self.slider.setEnabled(shown)
        self.legend.setVisible(shown)
        self.reason.setVisible(not self.box.isEnabled() and bool(self.reason.text()))


class _Bar(QLabel):
    """The legend's bar: from nothing to the full value, as over the image."""

    def __init__(self) -> None:
        super().__init__()
        self._strength = STRENGTH
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("The closer the lines, the stronger the signs of melanoma to the network."))

    def set_strength(self, strength: float) -> None:
        self._strength = strength
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 2 * GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 2 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        values = np.linspace(0, FULL_COLOUR_AT, 64, dtype=np.float32)[np.newaxis].repeat(4, axis=0)
        painter.setOpacity(self._strength)
        painter.drawImage(area, to_qimage(values))
        painter.setOpacity(1.0)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Mid), 1))
        painter.drawRect(area)
