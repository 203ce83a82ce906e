"""Drawings of the body: the outlines that the body maps are made of, front, back, sides, head, hands and feet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker, QTransform

from app.core.domain.body import View

FIGURE_WIDTH, FIGURE_HEIGHT = 96.0, 188.0
"""A whole figure's size in its own units; x runs from its middle to both sides, y from the top."""
PART = 96.0
"""Width of a drawing of the head, a hand or a foot."""
Curve = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Figure:
    """A drawing: its outline, the lines within it, and its size, all in its own units from the upper left corner."""

    outline: QPainterPath
    signs: QPainterPath
    width: float
    height: float


@cache
def figure(view: View) -> Figure:
    """The drawing of a view. *Left* and *right* are the patient's."""
    for views, make, height in _DRAWINGS:
        if view in views:
            outline, signs = make(views.index(view))
            width = FIGURE_WIDTH if height == FIGURE_HEIGHT else PART
            move = QTransform.fromTranslate(width / 2, 0)
            return Figure(move.map(outline), move.map(signs), width, height)
    raise KeyError(view)


def head() -> QPainterPath:
    neck = QPainterPath()
    neck.addRect(QRectF(-5.5, 22, 11, 11))
    return oval(0, 14, 10.5, 13.5) + neck


def trunk() -> QPainterPath:
    half = curve((0, 32), [((-9, 32), (-16, 33), (-24, 38)), ((-23, 50), (-20, 62), (-20, 72))])
    half.cubicTo(-20, 82, -23, 88, -23, 98)
    half.quadTo(-12, 104, 0, 106)
    half.closeSubpath()
    return half + mirrored(half)


def arm() -> QPainterPath:
    return stroked(11, (-20, 43), (-32, 66), (-40, 90)) - trunk()


def hand() -> QPainterPath:
    return oval(-41, 97, 5.5, 8)


def leg() -> QPainterPath:
    outline = curve((-23, 98), [((-23, 112), (-19, 124), (-19, 134)), ((-20, 148), (-16, 158), (-16, 172))])
    outline.lineTo(-9, 172)
    outline.cubicTo(-9, 158, -6, 148, -6.5, 134)
    outline.cubicTo(-5, 124, -1, 112, -0.8, 100)
    outline.closeSubpath()
    return outline - trunk()


def oval(x: float, y: float, half_width: float, half_height: float) -> QPainterPath:
    made = QPainterPath()
    made.addEllipse(QPointF(x, y), half_width, half_height)
    return made


def curve(start: tuple[float, float], parts: Sequence[Curve]) -> QPainterPath:
    path = QPainterPath(QPointF(*start))
    for first, second, end in parts:
        path.cubicTo(QPointF(*first), QPointF(*second), QPointF(*end))
    return path


def stroked(width: float, *points: tuple[float, float]) -> QPainterPath:
    """A thick line with round ends."""
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    middle = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        middle.lineTo(QPointF(*point))
    return stroker.createStroke(middle).simplified()


def mirrored(path: QPainterPath) -> QPainterPath:
    return QTransform.fromScale(-1, 1).map(path)


def _body(number: int) -> tuple[QPainterPath, QPainterPath]:
    """From the front (0) or from the back (1)."""
    half = arm() + leg() + hand() + oval(-12.5, 176, 6.8, 8)
    outline = (head() + trunk() + half + mirrored(half)).simplified()
    signs = QPainterPath()
    if number == 0:
        signs.addEllipse(QPointF(-4, 12), 0.8, 0.8)
        signs.addEllipse(QPointF(4, 12), 0.8, 0.8)
    else:
        signs.moveTo(0, 40)
        signs.lineTo(0, 82)
    return outline, signs


def _profile(number: int) -> tuple[QPainterPath, QPainterPath]:
    """From the patient's left (0), looking to the drawing's left, or right (1)."""
    nose = curve((-9.5, 11), [((-12, 15), (-13, 16), (-9, 17))])
    body = curve(
        (-5, 24),
        [
            ((-5, 30), (-9, 33), (-11, 42)),
            ((-13, 54), (-11, 62), (-11, 72)),
            ((-11, 84), (-12, 92), (-11, 104)),
            ((-11, 120), (-8, 130), (-8, 138)),
            ((-8, 152), (-6, 162), (-6, 170)),
            ((-10, 174), (-17, 176), (-18, 180)),
        ],
    )
    body.lineTo(6, 181)
    for part in (
        ((7, 176), (6, 172), (5, 168)),
        ((9, 156), (8, 146), (6, 136)),
        ((8, 124), (11, 114), (13, 104)),
        ((14, 94), (10, 84), (9, 76)),
        ((10, 62), (13, 52), (11, 42)),
        ((9, 34), (6, 31), (6, 24)),
    ):
        body.cubicTo(*(QPointF(*point) for point in part))
    body.closeSubpath()
    outline = (oval(0, 14, 11, 13.5) + nose + body).simplified()
    signs = QPainterPath()
    signs.addEllipse(QPointF(-7, 11), 0.8, 0.8)
    signs.addEllipse(QPointF(2.5, 15), 1.6, 3)
    signs.addPath(stroked(9, (1, 44), (2, 66), (-2, 92)))
    return _turned(outline, signs, number)


def _face(number: int) -> tuple[QPainterPath, QPainterPath]:
    """From the front (0) or from the back (1)."""
    neck = QPainterPath()
    neck.addRoundedRect(QRectF(-14, 80, 28, 28), 4, 4)
    ear = oval(-31, 52, 5, 10)
    outline = (oval(0, 48, 30, 40) + neck + ear + mirrored(ear)).simplified()
    signs = QPainterPath()
    if number == 0:
        for x in (-12, 12):
            signs.addEllipse(QPointF(x, 46), 4, 2)
        signs.addPath(curve((0, 48), [((-2, 56), (-5, 60), (3, 61))]))
        signs.addPath(curve((-9, 72), [((-4, 75), (4, 75), (9, 72))]))
    else:
        signs.addPath(curve((-20, 74), [((-8, 80), (8, 80), (20, 74))]))
    return outline, signs


def _head_side(number: int) -> tuple[QPainterPath, QPainterPath]:
    """From the patient's left (0), looking to the drawing's left, or right (1)."""
    skull = curve(
        (-30, 44),
        [
            ((-32, 14), (-12, 6), (6, 7)),
            ((28, 8), (38, 24), (36, 46)),
            ((35, 62), (28, 70), (24, 82)),
            ((22, 92), (23, 100), (24, 108)),
        ],
    )
    skull.lineTo(-6, 108)
    for part in (
        ((-6, 100), (-8, 94), (-12, 90)),
        ((-20, 90), (-26, 88), (-27, 80)),
        ((-28, 74), (-28, 70), (-30, 66)),
        ((-36, 64), (-38, 62), (-32, 54)),
        ((-30, 50), (-30, 48), (-30, 44)),
    ):
        skull.cubicTo(*(QPointF(*point) for point in part))
    skull.closeSubpath()
    signs = QPainterPath()
    signs.addEllipse(QPointF(-22, 46), 3, 2)
    signs.addEllipse(QPointF(10, 52), 5, 10)
    signs.addPath(curve((-29, 76), [((-24, 77), (-21, 76), (-19, 74))]))
    return _turned(skull, signs, number)


def _hand(number: int) -> tuple[QPainterPath, QPainterPath]:
    """A left palm (0) and a right one (1), a left hand's back (2) and a right one's (3); fingers upwards."""
    palm = QPainterPath()
    palm.addRoundedRect(QRectF(-22, 50, 44, 46), 14, 14)
    for x, top, lean in ((-16, 22, -3), (-5, 12, -1), (6, 14, 1), (17, 24, 4)):
        palm = palm + stroked(10, (x * 0.95, 60), (x + lean, top))
    outline = (palm + stroked(11, (-16, 82), (-36, 56))).simplified()
    signs = QPainterPath()
    if number < 2:
        signs.addPath(curve((-14, 70), [((-6, 64), (8, 64), (18, 68))]))
        signs.addPath(curve((-8, 92), [((-8, 82), (-12, 76), (-17, 72))]))
    else:
        for x in (-15, -5, 5, 15):
            signs.addPath(curve((x - 3, 60), [((x - 1, 58), (x + 1, 58), (x + 3, 60))]))
    # a left palm has the thumb at the drawing's left, and so has a right hand's back
    return _turned(outline, signs, int(number in (1, 2)))


def _foot(number: int) -> tuple[QPainterPath, QPainterPath]:
    """A left sole (0) and a right one (1), a left foot from above (2) and a right one (3); toes upwards."""
    sole = curve(
        (-20, 30),
        [
            ((-24, 46), (-16, 58), (-14, 72)),
            ((-13, 86), (-16, 106), (0, 106)),
            ((16, 106), (18, 88), (18, 72)),
            ((18, 56), (24, 46), (22, 32)),
            ((14, 10), (-14, 8), (-20, 30)),
        ],
    )
    for x, y, size in ((-14.0, 15.0, 7.5), (-2, 14, 5), (7, 17, 4.6), (15, 21, 4.2), (21, 27, 3.8)):
        sole = sole + oval(x, y, size, size * 1.4)
    signs = QPainterPath()
    if number < 2:
        signs.addPath(curve((-16, 44), [((-6, 50), (8, 50), (18, 44))]))
    else:
        for x, y in ((-14.0, 9.0), (-2.0, 10.0), (7, 13.5), (15, 18), (21, 24)):
            signs.addPath(curve((x - 2.5, y), [((x - 1, y - 2), (x + 1, y - 2), (x + 2.5, y))]))
    return _turned(sole.simplified(), signs, int(number in (1, 2)))


def _turned(outline: QPainterPath, signs: QPainterPath, number: int) -> tuple[QPainterPath, QPainterPath]:
    return (mirrored(outline), mirrored(signs)) if number else (outline, signs)


_DRAWINGS: tuple[tuple[tuple[View, ...], Callable[[int], tuple[QPainterPath, QPainterPath]], float], ...] = (
    ((View.FRONT, View.BACK), _body, FIGURE_HEIGHT),
    ((View.LEFT, View.RIGHT), _profile, FIGURE_HEIGHT),
    ((View.FACE, View.HEAD_BACK), _face, 112.0),
    ((View.HEAD_LEFT, View.HEAD_RIGHT), _head_side, 112.0),
    ((View.LEFT_PALM, View.RIGHT_PALM, View.LEFT_HAND, View.RIGHT_HAND), _hand, 104.0),
    ((View.LEFT_SOLE, View.RIGHT_SOLE, View.LEFT_FOOT, View.RIGHT_FOOT), _foot, 112.0),
)
"""Views, what draws each by its place among them, and the drawing's height."""
