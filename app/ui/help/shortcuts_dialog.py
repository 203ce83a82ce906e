"""The table of keyboard shortcuts."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


class KeysBox(QMessageBox):
    """A box to `open`; it is deleted when it is closed."""

    def __init__(self, keys: Sequence[tuple[str, str]], parent: QWidget) -> None:
        """`keys` are keys and what they do."""
        super().__init__(parent)
        self.setIcon(QMessageBox.Icon.Information)
        self.setWindowTitle(self.tr("Keys"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rows = "".join(
            f"<tr><td style='padding-right: 24px'><b>{key}</b></td><td>{text}</td></tr>" for key, text in keys
        )
        self.setText(f"<table>{rows}</table>")
