"""Saves clinical records and annotations a moment after they were edited, for all pages that show an entry."""

from __future__ import annotations

import logging
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Annotation, Entry
from app.core.domain.errors import HistoryError, MelaScreenError
from app.core.history.repository import EntryRepository
from app.core.system.log import Event
from app.ui.services.notices import Notices
from app.ui.services.workers import Priority, Workers

_log = logging.getLogger(__name__)

SAVE_AFTER = 600
"""Milliseconds after the last edit of a record."""
TRY_AGAIN = 10_000
"""Milliseconds after something could not be saved."""

Edit = ClinicalRecord | Annotation
Written = tuple[ClinicalRecord, tuple[str, ...]] | None


class Autosave(QObject):
    """Holds what was edited until it is in the history; what could not be written is tried again.

    An entry is known by its number, file checksum and time, so that nothing is written to an entry of another history
    that has taken this one's place.
    """

    entry_changed = Signal(int)
    """The number of an entry that was edited: `record` and `annotation` give what it has now."""
    saving_now = Signal()
    """`save_now` was called: unfinished edits are to be handed over at once."""

    def __init__(
        self, history: EntryRepository, notices: Notices, workers: Workers, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._history = history
        self._notices = notices
        self._workers = workers
        self._unsaved: dict[tuple[int, type[Edit]], tuple[Entry, Edit]] = {}
        self._bases: dict[int, ClinicalRecord] = {}
        """The record of each entry as it was read or written last, which an edit is held against."""
        self._timer = self._new_timer(SAVE_AFTER)
        self._again = self._new_timer(TRY_AGAIN)

    def record(self, entry_id: int) -> ClinicalRecord | None:
        """An entry's record that is not known to be in the history yet."""
        _, record = self._unsaved.get((entry_id, ClinicalRecord), (None, None))
        return record if isinstance(record, ClinicalRecord) else None

    def annotation(self, entry_id: int) -> Annotation | None:
        """An entry's annotation that is not known to be in the history yet."""
        _, annotation = self._unsaved.get((entry_id, Annotation), (None, None))
        return annotation if isinstance(annotation, Annotation) else None

    def note_read(self, entry: Entry) -> None:
        """Take note of an entry as the history has it now, before it is edited."""
        if self.record(entry.id) is None:
            self._bases[entry.id] = entry.record

    def set_record(self, entry: Entry, record: ClinicalRecord) -> None:
        """Take an edited record; it is saved once nothing was edited for `SAVE_AFTER`."""
        self._unsaved[entry.id, ClinicalRecord] = (entry, record)
        self._timer.start()
        self.entry_changed.emit(entry.id)

    def set_annotation(self, entry: Entry, annotation: Annotation) -> None:
        """Take an edited annotation and save it."""
        self._unsaved[entry.id, Annotation] = (entry, annotation)
        self.save()
        self.entry_changed.emit(entry.id)

    def tell_written(self, entry: Entry, annotation: Annotation) -> None:
        """Tell the pages of an annotation that is in the history already; an unsaved one gives way to it."""
        key = (entry.id, Annotation)
        self._unsaved[key] = (entry, annotation)
        self.entry_changed.emit(entry.id)
        del self._unsaved[key]

    def save(self) -> None:
        """Write all that is not saved, in the background."""
        self._timer.stop()
        for edit in self._unsaved.values():
            self._workers.run(
                partial(self._write, *edit),
                on_result=partial(self._on_written, edit),
                on_error=partial(self._on_not_written, edit),
                priority=Priority.HIGH,
            )

    def save_now(self) -> None:
        """Write all that is not saved before this returns: at the window's end, or before the history is replaced.

        What can be written is, whatever can't. Raises `HistoryError`.
        """
        self.saving_now.emit()
        self._timer.stop()
        problem: HistoryError | None = None
        for key, edit in list(self._unsaved.items()):
            try:
                self._write(*edit)
            except HistoryError as error:
                problem = error
            else:
                del self._unsaved[key]
        if problem is not None:
            raise problem

    def _write(self, entry: Entry, edit: Edit) -> Written:
        """On the worker thread, but for `save_now`. Of a record: what is stored now, and the fields in conflict."""
        if not isinstance(edit, ClinicalRecord):
            self._history.update_annotation(entry, edit)
            return None
        base = self._bases.get(entry.id, entry.record)
        stored, conflicts = self._history.update_record(entry, edit, base=base)
        self._bases[entry.id] = edit if conflicts else stored
        return stored, conflicts

    def _on_written(self, written: tuple[Entry, Edit], result: Written) -> None:
        entry, edit = written
        key = (entry.id, type(edit))
        if self._unsaved.get(key) is not written:  # it was edited since
            return
        if result is not None and result[0] != edit:
            stored, conflicts = result
            self._bases[entry.id] = stored
            self._unsaved[key] = (entry, stored)
            self.entry_changed.emit(entry.id)
            if conflicts:
                self._notices.warn(
                    self.tr(
                        "{0} was changed in another window meanwhile. What was written here stands, and the other text"
                        " is kept in the note."
                    ).format(entry.screening.path.name)
                )
        del self._unsaved[key]

    def _on_not_written(self, tried: tuple[Entry, Edit], error: MelaScreenError) -> None:
        _log.warning(Event.NOT_SAVED, error)
        if isinstance(tried[1], ClinicalRecord):
            text = self.tr("What was noted is not saved yet, and is tried again: {0}")
        else:
            text = self.tr("The outline is not saved yet, and is tried again: {0}")
        self._notices.warn(text.format(error))
        self._again.start()

    def _new_timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(self.save)
        return timer
