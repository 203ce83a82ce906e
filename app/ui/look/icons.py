"""Icons by name, recoloured from Lucide's drawings."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from app.core.system import paths
from app.ui.look.tokens import tokens

STROKE = "1.75"
MIRRORED = frozenset(
    ("chevron-right", "arrow-right", "undo-2", "list", "folder-open", "rotate-ccw", "rotate-cw", "folder-output")
)
"""Turned round from right to left."""


def icon(name: str, colour: QColor | None = None) -> QIcon:
    """An icon by the name of its file in `resources/icons/lucide`, in the palette's colours at the time of painting,
    or always in one colour. Raises `OSError` where there is no such icon."""
    drawing(name)
    return QIcon(_Engine(name, colour))


def draw_icon(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw an icon into a square."""
    ratio = painter.device().devicePixelRatioF()
    side = max(1, round(rect.width() * ratio))
    mirrored = name in MIRRORED and painter.layoutDirection() == Qt.LayoutDirection.RightToLeft
    painter.drawPixmap(rect, _pixmap(name, colour, side, mirrored=mirrored), QRectF(0, 0, side, side))


def _pixmap(name: str, colour: QColor, side: int, *, mirrored: bool) -> QPixmap:
    """A square icon in device pixels."""
    key = f"icon {name} {colour.rgba():x} {side} {mirrored}"
    found = QPixmap()
    if QPixmapCache.find(key, found):
        return found
    made = QPixmap(side, side)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    if mirrored:
        painter.translate(side, 0)
        painter.scale(-1, 1)
    svg = drawing(name).replace("currentColor", colour.name())
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side, side))
    painter.end()
    QPixmapCache.insert(key, made)
    return made


@cache
def drawing(name: str) -> str:
    """An icon's SVG, in `currentColor`. Raises `OSError` where there is no such icon."""
    svg = (paths.resources() / "icons" / "lucide" / f"{name}.svg").read_text(encoding="utf-8")
    return svg.replace('stroke-width="2"', f'stroke-width="{STROKE}"')


class _Engine(QIconEngine):
    """Draws an icon in the colour of its mode and state, so that a change of scheme needs no new icon."""

    def __init__(self, name: str, colour: QColor | None) -> None:
        super().__init__()
        self._name, self._fixed = name, colour

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._fixed)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        draw_icon(painter, self._name, QRectF(rect), self._colour(mode, state))

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        side = min(size.width(), size.height())  # in device pixels
        made = _pixmap(self._name, self._colour(mode, state), side, mirrored=False).copy()
        made.setDevicePixelRatio(scale)
        return made

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> QColor:
        colours = tokens()
        if mode == QIcon.Mode.Disabled:
            return colours.disabled
        if self._fixed is not None:
            return self._fixed
        on = state == QIcon.State.On or mode == QIcon.Mode.Active
        return colours.accent if on else colours.text
