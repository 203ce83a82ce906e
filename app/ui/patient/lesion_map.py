"""The body map on which lesions are placed, moved and chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.domain.advice import Advice
from app.core.domain.body import Place, View
from app.core.domain.patient import Lesion
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.figures import figure
from app.ui.look.focus_ring import INSIDE, RING, draw_inner_ring
from app.ui.look.style import paint_on
from app.ui.look.tokens import EDGE, GRID, ICON, TextStyle, font, scaled, tokens
from app.ui.patient.lesion_words import view_words

TABS = (
    (View.FRONT, View.BACK),
    (View.LEFT, View.RIGHT),
    (View.FACE, View.HEAD_BACK, View.HEAD_LEFT, View.HEAD_RIGHT),
    (
        View.LEFT_PALM,
        View.RIGHT_PALM,
        View.LEFT_HAND,
        View.RIGHT_HAND,
        View.LEFT_SOLE,
        View.RIGHT_SOLE,
        View.LEFT_FOOT,
        View.RIGHT_FOOT,
    ),
)
"""The views that are shown together."""
STEP = 0.01
"""Of a drawing's size: by a key a place moves so far."""
MARGIN = 0.06
"""Of a drawing's size: so far outside a click still counts."""
_WITH_SIDES = (View.FRONT, View.BACK)
ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}


@dataclass(frozen=True)
class MarkedLesion:
    """A lesion with the advice of its latest picture, `None` without one."""

    lesion: Lesion
    advice: Advice | None = None


class LesionMap(QWidget):
    """Shows the lesions of a tab. A click adds one, dragging moves one; `tab_changed` is emitted where a lesion of
    another tab was chosen.

    Keys: the arrows go from lesion to lesion in the order of their numbers, with Shift they move the chosen one; + puts
    a cross on the map that the arrows move, Enter adds a lesion there, Escape takes the cross away.
    """

    place_chosen = Signal(object)
    """With the `Place` at which a lesion is to be added."""
    lesion_moved = Signal(int, object)
    """With a lesion's id and its new `Place`."""
    lesion_chosen = Signal(int)
    tab_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Base)
        self._tab = 0
        self._marked: tuple[MarkedLesion, ...] = ()
        self._chosen: int | None = None
        self._dragged: tuple[int, Place] | None = None
        self._pressed: QPointF | None = None
        self._cross: Place | None = None
        self._new: Place | None = None
        """Where a lesion is about to be added."""
        self.setProperty(RING, INSIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleDescription(
            self.tr("Arrows go from lesion to lesion, with Shift they move it. Plus and Enter add a lesion.")
        )
        self._tell()

    @property
    def tab(self) -> int:
        return self._tab

    @property
    def chosen(self) -> int | None:
        """The id of the chosen lesion."""
        return self._chosen

    def set_tab(self, tab: int) -> None:
        """Show the views of a tab, a number within `TABS`."""
        self._tab, self._cross = tab, None
        self.update()

    def show_lesions(self, marked: Sequence[MarkedLesion], chosen: int | None = None) -> None:
        """Show lesions; those without a place are left out. `chosen` is the id of one that is shown with a ring."""
        self._marked = tuple(each for each in marked if each.lesion.place is not None)
        self._chosen = chosen
        self._dragged = None
        self._tell()
        self.update()

    def choose(self, lesion_id: int | None) -> None:
        """Show a lesion as chosen, on its tab. Nothing is emitted but `tab_changed`."""
        self._chosen = lesion_id
        place = self._place_of(lesion_id)
        if place is not None and place.view not in TABS[self._tab]:
            self.set_tab(next(number for number, views in enumerate(TABS) if place.view in views))
            self.tab_changed.emit(self._tab)
        self._tell()
        self.update()

    def show_new(self, place: Place | None) -> None:
        """Mark where a lesion is about to be added, or nowhere."""
        self._new = place
        self.update()

    def begin_adding(self) -> None:
        """Put a cross on the first drawing, for the keyboard."""
        self.setFocus()
        self._cross = Place(TABS[self._tab][0], 0.5, 0.3)
        self.update()

    def point_of(self, place: Place) -> QPointF:
        """Where a place of the shown tab lies in the widget."""
        box = self._boxes()[place.view]
        return QPointF(box.x() + place.x * box.width(), box.y() + place.y * box.height())

    def place_at(self, point: QPointF) -> Place | None:
        """The place at a point of the widget; `None` beside the drawings."""
        for view, box in self._boxes().items():
            x, y = (point.x() - box.x()) / box.width(), (point.y() - box.y()) / box.height()
            if not (-MARGIN <= x <= 1 + MARGIN and -MARGIN <= y <= 1 + MARGIN):
                continue
            drawn = figure(view)
            inside = QTransform.fromScale(box.width() / drawn.width, box.height() / drawn.height).map(drawn.outline)
            near = QRectF(0, 0, 2 * GRID, 2 * GRID)
            near.moveCenter(point - box.topLeft())
            if inside.intersects(near):
                return Place(view, min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0))
        return None

    def sizeHint(self) -> QSize:
        return QSize(424, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 200)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        found = self._lesion_at(event.position())
        self._pressed = event.position()
        if found is not None and found.lesion.place is not None:
            self._dragged = (found.lesion.id, found.lesion.place)
            self._chosen = found.lesion.id
            self.lesion_chosen.emit(found.lesion.id)
            self._tell()
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._lesion_at(event.position()) is not None or self.place_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        if self._dragged is None or self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if (event.position() - self._pressed).manhattanLength() > GRID / 2:
            place = self.place_at(event.position())
            if place is not None:
                self._dragged = (self._dragged[0], place)
                self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        dragged, self._dragged, pressed, self._pressed = self._dragged, None, self._pressed, None
        if dragged is not None:
            if dragged[1] != self._place_of(dragged[0]):
                self.lesion_moved.emit(*dragged)
            self.update()
        elif pressed is not None and (place := self.place_at(event.position())) is not None:
            self.place_chosen.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        step = ARROWS.get(key)
        if key == Qt.Key.Key_Plus:
            self.begin_adding()
        elif self._cross is not None and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            added, self._cross = self._cross, None
            self.place_chosen.emit(added)
        elif self._cross is not None and key == Qt.Key.Key_Escape:
            self._cross = None
            self.update()
        elif step is None:
            super().keyPressEvent(event)
        elif self._cross is not None:
            self._cross = _moved(self._cross, step, 4)
            self.update()
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            place = self._place_of(self._chosen)
            if place is not None and self._chosen is not None:
                self.lesion_moved.emit(self._chosen, _moved(place, step, 1))
        else:
            self._walk(1 if step in ((1, 0), (0, 1)) else -1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(TextStyle.CAPTION))
        for view, box in self._boxes().items():
            drawn = figure(view)
            place = QTransform.fromTranslate(box.x(), box.y()).scale(
                box.width() / drawn.width, box.height() / drawn.height
            )
            painter.setPen(QPen(colours.control, 1.5))
            painter.setBrush(colours.sunken)
            painter.drawPath(place.map(drawn.outline))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(place.map(drawn.signs))
            painter.setPen(colours.text2)
            line = scaled(18)
            name = QRectF(box.center().x() - 100, box.y() - line - 2, 200, line)
            painter.drawText(name, Qt.AlignmentFlag.AlignCenter, view_words(view))
            if view in _WITH_SIDES:
                self._draw_sides(painter, view, box)
        for each in self._marked:
            self._draw_lesion(painter, each)
        for marked in (self._cross, self._new):
            if marked is not None and marked.view in TABS[self._tab]:
                _draw_cross(painter, self.point_of(marked))
        draw_inner_ring(painter, self)

    def _draw_sides(self, painter: QPainter, view: View, box: QRectF) -> None:
        """Draw R and L beside the hands: they are the patient's, whatever the direction of text."""
        names = (self.tr("R"), self.tr("L"))
        y = box.y() + 0.58 * box.height()
        for x, name in zip((0.07, 0.93), names if view is View.FRONT else names[::-1], strict=True):
            area = QRectF(box.x() + x * box.width() - 12, y, 24, scaled(18))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, name)

    def _draw_lesion(self, painter: QPainter, marked: MarkedLesion) -> None:
        lesion, colours = marked.lesion, tokens()
        dragged = self._dragged is not None and self._dragged[0] == lesion.id
        place = self._dragged[1] if dragged and self._dragged is not None else lesion.place
        if place is None or place.view not in TABS[self._tab]:
            return
        point = self.point_of(place)
        symbol = QRectF(0, 0, ICON, ICON)
        symbol.moveCenter(point)
        if lesion.id == self._chosen:
            painter.setPen(QPen(colours.accent, 2))
            painter.setBrush(colours.surface)
            painter.drawEllipse(point, ICON * 0.9, ICON * 0.9)
        if marked.advice is not None:
            draw_advice(painter, symbol, marked.advice, halo=colours.surface)
        else:  # no picture yet
            painter.setPen(QPen(colours.text2, 2))
            painter.setBrush(colours.surface)
            painter.drawEllipse(point, ICON / 3, ICON / 3)
        self._draw_number(painter, str(lesion.number), point, chosen=lesion.id == self._chosen)

    def _draw_number(self, painter: QPainter, number: str, point: QPointF, *, chosen: bool) -> None:
        """Draw a number beside its symbol, with a halo so that it is read over an outline."""
        colours = tokens()
        painter.setFont(font(TextStyle.BODY_STRONG))
        width = painter.fontMetrics().horizontalAdvance(number)
        beside = ICON * (1.1 if chosen else 0.75) + 4
        at_start = point.x() + beside + width > self.width() - EDGE
        x = point.x() - beside - width if at_start else point.x() + beside
        area = QRectF(x, point.y() - 12, width + 2, 24)
        painter.setPen(colours.surface)
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, -1)):
            painter.drawText(area.translated(dx, dy), Qt.AlignmentFlag.AlignVCenter, number)
        painter.setPen(colours.text)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, number)

    def _boxes(self) -> dict[View, QRectF]:
        """Where each drawing of the tab lies, in the widget."""
        views = TABS[self._tab]
        columns = min(len(views), 4 if len(views) > 4 else 2)
        rows = -(-len(views) // columns)
        name = scaled(18) + GRID
        cell_width = (self.width() - 2 * GRID) / columns
        cell_height = (self.height() - 2 * GRID) / rows
        boxes = {}
        for number, view in enumerate(views):
            drawn = figure(view)
            scale = max(0.1, min((cell_width - GRID) / drawn.width, (cell_height - name - GRID) / drawn.height))
            width, height = scale * drawn.width, scale * drawn.height
            x = GRID + (number % columns + 0.5) * cell_width - width / 2
            y = GRID + (number // columns) * cell_height + name + (cell_height - name - height) / 2
            boxes[view] = QRectF(x, y, width, height)
        return boxes

    def _lesion_at(self, point: QPointF) -> MarkedLesion | None:
        near = [
            (QPointF(self.point_of(place) - point).manhattanLength(), number)
            for number, each in enumerate(self._marked)
            if (place := each.lesion.place) is not None and place.view in TABS[self._tab]
        ]
        distance, number = min(near, default=(float("inf"), 0))
        return self._marked[number] if distance <= ICON else None

    def _place_of(self, lesion_id: int | None) -> Place | None:
        return next((each.lesion.place for each in self._marked if each.lesion.id == lesion_id), None)

    def _walk(self, step: int) -> None:
        """Choose the next lesion by its number, on whichever tab it is."""
        ordered = sorted(self._marked, key=lambda each: each.lesion.number)
        if not ordered:
            return
        ids = [each.lesion.id for each in ordered]
        number = ids.index(self._chosen) + step if self._chosen in ids else 0 if step > 0 else len(ids) - 1
        self.choose(ids[number % len(ids)])
        self.lesion_chosen.emit(ids[number % len(ids)])

    def _tell(self) -> None:
        """Say what is shown to a screen reader."""
        chosen = next((each.lesion for each in self._marked if each.lesion.id == self._chosen), None)
        words = self.tr("Body map, {0} lesions").format(len(self._marked))
        if chosen is not None:
            words = self.tr("{0}, lesion {1} chosen").format(words, chosen.number)
        self.setAccessibleName(words)


def _draw_cross(painter: QPainter, point: QPointF) -> None:
    painter.setPen(QPen(tokens().accent, 2))
    for arm in (QPointF(10, 0), QPointF(0, 10)):
        painter.drawLine(point - arm, point + arm)


def _moved(place: Place, step: tuple[int, int], times: int) -> Place:
    x, y = place.x + step[0] * STEP * times, place.y + step[1] * STEP * times
    return replace(place, x=min(max(x, 0.0), 1.0), y=min(max(y, 0.0), 1.0))
