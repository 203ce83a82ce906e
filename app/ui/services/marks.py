"""The reader's marks on entries: written in the background, and told to all pages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.core.domain.entry import Mark
from app.core.history.repository import EntryRepository
from app.ui.services.notices import Notices
from app.ui.services.workers import Priority, Workers


class Marks(QObject):
    """Gives entries a mark, or none; `changed` tells the entries' numbers and the mark once they are in the history."""

    changed = Signal(list, object)

    def __init__(
        self, history: EntryRepository, workers: Workers, notices: Notices, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._history = history
        self._workers = workers
        self._notices = notices

    def set(self, entry_ids: Sequence[int], mark: Mark | None) -> None:
        """Write a mark of some entries."""
        ids = list(entry_ids)
        self._workers.run(
            partial(self._history.set_mark, ids, mark),
            on_result=lambda _: self.changed.emit(ids, mark),
            on_error=self._notices.warn,
            priority=Priority.HIGH,
        )


def toggled(current: Mark | None, chosen: Mark) -> Mark | None:
    """The mark after one was chosen: none where it is the one that is there."""
    return None if current is chosen else chosen
