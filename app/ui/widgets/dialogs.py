"""Questions to the user; the program goes on while they are open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def ask(
    parent: QWidget,
    text: str,
    *,
    then: Callable[[], object],
    title: str = "MelaScreen",
    icon: QMessageBox.Icon = QMessageBox.Icon.Question,
) -> None:
    """Open a question with Yes and No (the default), without waiting; `then` is called on Yes. `text` is no HTML."""
    box = QMessageBox(icon, title, text, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)  # a card's or a file's text is no HTML
    box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No)
    box.setDefaultButton(QMessageBox.StandardButton.No)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.accepted.connect(then)
    box.open()
