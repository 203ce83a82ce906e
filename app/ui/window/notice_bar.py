"""The line below the pages that shows notices."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.services.notices import Level, Notice
from app.ui.widgets.style import GRID, label

NOTICE_TIME = 12_000
"""Milliseconds."""


class NoticeBar(QWidget):
    """Shows the last notice: what was done for a while, a warning until it is clicked away."""

    def __init__(self) -> None:
        super().__init__()
        self._label = label()
        self._label.setMargin(GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._label)
        self._time = QTimer(self)
        self._time.setSingleShot(True)
        self._time.timeout.connect(self.hide)
        self.hide()

    def text(self) -> str:
        """What is shown."""
        return self._label.text()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of the one before."""
        self._label.setText(notice.shown())
        self.show()
        if notice.level is Level.WARNING:
            self._time.stop()
        else:
            self._time.start(NOTICE_TIME)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.hide()
        super().mousePressEvent(event)
