"""The reader's marks on entries: written in the background, told to all pages, and undone by the notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.core.domain.entry import Mark
from app.core.history.repository import EntryRepository
from app.ui.services.notices import Action, Notices
from app.ui.services.wording import mark_words
from app.ui.services.workers import Priority, Workers

UNDO_KEY = "Ctrl+Z"


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

    def set(self, before: Mapping[int, Mark | None], mark: Mark | None, name: str) -> None:
        """Write a mark of some entries, and offer to undo it. `before` has the entries' numbers with the marks that
        they have, `name` is what the notice calls them."""
        told = self.notice(mark, name)
        self._write(before, mark, lambda: self._notices.info(told, self.undoing(partial(self._undo, before))))

    def notice(self, mark: Mark | None, name: str) -> str:
        """What the notice says after a mark was given or taken back."""
        if mark is None:
            return self.tr("{0}: decision removed").format(name)
        return self.tr("{0}: {1} noted").format(name, mark_words(mark))

    def undoing(self, undo: Callable[[], object]) -> Action:
        """The action that undoes a mark, also by key."""
        return Action(self.tr("Undo"), undo, UNDO_KEY)

    def _undo(self, before: Mapping[int, Mark | None]) -> None:
        for mark in set(before.values()):
            self._write({entry_id: mark for entry_id, each in before.items() if each is mark}, mark, lambda: None)

    def _write(self, entries: Mapping[int, Mark | None], mark: Mark | None, then: Callable[[], object]) -> None:
        ids = list(entries)

        def on_written(_result: object) -> None:
            self.changed.emit(ids, mark)
            then()

        self._workers.run(
            partial(self._history.set_mark, ids, mark),
            on_result=on_written,
            on_error=self._notices.warn,
            priority=Priority.HIGH,
        )


def toggled(current: Mark | None, chosen: Mark) -> Mark | None:
    """The mark after one was chosen: none where it is the one that is there."""
    return None if current is chosen else chosen
