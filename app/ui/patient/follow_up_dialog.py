"""The dialog that notes when a patient, or a lesion, is to be seen again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QDateEdit, QFormLayout, QLineEdit, QWidget

from app.core.domain import times
from app.core.domain.patient import SEEN_AGAIN_MONTHS, Lesion, months_later
from app.ui.look.tokens import GRID
from app.ui.patient.dialog import FormDialog
from app.ui.patient.lesion_words import lesion_words
from app.ui.widgets.buttons import Button, Segments
from app.ui.widgets.fields import Choice, ignore_wheel


class FollowUpDialog(FormDialog):
    """Asks for the day, the lesion and the reason."""

    def __init__(
        self,
        patient: str,
        lesions: Sequence[Lesion],
        chosen: int | None = None,
        reason: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """`chosen` is the id of the lesion that is shown first, `None` for the patient as a whole."""
        content = QWidget()
        self.lesion = Choice()
        self.day = QDateEdit()
        self.reason = QLineEdit(reason)
        super().__init__(self.tr("See {0} again").format(patient), self.tr("Note"), content, parent)
        self._today = times.today()
        self.months = Segments([Button(self._months(months)) for months in SEEN_AGAIN_MONTHS])
        self.months.group.idClicked.connect(self._on_months)
        self.lesion.addItem(self.tr("The patient as a whole"), None)
        for lesion in lesions:
            self.lesion.addItem(lesion_words(lesion), lesion.id)
        self.lesion.setCurrentIndex(max(0, self.lesion.findData(chosen)))
        self.reason.setPlaceholderText(self.tr("borderline, picture out of focus, …"))
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("ddd d MMM yyyy")
        self.day.setMinimumDate(QDate.currentDate())
        ignore_wheel(self.day)
        form = QFormLayout(content)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(GRID)
        for text, field in (
            (self.tr("Lesion"), self.lesion),
            (self.tr("In"), self.months),
            (self.tr("On"), self.day),
            (self.tr("Reason"), self.reason),
        ):
            field.setAccessibleName(text)
            form.addRow(text, field)
        self.months.buttons[0].setChecked(True)
        self._on_months(0)

    def due_on(self) -> dt.date:
        """The day that was chosen."""
        day = self.day.date()
        return dt.date(day.year(), day.month(), day.day())

    def _on_months(self, number: int) -> None:
        day = months_later(self._today, SEEN_AGAIN_MONTHS[number])
        self.day.setDate(QDate(day.year, day.month, day.day))

    def _months(self, months: int) -> str:
        return self.tr("{0} months").format(months)
