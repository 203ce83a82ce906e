"""The patient who is open: whose pictures are being taken, and under whom new results are noted."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from app.core.domain.entry import Entry
from app.core.domain.patient import Patient, united
from app.core.history.patients import PatientRepository
from app.core.history.repository import EntryRepository
from app.ui.services.notices import Notices
from app.ui.services.workers import Priority, Workers


class CurrentPatient(QObject):
    """Holds the patient who is open, or none, and notes new results under a patient."""

    changed = Signal()
    """Another patient is open, or none, or what is known of this one changed."""
    noted = Signal(int)
    """With the entry that was noted under a patient."""

    def __init__(
        self, history: EntryRepository, workers: Workers, notices: Notices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._history = history
        self.repository = PatientRepository(history.database)
        self._workers = workers
        self._notices = notices
        self.patient: Patient | None = None

    def open(self, patient: Patient) -> None:
        """Open a patient by the identifier. What is known already is kept where `patient` does not say otherwise, and
        what is new is saved."""
        self._set(patient)  # at once: a picture that comes next belongs to this patient

        def work() -> Patient:
            stored = self.repository.get(patient.identifier)
            known = united(patient, stored) if stored is not None else patient
            if known != stored:
                self.repository.save(known)
            return known

        self._workers.run(work, on_result=self._on_read, on_error=self._notices.warn, priority=Priority.HIGH)

    def close(self) -> None:
        """Have no patient open."""
        self._set(None)

    def follow(self, old: str, new: str) -> None:
        """Keep the open patient open under another identifier: renamed, or merged into another."""
        if self.patient is not None and self.patient.identifier == old:
            self._set(replace(self.patient, identifier=new))
            self.refresh()

    def refresh(self) -> None:
        """Read again what is known of the open patient; one who was deleted is closed."""
        if self.patient is not None:
            identifier = self.patient.identifier
            self._workers.run(
                lambda: self.repository.get(identifier),
                on_result=lambda known: self._on_refreshed(identifier, known),
                on_error=self._notices.warn,
            )

    def note(self, entry: Entry, identifier: str) -> None:
        """Note a new result under a patient, unless its record names one already."""
        if entry.record.patient or not identifier:
            return

        def work() -> None:
            stored = self._history.get(entry.id)
            is_there = self.repository.get(identifier) is not None  # else deleted meanwhile
            if stored is not None and not stored.record.patient and is_there:
                self._history.update_record(stored, replace(stored.record, patient=identifier))

        self._workers.run(
            work,
            on_result=lambda _: self.noted.emit(entry.id),
            on_error=self._notices.warn,
            priority=Priority.HIGH,
        )

    def _on_read(self, known: Patient) -> None:
        if self.patient is not None and self.patient.identifier == known.identifier:
            self._set(known)

    def _on_refreshed(self, identifier: str, known: Patient | None) -> None:
        if known is not None:
            self._on_read(known)
        elif self.patient is not None and self.patient.identifier == identifier:  # else renamed meanwhile
            self._set(None)

    def _set(self, patient: Patient | None) -> None:
        if patient != self.patient:
            self.patient = patient
            self.changed.emit()
