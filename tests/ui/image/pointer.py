"""Mouse, wheel and colours on an image view."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.ui.image.image_view import ImageView
from app.ui.image.outline_editor import OutlineEditor

Outline = list[tuple[float, float]]
WIDTH, HEIGHT = 256, 192
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def circle(x: float = 0.5, y: float = 0.5, radius: float = 0.2, count: int = 60) -> Outline:
    """Round in fractions of the picture, so an ellipse on it."""
    turns = np.arange(count) * 2 * math.pi / count
    return [(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns]


def in_view(view: ImageView, x: float, y: float) -> QPoint:
    """A place in fractions of the picture -> in the viewport."""
    width, height = view.image_size()
    return view.view_point(QPointF(x * width, y * height)).toPoint()


def seen(view: ImageView, x: float, y: float) -> QColor:
    """What is drawn at a place in fractions of the picture."""
    return view.viewport().grab().toImage().pixelColor(in_view(view, x, y))


def wheel(view: ImageView, place: QPoint, notches: int) -> None:
    """Turned with the mouse at a place, which then stays where it is."""
    at, none = QPointF(place), Qt.KeyboardModifier.NoModifier
    QCursor.setPos(view.viewport().mapToGlobal(place))
    QApplication.processEvents()
    event = QWheelEvent(
        at, QPointF(view.viewport().mapToGlobal(place)), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        none, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def drag(view: ImageView, *places: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    viewport = view.viewport()
    QTest.mousePress(viewport, LEFT, keys, places[0])
    for place in places[1:]:
        move(view, place, keys)
    QTest.mouseRelease(viewport, LEFT, keys, places[-1])


def move(view: ImageView, place: QPoint, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """`QTest.mouseMove` knows no modifiers."""
    viewport = view.viewport()
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(place), QPointF(viewport.mapToGlobal(place)), Qt.MouseButton.NoButton, LEFT, keys
    )
    QApplication.sendEvent(viewport, event)


def is_orange(colour: QColor) -> bool:
    return colour.red() - colour.blue() > 60


def is_grey(colour: QColor) -> bool:
    return colour.red() == colour.green() == colour.blue()


def handle(editor: OutlineEditor, number: int) -> QPoint:
    return editor.handles()[number].toPoint()


def moves(before: list[QPointF], after: list[QPointF]) -> list[float]:
    """How far each handle went."""
    assert len(before) == len(after)
    return [math.dist(old.toTuple(), new.toTuple()) for old, new in zip(before, after, strict=True)]
