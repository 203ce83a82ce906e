"""The frame of the dialogs on patients: a form, a sentence on what is wrong, and two buttons with verbs."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from app.ui.look.focus_ring import leave_room
from app.ui.look.style import label
from app.ui.look.tokens import GRID, TextStyle

WIDTH = 480
"""Pixels."""


class FormDialog(QDialog):
    """A dialog with a title, what `content` holds, and the buttons. A subclass decides in `problem` whether what was
    entered can be taken; a sentence that it gives is shown, and the dialog stays open."""

    def __init__(self, title: str, verb: str, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH)
        self.message = label(style=TextStyle.BODY_STRONG)
        self.message.hide()
        self.buttons = QDialogButtonBox()
        self.accept_button = self.buttons.addButton(verb, QDialogButtonBox.ButtonRole.AcceptRole)
        self.reject_button = self.buttons.addButton(self.tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        self.buttons.accepted.connect(self._try)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(label(title, TextStyle.STRONG))
        column.addWidget(content, stretch=1)
        column.addWidget(self.message)
        column.addWidget(self.buttons)
        leave_room(self)
        self.accept_button.setDefault(True)

    def problem(self) -> str:
        """Why what was entered can't be taken; empty where it can."""
        return ""

    def _try(self) -> None:
        problem = self.problem()
        self.message.setText(problem)
        self.message.setVisible(bool(problem))
        if not problem:
            self.accept()
