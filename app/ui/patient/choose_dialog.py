"""The dialog in which a patient is chosen, or a new one is named."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.core.domain import times
from app.core.domain.patient import Patient
from app.core.history.patients import PatientRepository, PatientRow, PatientSort
from app.ui.look.style import label
from app.ui.look.tokens import GRID
from app.ui.patient.dialog import FormDialog
from app.ui.services.workers import Job, Priority, Workers
from app.ui.widgets.fields import SearchField
from app.ui.widgets.patient_words import patient_words

MOST = 100
"""Patients that are listed; a search finds the others."""
TYPING = 200
"""Milliseconds after the last key until a search begins."""


class ChoosePatientDialog(FormDialog):
    """Lists the patients whose identifier or note holds what is typed. What is no patient yet can be added."""

    def __init__(self, patients: PatientRepository, workers: Workers, parent: QWidget | None = None) -> None:
        content = QWidget()
        self._patients = patients
        self._workers = workers
        self.text = SearchField("")
        self.list = QListWidget()
        self._listed_for = ""
        self._job: Job | None = None
        super().__init__(self.tr("Choose the patient"), self.tr("Choose"), content, parent)
        self.text.setPlaceholderText(self.tr("a number or pseudonym, or a part of it"))
        self.text.setAccessibleName(self.tr("Search patients"))
        self.list.setAccessibleName(self.tr("Patients found"))
        self.list.setMinimumHeight(240)
        self.hint = label(quiet=True)
        self._timer = QTimer(self, singleShot=True, interval=TYPING)
        self._timer.timeout.connect(self._search)
        self.text.textChanged.connect(lambda: self._timer.start())
        self.list.itemActivated.connect(lambda _: self._try())
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        for widget in (self.text, self.list, self.hint):
            column.addWidget(widget)
        self.text.setFocus()
        self.finished.connect(lambda _: self._timer.stop())
        self.finished.connect(lambda _: self._stop())
        self._search()

    def patient(self) -> Patient:
        """The chosen patient; where the list is not of what was typed (a scanner types and presses Enter at once), or
        what was typed is none's identifier, one with this identifier."""
        typed = self.text.text().strip()
        if typed and typed != self._listed_for:
            return Patient(typed)
        item = self.list.currentItem()
        chosen = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return chosen if isinstance(chosen, Patient) else Patient(self.text.text().strip())

    def problem(self) -> str:
        return "" if self.patient().identifier else self.tr("Choose a patient, or type a new number or pseudonym.")

    def _search(self) -> None:
        text = self.text.text().strip()
        sort = PatientSort.IDENTIFIER if text else PatientSort.LAST_VISIT
        self._stop()
        self._job = self._workers.run(
            lambda: self._patients.rows(text, sort=sort, descending=not text, limit=MOST),
            on_result=partial(self._on_found, text),
            on_error=lambda error: self.hint.setText(str(error)),
            priority=Priority.HIGH,
        )

    def _stop(self) -> None:
        """Wait for no result any more: another is asked for, or the dialog is about to go."""
        if self._job is not None:
            self._job.cancel()

    def _on_found(self, text: str, rows: list[PatientRow]) -> None:
        if text != self.text.text().strip():
            return
        self._listed_for = text
        today = times.today()
        self.list.clear()
        identifiers = [row.patient.identifier for row in rows]
        if text and text not in identifiers:
            self._add(self.tr("New patient: {0}").format(text), None)
        for row in rows:
            words = patient_words(row.patient, today)
            self._add(row.patient.identifier + (f"   {words}" if words else ""), row.patient)
        exact = identifiers.index(text) if text in identifiers else 0
        self.list.setCurrentRow(exact)
        self.hint.setText("" if rows or text else self.tr("No patient is noted yet: type a number or pseudonym."))

    def _add(self, text: str, patient: Patient | None) -> None:
        item = QListWidgetItem(text)
        item.setData(Qt.ItemDataRole.UserRole, patient)
        self.list.addItem(item)
