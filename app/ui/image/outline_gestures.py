"""Mouse and keys that edit an outline, as calls of its editor."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence, QMouseEvent

from app.ui.image.outline_editor import OutlineEditor
from app.ui.image.outline_hints import editing_hint

STEPS_OF_KEYS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
"""Where an arrow key moves the chosen handle, in the view's pixels; ten times as far with Shift."""


class OutlineGestures(QObject):
    """Takes the view's mouse and keys while its editor is editing.

    Editing: drag a handle and the line on either side follows (with Shift only next to it); double click on the line
    for another handle, right click on one to remove it; drag elsewhere to pan. Tab and the arrow keys do the same for
    the keyboard. Drawing: press, drag round the lesion and let go; the result can then be corrected.
    """

    def __init__(self, editor: OutlineEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._view = editor.view
        self._start: QPointF | None = None
        """Where a handle was grasped, in the image's pixels."""
        self._track: list[QPointF] | None = None
        self._description = ""
        editor.editing_changed.connect(self._on_editing_changed)
        self._view.mouse_taken.connect(self._on_mouse_taken)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._editor.is_editing:
            return False
        if self._editor.is_drawing:
            self._start = None
        else:
            self._track = None
        if watched is self._view:
            if isinstance(event, QKeyEvent) and event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
                return self._key(event)
            return False
        if isinstance(event, QContextMenuEvent):
            return True  # a right click removes a handle
        if not isinstance(event, QMouseEvent):
            return False
        return self._draw(event) if self._editor.is_drawing else self._edit(event)

    def _on_editing_changed(self, editing: bool) -> None:
        self._start = self._track = None
        if editing:
            self._description = self._view.accessibleDescription()
            self._view.setAccessibleDescription(editing_hint())
            self._view.take_mouse(self)
        else:
            self._view.give_mouse_back(self)
            self._view.setAccessibleDescription(self._description)

    def _on_mouse_taken(self, tool: QObject) -> None:
        if tool is not self:
            self._editor.cancel()

    # --- Mouse

    def _draw(self, event: QMouseEvent) -> bool:
        point = self._view.nearest_image_point(event.position())
        pressed = event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)
        if pressed and event.button() == Qt.MouseButton.LeftButton:
            self._track = [point]
        elif event.type() == QEvent.Type.MouseMove:
            if self._track is None:
                self._view.viewport().setCursor(Qt.CursorShape.CrossCursor)
                return False
            self._track.append(point)
            self._editor.show_track(self._track)
        elif self._track is not None and event.button() == Qt.MouseButton.LeftButton:
            track, self._track = [*self._track, point], None
            self._editor.end_drawing(track)
        else:
            return False
        return True

    def _edit(self, event: QMouseEvent) -> bool:
        position, kind = event.position(), event.type()
        if kind == QEvent.Type.MouseMove:
            return self._move(event)
        handle = self._editor.handle_at(position)
        if event.button() == Qt.MouseButton.RightButton:
            if kind == QEvent.Type.MouseButtonPress and handle >= 0:
                self._editor.remove_handle(handle)
            return True
        if event.button() != Qt.MouseButton.LeftButton or not self._editor.has_handles:
            return False
        if kind == QEvent.Type.MouseButtonDblClick and handle < 0:
            return self._editor.add_handle_at(self._view.image_point(position))
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self._editor.select(handle)
            if handle >= 0:
                self._start = self._view.image_point(position)
                self._editor.begin_move()
            return handle >= 0
        if self._start is not None:
            self._start = None
            self._editor.end_move()
            return True
        return False

    def _move(self, event: QMouseEvent) -> bool:
        if self._start is not None:
            alone = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._editor.move_to(self._view.image_point(event.position()) - self._start, alone=alone)
            return True
        if event.buttons() == Qt.MouseButton.NoButton:  # else the view pans, with its own cursor
            over = self._editor.handle_at(event.position()) >= 0
            self._view.viewport().setCursor(Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.OpenHandCursor)
        return False

    # --- Keys

    def _key(self, event: QKeyEvent) -> bool:
        call = self._call_of(event)
        if call is None:
            return False
        event.accept()  # of a ShortcutOverride: that the key comes here and to no shortcut
        is_dragging = self._start is not None or self._track is not None
        if event.type() == QEvent.Type.KeyPress and (not is_dragging or call == self._editor.cancel):
            call()
        return True

    def _call_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        editor = self._editor
        key, shift = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key == Qt.Key.Key_Escape:
            return editor.cancel
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return editor.commit
        if event.matches(QKeySequence.StandardKey.Redo) or (key == Qt.Key.Key_Z and _control(event) and shift):
            return editor.redo
        if event.matches(QKeySequence.StandardKey.Undo):
            return editor.undo
        if not editor.has_handles:
            return None
        if key in STEPS_OF_KEYS:
            by = QPointF(*STEPS_OF_KEYS[key]) * (10.0 if shift else 1.0)
            return partial(editor.nudge, by, is_repeated=event.isAutoRepeat())
        calls: dict[Qt.Key, Callable[[], object]] = {
            Qt.Key.Key_Tab: partial(editor.select_next, 1),
            Qt.Key.Key_Backtab: partial(editor.select_next, -1),
            Qt.Key.Key_Home: partial(editor.select, 0),
            Qt.Key.Key_End: editor.select_last,
            Qt.Key.Key_Delete: editor.remove_selected,
            Qt.Key.Key_Backspace: editor.remove_selected,
            Qt.Key.Key_Insert: editor.add_after_selected,
        }
        return calls.get(key)


def _control(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
