"""Thumbnails of entries, read from the history in the background and cached."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QPixmap

from app.core.history.repository import EntryRepository
from app.ui.services.workers import Priority, Workers

KEPT = 1000


class Thumbnails(QObject):
    """`pixmap` gives a cached thumbnail; missing ones are read together after 20 ms, and `loaded` is emitted."""

    loaded = Signal()

    def __init__(self, history: EntryRepository, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._workers = workers
        self._pixmaps: OrderedDict[int, QPixmap] = OrderedDict()
        self._wanted: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(20)
        self._timer.timeout.connect(self._read)

    def pixmap(self, entry_id: int) -> QPixmap:
        """An entry's thumbnail; a null one until it is read, and where there is none."""
        found = self._pixmaps.get(entry_id)
        if found is None:
            self._wanted.add(entry_id)
            self._timer.start()
            return QPixmap()
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
        self._pixmaps.clear()

    def _on_read(self, wanted: list[int], found: dict[int, bytes]) -> None:
        for entry_id in wanted:  # an entry that is gone has an empty one, and is not asked for again
            pixmap = QPixmap()
            pixmap.loadFromData(found.get(entry_id, b""))
            self._pixmaps[entry_id] = pixmap
        while len(self._pixmaps) > KEPT:
            self._pixmaps.popitem(last=False)
        self.loaded.emit()
