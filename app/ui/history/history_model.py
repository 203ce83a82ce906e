"""The table model of the history: the entries read so far."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from app.core.domain.entry import Entry
from app.ui.services.wording import diagnosis_words, line_of, mark_words, percent, time_text
from app.ui.widgets.style import thumbnail_icon

AnyIndex = QModelIndex | QPersistentModelIndex


class HistoryModel(QAbstractTableModel):
    """Holds the entries read so far and asks for more as the view is scrolled."""

    more_asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._count = 0
        self._has_more = False
        columns: list[tuple[str, Callable[[Entry], str]]] = [
            (self.tr("Time"), lambda entry: time_text(entry.screening.screened_at)),
            (self.tr("File"), lambda entry: entry.screening.path.name),
            (self.tr("Result"), lambda entry: line_of(entry.screening)),
            (self.tr("Melanoma"), self._melanoma),
            (self.tr("Other cancer"), self._other_cancer),
            (self.tr("Decision"), lambda entry: mark_words(entry.mark) if entry.mark else ""),
            (self.tr("Patient"), lambda entry: entry.record.patient),
            (self.tr("Site"), lambda entry: entry.record.site),
            (self.tr("Diagnosis"), lambda entry: diagnosis_words(entry.record.diagnosis)),
            (self.tr("Lesion"), lambda entry: "" if entry.lesion is None else str(entry.lesion)),
            (self.tr("Threshold"), self._threshold),
            (self.tr("Model"), lambda entry: str(entry.screening.model)),
        ]
        self._columns = columns

    def entry(self, row: int) -> Entry:
        return self._entries[row]

    def last(self) -> Entry | None:
        return self._entries[-1] if self._entries else None

    def show(self, entries: list[Entry], count: int) -> None:
        """Replace all by the first of `count` entries."""
        self.beginResetModel()
        self._entries = list(entries)
        self._count = count
        self._has_more = len(entries) < count
        self.endResetModel()

    def append(self, entries: list[Entry]) -> None:
        """Append the next page of entries."""
        first = len(self._entries)
        self._has_more = bool(entries) and first + len(entries) < self._count
        if entries:
            self.beginInsertRows(QModelIndex(), first, first + len(entries) - 1)
            self._entries += entries
            self.endInsertRows()

    def canFetchMore(self, parent: AnyIndex) -> bool:
        return self._has_more and not parent.isValid()

    def fetchMore(self, parent: AnyIndex) -> None:
        self._has_more = False  # until the page is here
        self.more_asked.emit()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section][0]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[index.column()][1](entry)
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            return thumbnail_icon(entry.screening.thumbnail)
        if role == Qt.ItemDataRole.ToolTipRole:
            return html.escape(str(entry.screening.path))
        return None

    @staticmethod
    def _melanoma(entry: Entry) -> str:
        prediction = entry.screening.answered
        return percent(prediction.melanoma_probability) if prediction else ""

    @staticmethod
    def _other_cancer(entry: Entry) -> str:
        prediction = entry.screening.answered
        other = prediction.other_cancer_probability if prediction else None
        return "" if other is None else percent(other)

    @staticmethod
    def _threshold(entry: Entry) -> str:
        prediction = entry.screening.answered
        return percent(prediction.threshold) if prediction else ""
