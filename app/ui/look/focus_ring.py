"""The frame around the control that has the focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFocusFrame,
    QWidget,
)

from app.ui.look.panels import panel
from app.ui.look.tokens import tokens

BY_KEYBOARD = "by_keyboard"
"""A window's property: the focus was moved by a key. A window without it, such as a dialog, always shows its focus."""
MOVING = frozenset(
    getattr(Qt.Key, f"Key_{name}")
    for name in ("Tab", "Backtab", "Up", "Down", "Left", "Right", "Home", "End", "PageUp", "PageDown")
)
"""Keys after which the focus is to be seen."""
ROOM = 4
"""Pixels that the frame takes beside a control."""
RING, INSIDE = "ring", "inside"
"""A control's property, and its value where the control draws the frame itself, within its edges."""


def is_by_keyboard(widget: QWidget) -> bool:
    """Whether the focus in a widget's window is to be seen."""
    return widget.window().property(BY_KEYBOARD) is not False


def draw_inner_ring(painter: QPainter, widget: QWidget) -> None:
    """Draw the frame within a row that has the focus."""
    if widget.hasFocus() and is_by_keyboard(widget):
        panel(painter, widget.rect().adjusted(2, 2, -2, -2), None, tokens().accent, width=2)


def leave_room(dialog: QDialog) -> None:
    """Leave room for the frame around a dialog's buttons, whose box would cut it."""
    for box in dialog.findChildren(QDialogButtonBox):
        box.setContentsMargins(ROOM, ROOM, ROOM, ROOM)


class FocusRing(QObject):
    """One `QFocusFrame` that goes from control to control by keyboard; `AppStyle` draws it.

    Inputs, lists and the picture show their focus themselves. A click on a control shows no frame.
    """

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._frame: QFocusFrame | None = None
        application.focusChanged.connect(lambda _, now: self._show(now))
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Of the application: by which means the focus is moved in each window."""
        kind = event.type()
        if kind == QEvent.Type.KeyPress and isinstance(watched, QWidget) and isinstance(event, QKeyEvent):
            if event.key() in MOVING:
                self._set_by_keyboard(watched.window(), True)
        elif kind == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            self._set_by_keyboard(watched.window(), False)
        return False

    def _set_by_keyboard(self, window: QWidget, by_keyboard: bool) -> None:
        if window.property(BY_KEYBOARD) is not None and window.property(BY_KEYBOARD) != by_keyboard:
            window.setProperty(BY_KEYBOARD, by_keyboard)
            focused = QApplication.focusWidget()
            self._show(focused)
            if focused is not None:
                focused.update()

    def shown_around(self) -> QWidget | None:
        """The control that has the frame, if any."""
        return self._frame.widget() if self._frame is not None else None

    def _show(self, now: QWidget | None) -> None:
        takes = isinstance(now, QAbstractButton | QAbstractSlider) and now.property(RING) != INSIDE
        if now is None or not takes or not is_by_keyboard(now):
            if self._frame is not None:
                self._frame.setWidget(None)  # type: ignore[arg-type]
            return
        if self._frame is None:
            self._frame = QFocusFrame()
            self._frame.destroyed.connect(self._on_destroyed)
        self._frame.setWidget(now)

    def _on_destroyed(self) -> None:
        """The frame belongs to the window of its control, and goes with it."""
        self._frame = None
