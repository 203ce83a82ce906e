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
    """Shows the last notice with what can be done about it: for a while, or a warning until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        paint_on(self, QPalette.ColorRole.Base)
        self._action: Action | None = None
        self._sign = _Sign()
        self._label = label()
        self.do = Button(look=Look.LINK, height=TOOL)
        self.do.clicked.connect(self.act)
        self.close_button = Button(icon="x", look=Look.QUIET, height=TOOL)
        self.close_button.setAccessibleName(self.tr("Close"))
        self.close_button.setToolTip(self.tr("Close"))
        self.close_button.clicked.connect(self.hide)
        row = bar_row(self, line_above=True)
        row.addWidget(self._sign)
        row.addWidget(self._label, stretch=1)
        row.addWidget(self.do)
        row.addWidget(self.close_button)
        self.setMinimumHeight(scaled(NOTICE))
        self._time = QTimer(self)
        self._time.setSingleShot(True)
        self._time.timeout.connect(self.hide)
        self.hide()

    def text(self) -> str:
        """What is shown."""
        return self._label.text()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of the one before."""
        self._action = notice.action
        self._label.setText(notice.text)
        self._sign.show_level(notice.level)
        self.do.setVisible(notice.action is not None)
        if notice.action is not None:
            key = f" ({notice.action.key})" if notice.action.key else ""
            self.do.setText(notice.action.text)
            self.do.setToolTip(notice.action.text + key)
        self.show()
        announce(self, notice.text)
        if notice.level is Level.WARNING:
            self._time.stop()
        else:
            self._time.start(NOTICE_TIME)

    def act(self) -> None:
        """Do what the notice offers, once."""
        action, self._action = self._action, None
        if action is not None and self.isVisible():
            self.hide()
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
