"""The area to drop pictures on, where nothing is open yet."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui.look.style import Sign, label
from app.ui.look.tokens import EDGE, LARGE_RADIUS, TextStyle, tokens
from app.ui.widgets.buttons import Button

SIGN = 36


class DropTarget(QWidget):
    """Says what belongs here, with the buttons that bring it; `set_lit` while something is dragged over the window."""

    def __init__(
        self, words: str, formats: str, buttons: tuple[Button, ...], hint: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._lit = False
        self._words = words
        self.words = label(words, TextStyle.TITLE)
        self.formats = label(formats, quiet=True)
        self.hint = label(hint, quiet=True)
        self._sign = Sign("image-plus", SIGN, accent=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        for button in buttons:
            row.addWidget(button)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        column.setSpacing(8)
        column.addStretch()
        column.addWidget(self._sign, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        for each in (self.words, self.formats):
            each.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(each)
        column.addSpacing(EDGE)
        column.addLayout(row)
        column.addSpacing(EDGE)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.hint)
        column.addStretch()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(words)

    def set_lit(self, lit: bool) -> None:
        """Show that what is dragged can be let go here."""
        self._lit = lit
        self.words.setText(self.tr("Let go to assess") if lit else self._words)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colours.accent if self._lit else colours.control, 2)
        if not self._lit:
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            pen.setDashPattern([3, 2])  # in widths of the line
        painter.setPen(pen)
        painter.setBrush(colours.selected if self._lit else colours.surface)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), LARGE_RADIUS, LARGE_RADIUS)
