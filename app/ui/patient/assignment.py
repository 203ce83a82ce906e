"""Notes which lesion pictures show, and takes that back with all that it changed."""

from __future__ import annotations

from collections.abc import Sequence

from app.core.domain.entry import Entry
from app.core.domain.patient import Lesion
from app.core.history.follow_ups import FollowUpRepository
from app.core.history.lesions import LesionRepository
from app.core.history.repository import EntryRepository


class Assignment:
    """Of one set of pictures. Its methods are called on the worker thread, and raise `HistoryError`."""

    def __init__(self, lesions: LesionRepository, follow_ups: FollowUpRepository, history: EntryRepository) -> None:
        self._lesions = lesions
        self._follow_ups = follow_ups
        self._history = history
        self._before: dict[int, Lesion | None] = {}
        self._completed: list[int] = []

    def make(self, entries: Sequence[Entry], lesion: Lesion) -> None:
        """Note that pictures show a lesion."""
        for entry in entries:
            self._before[entry.id] = self._lesions.get(entry.lesion) if entry.lesion is not None else None
        self._completed = self._lesions.assign([entry.id for entry in entries], lesion)

    def undo(self) -> None:
        """Note the lesions that the pictures showed before, and open the follow-ups again that were done by them."""
        for entry_id, lesion in self._before.items():
            if lesion is None:
                self._history.leave_lesion([entry_id])
            else:
                self._lesions.restore(lesion)  # it went with its last picture, if it had no place
                self._lesions.assign([entry_id], lesion)
        for follow_up in self._completed:
            self._follow_ups.reopen(follow_up)
