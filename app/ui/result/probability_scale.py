"""The probability that decides and its threshold on a scale of log odds, drawn alike in the window and on paper."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.domain.advice import advice_of_prediction, deciding
from app.core.domain.results import Prediction
from app.ui.services.wording import percent
from app.ui.widgets.advice_symbol import draw_advice
from app.ui.widgets.style import CLEAR, SUSPECTED

LOWEST, HIGHEST = 0.001, 0.999
"""Ends of the scale; values beyond are drawn at the end, where the network's output has no more meaning."""
TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99)
BAR = 1.4
"""Height of the bar with symbol and ticks, in lines of text."""
LABELLED = 3 + BAR
"""Height with a line each for the probability, the ticks and the threshold."""


def position(probability: float) -> float:
    """Position of a probability (0..1) on the scale, 0 (left) to 1 (right).

    The log odds, between those of `LOWEST` and `HIGHEST`: equal distances multiply the odds by equal factors, so a
    threshold of a few percent stands well within, and 1 % is as far from 10 % as 90 % from 99 %. Raises `ValueError`
    for what is no probability.
    """
    if not 0.0 <= probability <= 1.0:
        raise ValueError(f"{probability} is no probability")
    left, right = _log_odds(LOWEST), _log_odds(HIGHEST)
    return (_log_odds(min(max(probability, LOWEST), HIGHEST)) - left) / (right - left)


def draw_scale(painter: QPainter, area: QRectF, prediction: Prediction, text: QColor) -> None:
    """Draw a prediction into an area, in the painter's font: the bar, ticks, a line at the threshold, the symbol.

    The numbers are those that the advice goes by (see `deciding`).

    From the threshold on the bar is higher and hatched, so that it is told apart in grey. Where the area is lower
    than `LABELLED` lines, there is no room for the words at the probability and at the threshold.
    """
    line = float(painter.fontMetrics().height())
    labelled = area.height() >= LABELLED * line - 1
    top = area.top() + (line if labelled else 0.0)
    unit = line if labelled else min(line, (area.height() - line) / BAR)
    if unit < 1:  # no room for anything
        return
    middle = top + 0.7 * unit
    margin = max(0.7 * unit, painter.fontMetrics().horizontalAdvance(f"{100 * LOWEST:g}") / 2 + 1)
    left, width = area.left() + margin, area.width() - 2 * margin
    number = deciding(prediction)
    threshold, found = (left + width * position(value) for value in (number.threshold, number.probability))
    below = QRectF(left, middle - 0.12 * unit, threshold - left, 0.24 * unit)
    above = QRectF(threshold, middle - 0.34 * unit, left + width - threshold, 0.68 * unit)
    ticks = top + BAR * unit
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(below, QColor(CLEAR))
    _draw_hatched(painter, above, unit)
    lowest = ticks + line if labelled else ticks
    mark = QRectF(threshold - 0.1 * unit, top + 0.02 * unit, 0.2 * unit, lowest - top - 0.1 * unit)
    _draw_ticks(painter, QRectF(left, ticks, width, line), area, mark, text)
    painter.fillRect(mark, text)
    draw_advice(painter, QPointF(found, middle), 0.62 * unit, advice_of_prediction(prediction), text)
    if labelled:
        painter.setPen(text)
        words = QCoreApplication.translate("ProbabilityScale", "threshold {0}").format(percent(number.threshold))
        _draw_text(painter, area, threshold, lowest, words)
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        _draw_text(painter, area, found, area.top(), named_probability(prediction))
    painter.restore()


def named_probability(prediction: Prediction) -> str:
    """The probability that the advice goes by, with what it is of."""
    number = deciding(prediction)
    if number.of_other_cancer:
        name = QCoreApplication.translate("ProbabilityScale", "other skin cancer {0}")
    else:
        name = QCoreApplication.translate("ProbabilityScale", "melanoma {0}")
    return name.format(percent(number.probability))


class ProbabilityScale(QWidget):
    """Shows a prediction as `draw_scale` draws it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prediction: Prediction | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            self.tr("Equal distances multiply the odds equally: 1 % is as far from 10 % as 90 % is from 99 %.")
        )

    def set_prediction(self, prediction: Prediction) -> None:
        self._prediction = prediction
        self.setAccessibleName(
            self.tr("Probability: {0}, threshold {1}").format(
                named_probability(prediction), percent(deciding(prediction).threshold)
            )
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, math.ceil(LABELLED * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._prediction is not None:
            text = self.palette().color(QPalette.ColorRole.WindowText)
            draw_scale(QPainter(self), QRectF(self.rect()), self._prediction, text)


def _log_odds(probability: float) -> float:
    return math.log(probability / (1.0 - probability))


def _draw_hatched(painter: QPainter, area: QRectF, unit: float) -> None:
    """A pale area with slanting lines; a brush's own pattern would not grow with the resolution."""
    pale = QColor(SUSPECTED)
    pale.setAlphaF(0.25)
    painter.save()
    painter.fillRect(area, pale)
    painter.setClipRect(area)
    painter.setPen(QPen(QColor(SUSPECTED), 0.1 * unit))
    x = area.left() - area.height()
    while x < area.right():
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x + area.height(), area.top()))
        x += 0.35 * unit
    painter.restore()


def _draw_ticks(painter: QPainter, row: QRectF, area: QRectF, taken: QRectF, text: QColor) -> None:
    """Ticks above a row, and as many of their numbers in it as leave free what is `taken`."""
    metrics = painter.fontMetrics()
    gap = 0.25 * row.height()
    free_from = area.left()
    for tick, name in [*((tick, f"{100 * tick:g}") for tick in TICKS), (HIGHEST, "%")]:
        x = row.left() + row.width() * position(tick)
        box = _text_box(painter, area, x, row.top(), name)
        painter.setPen(QPen(text, row.height() / 15))
        if tick in TICKS:
            painter.drawLine(QPointF(x, row.top() - 0.25 * row.height()), QPointF(x, row.top()))
        crossed = box.intersects(taken)
        if box.left() >= free_from and not crossed and metrics.horizontalAdvance(name) <= row.width():
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
            free_from = box.right() + gap


def _draw_text(painter: QPainter, area: QRectF, x: float, top: float, text: str) -> None:
    painter.drawText(_text_box(painter, area, x, top, text), Qt.AlignmentFlag.AlignCenter, text)


def _text_box(painter: QPainter, area: QRectF, x: float, top: float, text: str) -> QRectF:
    """A line's place, centred at x and moved in where it would leave the area."""
    width = painter.fontMetrics().horizontalAdvance(text) + 2
    left = max(area.left(), min(x - width / 2, area.right() - width))
    return QRectF(left, top, width, painter.fontMetrics().height())
