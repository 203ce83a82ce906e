"""Input fields whose value the mouse wheel does not change, since it is meant to scroll the page."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget


def ignore_wheel(field: QWidget, *, unless_focused: bool = False) -> None:
    """Let the mouse wheel over a field scroll what the field lies on; `unless_focused`: only without the focus."""
    field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel does not give it the focus either
    field.installEventFilter(_WheelFilter(field, unless_focused=unless_focused))


class _WheelFilter(QObject):
    def __init__(self, field: QWidget, *, unless_focused: bool) -> None:
        super().__init__(field)
        self._field = field
        self._unless_focused = unless_focused

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Wheel or (self._unless_focused and self._field.hasFocus()):
            return False
        event.ignore()
        return True
