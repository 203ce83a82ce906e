"""The images opened in this window, in order: the model of the filmstrip."""

from __future__ import annotations

import html
from collections.abc import Callable, Container, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QPixmap

from app.core.domain.entry import Entry
from app.core.domain.results import Screening
from app.core.screening.service import ImageSource, ScreeningService
from app.ui.services.current_patient import CurrentPatient
from app.ui.services.item import Item
from app.ui.services.settings_store import SettingsStore
from app.ui.services.wording import program_error, words_of
from app.ui.services.workers import Priority, Workers

AnyIndex = QModelIndex | QPersistentModelIndex
ITEM_ROLE = Qt.ItemDataRole.UserRole
"""The `Item` itself."""


class OpenedImagesModel(QAbstractListModel):
    """Screens opened images, the first of each lot before the rest. Items are added, never removed.

    What is opened while a patient is open is noted there, whoever is open when the result is there.
    """

    item_changed = Signal(int)
    opened = Signal(int)
    """The row to look at after something was opened."""

    def __init__(
        self,
        service: ScreeningService,
        patient: CurrentPatient,
        settings: SettingsStore,
        workers: Workers,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._patient = patient
        self._settings = settings
        self._workers = workers
        self._items: list[Item] = []
        self._thumbnails: dict[Item, tuple[bytes, QPixmap]] = {}

    def item(self, row: int) -> Item:
        return self._items[row]

    def prioritize(self, row: int) -> None:
        """Screen the item that is shown before the others."""
        job = self._items[row].job
        if job is not None:
            self._workers.prioritize(job)

    def entry_ids(self) -> list[int]:
        """Numbers of the entries that are shown as saved."""
        return [item.entry_id for item in self._items if item.entry_id is not None]

    def forget_entries(self, gone: Container[int]) -> None:
        """Show deleted entries as not saved."""
        for row, item in enumerate(self._items):
            if item.entry_id is not None and item.entry_id in gone:
                item.entry_id = None
                self._changed(row)

    def open_files(self, paths: Sequence[Path]) -> None:
        """Open files; the first is shown at once, all are screened in turn."""
        self._add([self._new(ImageSource(path.absolute())) for path in paths])

    def open_content(self, content: bytes, name: str) -> None:
        """Open an image without a file under a name."""
        self._add([self._new(ImageSource(Path(name), content))])

    def force_prediction(self, item: Item) -> None:
        """Replace an item's result by the prediction for an image that was rejected for its content."""
        if item not in self._items:  # one of a folder: it is shown here, too
            item = Item(item.source)
            self._begin([item])
        else:
            item.screening, item.error = None, ""
        row = self._items.index(item)
        self._changed(row)
        options = self._settings.screening_options()
        work = partial(self._service.screen, item.source, options, force_prediction=True)
        self._screen(row, work, priority=Priority.HIGH)
        self.opened.emit(row)

    def open_item(self, item: Item) -> None:
        """Show an item of another page with what is known of it; one that is open already becomes the current one."""
        for row, other in enumerate(self._items):
            if other is item or (item.entry_id is not None and other.entry_id == item.entry_id):
                self.opened.emit(row)
                return
        self._add([item])

    def open_items(self, items: Sequence[Item]) -> None:
        """Show several items with what is known of them, the first as the current one; none is opened twice."""
        shown = {item.entry_id: row for row, item in enumerate(self._items) if item.entry_id is not None}
        added = [item for item in items if item.entry_id is None or item.entry_id not in shown]
        if added:
            self._add(added)
        if items and items[0] not in added:
            self.opened.emit(shown[items[0].entry_id or 0])

    def open_entry(self, entry: Entry) -> None:
        """Show a result of the history without computing it; an entry that is open already becomes the current one."""
        for row, item in enumerate(self._items):
            if item.from_history and item.entry_id == entry.id:
                self.opened.emit(row)
                return
        self._add([Item.of_entry(entry)])

    def _new(self, source: ImageSource) -> Item:
        """An item of the patient who is open."""
        patient = self._patient.patient
        return Item(source, patient=patient.identifier if patient else "")

    def _add(self, items: Sequence[Item]) -> None:
        first = self._begin(items)
        options = self._settings.screening_options()
        for row, item in enumerate(items, start=first):
            if item.is_waiting:
                priority = Priority.NORMAL if row == first else Priority.LOW
                self._screen(row, partial(self._service.screen, item.source, options), priority=priority)
        self.opened.emit(first)

    def _begin(self, items: Sequence[Item]) -> int:
        """Put items at the end; gives the first one's row."""
        first = len(self._items)
        self.beginInsertRows(QModelIndex(), first, first + len(items) - 1)
        self._items += items
        self.endInsertRows()
        return first

    def _screen(self, row: int, work: Callable[[], Iterator[Screening | Entry]], *, priority: int) -> None:
        self._items[row].job = self._workers.run(
            work,
            on_item=partial(self._on_result, row),
            on_error=lambda error: self._on_problem(row, str(error)),
            on_crash=partial(self._on_problem, row, program_error()),
            priority=priority,
        )

    def _on_result(self, row: int, result: Screening | Entry) -> None:
        item = self._items[row]
        if isinstance(result, Entry):
            item.entry_id = result.id
            self._patient.note(result, item.patient)
        else:
            item.screening = result
        self._changed(row)

    def follow_patient(self, old: str, new: str) -> None:
        """Take another identifier for a patient under whom items are still to be noted."""
        for row, item in enumerate(self._items):
            if item.patient == old:
                item.patient = new
                self._changed(row)

    def _on_problem(self, row: int, problem: str) -> None:
        item = self._items[row]
        if item.screening is None:
            item.error = problem
        else:
            item.saving_error = problem
        self._changed(row)

    def _changed(self, row: int) -> None:
        index = self.index(row)
        self.dataChanged.emit(index, index)
        self.item_changed.emit(row)

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        item = self._items[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{index.row() + 1}, {self._words(item)}, {item.source.path.name}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return html.escape(str(item.source.path))
        if role == Qt.ItemDataRole.DecorationRole:
            return self._thumbnail(item)
        if role == ITEM_ROLE:
            return item
        return None

    def _thumbnail(self, item: Item) -> QPixmap:
        """An item's thumbnail, decoded once."""
        jpeg = item.screening.thumbnail if item.screening else b""
        kept, pixmap = self._thumbnails.get(item, (b"", QPixmap()))
        if kept != jpeg:
            pixmap = QPixmap()
            pixmap.loadFromData(jpeg)
            self._thumbnails[item] = (jpeg, pixmap)
        return pixmap

    def _words(self, item: Item) -> str:
        """What is known of an item, for a screen reader."""
        if item.is_waiting:
            return self.tr("being assessed")
        return words_of(item.screening) if item.screening else self.tr("not assessed")
