"""The most probable diagnoses of a result as bars, with the other skin cancers as a sum below them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.core.domain.results import DIAGNOSES_NAMED, Prediction
from app.ui.services.wording import diagnosis_words, percent
from app.ui.widgets.style import label

NAMES, BARS = 0.58, 0.24
"""Shares of the width that names and bars take."""


class DiagnosisBars(QWidget):
    """Shows a prediction's diagnoses under a title; hidden where it has none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars = _Bars()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(label(self.tr("Most probable diagnoses"), bold=True))
        column.addWidget(self._bars)

    def set_prediction(self, prediction: Prediction) -> None:
        rows = rows_of(prediction, self.tr("Other cancers, sum"))
        self._bars.set_rows(rows)
        self._bars.setAccessibleName(self.tr("Most probable diagnoses: {0}").format(as_text(rows)))
        self.setVisible(bool(rows))

    @property
    def rows(self) -> Sequence[tuple[str, float]]:
        """Names and probabilities, as shown."""
        return self._bars.rows


class _Bars(QWidget):
    """Paints a row for each name: the name, a bar as long as the probability, the probability."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[tuple[str, float]] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_rows(self, rows: Sequence[tuple[str, float]]) -> None:
        self.rows = rows
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, round(1.5 * self.fontMetrics().height() * len(self.rows)))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, metrics = QPainter(self), self.fontMetrics()
        text = self.palette().color(QPalette.ColorRole.WindowText)
        height = self.height() / max(1, len(self.rows))
        for number, (name, probability) in enumerate(self.rows):
            top = number * height
            place = QRectF(0, top, NAMES * self.width() - 8, height)
            bar = QRectF(NAMES * self.width(), top + 0.3 * height, BARS * self.width(), 0.4 * height)
            empty = QColor(text)
            empty.setAlphaF(0.12)
            painter.fillRect(bar, empty)
            painter.fillRect(bar.adjusted(0, 0, -bar.width() * (1 - probability), 0), text)
            painter.setPen(text)
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(place.width()))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            beside = QRectF(bar.right(), top, self.width() - bar.right(), height)
            painter.drawText(beside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, percent(probability))


def rows_of(prediction: Prediction, sum_of_others: str) -> list[tuple[str, float]]:
    """Names and probabilities of the most probable diagnoses, and then of the other skin cancers together,
    which go by the name `sum_of_others`."""
    if not prediction.diagnoses:
        return []
    rows = [(diagnosis_words(name), probability) for name, probability in prediction.diagnoses[:DIAGNOSES_NAMED]]
    if prediction.other_cancer_probability is not None:
        rows.append((sum_of_others, prediction.other_cancer_probability))
    return rows


def as_text(rows: Sequence[tuple[str, float]]) -> str:
    """The rows in a line."""
    return ", ".join(f"{name} {percent(probability)}" for name, probability in rows)
