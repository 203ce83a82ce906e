"""A part of a panel under a head that opens and closes it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui.look.focus_ring import INSIDE, RING, draw_inner_ring
from app.ui.look.icons import draw_icon
from app.ui.look.style import Line
from app.ui.look.tokens import EDGE, GRID, ICON, LOW_ROW, TextStyle, font, scaled, tokens


class Section(QWidget):
    """Shows its content while it is open; one with `always_open` can't be closed. `head.toggled` tells of it."""

    def __init__(
        self, title: str, content: QWidget, *, always_open: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.content = content
        self.head = _Head(title, can_close=not always_open)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        inner = QVBoxLayout()
        inner.setContentsMargins(EDGE, 0, EDGE, 0)
        inner.addWidget(content)
        column.addLayout(inner)
        column.addWidget(Line())
        self._inner = inner
        self.head.toggled.connect(self._show_state)
        self.head.setChecked(always_open)
        self._show_state(always_open)

    @property
    def is_open(self) -> bool:
        return self.head.isChecked()

    def set_open(self, is_open: bool) -> None:
        self.head.setChecked(is_open)

    def _show_state(self, is_open: bool) -> None:
        self.content.setVisible(is_open)
        self._inner.setContentsMargins(EDGE, 0, EDGE, GRID if is_open else 0)


class _Head(QAbstractButton):
    def __init__(self, title: str, *, can_close: bool) -> None:
        super().__init__()
        self._can_close = can_close
        self.setText(title)
        self.setCheckable(True)
        self.setProperty(RING, INSIDE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if not can_close:
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QSize(120, scaled(LOW_ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        if self.underMouse() and self._can_close:
            painter.fillRect(self.rect(), colours.hover)
        painter.setLayoutDirection(self.layoutDirection())
        x = EDGE
        if self._can_close:
            box = QRect(x, (self.height() - ICON) // 2, ICON, ICON)
            name = "chevron-down" if self.isChecked() else "chevron-right"
            place = self.style().visualRect(self.layoutDirection(), self.rect(), box)
            draw_icon(painter, name, QRectF(place), colours.text)
            x += ICON + GRID
        painter.setFont(font(TextStyle.BODY_STRONG))
        painter.setPen(colours.text)
        area = self.style().visualRect(self.layoutDirection(), self.rect(), self.rect().adjusted(x, 0, -EDGE, 0))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        draw_inner_ring(painter, self)
