"""The table of keyboard shortcuts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


class KeysBox(QMessageBox):
    """A box to `open`; it is deleted when it is closed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Information)
        self.setWindowTitle(self.tr("Keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        keys = (
            (self.tr("Ctrl+O"), self.tr("open images")),
            (self.tr("Ctrl+Shift+O"), self.tr("open a folder")),
            (self.tr("Ctrl+V"), self.tr("paste an image or copied files")),
            (self.tr("← →"), self.tr("previous, next")),
            (self.tr("Home, End"), self.tr("first, last")),
            (self.tr("wheel, drag, 0"), self.tr("zoom, move, whole picture")),
            (self.tr("H, O"), self.tr("heat map, outline and measures")),
            (self.tr("Ctrl+1 … Ctrl+5"), self.tr("screen, folder, history, our cases, help")),
            (self.tr("F1"), self.tr("help")),
            (self.tr("Space"), self.tr("mark as reviewed (folder: and go on)")),
            (self.tr("Enter, Delete"), self.tr("open, delete an entry of the history")),
        )
        rows = "".join(
            f"<tr><td style='padding-right: 24px'><b>{key}</b></td><td>{text}</td></tr>" for key, text in keys
        )
        self.setText(f"<table>{rows}</table>")
