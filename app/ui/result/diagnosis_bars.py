"""The most probable diagnoses of a result as bars, with the other skin cancers as a sum below them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.domain.results import DIAGNOSES_NAMED, Prediction
from app.ui.look.panels import panel
from app.ui.look.style import mirrored
from app.ui.look.tokens import font, scaled, tokens
from app.ui.services.wording import diagnosis_words, percent

ROW, SUM_ROW = 24, 33
"""Heights of a row, and of the last one with the line over it."""
NAME_SHARE, NUMBER = 0.54, 56
"""Share of the width that names take, and pixels that numbers take."""
BAR = 6


class DiagnosisBars(QWidget):
    """Paints a row for each name: the name, a bar as long as the probability, the probability."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[tuple[str, float]] = ()
        """Names and probabilities, as shown; the last one is the sum."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_prediction(self, prediction: Prediction) -> None:
        self.rows = rows_of(prediction, self.tr("Other skin cancers, sum"))
        self.setAccessibleName(self.tr("Most probable diagnoses: {0}").format(as_text(self.rows)))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(260, scaled(ROW * max(0, len(self.rows) - 1) + SUM_ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours, top = QPainter(self), tokens(), 0
        painter.setFont(font())
        painter.setLayoutDirection(self.layoutDirection())
        metrics = QFontMetrics(font())
        names = round(NAME_SHARE * self.width())
        for number, (name, probability) in enumerate(self.rows):
            is_sum = number == len(self.rows) - 1 and number >= DIAGNOSES_NAMED
            if is_sum:
                painter.fillRect(QRect(0, top + 4, self.width(), 1), colours.line)
                top += scaled(SUM_ROW - ROW)
            height = scaled(ROW)
            painter.setPen(colours.text)
            shown = metrics.elidedText(name, Qt.TextElideMode.ElideRight, names)
            align = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(mirrored(self, QRect(0, top, names, height)), align | Qt.AlignmentFlag.AlignLeft, shown)
            bar = QRect(names + 12, top + (height - BAR) // 2, self.width() - names - 12 - NUMBER, BAR)
            bar = mirrored(self, bar)
            panel(painter, bar, colours.sunken, None, radius=BAR / 2)
            filled = QRect(bar.x(), bar.y(), max(BAR, round(bar.width() * probability)), BAR)
            panel(painter, filled, colours.bar, None, radius=BAR / 2)
            beside = mirrored(self, QRect(self.width() - NUMBER, top, NUMBER, height))
            painter.drawText(beside, align | Qt.AlignmentFlag.AlignRight, percent(probability))
            top += height


def rows_of(prediction: Prediction, sum_of_others: str) -> list[tuple[str, float]]:
    """Names and probabilities of the most probable diagnoses, and then of the other skin cancers together,
    which go by the name `sum_of_others`."""
    if not prediction.diagnoses:
        return []
    rows = [
        (_sentence_case(diagnosis_words(name)), probability)
        for name, probability in prediction.diagnoses[:DIAGNOSES_NAMED]
    ]
    if prediction.other_cancer_probability is not None:
        rows.append((sum_of_others, prediction.other_cancer_probability))
    return rows


def as_text(rows: Sequence[tuple[str, float]]) -> str:
    """The rows in a line."""
    return ", ".join(f"{name} {percent(probability)}" for name, probability in rows)


def _sentence_case(name: str) -> str:
    return name[:1].upper() + name[1:]
