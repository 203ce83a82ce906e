"""The row at the foot of the page for folders: how far the batch is, with the buttons to pause and stop it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QProgressBar, QWidget

from app.ui.folder.batch_session import BatchSession, State
from app.ui.look.style import bar_row, label, paint_on
from app.ui.look.tokens import GRID, NOTICE, TOOL, scaled
from app.ui.widgets.buttons import Button


class ProgressRow(QWidget):
    """Hidden while nothing runs, is paused or went wrong."""

    pause_asked = Signal()
    stop_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Base)
        self.status = label()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMaximumHeight(GRID)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.pause = Button("", "pause", height=TOOL)
        self.pause.clicked.connect(self.pause_asked)
        self.stop = Button(self.tr("Stop here"), "x", height=TOOL)
        self.stop.clicked.connect(self.stop_asked)
        row = bar_row(self, line_above=True)
        row.addWidget(self.status, stretch=2)
        row.addWidget(self.bar, stretch=2)
        row.addWidget(self.pause)
        row.addWidget(self.stop)
        self.setMinimumHeight(scaled(NOTICE))

    def show_session(self, session: BatchSession) -> None:
        """Show how far a session's batch is."""
        running = session.is_under_way
        paused = session.state is State.PAUSED
        self.setVisible(running or paused or bool(session.problem))
        self.bar.setVisible(running or paused)
        total = session.batch.total if session.batch else 0
        self.bar.setRange(0, 0 if session.state is State.SCANNING else total)
        self.bar.setValue(session.done)
        self.pause.setText(self.tr("Pause") if running else self.tr("Resume"))
        self.pause.set_icon("pause" if running else "play")
        self.pause.updateGeometry()
        self.pause.setVisible(session.batch is not None and (running or paused))
        self.stop.setVisible(self.pause.isVisibleTo(self))
        self.status.setText(self._text(session))

    def _text(self, session: BatchSession) -> str:
        if session.problem:
            return session.problem
        if session.state is State.SCANNING:
            return self.tr("Looking for pictures…")
        if session.batch is None:
            return ""
        count = self.tr("{0} of {1} pictures").format(session.done, session.batch.total)
        if session.state is State.PAUSED:
            return self.tr("Paused: {0}").format(count)
        speed = session.speed
        if not speed:
            return count
        left = round((session.batch.total - session.done) / speed)
        return self.tr("{0}, {1:.0f} a second, {2}:{3:02d} left").format(count, speed, left // 60, left % 60)
