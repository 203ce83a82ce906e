"""What stands in place of a result that there is none: what to do, and what can be asked for nevertheless."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.look.style import Line, label
from app.ui.look.tokens import EDGE, GRID, TextStyle
from app.ui.widgets.buttons import Button, Look


class ProblemPart(QWidget):
    """Shows what to do about a picture that can't be assessed, or about a model that can't be used."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details = ""
        self.head = label(self.tr("What to do"), TextStyle.BODY_STRONG)
        self.text = label()
        self.other = Button(self.tr("Open another picture…"), "folder-open")
        self.number = Button(self.tr("Show the number anyway"), look=Look.LINK)
        self.details = Button(self.tr("Copy details"), "copy", look=Look.LINK)
        for button in (self.number, self.details):
            button.set_padding(0)
        self.details.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._details))
        inner = QVBoxLayout()
        inner.setContentsMargins(EDGE, EDGE, EDGE, GRID)
        inner.setSpacing(4)
        for part in (self.head, self.text, self.other, self.number, self.details):
            inner.addWidget(part)
        inner.insertSpacing(2, GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(inner)
        column.addWidget(Line())

    def show_problem(self, to_do: str, details: str, *, is_picture: bool, has_number: bool = False) -> None:
        """Show what to do; `details` is what is copied, `has_number` offers the number of a refused picture."""
        self._details = details
        nothing = self.tr("That there is no answer says nothing about the lesion.")
        self.text.setText(" ".join(filter(None, (to_do, nothing if is_picture else ""))))
        self.head.setVisible(bool(self.text.text()))
        self.text.setVisible(bool(self.text.text()))
        self.other.setVisible(is_picture)
        self.number.setVisible(has_number)
        self.show()
