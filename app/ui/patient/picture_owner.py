"""Whose picture is shown: keeps a patient header in step with the shown result, and asks for patient and lesion."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.core.domain.body import Place
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry
from app.core.domain.patient import Lesion, Patient
from app.core.history.follow_ups import FollowUpRepository
from app.core.history.lesions import Candidate, LesionRepository
from app.core.history.repository import EntryRepository
from app.ui.patient.assignment import Assignment
from app.ui.patient.choose_dialog import ChoosePatientDialog
from app.ui.patient.lesion_dialog import LesionDialog
from app.ui.patient.lesion_words import lesion_words
from app.ui.patient.patient_header import PatientHeader
from app.ui.services.autosave import Autosave
from app.ui.services.current_patient import CurrentPatient
from app.ui.services.item import Item
from app.ui.services.notices import Action, Notices
from app.ui.services.workers import Job, Priority, Workers
from app.ui.widgets.dialogs import ask


@dataclass(frozen=True)
class Owner:
    """An entry with the patient whose it is, and the lesion that it shows, of which there are so many `pictures`."""

    entry: Entry
    patient: Patient | None
    lesion: Lesion | None
    pictures: int = 0


class PictureOwner(QObject):
    """Shows in a header whose picture the shown entry is; without an entry, the patient who is open."""

    changed = Signal()
    """The entry's patient or lesion was changed here."""
    shown = Signal()
    """What the header shows is another."""

    def __init__(
        self,
        header: PatientHeader,
        history: EntryRepository,
        current: CurrentPatient,
        workers: Workers,
        notices: Notices,
        autosave: Autosave,
        parent: QWidget,
        *,
        shows_open: bool = True,
    ) -> None:
        """`shows_open`: without an entry the header shows the patient who is open."""
        super().__init__(parent)
        self.header = header
        self.lesions = LesionRepository(history.database)
        self._follow_ups = FollowUpRepository(history.database)
        self._history = history
        self._current = current
        self._workers = workers
        self._notices = notices
        self._autosave = autosave
        self._window = parent
        self._shows_open = shows_open
        self._entry_id: int | None = None
        self._item: Item | None = None
        self._job: Job | None = None
        self.owner: Owner | None = None
        header.choose_asked.connect(self.ask_for_patient)
        header.close_asked.connect(current.close)
        header.lesion_asked.connect(self.ask_for_lesion)
        current.changed.connect(self._show)
        current.noted.connect(self._on_noted)
        autosave.record_stored.connect(self._on_stored)
        self._show()

    @property
    def can_be_compared(self) -> bool:
        """Whether there is another picture of the lesion that is shown."""
        return self.owner is not None and self.owner.pictures > 1

    def show_item(self, item: Item | None) -> None:
        """Show whose picture an item is: while it has no entry, the patient under whom it will be noted."""
        self._item = item
        self.show_entry(item.entry_id if item is not None else None)
        self._show()

    def show_entry(self, entry_id: int | None) -> None:
        """Show whose picture an entry is; `None` for none."""
        if entry_id != self._entry_id:
            self._entry_id = entry_id
            self.owner = None
            self._show()
            self.refresh()

    def refresh(self) -> None:
        """Read the entry's patient and lesion again."""
        entry_id = self._entry_id
        if entry_id is not None:
            self._job = self._workers.run(
                partial(self._read, entry_id),
                on_result=partial(self._on_read, entry_id),
                on_error=self._notices.warn,
                priority=Priority.HIGH,
            )

    def stop(self) -> None:
        """Wait for nothing any more: the header is about to go."""
        if self._job is not None:
            self._job.cancel()

    def ask_for_patient(self) -> None:
        """Ask whose picture it is; without a picture, whose pictures come next."""
        item, entry_id = self._item, self._entry_id
        dialog = ChoosePatientDialog(self._current.repository, self._workers, self._window)
        dialog.accepted.connect(lambda: self._on_chosen(item, entry_id, dialog.patient()))
        dialog.open()

    def ask_for_lesion(self) -> None:
        """Ask which of the patient's lesions the picture shows."""
        owner = self.owner
        if owner is None or owner.patient is None:
            return
        patient = owner.patient.identifier
        self._workers.run(
            lambda: self.lesions.candidates(owner.entry, patient),
            on_result=partial(self._ask_for_lesion, owner),
            on_error=self._notices.warn,
            priority=Priority.HIGH,
        )

    def _ask_for_lesion(self, owner: Owner, candidates: list[Candidate]) -> None:
        assert owner.patient is not None
        dialog = LesionDialog(owner.patient.identifier, candidates, owner.entry.lesion, self._window)
        dialog.accepted.connect(lambda: self._assign(owner, dialog.chosen()))
        dialog.open()

    def _assign(self, owner: Owner, chosen: Lesion | Place | None) -> None:
        assert owner.patient is not None
        patient = owner.patient.identifier

        is_new = not isinstance(chosen, Lesion)
        assignment = Assignment(self.lesions, self._follow_ups, self._history)

        def work() -> Lesion:
            lesion = chosen if isinstance(chosen, Lesion) else self.lesions.add(patient, chosen)
            assignment.make([owner.entry], lesion)
            return lesion

        def undo(lesion: Lesion) -> None:
            assignment.undo()
            if is_new:
                self.lesions.remove(lesion.id)

        def done(lesion: Lesion) -> None:
            back = Action(self.tr("Undo"), lambda: self._run(partial(undo, lesion)), "Ctrl+Z")
            self._notices.info(self.tr("{0}: picture noted").format(lesion_words(lesion)), back)
            self._after_change()

        self._workers.run(work, on_result=done, on_error=self._notices.warn)

    def _run(self, work: Callable[[], object]) -> None:
        self._workers.run(work, on_result=lambda _: self._after_change(), on_error=self._notices.warn)

    def _on_chosen(self, item: Item | None, entry_id: int | None, patient: Patient) -> None:
        """Note the picture that was asked about under a patient: its entry, or what is recorded of it later."""
        entry_id = item.entry_id if item is not None else entry_id
        if entry_id is None:
            if item is not None:
                item.patient = patient.identifier
            self._current.open(patient)
            self._show()
            return
        self._workers.run(
            partial(self._read, entry_id),
            on_result=lambda owner: self._take(owner, patient),
            on_error=self._notices.warn,
            priority=Priority.HIGH,
        )

    def _take(self, owner: Owner | None, patient: Patient) -> None:
        """Note an entry under a patient, who is open from now on; ask first where it is another's."""
        before = owner.entry.record.patient if owner is not None else ""
        if before in ("", patient.identifier):
            self._note(owner, patient)
            return
        text = self.tr(
            "This picture is noted under {0}. It will be noted under {1} instead, and leaves the lesion that it shows."
        )
        ask(
            self._window,
            text.format(before, patient.identifier),
            verb=self.tr("Note under {0}").format(patient.identifier),
            then=lambda: self._note(owner, patient),
        )

    def _note(self, owner: Owner | None, patient: Patient) -> None:
        self._current.open(patient)
        if owner is not None and owner.entry.record.patient != patient.identifier:
            record = self._autosave.record(owner.entry.id) or owner.entry.record
            changed: ClinicalRecord = replace(record, patient=patient.identifier)
            self._autosave.set_record(owner.entry, changed, base=owner.entry.record)
            self._autosave.save()

    def _read(self, entry_id: int) -> Owner | None:
        """On the worker thread."""
        entry = self._history.get(entry_id)
        if entry is None:
            return None
        patient = self._current.repository.get(entry.record.patient) if entry.record.patient else None
        lesion = self.lesions.get(entry.lesion) if entry.lesion is not None else None
        return Owner(entry, patient, lesion, self.lesions.pictures(lesion.id) if lesion is not None else 0)

    def _on_read(self, entry_id: int, owner: Owner | None) -> None:
        if entry_id == self._entry_id:
            self.owner = owner
            self._show()

    def _on_noted(self, entry_id: int) -> None:
        if entry_id == self._entry_id:
            self._after_change()

    def _on_stored(self, entry_id: int, _record: ClinicalRecord) -> None:
        self._on_noted(entry_id)

    def _after_change(self) -> None:
        self.refresh()
        self.changed.emit()

    def _show(self) -> None:
        """Show the entry's patient; without an entry the one who is open."""
        current, owner = self._current.patient, self.owner
        if self._entry_id is not None:
            patient = owner.patient if owner is not None else None
        elif self._item is not None:
            awaited = self._item.patient
            is_current = current is not None and current.identifier == awaited
            patient = current if is_current else Patient(awaited) if awaited else None
        else:
            patient = current if self._shows_open else None
        is_open = patient is not None and current is not None and patient.identifier == current.identifier
        self.header.show_patient(patient, owner.lesion if owner is not None else None, is_open=is_open)
        self.header.show_other_open(current.identifier if current is not None and not is_open else "")
        if owner is None:
            self.header.show_lesion(None, can_choose=False)
        self.shown.emit()
