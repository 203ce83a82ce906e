"""A patient's follow-ups as rows: lesion, reason, day, and what can be done about each."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.core.domain import times
from app.core.domain.patient import DoneBy, FollowUp, Lesion
from app.ui.look.style import Line, Sign, clear, label
from app.ui.look.tokens import EDGE, ICON, LOW_ROW, TOOL, TextStyle, scaled
from app.ui.patient.lesion_words import state_words, where_words
from app.ui.patient.patient_header import Elided
from app.ui.patients.presenter import PatientData
from app.ui.widgets.buttons import Button, Look


class FollowUpRows(QWidget):
    """Shows the open follow-ups, then the done ones; a button completes one or opens it again."""

    done_asked = Signal(object)
    reopen_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.buttons: list[Button] = []
        self._nothing = label(quiet=True)

    def show_data(self, data: PatientData | None) -> None:
        """Show a patient's follow-ups."""
        clear(self._column)
        self.buttons = []
        follow_ups = data.follow_ups if data is not None else ()
        for follow_up in follow_ups:
            found = data.lesion(follow_up.lesion) if data is not None else None
            self._column.addWidget(self._row(follow_up, found.lesion if found else None))
            self._column.addWidget(Line())
        if not follow_ups:
            nothing = label(self.tr("Nothing is noted to be seen again."), quiet=True)
            nothing.setContentsMargins(EDGE, 0, EDGE, 0)
            nothing.setFixedHeight(scaled(LOW_ROW))
            self._column.addWidget(nothing)
        self._column.addStretch()

    def _row(self, follow_up: FollowUp, lesion: Lesion | None) -> QWidget:
        today = times.today()
        is_open = follow_up.done_on is None
        row = QWidget()
        row.setFixedHeight(scaled(LOW_ROW))
        line = QHBoxLayout(row)
        line.setContentsMargins(EDGE, 0, EDGE, 0)
        line.setSpacing(12)
        line.addWidget(Sign("calendar-clock" if is_open else "check", ICON))
        number = label(str(lesion.number) if lesion else "", TextStyle.BODY_STRONG)
        number.setFixedWidth(scaled(20))
        line.addWidget(number)
        where = Elided(where_words(lesion) if lesion else self.tr("the patient as a whole"))
        reason = Elided(follow_up.reason or "–", quiet=False)
        due = is_open and follow_up.due_on <= today
        style = TextStyle.BODY_STRONG if due else TextStyle.BODY
        when = Elided(state_words(follow_up, today), style, quiet=False)
        by = Elided(self.tr("by a new picture") if follow_up.done_by is DoneBy.PICTURE else " ")
        for widget, stretch in ((where, 3), (reason, 4), (when, 3), (by, 2)):
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            line.addWidget(widget, stretch=stretch)
        verb = self.tr("Done") if is_open else self.tr("Reopen")
        button = Button(verb, look=Look.LINK, height=TOOL)
        button.setAccessibleName(f"{verb}: {where.text()}, {reason.text()}, {when.text()}")
        asked = self.done_asked if is_open else self.reopen_asked
        button.clicked.connect(lambda: asked.emit(follow_up))
        self.buttons.append(button)
        line.addWidget(button)
        return row
