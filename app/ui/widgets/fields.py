"""Input fields whose value neither the mouse wheel nor a key of the page changes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QDate, QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QDateEdit, QLineEdit, QWidget

from app.ui.look.icons import icon
from app.ui.look.tokens import tokens

OPENING = (Qt.Key.Key_Space, Qt.Key.Key_F4)
"""Keys that open a closed list."""


class Choice(QComboBox):
    """A drop-down list that changes only while it is open.

    Closed, it takes only the keys that open it: all others are the page's. Open, all keys are the list's. After a
    choice by mouse the page has the focus again, so that its keys work.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._by_mouse = False
        ignore_wheel(self)
        for watched in (self.view(), self.view().viewport()):
            watched.installEventFilter(self)
        self.activated.connect(self._on_activated)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride and _opens(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _opens(event) and not self.view().isVisible():
            self.showPopup()
        else:
            event.ignore()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Of the open list."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # and on to the list, which chooses by Enter with it
        elif event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonRelease):
            self._by_mouse = event.type() == QEvent.Type.MouseButtonRelease
        return super().eventFilter(watched, event)

    def _on_activated(self) -> None:
        place = self.parentWidget() if self._by_mouse else None
        while place is not None and place.focusProxy() is None:
            place = place.parentWidget()
        if place is not None:
            place.setFocus()


class SearchField(QLineEdit):
    """A line to search by, with a sign before it; `placeholder` says in what."""

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.addAction(icon("search", tokens().text2), QLineEdit.ActionPosition.LeadingPosition)


class OptionalDate(QDateEdit):
    """A date, or none, which is shown as a dash. Steps and the calendar begin with today where there is none."""

    NONE = QDate(1900, 1, 1)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCalendarPopup(True)
        self.setDisplayFormat("yyyy-MM-dd")
        self.setMinimumDate(self.NONE)
        self.setSpecialValueText("–")
        ignore_wheel(self)

    def text_of_date(self) -> str:
        """The date as in ISO 8601, or an empty text."""
        return "" if self.date() == self.NONE else self.date().toString("yyyy-MM-dd")

    def set_text_of_date(self, text: str) -> None:
        """Show a date, or none for what is no date."""
        date = QDate.fromString(text, "yyyy-MM-dd")
        self.setDate(date if date.isValid() else self.NONE)

    def stepBy(self, steps: int) -> None:
        if self.date() == self.NONE:
            self.setDate(QDate.currentDate())
        else:
            super().stepBy(steps)

    def stepEnabled(self) -> QDateEdit.StepEnabledFlag:
        up, down = QDateEdit.StepEnabledFlag.StepUpEnabled, QDateEdit.StepEnabledFlag.StepDownEnabled
        return up | down

    def showEvent(self, event: QShowEvent) -> None:
        """Watch the calendar, which takes some milliseconds to make."""
        self.calendarWidget().installEventFilter(self)
        super().showEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Of the calendar: it has its date only once it is shown."""
        if event.type() == QEvent.Type.Show and self.date() == self.NONE:
            today = QDate.currentDate()
            QTimer.singleShot(0, partial(self.calendarWidget().setCurrentPage, today.year(), today.month()))
        return super().eventFilter(watched, event)


def _opens(event: QKeyEvent) -> bool:
    """Whether a key opens a list: Space, F4, Alt with an arrow up or down."""
    if event.modifiers() == Qt.KeyboardModifier.AltModifier:
        return event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down)
    return event.modifiers() == Qt.KeyboardModifier.NoModifier and event.key() in OPENING


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
