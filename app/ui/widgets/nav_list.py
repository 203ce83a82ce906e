"""A list of a page's parts at its side, of which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from app.ui.look.focus_ring import INSIDE, RING, draw_inner_ring
from app.ui.look.icons import draw_icon
from app.ui.look.tokens import EDGE, GRID, ICON, LOW_ROW, TextStyle, font, scaled, tokens


class NavList(QWidget):
    """Rows with an icon and a name; `chosen` gives the number of the one that was taken."""

    chosen = Signal(int)

    def __init__(self, rows: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        """`rows` are names with the names of their icons."""
        super().__init__(parent)
        self._group = QButtonGroup(self)
        self.buttons: list[_Row] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for number, (name, icon) in enumerate(rows):
            button = _Row(name, icon)
            button.clicked.connect(lambda _, number=number: self.chosen.emit(number))
            self._group.addButton(button, number)
            self.buttons.append(button)
            column.addWidget(button)
        if self.buttons:
            self.setFocusProxy(self.buttons[0])

    def show_current(self, number: int) -> None:
        self.buttons[number].setChecked(True)
        self.setFocusProxy(self.buttons[number])

    def show_only(self, numbers: Sequence[int]) -> None:
        """Hide the other rows."""
        for number, button in enumerate(self.buttons):
            button.setVisible(number in numbers)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go from row to row."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        shown = [number for number, button in enumerate(self.buttons) if not button.isHidden()]
        checked = self._group.checkedId()
        place = shown.index(checked) if checked in shown else 0
        number = shown[max(0, min(place + step, len(shown) - 1))]
        self.chosen.emit(number)
        self.buttons[number].setFocus()


class _Row(QAbstractButton):
    def __init__(self, name: str, icon: str) -> None:
        super().__init__()
        self._icon = icon
        self.setText(name)
        self.setCheckable(True)
        self.setProperty(RING, INSIDE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(160, scaled(LOW_ROW))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # the list's
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours, on = QPainter(self), tokens(), self.isChecked()
        if on or self.underMouse():
            painter.fillRect(self.rect(), colours.selected if on else colours.hover)
        painter.setLayoutDirection(self.layoutDirection())
        style = self.style()
        left = EDGE
        if self._icon:
            icon = style.visualRect(
                self.layoutDirection(), self.rect(), QRect(EDGE, (self.height() - ICON) // 2, ICON, ICON)
            )
            draw_icon(painter, self._icon, QRectF(icon), colours.accent if on else colours.text2)
            left += ICON + GRID
        painter.setFont(font(TextStyle.BODY_STRONG if on else TextStyle.BODY))
        painter.setPen(colours.text)
        area = style.visualRect(self.layoutDirection(), self.rect(), self.rect().adjusted(left, 0, -GRID, 0))
        words = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        draw_inner_ring(painter, self)
