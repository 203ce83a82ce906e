"""Probabilities and their thresholds on a scale of log odds, drawn alike in the window and on paper."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.domain.advice import Advice, DecidingNumber, advice_of_number, numbers
from app.core.domain.results import Prediction
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.tokens import TextStyle, Tokens, font, scaled, see_through, tokens
from app.ui.services.wording import left_to_right, percent

LOWEST, HIGHEST = 0.001, 0.999
"""Ends of the scale; values beyond are drawn at the end, where the network's output has no more meaning."""
TICKS = (0.001, 0.01, 0.1, 0.5, 0.9, 0.99)
TRACK = 32
"""Height of a track with its threshold, its symbol and its whisker."""
HEAD, NEXT_HEAD = 28, 24
"""Heights of the line over the first track, and over the second."""
AXIS = 20
"""Height of the ticks with their numbers."""
SYMBOL = 18
HATCH_TINT, HATCH_EVERY = 0.18, 6


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


def name_of(number: DecidingNumber) -> str:
    """What a number is the probability of."""
    if number.of_other_cancer:
        return QCoreApplication.translate("ProbabilityScale", "Other skin cancer")
    return QCoreApplication.translate("ProbabilityScale", "Melanoma")


def threshold_text(number: DecidingNumber) -> str:
    return QCoreApplication.translate("ProbabilityScale", "refer from {0}").format(percent(number.threshold))


def named_probability(prediction: Prediction) -> str:
    """The probability that the advice goes by, with what it is of."""
    number = numbers(prediction)[0]
    return f"{name_of(number)} {percent(number.probability)}"


def draw_track(
    painter: QPainter, area: QRectF, prediction: Prediction, number: DecidingNumber, colours: Tokens
) -> None:
    """Draw one of a prediction's numbers on its track: hatched from the threshold on, the symbol of what it means, and
    below it how far turned and cropped copies lie apart, where that is known."""
    hatch = colours.advice[Advice.REFER_OTHER_CANCER if number.of_other_cancer else Advice.REFER_MELANOMA].symbol
    left, width = area.left(), area.width()
    threshold, found = (left + width * position(value) for value in (number.threshold, number.probability))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    bar = QRectF(left, area.top() + 8, width, 10)
    painter.fillRect(QRectF(left, bar.top(), threshold - left, bar.height()), colours.track)
    above = QRectF(threshold, bar.top(), bar.right() - threshold, bar.height())
    painter.fillRect(above, see_through(hatch, HATCH_TINT))
    painter.setClipRect(above)
    painter.setPen(QPen(hatch, 2))
    step = HATCH_EVERY * math.sqrt(2)
    x = above.left() - bar.height()
    while x < above.right():
        painter.drawLine(QPointF(x, above.bottom()), QPointF(x + bar.height(), above.top()))
        x += step
    painter.setClipping(False)
    painter.fillRect(QRectF(threshold - 1.5, area.top() + 3, 3, 20), colours.text)
    copies = prediction.consistency
    if copies is not None:
        between = copies.other_cancer if number.of_other_cancer else (copies.lowest, copies.highest)
        if between is not None:
            _draw_whisker(painter, area, between, colours)
    box = QRectF(found - SYMBOL / 2, area.top() + 4, SYMBOL, SYMBOL)
    advice = advice_of_number(prediction, number)
    draw_advice(painter, box, advice, colours.advice[advice].symbol, halo=colours.surface)
    painter.restore()


def _draw_whisker(painter: QPainter, area: QRectF, between: tuple[float, float], colours: Tokens) -> None:
    low, high = (area.left() + area.width() * position(value) for value in between)
    y = area.top() + 26
    painter.setPen(QPen(colours.text, 2, c=Qt.PenCapStyle.FlatCap))
    for start, end in (((low, y), (high, y)), ((low, y - 3), (low, y + 3)), ((high, y - 3), (high, y + 3))):
        painter.drawLine(QPointF(*start), QPointF(*end))


def draw_axis(painter: QPainter, area: QRectF, colours: Tokens) -> None:
    """Draw the ticks with their numbers, in the painter's font."""
    painter.save()
    painter.setPen(QPen(colours.control, 1))
    painter.drawLine(QPointF(area.left(), area.top() + 0.5), QPointF(area.right(), area.top() + 0.5))
    metrics = QFontMetrics(painter.font(), painter.device())
    for tick in TICKS:
        x = area.left() + area.width() * position(tick)
        painter.setPen(QPen(colours.control, 1))
        painter.drawLine(
            QPointF(max(area.left() + 0.5, x), area.top()), QPointF(max(area.left() + 0.5, x), area.top() + 4)
        )
        text = f"{100 * tick:g} %" if tick == TICKS[-1] else f"{100 * tick:g}"
        if painter.layoutDirection() == Qt.LayoutDirection.RightToLeft:  # paper never is
            text = left_to_right(text)
        width = metrics.horizontalAdvance(text) + 2
        start = x if tick == LOWEST else x - width / 2
        painter.setPen(colours.text2)
        box = QRectF(start, area.top() + 4, width, area.height() - 4)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip), text)
    painter.restore()


class ProbabilityScale(QWidget):
    """The probabilities of a prediction on tracks over one axis, the one that decides first and in large."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prediction: Prediction | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            self.tr("Equal distances multiply the odds equally: 1 % is as far from 10 % as 90 % is from 99 %.")
        )

    def set_prediction(self, prediction: Prediction) -> None:
        self._prediction = prediction
        self.setAccessibleName("; ".join(self.texts()))
        self.updateGeometry()
        self.update()

    def texts(self) -> list[str]:
        """What is written over the tracks: name, threshold and number of each."""
        if self._prediction is None:
            return []
        return [
            f"{name_of(number)}, {threshold_text(number)}: {percent(number.probability)}"
            for number in numbers(self._prediction)
        ]

    def sizeHint(self) -> QSize:
        tracks = len(numbers(self._prediction)) if self._prediction is not None else 2
        heads = HEAD + NEXT_HEAD * (tracks - 1)
        return QSize(312, scaled(heads + AXIS) + TRACK * tracks)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._prediction is None:
            return
        painter, colours, top = QPainter(self), tokens(), 0
        for place, number in enumerate(numbers(self._prediction)):
            height = scaled(NEXT_HEAD if place else HEAD)
            self._draw_head(painter, QRect(0, top, self.width(), height), number, decides=not place)
            area = QRectF(0, top + height, self.width(), TRACK)
            draw_track(painter, area, self._prediction, number, colours)
            top += height + TRACK
        painter.setFont(font(TextStyle.CAPTION))
        draw_axis(painter, QRectF(0, top, self.width(), scaled(AXIS)), colours)

    def _draw_head(self, painter: QPainter, area: QRect, number: DecidingNumber, *, decides: bool) -> None:
        """Name, threshold and number; in right to left from the other side."""
        colours = tokens()
        x, gap = area.left(), 8
        painter.setLayoutDirection(self.layoutDirection())
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        number_font = font(TextStyle.TITLE if decides else TextStyle.BODY)
        shown = percent(number.probability)
        taken = QFontMetrics(number_font).horizontalAdvance(shown) + 2
        for style, colour, text in (
            (TextStyle.BODY_STRONG, colours.text, name_of(number)),
            (TextStyle.BODY, colours.text2, threshold_text(number)),
        ):
            painter.setFont(font(style))
            painter.setPen(colour)
            width = min(QFontMetrics(font(style)).horizontalAdvance(text) + 1, area.right() - taken - x)
            box = self.style().visualRect(self.layoutDirection(), area, QRect(x, area.top(), width, area.height()))
            painter.drawText(box, align, text)
            x += width + gap
        painter.setFont(number_font)
        painter.setPen(colours.text)
        box = QRect(area.right() + 1 - taken, area.top(), taken, area.height())
        painter.drawText(
            self.style().visualRect(self.layoutDirection(), area, box),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            shown,
        )


def _log_odds(probability: float) -> float:
    return math.log(probability / (1.0 - probability))
