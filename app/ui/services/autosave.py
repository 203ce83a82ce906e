"""Saves clinical records and annotations a moment after they were edited, for all pages that show an entry."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
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
Key = tuple[int, type[Edit]]
Written = tuple[ClinicalRecord, tuple[str, ...]] | None
"""Of a record: what is stored now, and the fields that somebody else had changed too."""


@dataclass(frozen=True)
class _Unsaved:
    """An edit of an entry; of a record with the one that it was made from, `base`."""

    entry: Entry
    edit: Edit
    base: ClinicalRecord

    @property
    def key(self) -> Key:
        return self.entry.id, type(self.edit)


class Autosave(QObject):
    """Holds what was edited until it is in the history; what could not be written is tried again.

    An entry is known by its number, file checksum and time, so that nothing is written to an entry of another history
    that has taken this one's place. One edit of an entry is written at a time.
    """

    entry_changed = Signal(int)
    """The number of an entry that was edited: `record` and `annotation` give what it has now."""
    record_stored = Signal(int, object)
    """The number of an entry, and its record as the history has it now: what was edited, and what others changed."""
    saving_now = Signal()
    """`save_now` was called: unfinished edits are to be handed over at once."""

    def __init__(
        self, history: EntryRepository, notices: Notices, workers: Workers, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._history = history
        self._notices = notices
        self._workers = workers
        self._unsaved: dict[Key, _Unsaved] = {}
        self._under_way: dict[Key, _Unsaved] = {}
        """What is being written."""
        self._timer = self._new_timer(SAVE_AFTER)
        self._again = self._new_timer(TRY_AGAIN)

    def record(self, entry_id: int) -> ClinicalRecord | None:
        """An entry's record that is not known to be in the history yet."""
        unsaved = self._unsaved.get((entry_id, ClinicalRecord))
        return unsaved.edit if unsaved is not None and isinstance(unsaved.edit, ClinicalRecord) else None

    def annotation(self, entry_id: int) -> Annotation | None:
        """An entry's annotation that is not known to be in the history yet."""
        unsaved = self._unsaved.get((entry_id, Annotation))
        return unsaved.edit if unsaved is not None and isinstance(unsaved.edit, Annotation) else None

    def set_record(self, entry: Entry, record: ClinicalRecord, *, base: ClinicalRecord | None = None) -> None:
        """Take an edited record; it is saved once nothing was edited for `SAVE_AFTER`.

        `base` is the record that was shown before it was edited, as the history had it (the entry's own, if not given).
        """
        key = (entry.id, ClinicalRecord)
        writing, unsaved = self._under_way.get(key), self._unsaved.get(key)
        if writing is not None and isinstance(writing.edit, ClinicalRecord):
            base = writing.edit
        elif unsaved is not None:
            base = unsaved.base
        self._unsaved[key] = _Unsaved(entry, record, entry.record if base is None else base)
        self._timer.start()
        self.entry_changed.emit(entry.id)

    def set_annotation(self, entry: Entry, annotation: Annotation) -> None:
        """Take an edited annotation and save it."""
        self._unsaved[entry.id, Annotation] = _Unsaved(entry, annotation, entry.record)
        self.save()
        self.entry_changed.emit(entry.id)

    def tell_written(self, entry: Entry, annotation: Annotation) -> None:
        """Tell the pages of an annotation that is in the history already; an unsaved one gives way to it."""
        key = (entry.id, Annotation)
        self._unsaved[key] = _Unsaved(entry, annotation, entry.record)
        self.entry_changed.emit(entry.id)
        del self._unsaved[key]

    def save(self) -> None:
        """Write all that is not saved, in the background; of what is being written, a later edit waits for its end."""
        self._timer.stop()
        for key, unsaved in self._unsaved.items():
            if key in self._under_way:
                continue
            self._under_way[key] = unsaved
            self._workers.run(
                partial(self._write, unsaved),
                on_result=partial(self._on_written, unsaved),
                on_error=partial(self._on_not_written, unsaved),
                on_crash=partial(self._on_crash, key),
                priority=Priority.HIGH,
            )

    def save_now(self) -> None:
        """Write all that is not saved before this returns: at the window's end, or before the history is replaced.

        What can be written is, whatever can't. Raises `HistoryError`.
        """
        self.saving_now.emit()
        self._timer.stop()
        problem: HistoryError | None = None
        for key, unsaved in list(self._unsaved.items()):
            try:
                self._write(unsaved)
            except HistoryError as error:
                problem = error
            else:
                del self._unsaved[key]
        if problem is not None:
            raise problem

    def _write(self, unsaved: _Unsaved) -> Written:
        """On the worker thread, but for `save_now`."""
        if isinstance(unsaved.edit, ClinicalRecord):
            return self._history.update_record(unsaved.entry, unsaved.edit, base=unsaved.base)
        self._history.update_annotation(unsaved.entry, unsaved.edit)
        return None

    def _on_written(self, written: _Unsaved, result: Written) -> None:
        self._under_way.pop(written.key, None)
        if result is not None and result[1]:
            self._notices.warn(
                self.tr(
                    "{0} was changed in another window in the meantime. Your text was saved, and the other text was"
                    " added to the note."
                ).format(written.entry.screening.path.name)
            )
        later = self._unsaved.get(written.key)
        if later is not written:
            if later is not None and isinstance(written.edit, ClinicalRecord):
                self._unsaved[written.key] = replace(later, base=written.edit)
                self._timer.start()
            return
        del self._unsaved[written.key]
        if result is not None:
            self.record_stored.emit(written.entry.id, result[0])

    def _on_crash(self, key: Key) -> None:
        """A programming error: the edit stays, and is written with the next."""
        self._under_way.pop(key, None)

    def _on_not_written(self, tried: _Unsaved, error: MelaScreenError) -> None:
        self._under_way.pop(tried.key, None)
        _log.warning(Event.NOT_SAVED, error)
        if isinstance(tried.edit, ClinicalRecord):
            text = self.tr("Your notes are not saved yet; MelaScreen tries again: {0}")
        else:
            text = self.tr("The outline is not saved yet; MelaScreen tries again: {0}")
        self._notices.warn(text.format(error))
        self._again.start()

    def _new_timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(self.save)
        return timer
