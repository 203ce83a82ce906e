"""The rail at the window's edge: a button for each page."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QSizePolicy, QVBoxLayout, QWidget

from app.ui.look.icons import draw_icon
from app.ui.look.panels import draw_pill, panel, pill_width
from app.ui.look.style import paint_on
from app.ui.look.tokens import GRID, PILL, RAIL_ICON, RAIL_ITEM, RAIL_WIDTH, TextStyle, font, scaled, tokens

MANY = 1000
"""A count from which there is no room for it."""


@dataclass(frozen=True)
class Place:
    """A page as the rail shows it. `at_foot`: among those at the lower end."""

    name: str
    icon: str
    at_foot: bool = False


class Rail(QWidget):
    """Buttons of which one is down; `chosen` gives the number of the one that was pressed."""

    chosen = Signal(int)

    def __init__(self, places: tuple[Place, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Window)
        self.setFixedWidth(scaled(RAIL_WIDTH))
        self.setAccessibleName(self.tr("Pages"))
        self.buttons: list[RailButton] = []
        self._group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID, GRID + 1, GRID)
        column.setSpacing(4)
        stretched = False
        for number, place in enumerate(places):
            if place.at_foot and not stretched:
                column.addStretch()
                stretched = True
            button = RailButton(place)
            button.setAccessibleName(self.tr("{0}, page {1} of {2}").format(place.name, number + 1, len(places)))
            button.setToolTip(f"{place.name} (Ctrl+{number + 1})")
            button.clicked.connect(lambda _, number=number: self.chosen.emit(number))
            self._group.addButton(button, number)
            self.buttons.append(button)
            column.addWidget(button)

    def show_current(self, number: int) -> None:
        self.buttons[number].setChecked(True)

    def show_new(self, number: int, count: int) -> None:
        """Show on a page's button how much is new there."""
        button, places = self.buttons[number], len(self.buttons)
        name = self.tr("{0}, page {1} of {2}").format(button.text(), number + 1, places)
        button.setAccessibleName(self.tr("{0}, {1:,} new").format(name, count) if count else name)
        button.show_new(count)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down go from page to page."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        number = max(0, min(self._group.checkedId() + step, len(self.buttons) - 1))
        self.chosen.emit(number)
        self.buttons[number].setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        at_end = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        x = self.width() - 1 if at_end else 0
        QPainter(self).fillRect(QRect(x, 0, 1, self.height()), tokens().line)


class RailButton(QAbstractButton):
    """An icon over a name, which is cut where it is too long."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._icon = place.icon
        self._new = 0
        self.setText(place.name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click goes to the page
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def show_new(self, count: int) -> None:
        self._new = count
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(RAIL_WIDTH - 2 * GRID, scaled(RAIL_ITEM))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # the rail's
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        if self.isChecked() or self.underMouse():
            panel(painter, self.rect(), colours.selected if self.isChecked() else colours.hover, None)
        colour = colours.accent if self.isChecked() else colours.text2
        words = font(TextStyle.CAPTION_STRONG if self.isChecked() else TextStyle.CAPTION)
        line = scaled(TextStyle.CAPTION.value[1])
        top = (self.height() - RAIL_ICON - 2 - line) // 2
        draw_icon(painter, self._icon, QRectF((self.width() - RAIL_ICON) / 2, top, RAIL_ICON, RAIL_ICON), colour)
        painter.setFont(words)
        painter.setPen(colour)
        text = QFontMetrics(words).elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width() - 2)
        painter.drawText(QRect(0, top + RAIL_ICON + 2, self.width(), line), Qt.AlignmentFlag.AlignCenter, text)
        if self._new:
            self._draw_new(painter, top)

    def _draw_new(self, painter: QPainter, top: int) -> None:
        """The count, over the icon's end."""
        count = f"{self._new}" if self._new < MANY else f"{MANY - 1}+"
        box = QRect((self.width() + RAIL_ICON) // 2 - 6, top - 4, pill_width(count), scaled(PILL))
        draw_pill(painter, self.style().visualRect(self.layoutDirection(), self.rect(), box), count)
