"""Deleting entries of the history for good: the selected ones, a patient's, or all before a day; asked twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QInputDialog, QMessageBox, QWidget

from app.core.domain import times
from app.core.domain.entry import Entry
from app.core.domain.errors import MelaScreenError
from app.core.history.repository import EntryRepository
from app.ui.services.notices import Notices
from app.ui.services.wording import results
from app.ui.services.workers import Lane, Workers
from app.ui.widgets.dialogs import ask


class Deletion(QObject):
    """Asks and deletes; `done` tells that entries may be gone."""

    done = Signal()

    def __init__(self, history: EntryRepository, notices: Notices, workers: Workers, window: QWidget) -> None:
        super().__init__(window)
        self._history = history
        self._notices = notices
        self._workers = workers
        self._window = window

    def delete(self, selected: list[Entry]) -> None:
        """Delete entries after asking twice."""
        if not selected:
            return
        if len(selected) == 1:
            text = self.tr("The result for {0} will be deleted.").format(selected[0].screening.path.name)
        else:
            text = self.tr("The {0} selected results will be deleted.").format(len(selected))
        self._delete(text, lambda: self._history.delete([entry.id for entry in selected]))

    def delete_patient(self, selected: list[Entry]) -> None:
        """Delete all of the patient that the entries are of, where it is one, after asking twice."""
        patients = {entry.record.patient for entry in selected} - {""}
        if len(patients) == 1:
            patient = patients.pop()
            text = self.tr("All results of the patient {0} will be deleted.").format(patient)
            self._delete(text, lambda: self._history.delete_patient(patient))

    def delete_older(self) -> None:
        """Ask for a day, and delete what is older after asking twice."""
        today = times.today()
        years = [today.replace(year=today.year - back, day=min(today.day, 28)).isoformat() for back in (1, 2, 5, 10)]
        day, chosen = QInputDialog.getItem(
            self._window, self.tr("Delete"), self.tr("Delete all results from before this day (year-month-day):"), years
        )
        if not chosen:
            return
        try:
            before = dt.date.fromisoformat(day.strip())
        except ValueError:
            self._notices.warn(self.tr("{0} is no day.").format(day))
            return
        text = self.tr("All results from before {0} will be deleted.").format(before.isoformat())
        self._delete(text, lambda: self._history.delete_before(before))

    def _delete(self, text: str, work: Callable[[], int]) -> None:
        images = self.tr(
            "The picture files stay where they are; copies that MelaScreen kept are deleted too. Backups and exports"
            " are not changed."
        )
        twice = self.tr("This can't be undone.")
        title, warning = self.tr("Delete"), QMessageBox.Icon.Warning
        delete = partial(  # it rewrites the whole file
            self._workers.run,
            work,
            lane=Lane.BACKGROUND,
            on_result=self._on_deleted,
            on_error=self._on_delete_failed,
            on_crash=self._after_deletion,
        )
        ask_again = partial(
            ask, self._window, twice, verb=self.tr("Delete for good"), then=delete, title=title, icon=warning
        )
        asked = f"{text}\n\n{images}"
        ask(self._window, asked, verb=self.tr("Delete…"), then=ask_again, title=title, icon=warning)

    def _on_delete_failed(self, error: MelaScreenError) -> None:
        self._notices.warn(error)
        self._after_deletion()

    def _on_deleted(self, count: int) -> None:
        self._notices.info(self.tr("Deleted: {0}").format(results(count)))
        self._after_deletion()

    def _after_deletion(self) -> None:
        """Also after a deletion that failed: some entries may be deleted."""
        self.done.emit()
