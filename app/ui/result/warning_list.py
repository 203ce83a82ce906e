"""A result's warnings as strips of one line, whose whole text a click shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui.look.icons import draw_icon
from app.ui.look.panels import panel
from app.ui.look.style import clear, mirrored
from app.ui.look.tokens import CONTROL, EDGE, GRID, ICON, font, scaled, tokens
from app.ui.services.warnings import ShortWarning, short_warning

SHOWN, SHOWN_NARROW = 2, 1
"""Strips before *n more*."""


class WarningList(QWidget):
    """Shows warnings; hidden where there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.warnings: Sequence[str] = ()
        self._most = SHOWN
        self._all = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(EDGE, GRID, EDGE, GRID)
        self._column.setSpacing(4)

    def show_warnings(self, warnings: Sequence[str]) -> None:
        if list(warnings) != list(self.warnings):
            self._all = False
        self.warnings = warnings
        self._build()

    def set_narrow(self, narrow: bool) -> None:
        most = SHOWN_NARROW if narrow else SHOWN
        if most != self._most:
            self._most = most
            self._build()

    def text(self) -> str:
        return "\n".join(self.warnings)

    def _build(self) -> None:
        clear(self._column)
        shown = self.warnings if self._all else self.warnings[: self._most]
        hidden = len(self.warnings) - len(shown)
        for number, text in enumerate(shown):
            strip = WarningStrip(short_warning(text))
            if hidden and number == len(shown) - 1:
                strip.show_more(hidden)
                strip.more_asked.connect(self._show_all)
            self._column.addWidget(strip)
        self.setVisible(bool(self.warnings))

    def _show_all(self) -> None:
        self._all = True
        self._build()


class WarningStrip(QAbstractButton):
    """A warning in a line with its icon; a click shows its whole text, and another one hides it."""

    more_asked = Signal()

    def __init__(self, warning: ShortWarning, sign: str = "triangle-alert") -> None:
        super().__init__()
        self._warning = warning
        self._sign = sign
        self._open = False
        self._more = 0
        self.setText(warning.words)
        self.setAccessibleName(warning.text)
        self.setToolTip(warning.text)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._on_clicked)

    def show_more(self, count: int) -> None:
        """Say at the end how many more there are."""
        self._more = count

    def sizeHint(self) -> QSize:
        return QSize(240, self.heightForWidth(self.width() or 240))

    def heightForWidth(self, width: int) -> int:
        if not self._open:
            return scaled(CONTROL)
        room = QRect(0, 0, width - self._left() - 10, 10_000)
        flags = int(Qt.TextFlag.TextWordWrap)
        return max(scaled(CONTROL), QFontMetrics(font()).boundingRect(room, flags, self._warning.text).height() + 14)

    def resizeEvent(self, event: object) -> None:
        self.setFixedHeight(self.heightForWidth(self.width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        panel(painter, self.rect(), colours.note, colours.note_edge)
        painter.setLayoutDirection(self.layoutDirection())
        icon = QRect(10, (scaled(CONTROL) - ICON) // 2, ICON, ICON)
        draw_icon(painter, self._sign, QRectF(mirrored(self, icon)), colours.text)
        end = self.width() - 10
        align = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(font())
        if self._more and not self._open:
            more = self.tr("{0} more").format(self._more)
            width = QFontMetrics(font()).horizontalAdvance(more) + 1
            painter.setPen(colours.accent)
            place = mirrored(self, QRect(end - width, 0, width, self.height()))
            painter.drawText(place, align | Qt.AlignmentFlag.AlignRight, more)
            end -= width + GRID
        painter.setPen(colours.text)
        area = mirrored(self, QRect(self._left(), 0, end - self._left(), self.height()))
        if self._open:
            flags = int(align | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
            painter.drawText(area, flags, self._warning.text)
        else:
            words = QFontMetrics(font()).elidedText(self._warning.words, Qt.TextElideMode.ElideRight, area.width())
            painter.drawText(area, align | Qt.AlignmentFlag.AlignLeft, words)

    def _left(self) -> int:
        return 10 + ICON + GRID

    def _on_clicked(self) -> None:
        if self._more and not self._open:
            self.more_asked.emit()
            return
        self._open = not self._open
        self.setFixedHeight(self.heightForWidth(self.width()))
        self.update()
