"""Draws a probability in a table's cell: a bar in log odds with the threshold, and the number."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.core.domain.advice import advice_of_prediction
from app.core.domain.results import Prediction
from app.ui.folder.results_model import PREDICTION_ROLE
from app.ui.result.probability_scale import position
from app.ui.services.wording import percent
from app.ui.widgets.style import ADVICE_COLOURS


class ProbabilityDelegate(QStyledItemDelegate):
    """Draws the prediction that the cell has under `PREDICTION_ROLE`."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        prediction = index.data(PREDICTION_ROLE)
        if not isinstance(prediction, Prediction):
            super().paint(painter, option, index)
            return
        empty = QStyleOptionViewItem(option)
        self.initStyleOption(empty, index)
        empty.text = ""
        style = option.widget.style()
        style.drawControl(style.ControlElement.CE_ItemViewItem, empty, painter, option.widget)
        painter.save()
        area = QRectF(option.rect).adjusted(6, 4, -6, -4)
        line = painter.fontMetrics().height()
        bar = QRectF(area.left(), area.center().y() + 2, area.width(), line / 2)
        colour = QColor(ADVICE_COLOURS[advice_of_prediction(prediction)])
        pale = QColor(colour)
        pale.setAlphaF(0.2)
        painter.fillRect(bar, pale)
        painter.fillRect(
            bar.adjusted(0, 0, -bar.width() * (1 - position(prediction.melanoma_probability)), 0),
            colour,
        )
        selected = option.state & QStyle.StateFlag.State_Selected
        text = option.palette.color(QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text)
        painter.setPen(QPen(text, 2))
        x = bar.left() + bar.width() * position(prediction.threshold)
        painter.drawLine(QPointF(x, bar.top() - 3), QPointF(x, bar.bottom() + 3))
        above = QRectF(area.left(), bar.top() - line - 2, area.width(), line)
        painter.drawText(above, Qt.AlignmentFlag.AlignLeft, percent(prediction.melanoma_probability))
        painter.restore()
