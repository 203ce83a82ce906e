"""The parts of the page for the clinic's own cases: a card for a share, and the table of diagnoses by advice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.core.domain.advice import Advice
from app.core.domain.clinical import MELANOMA, OTHER_CANCERS
from app.core.domain.statistics import Interval, proportion
from app.core.history.own_cases import Share
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.icons import draw_icon
from app.ui.look.panels import panel
from app.ui.look.style import label
from app.ui.look.tokens import (
    COLUMN_HEADS,
    EDGE,
    GRID,
    LARGE_RADIUS,
    LOW_ROW,
    Size,
    TextStyle,
    font,
    scaled,
    tokens,
)
from app.ui.services.wording import advice_words, diagnosis_words, left_to_right

PLOT, TRACK = 24, 6
"""Height of an interval's plot, and of the track in it."""
NUMBER, PLACES = 92, 8
"""Width of a column of numbers, and how many columns there are beside the diagnosis and the plot."""


@dataclass(frozen=True)
class CardText:
    """What a card says: its title, what was counted, and where there were none."""

    title: str
    counted: str
    none: str


class ShareCard(QWidget):
    """A share in large with its interval as words and as a plot; dashed, what the model's test gave."""

    def __init__(self, text: CardText, share: Share, tested: float | None) -> None:
        super().__init__()
        interval = share.interval
        self._text = text
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, 12, EDGE, 12)
        column.setSpacing(4)
        column.addWidget(label(text.title, TextStyle.BODY_STRONG))
        if interval is None:
            column.addWidget(label(text.none, quiet=True))
            column.addStretch()
            return
        between = label(self.tr("{0:.0f} to {1:.0f} %").format(100 * interval.low, 100 * interval.high), quiet=True)
        between.setToolTip(self.tr("95 % interval"))
        value = label(left_to_right(f"{100 * interval.value:.0f} %"), TextStyle.ADVICE)
        value.setWordWrap(False)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(value)
        row.addWidget(between, stretch=1, alignment=Qt.AlignmentFlag.AlignBottom)
        between.setContentsMargins(0, 0, 0, 4)  # on the number's baseline
        column.addLayout(row)
        column.addWidget(IntervalPlot(interval, tested))
        column.addWidget(label(text.counted.format(share.right, share.images)))
        if tested is not None:
            column.addWidget(label(self.tr("dashed: {0:.0f} % in the model's test").format(100 * tested), quiet=True))
        column.addStretch()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = tokens()
        panel(QPainter(self), self.rect(), colours.surface, colours.line, radius=LARGE_RADIUS)


class IntervalPlot(QWidget):
    """A share on an axis from 0 to 100 %, its interval, and dashed a share to compare it with."""

    def __init__(self, share: Interval, compared: float | None = None) -> None:
        super().__init__()
        self._share, self._compared = share, compared
        self.setFixedHeight(PLOT + scaled(TextStyle.CAPTION.value[1]))
        self.setAccessibleName(f"{100 * share.value:.0f} % ({100 * share.low:.0f} to {100 * share.high:.0f} %)")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw_interval(painter, QRectF(0, 0, self.width(), PLOT), self._share, self._compared)
        painter.setFont(font(TextStyle.CAPTION))
        painter.setPen(tokens().text2)
        below = self.rect().adjusted(0, PLOT, 0, 0)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute  # an axis is not mirrored
        painter.drawText(below, align | Qt.AlignmentFlag.AlignLeft, "0")
        painter.drawText(below, align | Qt.AlignmentFlag.AlignRight, left_to_right("100 %"))


def draw_interval(painter: QPainter, area: QRectF, share: Interval, compared: float | None = None) -> None:
    """Draw a share with its interval on a track as long as 100 %."""
    colours, y = tokens(), area.center().y()
    panel(painter, QRectF(area.x(), y - TRACK / 2, area.width(), TRACK).toRect(), colours.sunken, None, radius=3)

    def at(value: float) -> float:
        return area.x() + 6 + (area.width() - 12) * value

    painter.save()
    if compared is not None:
        painter.setPen(QPen(colours.text2, 2, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(at(compared), y - 9), QPointF(at(compared), y + 9))
    painter.setPen(QPen(colours.text, 2))
    painter.drawLine(QPointF(at(share.low), y), QPointF(at(share.high), y))
    for end in (share.low, share.high):
        painter.drawLine(QPointF(at(end), y - 5), QPointF(at(end), y + 5))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colours.surface, 2))
    painter.setBrush(colours.text)
    painter.drawEllipse(QPointF(at(share.value), y), 5, 5)
    painter.restore()


@dataclass(frozen=True)
class DiagnosisRow:
    """A confirmed diagnosis: how many images of it got which advice."""

    diagnosis: str
    told: Mapping[Advice, int]

    @property
    def images(self) -> int:
        return sum(self.told.values())

    @property
    def referred(self) -> int:
        return sum(count for advice, count in self.told.items() if advice.refers)

    @property
    def is_cancer(self) -> bool:
        return self.diagnosis == MELANOMA or self.diagnosis in OTHER_CANCERS


class DiagnosisTable(QWidget):
    """A row for each confirmed diagnosis, cancers first: images, advices, and the share that was referred."""

    def __init__(self, told: Mapping[str, Mapping[Advice, int]]) -> None:
        super().__init__()
        rows = [DiagnosisRow(diagnosis, counts) for diagnosis, counts in told.items()]
        self.rows: Sequence[DiagnosisRow] = sorted(rows, key=lambda row: not row.is_cancer)
        self._size = Size.MEDIUM
        self.setFixedHeight(scaled(COLUMN_HEADS + LOW_ROW * len(self.rows)))
        self.setAccessibleName(self.tr("What each confirmed diagnosis was told"))
        self.setAccessibleDescription("; ".join(map(self._spoken, self.rows)))

    def _spoken(self, row: DiagnosisRow) -> str:
        told = ", ".join(f"{advice_words(advice)} {count}" for advice, count in row.told.items() if count)
        return f"{diagnosis_words(row.diagnosis)}: {told}"

    def minimumSizeHint(self) -> QSize:
        return QSize(760, self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        painter.fillRect(self.rect(), colours.surface)
        painter.setLayoutDirection(self.layoutDirection())
        self._draw_heads(painter)
        top, height = scaled(COLUMN_HEADS), scaled(LOW_ROW)
        for number, row in enumerate(self.rows):
            self._draw_row(painter, row, QRect(0, top, self.width(), height))
            next_is_other = number + 1 < len(self.rows) and row.is_cancer and not self.rows[number + 1].is_cancer
            colour = colours.control if next_is_other else colours.line
            painter.fillRect(QRect(0, top + height - 1, self.width(), 1), colour)
            top += height

    def _draw_heads(self, painter: QPainter) -> None:
        colours, height = tokens(), scaled(COLUMN_HEADS)
        painter.fillRect(QRect(0, 0, self.width(), height), colours.window)
        painter.fillRect(QRect(0, height - 1, self.width(), 1), colours.line)
        painter.setFont(font(TextStyle.CAPTION))
        painter.setPen(colours.text2)
        heads = (self.tr("Cases"), *("" for _ in Advice), self.tr("Referred"))
        align = Qt.AlignmentFlag.AlignVCenter
        left = Qt.AlignmentFlag.AlignLeft
        painter.drawText(self._column(0, 0, height), align | left, self.tr("Confirmed diagnosis"))
        for place, words in enumerate(heads, start=1):
            painter.drawText(self._column(place, 0, height), align | Qt.AlignmentFlag.AlignRight, words)
        widest = max(painter.fontMetrics().horizontalAdvance(self._head(advice)) for advice in Advice)
        all_fit = widest + 18 <= self._column(2, 0, height).width()
        for place, advice in enumerate(Advice, start=2):
            box = self._column(place, 0, height)
            trailing = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
            x = box.right() - 14 if trailing else box.left()
            words = self._head(advice)
            room = painter.fontMetrics().horizontalAdvance(words)
            if all_fit:
                painter.drawText(box, align | Qt.AlignmentFlag.AlignRight, words)
                x += -room - 4 if trailing else room + 4
            draw_advice(painter, QRectF(x, box.center().y() - 7, 14, 14), advice)
        painter.drawText(self._plot(0, height).toRect(), align | left, self.tr("95 % interval"))

    def _head(self, advice: Advice) -> str:
        """An advice in a word."""
        return {
            Advice.REFER_MELANOMA: self.tr("Melanoma"),
            Advice.REFER_OTHER_CANCER: self.tr("Other"),
            Advice.BORDERLINE: self.tr("Borderline"),
            Advice.BELOW_THRESHOLD: self.tr("Below"),
            Advice.NOT_ASSESSED: self.tr("None"),
        }[advice]

    def _draw_row(self, painter: QPainter, row: DiagnosisRow, area: QRect) -> None:
        colours, align = tokens(), Qt.AlignmentFlag.AlignVCenter
        words = diagnosis_words(row.diagnosis)
        painter.setFont(font())
        painter.setPen(colours.text)
        box = self._column(0, area.y(), area.height())
        shown = QFontMetrics(font()).elidedText(words[:1].upper() + words[1:], Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, align | Qt.AlignmentFlag.AlignLeft, shown)
        share = proportion(row.referred, row.images)
        cells = [str(row.images), *(str(row.told.get(advice, 0) or "–") for advice in Advice)]
        for place, text in enumerate([*cells, left_to_right(f"{100 * share.value:.0f} %")], start=1):
            box = self._column(place, area.y(), area.height())
            advice = list(Advice)[place - 2] if 2 <= place < 2 + len(Advice) else None
            missed = row.is_cancer and advice is Advice.BELOW_THRESHOLD and bool(row.told.get(advice, 0))
            strong = place == len(cells) + 1 or missed or (row.is_cancer and advice is not None and advice.refers)
            painter.setFont(font(TextStyle.BODY_STRONG if strong else TextStyle.BODY))
            painter.drawText(box, align | Qt.AlignmentFlag.AlignRight, text)
            if missed:
                x = box.right() - painter.fontMetrics().horizontalAdvance(text) - 26
                draw_icon(painter, "triangle-alert", QRectF(x, box.center().y() - 8, 16, 16), colours.text)
        draw_interval(painter, self._plot(area.y(), area.height()), share)

    def _column(self, place: int, top: int, height: int) -> QRect:
        """The place of a column: the diagnosis, then those of numbers."""
        name = self._name_width()
        box = (
            QRect(EDGE, top, name - EDGE, height)
            if not place
            else QRect(name + (place - 1) * self._number_width(), top, self._number_width() - 8, height)
        )
        return self.style().visualRect(self.layoutDirection(), self.rect(), box)

    def _plot(self, top: int, height: int) -> QRectF:
        start = self._name_width() + (PLACES - 1) * self._number_width() + 2 * EDGE
        box = QRect(start, top, max(40, min(200, self.width() - start - EDGE)), height)
        return QRectF(self.style().visualRect(self.layoutDirection(), self.rect(), box))

    def _name_width(self) -> int:
        return max(160, round(0.22 * self.width()))

    def _number_width(self) -> int:
        return min(NUMBER, max(56, round(0.075 * self.width())))
