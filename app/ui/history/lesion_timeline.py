"""A lesion over time: its images side by side, and their probabilities on a plot."""

from __future__ import annotations

import datetime as dt
import html
import itertools
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QSizePolicy, QStyle, QVBoxLayout, QWidget

from app.core.domain.advice import advice_of, deciding
from app.core.domain.entry import Entry
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.style import label, thumbnail_icon
from app.ui.look.tokens import GRID, tokens
from app.ui.result.probability_scale import named_probability
from app.ui.services.wording import percent, symbol_of, warning_text, words_of

TOPS = (0.05, 0.1, 0.2, 0.5, 1.0)
"""Possible upper ends of the plot's scale."""
STEPS = 5


class LesionTimeline(QWidget):
    """Shows the entries of one lesion in the order of their images' dates."""

    entry_opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self.plot = ProbabilityPlot()
        self.note = label()
        self.images = self._image_list()
        self.setFocusProxy(self.images)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.images)
        layout.addWidget(self.note)
        layout.addWidget(self.plot, stretch=1)

    def show_entries(self, entries: list[Entry]) -> None:
        """Replace the entries; the newest becomes the current one."""
        self._entries = sorted(entries, key=_when)
        self.plot.show_entries(self._entries)
        self.images.clear()
        for entry in self._entries:
            item = QListWidgetItem(thumbnail_icon(entry.screening.thumbnail), self._caption(entry))
            item.setToolTip(html.escape(str(entry.screening.path)))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, self._spoken(entry))
            self.images.addItem(item)
        self.images.setCurrentRow(len(self._entries) - 1)
        self.images.scrollToItem(self.images.currentItem())
        self.note.setText(self._note())
        self.note.setVisible(bool(self.note.text()))

    def _image_list(self) -> QListWidget:
        images = QListWidget()
        images.setFlow(QListView.Flow.LeftToRight)
        images.setViewMode(QListView.ViewMode.IconMode)
        images.setWrapping(False)
        images.setMovement(QListView.Movement.Static)
        line = images.fontMetrics().height()
        images.setIconSize(QSize(7 * line, 7 * line))
        images.setGridSize(QSize(9 * line, 10 * line))
        bar = images.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        images.setFixedHeight(10 * line + bar + 2 * images.frameWidth())
        images.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        images.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        images.setAccessibleName(self.tr("Pictures of the lesion, oldest first"))
        images.currentRowChanged.connect(self.plot.set_current)
        images.activated.connect(lambda index: self.entry_opened.emit(self._entries[index.row()]))
        return images

    def _caption(self, entry: Entry) -> str:
        prediction = entry.screening.answered
        number = f" {percent(deciding(prediction).probability)}" if prediction else ""
        return f"{entry.screening.shown_at:%Y-%m-%d}\n{symbol_of(entry.screening)}{number}"

    def _spoken(self, entry: Entry) -> str:
        prediction = entry.screening.answered
        number = f", {named_probability(prediction)}" if prediction else ""
        return f"{entry.screening.shown_at:%Y-%m-%d}: {words_of(entry.screening)}{number}"

    def _note(self) -> str:
        if len(self._entries) > 1 and not _is_one_lesion(self._entries):
            return warning_text(self.tr("These pictures are not joined as one lesion, so no line connects them."))
        if len({entry.screening.model for entry in self._entries}) > 1:
            text = self.tr("Results of different models can't be compared; no line connects them.")
            return warning_text(text)
        thresholds = {answered.threshold for entry in self._entries if (answered := entry.screening.answered)}
        if len(thresholds) > 1:
            text = self.tr("The thresholds differ: compare the probabilities, not the results.")
            return warning_text(text)
        return ""


class ProbabilityPlot(QWidget):
    """Plots probabilities of melanoma by date, joined where one model gave them, with dashed thresholds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._current = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Probability of melanoma over time"))

    def show_entries(self, entries: list[Entry]) -> None:
        """Plot entries, oldest first."""
        self._entries = [entry for entry in entries if entry.screening.is_answer]
        self._current = -1
        self.setAccessibleDescription(
            ", ".join(
                f"{entry.screening.shown_at:%Y-%m-%d}: {percent(probability)}"
                for entry, (probability, _) in zip(self._entries, self._values(), strict=True)
            )
        )
        self.update()

    def set_current(self, number: int) -> None:
        """Mark one of the points, or none (-1)."""
        self._current = number
        self.update()

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(30 * line, 12 * line)

    def minimumSizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(16 * line, 8 * line)

    def places(self) -> list[QPointF]:
        """Position of each entry's point."""
        area, top = self._area(), self._top()
        times = [entry.screening.shown_at.timestamp() for entry in self._entries]
        first, span = min(times, default=0.0), max(times, default=0.0) - min(times, default=0.0)
        return [
            QPointF(
                area.left() + area.width() * ((time - first) / span if span else 0.5),
                area.bottom() - area.height() * probability / top,
            )
            for time, (probability, _) in zip(times, self._values(), strict=True)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._entries:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        line = self.fontMetrics().height()
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft, self.accessibleName())
        self._draw_scale(painter)
        self._draw_dates(painter)
        self._draw_thresholds(painter)
        self._draw_points(painter)

    def _values(self) -> list[tuple[float, float]]:
        """Probability and threshold of each entry."""
        predictions = [entry.screening.prediction for entry in self._entries]
        return [(found.melanoma_probability, found.threshold) for found in predictions if found is not None]

    def _top(self) -> float:
        highest = max(itertools.chain(*self._values()), default=0.0)
        return next(top for top in TOPS if highest * 1.1 <= top or top == TOPS[-1])

    def _area(self) -> QRectF:
        """The area between the axes, with room for half a symbol at its sides."""
        metrics, line = self.fontMetrics(), self.fontMetrics().height()
        left = metrics.horizontalAdvance("100 %") + line
        right = line + max((metrics.horizontalAdvance(text) for text in self._threshold_texts().values()), default=0)
        return QRectF(left + line, 2 * line, self.width() - left - right - 2 * line, self.height() - 4.5 * line)

    def _threshold_texts(self) -> dict[float, str]:
        thresholds = sorted({threshold for _, threshold in self._values()}, reverse=True)
        return {threshold: self.tr("threshold {0}").format(percent(threshold)) for threshold in thresholds}

    def _muted(self) -> QColor:
        colour = self.palette().color(QPalette.ColorRole.WindowText)
        colour.setAlphaF(0.25)
        return colour

    def _draw_scale(self, painter: QPainter) -> None:
        area, top, line = self._area(), self._top(), self.fontMetrics().height()
        for step in range(STEPS + 1):
            y = area.bottom() - area.height() * step / STEPS
            painter.setPen(QPen(self._muted(), 1))
            painter.drawLine(QPointF(area.left() - line, y), QPointF(area.right() + line, y))
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            box = QRectF(0, y - line / 2, area.left() - 1.5 * line, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight, f"{100 * top * step / STEPS:.0f} %")

    def _draw_dates(self, painter: QPainter) -> None:
        """Draw a date under each point that has room for it; times if all are of one day."""
        moments = [entry.screening.shown_at for entry in self._entries]
        shape = "%Y-%m-%d" if len(moments) == 1 or len({moment.date() for moment in moments}) > 1 else "%Y-%m-%d %H:%M"
        area, metrics = self._area(), self.fontMetrics()
        free_from = 0.0
        for place, moment in zip(self.places(), moments, strict=True):
            text = moment.strftime(shape)
            width = metrics.horizontalAdvance(text) + 2
            left = max(0.0, min(place.x() - width / 2, self.width() - width))
            painter.setPen(QPen(self._muted(), 1))
            painter.drawLine(QPointF(place.x(), area.bottom()), QPointF(place.x(), area.bottom() + GRID))
            if left >= free_from:
                painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
                box = QRectF(left, area.bottom() + 1.5 * GRID, width, metrics.height())
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
                free_from = left + width + GRID

    def _draw_thresholds(self, painter: QPainter) -> None:
        area, line = self._area(), self.fontMetrics().height()
        text_colour = self.palette().color(QPalette.ColorRole.WindowText)
        next_free = 0.0
        for threshold, text in self._threshold_texts().items():
            y = area.bottom() - area.height() * threshold / self._top()
            painter.setPen(QPen(text_colour, 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(area.left() - line, y), QPointF(area.right() + line, y))
            box_top = max(y - line / 2, next_free)
            next_free = box_top + line
            box = QRectF(area.right() + 1.5 * line, box_top, self.width(), line)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft, text)

    def _draw_points(self, painter: QPainter) -> None:
        text_colour = self.palette().color(QPalette.ColorRole.WindowText)
        placed = list(zip(self._entries, self.places(), strict=True))
        painter.setPen(QPen(text_colour, 2))
        for (entry, start), (later, end) in itertools.pairwise(placed):
            if entry.screening.model == later.screening.model and _is_one_lesion([entry, later]):
                painter.drawLine(start, end)
        half = self.fontMetrics().height() / 2.5
        for number, (entry, place) in enumerate(placed):
            if number == self._current:
                painter.setPen(QPen(tokens().accent, 3))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(place, 2 * half, 2 * half)
            side = 2.4 * half
            box = QRectF(place.x() - side / 2, place.y() - side / 2, side, side)
            draw_advice(painter, box, advice_of(entry.screening), halo=tokens().surface)


def _is_one_lesion(entries: Sequence[Entry]) -> bool:
    lesions = {entry.lesion for entry in entries}
    return len(lesions) == 1 and None not in lesions


def _when(entry: Entry) -> tuple[dt.datetime, int]:
    return entry.screening.shown_at, entry.id
