"""The band at the top of a result: the advice's symbol and words, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetrics, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.domain.advice import Advice
from app.ui.look.advice_symbol import band_symbol, draw_advice
from app.ui.look.icons import draw_icon
from app.ui.look.style import mirrored
from app.ui.look.tokens import EDGE, TextStyle, font, scaled, tokens

SYMBOL = 36
EDGES, LOW_EDGES = 14, 6
"""Pixels above and below the words, where there is room and where there is little."""
NARROW = 350
"""Width up to which there is less room beside the symbol."""
BUSY = 4
"""Height of the bar that moves while a picture is assessed."""
BUSY_STEP = 40
"""Milliseconds between two of its places."""


class AdviceBand(QWidget):
    """Shows an advice, or that a picture is being assessed. Its accessible name is what it says."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._advice: Advice | None = None
        self.words, self.action = "", ""
        self._step = 0
        self._edge = EDGES
        self._timer = QTimer(self)
        self._timer.setInterval(BUSY_STEP)
        self._timer.timeout.connect(self._on_step)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def advice(self) -> Advice | None:
        """`None` while a picture is assessed."""
        return self._advice

    @property
    def is_busy(self) -> bool:
        return self._advice is None and bool(self.words)

    def show_advice(self, advice: Advice | None, words: str, action: str) -> None:
        """Show an advice with its words and what to do; without an advice, that the picture is being assessed."""
        self._advice, self.words, self.action = advice, words, action
        self.setAccessibleName(". ".join(filter(None, (words, action))))
        self._run()
        self.setFixedHeight(self.heightForWidth(self.width()))
        self.update()

    def set_low(self, low: bool) -> None:
        """Leave less room above and below the words."""
        self._edge = LOW_EDGES if low else EDGES
        self.setFixedHeight(self.heightForWidth(self.width()))
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        words, action = self._heights(width)
        return max(SYMBOL, words + action) + 2 * self._edge

    def sizeHint(self) -> QSize:
        return QSize(344, self.heightForWidth(344))

    def resizeEvent(self, event: object) -> None:
        self.setFixedHeight(self.heightForWidth(self.width()))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        own = colours.advice[self._advice or Advice.NOT_ASSESSED]
        painter.fillRect(self.rect(), own.fill)
        box = (
            mirrored(self, QRect(EDGE + 2, self._edge + 1, SYMBOL - 4, SYMBOL - 4))
            if self._advice is None
            else (mirrored(self, QRect(EDGE, self._edge, SYMBOL, SYMBOL)))
        )
        if self._advice is None:
            draw_icon(painter, "scan-search", QRectF(box), colours.accent)
        else:
            draw_advice(painter, QRectF(box), self._advice, band_symbol(colours, self._advice))
        painter.setLayoutDirection(self.layoutDirection())
        painter.setPen(own.text)
        words, action = self._heights(self.width())
        left = EDGE + SYMBOL + self._gap
        wrap = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        for style, text, top, height in (
            (TextStyle.ADVICE, self.words, self._edge, words),
            (TextStyle.ACTION, self.action, self._edge + words, action),
        ):
            painter.setFont(font(style))
            if self._advice is None and style is TextStyle.ACTION:
                painter.setPen(colours.text2)
            painter.drawText(mirrored(self, QRect(left, top, self.width() - left - EDGE, height)), wrap, text)
        self._draw_edge(painter)

    def _draw_edge(self, painter: QPainter) -> None:
        colours, width, height = tokens(), self.width(), self.height()
        if self._advice is Advice.BORDERLINE:
            painter.fillRect(QRect(0, height - 2, width, 2), colours.advice[self._advice].symbol)
        elif self._advice is None:
            painter.fillRect(QRect(0, height - BUSY, width, BUSY), colours.sunken)
            part = width // 3
            x = (self._step * 8) % (width + part) - part
            painter.fillRect(QRect(x, height - BUSY, part, BUSY), colours.accent)
        elif not self._advice.refers:
            painter.fillRect(QRect(0, height - 1, width, 1), colours.line)

    @property
    def _gap(self) -> int:
        """Between the symbol and the words."""
        return 12 if self.width() > NARROW else 8

    def _heights(self, width: int) -> tuple[int, int]:
        """Of the words and of what to do."""
        room = max(width, 200) - EDGE - SYMBOL - self._gap - EDGE + 2  # the words' own bearing

        def height(style: TextStyle, text: str) -> int:
            if not text:
                return 0
            metrics = QFontMetrics(font(style))
            wrapped = metrics.boundingRect(QRect(0, 0, room, 10_000), int(Qt.TextFlag.TextWordWrap), text)
            return max(1, round(wrapped.height() / metrics.lineSpacing())) * scaled(style.value[1])

        return height(TextStyle.ADVICE, self.words), height(TextStyle.ACTION, self.action)

    def _run(self) -> None:
        """Move the bar while the picture is assessed and the band is seen."""
        if self.is_busy and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def _on_step(self) -> None:
        self._step += 1
        self.update(QRect(0, self.height() - BUSY, self.width(), BUSY))
