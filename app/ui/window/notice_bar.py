"""The line below the pages that shows notices."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from app.ui.look.appearance import announce
from app.ui.look.icons import draw_icon
from app.ui.look.style import bar_row, label, paint_on
from app.ui.look.tokens import ICON, NOTICE, TOOL, scaled, tokens
from app.ui.services.notices import Action, Level, Notice
from app.ui.widgets.buttons import Button, Look

NOTICE_TIME = 10_000
"""Milliseconds."""


class NoticeBar(QWidget):
    """Shows one notice with what can be done about it, and how many warnings wait behind it.

    What was done is shown for a while, then the warnings again: the critical ones first, then the newest. A warning
    waits until the user closes it, and once however often it is posted.
    """

    def __init__(self) -> None:
        super().__init__()
        paint_on(self, QPalette.ColorRole.Base)
        self._action: Action | None = None
        self._shown: Notice | None = None
        self._warnings: list[Notice] = []
        """Not closed yet, in the order in which they are shown from the last to the first."""
        self._sign = _Sign()
        self._label = label()
        self.waiting = label(quiet=True)
        self.waiting.setWordWrap(False)
        self.do = Button(look=Look.LINK, height=TOOL)
        self.do.clicked.connect(self.act)
        self.close_button = Button(icon="x", look=Look.QUIET, height=TOOL)
        self.close_button.name(self.tr("Close"))
        self.close_button.clicked.connect(self.close_shown)
        row = bar_row(self, line_above=True)
        row.addWidget(self._sign)
        row.addWidget(self._label, stretch=1)
        row.addWidget(self.waiting)
        row.addWidget(self.do)
        row.addWidget(self.close_button)
        self.setMinimumHeight(scaled(NOTICE))
        self._time = QTimer(self)
        self._time.setSingleShot(True)
        self._time.timeout.connect(self.close_shown)
        self.hide()

    def text(self) -> str:
        """What is shown."""
        return self._label.text()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice, or keep it behind a critical one."""
        if notice.level is Level.INFO:
            self._show(notice)
            return
        self._warnings = [one for one in self._warnings if one.text != notice.text] + [notice]
        self._warnings.sort(key=lambda one: one.level is Level.CRITICAL)
        self._show(self._warnings[-1])

    def close_shown(self) -> None:
        """Take away what is shown; a warning that waits is shown in its place."""
        self._warnings = [one for one in self._warnings if one is not self._shown]
        if self._warnings:
            self._show(self._warnings[-1])
        else:
            self.hide()

    def _show(self, notice: Notice) -> None:
        is_new, self._shown = notice is not self._shown, notice
        self._action = notice.action
        self._label.setText(notice.text)
        self._sign.show_level(notice.level)
        self.do.setVisible(notice.action is not None)
        if notice.action is not None:
            key = f" ({notice.action.key})" if notice.action.key else ""
            self.do.setText(notice.action.text)
            self.do.setToolTip(notice.action.text + key)
        waiting = sum(one is not notice for one in self._warnings)
        self.waiting.setText(self.tr("%n more", "", waiting))
        self.waiting.setVisible(waiting > 0)
        self.show()
        if is_new:
            announce(self, notice.text)
        if notice.level is Level.INFO:
            self._time.start(NOTICE_TIME)
        else:
            self._time.stop()

    def act(self) -> None:
        """Do what the notice offers, once."""
        action, self._action = self._action, None
        if action is not None and self.isVisible():
            self.close_shown()
            action.call()

    def undo(self) -> None:
        """Do it by the key for undoing, where this is what the notice offers."""
        if self._action is not None and self._action.key:
            self.act()


class _Sign(QWidget):
    """A tick for what was done, a circle with an exclamation mark for a warning."""

    def __init__(self) -> None:
        super().__init__()
        self._level = Level.INFO
        self.setFixedSize(QSize(ICON, ICON))

    def show_level(self, level: Level) -> None:
        self._level = level
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = tokens()
        name, colour = ("check", colours.accent) if self._level is Level.INFO else ("circle-alert", colours.text)
        draw_icon(QPainter(self), name, QRectF(self.rect()), colour)
