"""The path of the data folder, to copy and to open."""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget


class DataPlace(QWidget):
    """A folder's path, and a button that opens it in the system's own file manager."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self.path = QLineEdit(str(folder))
        self.path.setReadOnly(True)
        self.path.setAccessibleName(self.tr("Data folder"))
        self.path.setCursorPosition(0)
        self.button = QPushButton(self.tr("Open the folder"))
        self.button.setAutoDefault(False)
        self.button.clicked.connect(self._on_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.path, stretch=1)
        row.addWidget(self.button)

    def _on_clicked(self) -> None:
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))):
            self.button.setText(self.tr("Can't be opened from here"))
            self.button.setEnabled(False)
            self.path.selectAll()
