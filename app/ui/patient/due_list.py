"""A short list of what is due: patients and lesions to be seen again soon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.core.domain import times
from app.core.domain.patient import FollowUp
from app.ui.look.focus_ring import INSIDE, RING, draw_inner_ring
from app.ui.look.icons import draw_icon
from app.ui.look.style import Line, clear, label, mirrored
from app.ui.look.tokens import EDGE, GRID, ICON, LOW_ROW, TOOL_ROW, TextStyle, font, scaled, tokens
from app.ui.patient.lesion_words import due_words

SOON = dt.timedelta(days=7)
"""What is due within this time is listed."""
MOST = 6


class DueList(QWidget):
    """Rows of follow-ups; `patient_asked` gives the identifier of the one that was clicked. Hidden without any."""

    patient_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        head = QWidget()
        head.setFixedHeight(scaled(TOOL_ROW))
        row = QHBoxLayout(head)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        title = label(self.tr("Due"), TextStyle.BODY_STRONG)
        self.until = label(self.tr("within 7 days"), quiet=True)
        for widget in (title, self.until):
            widget.setWordWrap(False)
        row.addWidget(title)
        row.addStretch()
        row.addWidget(self.until)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        column.addWidget(head)
        column.addWidget(Line())
        column.addLayout(self._rows)
        self.buttons: list[_DueButton] = []
        self.hide()

    def show_due(self, follow_ups: Sequence[FollowUp]) -> None:
        """Show what is due, the longest overdue first."""
        clear(self._rows)
        self.buttons = []
        for follow_up in follow_ups[:MOST]:
            button = _DueButton(follow_up)
            button.clicked.connect(lambda _, patient=follow_up.patient: self.patient_asked.emit(patient))
            self._rows.addWidget(button)
            self.buttons.append(button)
        self.setVisible(bool(follow_ups))


class _DueButton(QAbstractButton):
    """A row: the patient, the lesion and the reason, and the day at the end."""

    def __init__(self, follow_up: FollowUp) -> None:
        super().__init__()
        number = follow_up.lesion_number
        lesion = self.tr("lesion {0}").format(number) if number is not None else ""
        self._about = ", ".join(filter(None, (lesion, follow_up.reason)))
        self._day = due_words(follow_up.due_on, times.today())
        self.setText(follow_up.patient)
        self.setAccessibleName(", ".join(filter(None, (follow_up.patient, self._about, self._day))))
        self.setProperty(RING, INSIDE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(200, scaled(LOW_ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        if self.underMouse():
            painter.fillRect(self.rect(), colours.hover)
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), colours.line)
        painter.setLayoutDirection(self.layoutDirection())
        icon = QRect(EDGE, (self.height() - ICON) // 2, ICON, ICON)
        draw_icon(painter, "calendar-clock", QRectF(mirrored(self, icon)), colours.text2)
        middle = Qt.AlignmentFlag.AlignVCenter
        day = QFontMetrics(font()).horizontalAdvance(self._day)
        end = self.width() - EDGE - day
        painter.setFont(font())
        painter.setPen(colours.text)
        box = mirrored(self, QRect(end, 0, day + 1, self.height()))
        painter.drawText(box, middle | Qt.AlignmentFlag.AlignRight, self._day)
        x = EDGE + ICON + GRID
        for style, colour, text in (
            (TextStyle.BODY_STRONG, colours.text, self.text()),
            (TextStyle.BODY, colours.text2, self._about),
        ):
            painter.setFont(font(style))
            painter.setPen(colour)
            metrics = QFontMetrics(font(style))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, end - x - GRID))
            painter.drawText(
                mirrored(self, QRect(x, 0, end - x - GRID, self.height())), middle | Qt.AlignmentFlag.AlignLeft, shown
            )
            x += metrics.horizontalAdvance(shown) + 12
        draw_inner_ring(painter, self)
