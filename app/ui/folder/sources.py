"""The folders beside the one that is shown: those that are watched, and those that were assessed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.history.batches import Batch, FinishedBatch
from app.ui.arrivals.items import folder_row
from app.ui.arrivals.watched_folders import WatchedFolder
from app.ui.look.style import Line, clear, label, paint_on, scrolled
from app.ui.look.tokens import EDGE, PAGE_TITLE, TextStyle, scaled
from app.ui.widgets.buttons import Button
from app.ui.widgets.folder_list import FolderButton, FolderList


class Sources(QWidget):
    """Emits the batch to open, the watched folder whose arrivals to show, or that a folder is to be chosen."""

    batch_asked = Signal(object)
    watched_asked = Signal(object)
    folder_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Window)
        self.list = FolderList(with_counts=False)
        self.list.opened.connect(self.batch_asked)
        self.head = label(self.tr("Finished"), quiet=True)
        self.watched_head = label(self.tr("Watched"), quiet=True)
        self.watched: list[FolderButton] = []
        self._watched_rows = QVBoxLayout()
        self._watched_rows.setSpacing(0)
        self.button = Button(self.tr("Open folder…"), "folder-open")
        self.button.setSizePolicy(self.button.sizePolicy().Policy.Expanding, self.button.sizePolicy().Policy.Fixed)
        self.button.clicked.connect(self.folder_asked)
        title = label(self.tr("Sources"), TextStyle.BODY_STRONG)
        title.setContentsMargins(EDGE, 0, EDGE, 0)
        title.setFixedHeight(scaled(PAGE_TITLE))
        self.watched_head.setContentsMargins(EDGE, 0, EDGE, 4)
        self.head.setContentsMargins(EDGE, 0, EDGE, 4)
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.watched_head)
        rows.addLayout(self._watched_rows)
        rows.addWidget(self.head)
        rows.addWidget(self.list)
        rows.addStretch()
        foot = QVBoxLayout()
        foot.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        foot.addWidget(self.button)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(scrolled(inner), stretch=1)
        column.addLayout(foot)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(column, stretch=1)
        row.addWidget(Line(Qt.Orientation.Vertical))

    def show_folders(self, folders: Sequence[FinishedBatch], current: Batch | None) -> None:
        self.list.show_folders(folders, current)
        self.head.setVisible(bool(folders))

    def show_watched(self, folders: Sequence[WatchedFolder]) -> None:
        """Show the watched folders with what is new in them, and why one can't be looked at."""
        clear(self._watched_rows)
        self.watched = []
        for folder in folders:
            button = FolderButton(folder_row(folder))
            button.setToolTip(folder.problem or str(folder.path))
            button.clicked.connect(lambda _, path=folder.path: self.watched_asked.emit(path))
            self._watched_rows.addWidget(button)
            self.watched.append(button)
        self.watched_head.setVisible(bool(folders))
        self.head.setContentsMargins(EDGE, EDGE if folders else 0, EDGE, 4)
