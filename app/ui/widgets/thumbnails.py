"""Thumbnails of entries, read from the history in the background and cached."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon

from app.core.history.repository import EntryRepository
from app.ui.services.workers import Priority, Workers
from app.ui.widgets.style import thumbnail_icon

KEPT = 1000


class Thumbnails(QObject):
    """`icon` gives a cached thumbnail; missing ones are read together after 20 ms, and `loaded` is emitted."""

    loaded = Signal()

    def __init__(self, history: EntryRepository, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._workers = workers
        self._icons: OrderedDict[int, QIcon] = OrderedDict()
        self._wanted: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(20)
        self._timer.timeout.connect(self._read)

    def icon(self, entry_id: int) -> QIcon | None:
        """An entry's thumbnail, or `None` until it is read."""
        found = self._icons.get(entry_id)
        if found is None:
            self._wanted.add(entry_id)
            self._timer.start()
        return found

    def _read(self) -> None:
        wanted, self._wanted = list(self._wanted)[-200:], set()
        self._workers.run(
            lambda: self._history.thumbnails(wanted),
            on_result=partial(self._on_read, wanted),
            on_error=lambda _: None,  # the table shows everything else; the history's page tells what is wrong
            priority=Priority.HIGH,
        )

    def forget(self) -> None:
        """Empty the cache: the history was replaced, and its numbers belong to other entries."""
        self._icons.clear()

    def _on_read(self, wanted: list[int], found: dict[int, bytes]) -> None:
        for entry_id in wanted:  # an entry that is gone has an empty one, and is not asked for again
            self._icons[entry_id] = thumbnail_icon(found.get(entry_id, b""))
        while len(self._icons) > KEPT:
            self._icons.popitem(last=False)
        self.loaded.emit()
