"""A picture of a lesion as a button: thumbnail, advice and month."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from app.core.domain.advice import advice_of
from app.core.domain.entry import Entry
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.panels import panel
from app.ui.look.style import draw_thumbnail
from app.ui.look.tokens import TextStyle, font, scaled, tokens
from app.ui.services.wording import advice_words, date_text

SYMBOL = 12


class VisitButton(QAbstractButton):
    """Shows an entry; down for a picture that is compared."""

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        day = date_text(entry.screening.shown_at.date())
        self._pixmap = QPixmap()
        self._pixmap.loadFromData(entry.screening.thumbnail)
        self._advice = advice_of(entry.screening)
        self._month = f"{entry.screening.shown_at:%b %y}"
        self.setText(day)
        self.setAccessibleName(f"{day}: {advice_words(self._advice)}")
        self.setToolTip(day)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(80, scaled(80))

    def minimumSizeHint(self) -> QSize:
        return QSize(64, scaled(80))

    def nextCheckState(self) -> None:
        """The page decides which pictures are compared."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        on = self.isChecked()
        edge = colours.accent if on else None
        panel(painter, self.rect(), colours.selected if on else colours.surface, edge, width=2)
        inner = self.rect().adjusted(6, 6, -6, -6)
        line = scaled(18)
        draw_thumbnail(
            painter, QRect(inner.x(), inner.y(), inner.width(), inner.height() - line - 4), self._pixmap, cover=True
        )
        y = inner.bottom() - line + 1
        draw_advice(painter, QRectF(inner.x(), y + (line - SYMBOL) / 2, SYMBOL, SYMBOL), self._advice)
        painter.setFont(font(TextStyle.CAPTION))
        painter.setPen(colours.text)
        words = QRect(inner.x() + SYMBOL + 4, y, inner.width() - SYMBOL - 4, line)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._month)
