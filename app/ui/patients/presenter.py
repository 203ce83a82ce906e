"""One patient's data for the page: read in the background, changed with a notice that can undo the change."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from app.core.domain import times
from app.core.domain.advice import Advice, advice_of, deciding
from app.core.domain.body import Place
from app.core.domain.entry import Entry
from app.core.domain.patient import FollowUp, Lesion, Patient
from app.core.history.follow_ups import FollowUpRepository
from app.core.history.lesions import LesionHistory, LesionRepository
from app.core.history.patients import OPEN_FIRST, Merge, PatientRepository
from app.core.history.repository import EntryRepository
from app.ui.patient.assignment import Assignment
from app.ui.patient.due_list import MOST, SOON
from app.ui.patient.lesion_words import lesion_words
from app.ui.services.notices import Action, Notices
from app.ui.services.wording import date_text
from app.ui.services.workers import Lane, Priority, Workers

_log = logging.getLogger(__name__)
UNDO_KEY = "Ctrl+Z"


@dataclass(frozen=True)
class PatientData:
    """All that a patient's page shows. `alike` are patients whose identifiers are spelled nearly the same."""

    patient: Patient
    lesions: tuple[LesionHistory, ...]
    loose: tuple[Entry, ...]
    follow_ups: tuple[FollowUp, ...]
    alike: tuple[str, ...] = ()

    def lesion(self, lesion_id: int | None) -> LesionHistory | None:
        return next((each for each in self.lesions if each.lesion.id == lesion_id), None)

    def visits(self) -> list[dt.date]:
        """The days on which pictures were taken, the oldest first."""
        entries = [entry for each in self.lesions for entry in each.entries] + list(self.loose)
        return sorted({entry.screening.shown_at.date() for entry in entries})


def latest_advice(history: LesionHistory) -> Advice | None:
    """The advice of a lesion's latest picture; `None` without a picture."""
    return advice_of(history.entries[-1].screening) if history.entries else None


def worst_first(lesions: tuple[LesionHistory, ...]) -> list[LesionHistory]:
    """Lesions by the advice of the latest picture, then by its probability, the most suspicious first."""
    ranks = {advice: rank for rank, advice in enumerate((*OPEN_FIRST, Advice.NOT_ASSESSED, None))}

    def rank(history: LesionHistory) -> tuple[int, float, int]:
        prediction = history.entries[-1].screening.answered if history.entries else None
        probability = deciding(prediction).probability if prediction is not None else 0.0
        return ranks[latest_advice(history)], -probability, history.lesion.number

    return sorted(lesions, key=rank)


class PatientPresenter(QObject):
    """Reads and changes the patient who is shown."""

    shown = Signal()
    """Other data are to be shown (`data`), or none."""
    changed = Signal()
    """The history was changed: lists and other pages read again."""

    deleted = Signal()
    """A patient was deleted with all results."""
    identifier_changed = Signal(str, str)
    """With the identifier before and after: a patient was renamed, or merged into another."""
    due_read = Signal(object)
    """With the follow-ups that are due soon."""

    def __init__(self, history: EntryRepository, workers: Workers, notices: Notices, parent: QObject | None) -> None:
        super().__init__(parent)
        self.patients = PatientRepository(history.database)
        self.lesions = LesionRepository(history.database)
        self.follow_ups = FollowUpRepository(history.database)
        self._history = history
        self._workers = workers
        self._notices = notices
        self._identifier = ""
        self.data: PatientData | None = None
        self.is_reading = False
        self.merges: list[Merge] = []
        """What was merged in this window and not parted again, the latest last."""

    def open(self, identifier: str) -> None:
        """Show a patient."""
        if identifier != self._identifier:
            self._identifier, self.data, self.is_reading = identifier, None, True
            self.shown.emit()
        self.refresh()

    def refresh(self) -> None:
        """Read the shown patient again."""
        identifier = self._identifier
        if identifier:
            self._workers.run(
                lambda: self._read(identifier),
                on_result=self._on_read,
                on_error=self._notices.warn,
                priority=Priority.HIGH,
            )

    def read_due(self) -> None:
        """Read what is due soon, for `due_read`. Read at the start, too: that a history can't be used is said there."""
        until = times.today() + SOON
        self._workers.run(
            lambda: self.follow_ups.due(until, limit=MOST),
            on_result=self.due_read.emit,
            on_error=lambda _: _log.warning("what is due can't be read"),
            priority=Priority.LOW,
        )

    def add(self, patient: Patient) -> None:
        """Add a patient, unless one with this identifier is there, who stays as known."""

        def work() -> None:
            if self.patients.get(patient.identifier) is None:
                self.patients.save(patient)

        self._run(work, lambda: None)

    def save(self, old: Patient, new: Patient) -> None:
        """Write what was entered of a patient; another identifier renames the patient."""

        def work() -> None:
            if new.identifier != old.identifier:
                self.patients.rename(old.identifier, new.identifier)
            self.patients.save(new, base=old)

        def undo() -> None:
            if new.identifier != old.identifier:
                self.patients.rename(new.identifier, old.identifier)
            self.patients.save(old, base=new)

        self._do(work, self.tr("{0}: saved").format(new.identifier), undo, follow=(old.identifier, new.identifier))

    def merge(self, kept: str, other: str) -> None:
        """Make two patients one."""
        merged: list[Merge] = []

        def work() -> None:
            merged.append(self.patients.merge(kept, other))
            self.merges.append(merged[0])

        self._do(
            work,
            self.tr("{0} is now a part of {1}").format(other, kept),
            lambda: self._part(merged[0]),
            follow=(other, kept),
        )

    def part(self, merge: Merge) -> None:
        """Part two patients again who were merged in this window."""
        told = self.tr("{0} and {1} are two patients again").format(merge.kept.identifier, merge.other.identifier)
        self._run(lambda: self._part(merge), lambda: self._notices.info(told))

    def delete(self, identifier: str) -> None:
        """Delete a patient for good."""
        self._workers.run(
            lambda: self._history.delete_patient(identifier),
            lane=Lane.BACKGROUND,
            on_result=lambda count: self._on_deleted(identifier, count),
            on_error=self._notices.warn,
        )

    def add_lesion(self, place: Place | None, then: Callable[[Lesion], object] | None = None) -> None:
        """Add a lesion of the shown patient."""
        identifier, added = self._identifier, list[Lesion]()

        def work() -> None:
            added.append(self.lesions.add(identifier, place))

        def done() -> None:
            self._notices.info(
                self.tr("{0} added").format(lesion_words(added[0])),
                self._undoing(lambda: self.lesions.remove(added[0].id)),
            )
            if then is not None:
                then(added[0])

        self._run(work, done)

    def move_lesion(self, lesion: Lesion, place: Place) -> None:
        """Put a lesion elsewhere on the body."""
        moved = replace(lesion, place=place)
        self._do(
            lambda: self.lesions.move(lesion.id, place),
            self.tr("{0}: moved").format(lesion_words(moved)),
            lambda: self.lesions.move(lesion.id, lesion.place),
        )

    def remove_lesion(self, lesion: Lesion) -> None:
        """Remove a lesion; its pictures stay without one."""
        left: list[int] = []
        noted: list[FollowUp] = []

        def work() -> None:
            pictures, follow_ups = self.lesions.remove(lesion.id)
            left.extend(pictures)
            noted.extend(follow_ups)

        def undo() -> None:
            self.lesions.restore(lesion, noted)
            self.lesions.assign(left, lesion)

        told = self.tr("{0} removed with its follow-ups; its pictures are kept").format(lesion_words(lesion))
        self._do(work, told, undo)

    def assign(self, entries: list[Entry], lesion: Lesion) -> None:
        """Note that pictures show a lesion."""
        moved = Assignment(self.lesions, self.follow_ups, self._history)
        self._do(
            lambda: moved.make(entries, lesion), self.tr("{0}: picture noted").format(lesion_words(lesion)), moved.undo
        )

    def see_again(self, due_on: dt.date, reason: str, lesion: int | None) -> None:
        """Note a follow-up."""
        identifier, added = self._identifier, list[FollowUp]()
        self._do(
            lambda: added.append(self.follow_ups.add(identifier, due_on, reason, lesion=lesion)),
            self.tr("See again: {0}").format(date_text(due_on)),
            lambda: self.follow_ups.delete(added[0].id),
        )

    def complete(self, follow_up: FollowUp) -> None:
        """Note that a follow-up is done."""
        self._do(
            lambda: self.follow_ups.complete(follow_up.id),
            self.tr("Follow-up done"),
            lambda: self.follow_ups.reopen(follow_up.id),
        )

    def reopen(self, follow_up: FollowUp) -> None:
        """Open a follow-up again."""
        self._do(
            lambda: self.follow_ups.reopen(follow_up.id),
            self.tr("Follow-up is open again"),
            lambda: self.follow_ups.complete(follow_up.id, follow_up.done_on),
        )

    def forget(self) -> None:
        """Show nobody: the history was replaced."""
        self._identifier, self.data, self.is_reading = "", None, False
        self.shown.emit()

    def _part(self, merge: Merge) -> None:
        """On the worker thread. What was parted already stays as it is."""
        if merge in self.merges:
            self.patients.undo(merge)
            self.merges.remove(merge)

    def _read(self, identifier: str) -> PatientData | None:
        """On the worker thread."""
        patient = self.patients.get(identifier)
        if patient is None:
            return None
        lesions, loose = self.lesions.of_patient(identifier)
        follow_ups = self.follow_ups.of_patient(identifier)
        alike = self.patients.spelled_alike(identifier)
        return PatientData(patient, tuple(lesions), tuple(loose), tuple(follow_ups), tuple(alike))

    def _on_read(self, data: PatientData | None) -> None:
        if data is None or data.patient.identifier == self._identifier:
            self.data, self.is_reading = data, False
            self.shown.emit()

    def _on_deleted(self, identifier: str, count: int) -> None:
        self._notices.info(self.tr("{0} deleted, with {1} results").format(identifier, count))
        self.merges = [merge for merge in self.merges if merge.kept.identifier != identifier]
        if identifier == self._identifier:
            self.forget()
        self.deleted.emit()
        self.changed.emit()

    def _do(
        self,
        work: Callable[[], object],
        told: str,
        undo: Callable[[], object],
        follow: tuple[str, str] | None = None,
    ) -> None:
        """Change the history, say what was done, and offer to undo it. `follow`: the identifier before and after."""

        def done() -> None:
            self._follow(follow)
            back = follow[::-1] if follow is not None else None
            self._notices.info(told, self._undoing(undo, back))

        self._run(work, done)

    def _undoing(self, undo: Callable[[], object], follow: tuple[str, str] | None = None) -> Action:
        def done() -> None:
            self._follow(follow)
            self._notices.info(self.tr("Undone"))

        return Action(self.tr("Undo"), lambda: self._run(undo, done), UNDO_KEY)

    def _follow(self, change: tuple[str, str] | None) -> None:
        """Show a patient under the new identifier, and tell of it."""
        if change is not None and change[0] != change[1]:
            self._identifier = change[1] if self._identifier == change[0] else self._identifier
            self.identifier_changed.emit(*change)

    def _run(self, work: Callable[[], object], done: Callable[[], object]) -> None:
        def on_result(_: object) -> None:
            done()
            self.changed.emit()
            self.refresh()
            self.read_due()

        self._workers.run(work, on_result=on_result, on_error=self._notices.warn, priority=Priority.HIGH)
