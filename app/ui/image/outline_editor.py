"""A lesion's outline over its picture: shown, corrected by hand, or drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent

from app.core.domain.geometry import area
from app.ui.image.image_view import ImageView
from app.ui.image.outline_hints import editing_hint
from app.ui.image.outline_item import OutlineItem
from app.ui.image.outline_shape import REACH, EditableOutline, Points, checked, cleaned, distinct

GRASP = 11.0
"""From a handle or from the line, in the view's pixels, within which the mouse means it."""
MIN_AREA = 0.0005
"""Of the picture; what is smaller is no lesion but a slip. A mole of 2 mm fills about a hundredth of a picture 20 mm
wide."""
STEPS_OF_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
"""Where an arrow key moves the chosen handle, in the view's pixels; ten times as far with Shift."""


class OutlineEditor(QObject):
    """Attached to a view: shows an outline of the picture that is shown, and lets it be corrected.

    Outlines are given and taken as lists of (x, y) in fractions of the picture, 0..1. A new picture takes outline and
    unfinished changes away: whoever shows one calls `keep` before and `show_outline` afterwards.

    Editing: drag a handle and the line on either side follows (with Shift only next to it); double click on the line
    for another handle, right click on one to remove it; drag elsewhere to pan. Tab and the arrow keys do the same for
    the keyboard. Drawing: press, drag round the lesion and let go; what was drawn can then be corrected.
    """

    edited = Signal(list)
    """The outline that was kept, where it is another than before."""
    editing_changed = Signal(bool)
    refused = Signal(str)
    """In words, why what was drawn or edited is no outline; the one before stays."""

    def __init__(self, view: ImageView) -> None:
        super().__init__(view)
        self._view = view
        self._outline: list[tuple[float, float]] | None = None
        self._wanted = True
        self._editing = False
        self._drawing = False
        self._shape: EditableOutline | None = None
        self._begun: EditableOutline | None = None
        self._undo: list[EditableOutline | None] = []
        self._redo: list[EditableOutline | None] = []
        self._selected = -1
        self._drag: tuple[EditableOutline, QPointF] | None = None
        self._track: list[QPointF] | None = None
        self._description = ""
        self._item = OutlineItem(view)
        view.scene().addItem(self._item)
        view.image_changed.connect(self._on_image_changed)
        view.mouse_taken.connect(self._on_mouse_taken)

    @property
    def outline(self) -> list[tuple[float, float]] | None:
        """The outline that stands, without unfinished changes."""
        return self._outline

    @property
    def is_editing(self) -> bool:
        """Whether an outline is being corrected or drawn."""
        return self._editing

    @property
    def is_drawing(self) -> bool:
        """Whether the next drag draws a new outline."""
        return self._drawing

    @property
    def selected(self) -> int:
        """The handle that keys act on, by its place along the line; -1 for none."""
        return self._selected

    def handles(self) -> list[QPointF]:
        """Where the handles are, in the viewport; none unless an outline is being corrected."""
        if not self._editing or self._shape is None or self._drawing:
            return []
        return [self._view.view_point(QPointF(*point)) for point in self._shape.points[self._shape.handles]]

    def show_outline(self, points: Sequence[tuple[float, float]] | None) -> None:
        """Show an outline of the picture that is shown, or none. Unfinished changes are dropped; nothing is emitted.

        Raises `ValueError` for fewer than 3 points and for any that is not within 0..1.
        """
        given = None if points is None else checked(points)
        self._leave()
        self._outline = given
        self._show()

    def set_visible(self, visible: bool) -> None:
        """Whether outlines are seen, this one and those to come; while one is edited it is seen anyway."""
        self._wanted = visible
        self._show()

    def is_visible(self) -> bool:
        """Whether an outline is seen now."""
        return self._item.isVisible()

    def begin_editing(self) -> None:
        """Correct the outline; where there is none, draw one. Nothing happens without a picture."""
        if self._view.has_image():
            self._enter()
            self._drawing = self._shape is None
            self._show()

    def begin_drawing(self) -> None:
        """Draw a whole new outline. Nothing happens without a picture."""
        if self._view.has_image():
            self._enter()
            self._drawing = True
            self._selected = -1
            self._show()

    def commit(self) -> None:
        """End editing with what there is now (Enter). What is no outline is refused, and the old one stays."""
        if not self._editing:
            return
        shape, changed = self._shape, self._shape is not self._begun
        kept = None if shape is None else cleaned(shape.points, self._least_area())
        self._leave()
        if shape is not None and kept is None:
            self._refuse()
        elif kept is not None and changed:
            self._outline = [(float(x), float(y)) for x, y in np.clip(kept / self._size(), 0.0, 1.0)]
            self._show()
            self.edited.emit(list(self._outline))

    def cancel(self) -> None:
        """End editing as if it had not been (Escape)."""
        self._leave()

    def undo(self) -> None:
        """Take the last change back, or leave drawing for the outline that is there."""
        if self._drawing and self._shape is not None:
            self._drawing = False
            self._show()
        elif self._undo:
            self._redo.append(self._shape)
            self._go_to(self._undo.pop())

    def redo(self) -> None:
        if self._redo:
            self._undo.append(self._shape)
            self._go_to(self._redo.pop())

    def can_undo(self) -> bool:
        return bool(self._undo)

    def can_redo(self) -> bool:
        return bool(self._redo)

    def select(self, handle: int) -> None:
        """Choose the handle that keys act on; -1 for none."""
        self._selected = handle
        self._show()

    def remove_handle(self, handle: int) -> None:
        """Let the line run smoothly past a handle; of the last three none goes."""
        if self._shape is not None and len(self._shape.handles) > 3:
            self._change(self._shape.without_handle(handle))
            self._selected = -1
            self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._editing:
            return False
        if watched is self._view:
            if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
                return self._key(event)
            return False
        if isinstance(event, QContextMenuEvent):
            return True  # a right click removes a handle
        if not isinstance(event, QMouseEvent):
            return False
        return self._draw(event) if self._drawing else self._edit(event)

    # --- Mouse

    def _draw(self, event: QMouseEvent) -> bool:
        point = self._clipped(self._view.picture_point(event.position()))
        pressed = event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
        if pressed and event.button() == Qt.MouseButton.LeftButton:
            self._track = [point]
        elif event.type() == QEvent.Type.MouseMove:
            if self._track is None:
                self._view.viewport().setCursor(Qt.CursorShape.CrossCursor)
                return False
            self._track.append(point)
            self._item.show_track([*self._track])
        elif self._track is not None and event.button() == Qt.MouseButton.LeftButton:
            self._track.append(point)
            self._end_of_track(np.array([(each.x(), each.y()) for each in self._track]))
        else:
            return False
        return True

    def _end_of_track(self, track: Points) -> None:
        """A line drawn by hand -> an outline to correct; one that is none is refused, and another can be drawn."""
        self._track = None
        drawn = EditableOutline.drawn(track, self._least_area())
        if drawn is None:
            self._show()
            self._refuse()
            return
        self._drawing = False
        self._change(drawn)

    def _edit(self, event: QMouseEvent) -> bool:
        position, kind = event.position(), event.type()
        if kind == QEvent.Type.MouseMove:
            if self._drag is not None:
                self._drag_to(position, alone=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
                return True
            if event.buttons() == Qt.MouseButton.NoButton:  # else the view pans, with its own cursor
                over = self.handle_at(position) >= 0
                self._view.viewport().setCursor(Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.OpenHandCursor)
            return False
        handle = self.handle_at(position)
        if event.button() == Qt.MouseButton.RightButton:
            if kind == QEvent.Type.MouseButtonPress and handle >= 0:
                self.remove_handle(handle)
            return True
        if event.button() != Qt.MouseButton.LeftButton or self._shape is None:
            return False
        if kind == QEvent.Type.MouseButtonDblClick and handle < 0:
            return self._add_handle(self._view.picture_point(position))
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self.select(handle)
            if handle >= 0:
                self._drag = (self._shape, self._view.picture_point(position))
            return handle >= 0
        if self._drag is not None:
            self._end_of_drag()
            return True
        return False

    def handle_at(self, position: QPointF) -> int:
        """The handle at a place in the viewport, -1 for none."""
        if self._shape is None:
            return -1
        at = self._shape.points[self._shape.handles] - _row(self._view.picture_point(position))
        distances = np.hypot(at[:, 0], at[:, 1]) * self._view.zoom()
        nearest = int(distances.argmin())
        return nearest if distances[nearest] <= GRASP else -1

    def _drag_to(self, position: QPointF, *, alone: bool) -> None:
        assert self._drag is not None
        before, start = self._drag
        by = _row(self._view.picture_point(position) - start)
        self._shape = before.moved(self._selected, by, reach=1.0 if alone else REACH, size=self._size())
        self._show()

    def _end_of_drag(self) -> None:
        assert self._drag is not None
        before, _ = self._drag
        after, self._drag = self._shape, None
        if after is not before and after is not None:
            self._shape = before
            self._change(after)

    def _add_handle(self, point: QPointF) -> bool:
        assert self._shape is not None
        shape, handle, distance = self._shape.with_handle_at(_row(point))
        if distance * self._view.zoom() > GRASP:
            return False
        self._selected = handle
        self._change(shape)
        return True

    # --- Keys

    def _key(self, event: QKeyEvent) -> bool:
        call = self._call_of(event)
        if call is None:
            return False
        event.accept()  # of a ShortcutOverride: that the key comes here and to no shortcut
        is_dragging = self._drag is not None or self._track is not None
        if event.type() == QEvent.Type.KeyPress and (not is_dragging or call == self.cancel):
            call()
        return True

    def _call_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        key, shift = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_Escape:
            return self.cancel
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.commit
        if event.matches(QKeySequence.StandardKey.Redo) or (key == Qt.Key.Key_Z and _control(event) and shift):
            return self.redo
        if event.matches(QKeySequence.StandardKey.Undo):
            return self.undo
        if self._drawing or self._shape is None:
            return None
        if key in STEPS_OF_KEYS:
            return partial(self._nudge, np.array(STEPS_OF_KEYS[key]) * (10.0 if shift else 1.0), event.isAutoRepeat())
        last = len(self._shape.handles) - 1
        calls: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Tab: partial(self._step, 1),
            Qt.Key.Key_Backtab: partial(self._step, -1),
            Qt.Key.Key_Home: partial(self.select, 0),
            Qt.Key.Key_End: partial(self.select, last),
            Qt.Key.Key_Delete: self._remove_selected,
            Qt.Key.Key_Backspace: self._remove_selected,
            Qt.Key.Key_Insert: self._add_after_selected,
        }
        return calls.get(key)

    def _step(self, by: int) -> None:
        assert self._shape is not None
        count = len(self._shape.handles)
        self.select((self._selected + by) % count if self._selected >= 0 else (0 if by > 0 else count - 1))

    def _nudge(self, by: NDArray[np.float64], is_repeated: bool) -> None:
        if self._shape is None or self._selected < 0:
            return
        shape = self._shape.moved(self._selected, by / self._view.zoom(), reach=REACH, size=self._size())
        if is_repeated:  # of a key that is held down: one step back undoes it all
            self._shape = shape
            self._show()
        else:
            self._change(shape)

    def _remove_selected(self) -> None:
        if self._selected >= 0:
            self.remove_handle(self._selected)

    def _add_after_selected(self) -> None:
        if self._shape is not None and self._selected >= 0:
            shape, self._selected = self._shape.with_handle_after(self._selected)
            self._change(shape)

    # --- State

    def _change(self, shape: EditableOutline) -> None:
        self._undo.append(self._shape)
        self._redo.clear()
        self._shape = shape
        self._show()

    def _go_to(self, shape: EditableOutline | None) -> None:
        self._shape = shape
        self._drawing = shape is None
        self._selected = -1
        self._show()

    def _enter(self) -> None:
        if self._editing:
            self._drag = self._track = None
            return
        self._begun = None
        if self._outline is not None:
            points = distinct(np.array(self._outline) * self._size())
            if len(points) >= 3 and area(points) >= self._least_area():
                self._begun = EditableOutline.of(points)
        self._shape = self._begun
        self._selected = -1
        self._description = self._view.accessibleDescription()
        self._view.setAccessibleDescription(editing_hint())
        self._view.take_mouse(self)
        self._editing = True
        self.editing_changed.emit(True)

    def _leave(self) -> None:
        if not self._editing:
            return
        self._editing = self._drawing = False
        self._shape = self._begun = self._drag = self._track = None
        self._undo.clear()
        self._redo.clear()
        self._selected = -1
        self._view.give_mouse_back(self)
        self._view.setAccessibleDescription(self._description)
        self._show()
        self.editing_changed.emit(False)

    def _refuse(self) -> None:
        self.refused.emit(self.tr("That line encloses no area, so it is no outline. The one before is kept."))

    def _show(self) -> None:
        shown, handles = None, np.zeros(0, np.intp)
        if self._editing:
            if self._shape is not None:
                shown, handles = self._shape.points, self._shape.handles
        elif self._outline is not None and self._view.has_image():
            shown = np.array(self._outline) * self._size()
        if self._drawing:
            handles = np.zeros(0, np.intp)
        self._item.show_line(shown, handles, self._selected, faint=self._drawing)
        self._item.setVisible(shown is not None and (self._wanted or self._editing))

    def _size(self) -> NDArray[np.float64]:
        return np.array(self._view.image_size(), dtype=np.float64)

    def _least_area(self) -> float:
        return MIN_AREA * float(self._size().prod())

    def _clipped(self, point: QPointF) -> QPointF:
        width, height = self._view.image_size()
        return QPointF(min(max(point.x(), 0.0), width), min(max(point.y(), 0.0), height))

    def _on_image_changed(self) -> None:
        self._outline = None
        self._leave()
        self._show()

    def _on_mouse_taken(self, tool: QObject) -> None:
        if tool is not self:
            self.cancel()


def _row(point: QPointF) -> NDArray[np.float64]:
    return np.array([point.x(), point.y()])


def _control(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
