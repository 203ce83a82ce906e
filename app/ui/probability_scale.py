"""A scale from 0 to 100 % with the probability and the threshold on it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.types import Prediction
from app.ui.style import CLEAR, SUSPECTED, percent


class ProbabilityScale(QWidget):
    """Draws a prediction: the bar below the threshold and above it, a line for it, a dot for the result."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prediction: Prediction | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_prediction(self, prediction: Prediction) -> None:
        self._prediction = prediction
        self.setAccessibleName(
            self.tr("Probability {0}, threshold {1}").format(
                percent(prediction.melanoma_probability), percent(prediction.threshold)
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, 4 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._prediction is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        margin = line / 2 + 2
        bar = QRectF(margin, 1.75 * line, self.width() - 2 * margin, line / 2)
        threshold = bar.left() + bar.width() * self._prediction.threshold
        found = bar.left() + bar.width() * self._prediction.melanoma_probability
        painter.setPen(Qt.PenStyle.NoPen)
        for left, right, colour in ((bar.left(), threshold, CLEAR), (threshold, bar.right(), SUSPECTED)):
            shade = QColor(colour)
            shade.setAlphaF(0.35)
            painter.setBrush(shade)
            painter.drawRect(QRectF(left, bar.top(), right - left, bar.height()))
        text = self.palette().color(QPalette.ColorRole.WindowText)
        painter.setPen(QPen(text, 3))
        painter.drawLine(QPointF(threshold, bar.top() - line / 3), QPointF(threshold, bar.bottom() + line / 3))
        painter.setPen(QPen(text, 2))
        painter.setBrush(QColor(SUSPECTED if self._prediction.melanoma_suspected else CLEAR))
        painter.drawEllipse(QPointF(found, bar.center().y()), line / 2, line / 2)
        painter.setPen(text)
        self._label(painter, found, 0, percent(self._prediction.melanoma_probability))
        self._label(
            painter,
            threshold,
            bar.bottom() + line / 3,
            self.tr("threshold {0}").format(percent(self._prediction.threshold)),
        )

    def _label(self, painter: QPainter, x: float, top: float, text: str) -> None:
        """Text centred at x, moved in where it would leave the widget."""
        width = painter.fontMetrics().horizontalAdvance(text) + 2
        left = max(0.0, min(x - width / 2, self.width() - width))
        area = QRectF(left, top, width, painter.fontMetrics().height())
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
