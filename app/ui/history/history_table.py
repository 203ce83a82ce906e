"""The history's list, whose check boxes add and remove rows by a click."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QTableView

from app.ui.history.history_model import Column


class HistoryTable(QTableView):
    """A table whose first column, the check boxes, adds and removes rows by a click."""

    def selectionCommand(
        self, index: QModelIndex | QPersistentModelIndex, event: QEvent | None = None
    ) -> QItemSelectionModel.SelectionFlag:
        if isinstance(event, QMouseEvent) and index.isValid() and index.column() == Column.CHOSEN:
            flags = QItemSelectionModel.SelectionFlag
            if event.type() == QEvent.Type.MouseButtonPress:
                return flags.Toggle | flags.Rows
            return flags.NoUpdate
        return super().selectionCommand(index, event)
