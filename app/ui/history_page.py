"""The second page: every stored result, newest first."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.history import Entry, History
from app.ui.jobs import Jobs
from app.ui.style import GRID, label, percent, symbol_of, thumbnail_icon, words_of

AnyIndex = QModelIndex | QPersistentModelIndex
PAGE = 200
"""Entries read at a time, as the table is scrolled."""


class HistoryModel(QAbstractTableModel):
    """The entries read so far; more are fetched as the view asks for them."""

    more_asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._has_more = False
        columns: list[tuple[str, Callable[[Entry], str]]] = [
            (self.tr("Time"), lambda entry: f"{entry.screening.taken_at:%Y-%m-%d %H:%M}"),
            (self.tr("File"), lambda entry: entry.screening.path.name),
            (self.tr("Result"), self._result),
            (self.tr("Probability"), self._probability),
            (self.tr("Threshold"), self._threshold),
            (self.tr("Model"), lambda entry: str(entry.screening.model)),
        ]
        self._columns = columns

    def entry(self, row: int) -> Entry:
        return self._entries[row]

    def last(self) -> Entry | None:
        return self._entries[-1] if self._entries else None

    def show(self, entries: list[Entry]) -> None:
        """Begin anew with the newest page."""
        self.beginResetModel()
        self._entries = list(entries)
        self._has_more = len(entries) == PAGE
        self.endResetModel()

    def append(self, entries: list[Entry]) -> None:
        """Add an older page."""
        first = len(self._entries)
        self._has_more = len(entries) == PAGE
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
    def _result(entry: Entry) -> str:
        prediction = entry.screening.prediction
        return f"{symbol_of(prediction)} {words_of(prediction)}" if prediction else ""

    @staticmethod
    def _probability(entry: Entry) -> str:
        prediction = entry.screening.prediction
        return percent(prediction.melanoma_probability) if prediction else ""

    @staticmethod
    def _threshold(entry: Entry) -> str:
        prediction = entry.screening.prediction
        return percent(prediction.threshold) if prediction else ""


class HistoryPage(QWidget):
    """Lists the history, opens an entry again, deletes one after asking."""

    entry_opened = Signal(object)
    entry_deleted = Signal(int)

    def __init__(self, history: History, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._jobs = jobs
        self.model = HistoryModel(self)
        self.model.more_asked.connect(self._fetch_more)
        self.status = label()
        self.table = self._table()
        self.open_button = QPushButton(self.tr("&Open"))
        self.open_button.clicked.connect(self._on_open)
        self.delete_button = QPushButton(self.tr("&Delete…"))
        self.delete_button.clicked.connect(self._on_delete)
        bar = QHBoxLayout()
        bar.addWidget(self.status, stretch=1)
        bar.addWidget(self.open_button)
        bar.addWidget(self.delete_button)
        self.setFocusProxy(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, GRID)
        layout.addWidget(self.table)
        layout.addLayout(bar)
        delete = QShortcut(QKeySequence.StandardKey.Delete, self.table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._on_delete)
        self._on_selection_changed()

    def refresh(self) -> None:
        """Read the newest entries again."""
        self._jobs.run(
            lambda: (self._history.entries(limit=PAGE), self._history.count()),
            on_result=self._on_read,
            on_error=self._on_error,
        )

    def selected(self) -> Entry | None:
        rows = self.table.selectionModel().selectedRows()
        return self.model.entry(rows[0].row()) if rows else None

    def _table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setAccessibleName(self.tr("History"))
        line = table.fontMetrics().height()
        table.setIconSize(QSize(3 * line, 3 * line))
        table.verticalHeader().setDefaultSectionSize(4 * line)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        table.activated.connect(self._on_open)
        table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        return table

    def _fetch_more(self) -> None:
        last = self.model.last()
        self._jobs.run(
            partial(self._history.entries, limit=PAGE, after=last),
            on_result=partial(self._on_older, last),
            on_error=self._on_error,
        )

    def _on_older(self, last: Entry | None, entries: list[Entry]) -> None:
        if last is self.model.last():  # else the list was read anew meanwhile
            self.model.append(entries)

    def _on_read(self, read: tuple[list[Entry], int]) -> None:
        entries, count = read
        row = self.table.currentIndex().row()
        self.model.show(entries)
        self.table.selectRow(max(0, min(row, len(entries) - 1)))
        self.status.setText(
            self.tr("Results: {0}").format(count) if count else self.tr("Nothing has been recorded yet.")
        )
        self._on_selection_changed()

    def _on_error(self, error: Exception) -> None:
        self.status.setText(f"⚠ {error}")

    def _on_selection_changed(self) -> None:
        has_one = self.selected() is not None
        self.open_button.setEnabled(has_one)
        self.delete_button.setEnabled(has_one)

    def _on_open(self) -> None:
        entry = self.selected()
        if entry is not None:
            self.entry_opened.emit(entry)

    def _on_delete(self) -> None:
        entry = self.selected()
        if entry is not None and self.ask_whether_to_delete(entry):
            self._jobs.run(
                partial(self._history.delete, [entry.id]),
                on_result=lambda _: self._on_deleted(entry.id),
                on_error=self._on_error,
            )

    def _on_deleted(self, entry_id: int) -> None:
        self.entry_deleted.emit(entry_id)
        self.refresh()

    def ask_whether_to_delete(self, entry: Entry) -> bool:
        """Ask: what is deleted is gone for good."""
        text = self.tr("Delete the result for {0} for good? The image file itself stays.").format(
            entry.screening.path.name
        )
        answer = QMessageBox.question(self, self.tr("Delete"), html.escape(text))
        return answer == QMessageBox.StandardButton.Yes
