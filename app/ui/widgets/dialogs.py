"""Questions to the user; the program goes on while they are open."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from app.ui.look.focus_ring import leave_room


def ask(
    parent: QWidget,
    text: str,
    *,
    verb: str,
    then: Callable[[], object],
    title: str = "MelaScreen",
    icon: QMessageBox.Icon = QMessageBox.Icon.Question,
) -> None:
    """Open a question, without waiting: a button with the `verb`, on which `then` is called, and *Cancel*, the default.

    `text` says what will happen; it is no HTML.
    """
    box = QMessageBox(icon, title, text, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)  # a card's or a file's text is no HTML
    box.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No)
    box.button(QMessageBox.StandardButton.Yes).setText(verb)
    box.button(QMessageBox.StandardButton.No).setText(QCoreApplication.translate("dialogs", "Cancel"))
    box.setDefaultButton(QMessageBox.StandardButton.No)
    leave_room(box)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.accepted.connect(then)
    box.open()
