"""The table model of the patients: the rows read so far."""

from __future__ import annotations

import html
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.domain import times
from app.core.history.patients import PatientRow
from app.ui.patient.lesion_words import due_words
from app.ui.services.wording import advice_words, date_text, short_advice_words
from app.ui.widgets.patient_words import patient_words, risks_words
from app.ui.widgets.results_table import PagedModel, head_of
from app.ui.widgets.row_cells import CELL_ROLE, Cell, SymbolCell, TextCell, TwoLineCell

AnyIndex = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    PATIENT, WORST, LESIONS, PICTURES, LAST_VISIT, DUE = range(6)


NUMBERS = (Column.LESIONS, Column.PICTURES)


class PatientListModel(PagedModel[PatientRow]):
    """The patients read so far."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(len(Column), parent)
        self._titles = {
            Column.PATIENT: self.tr("Patient"),
            Column.WORST: self.tr("Worst answer not decided on"),
            Column.LESIONS: self.tr("Lesions"),
            Column.PICTURES: self.tr("Pictures"),
            Column.LAST_VISIT: self.tr("Last visit"),
            Column.DUE: self.tr("See again"),
        }

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        return head_of(self._titles[Column(section)], role, is_number=section in NUMBERS)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], Column(index.column())
        if role == CELL_ROLE:
            return self._cell(row, column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(row, column)
        if role == Qt.ItemDataRole.ToolTipRole and row.patient.note:
            return html.escape(row.patient.note)
        return None

    def _cell(self, row: PatientRow, column: Column) -> Cell | None:
        if column is Column.PATIENT:
            details = (patient_words(row.patient, times.today()), risks_words(row.patient))
            return TwoLineCell(row.patient.identifier, " · ".join(filter(None, details)))
        if column is Column.WORST:
            return SymbolCell(row.worst, short_advice_words(row.worst)) if row.worst is not None else None
        overdue = column is Column.DUE and row.due_on is not None and row.due_on <= times.today()
        return TextCell(self._text(row, column), quiet=not overdue, number=column in NUMBERS, strong=overdue)

    def _text(self, row: PatientRow, column: Column) -> str:
        if column is Column.PATIENT:
            return row.patient.identifier
        if column is Column.WORST:
            return advice_words(row.worst) if row.worst is not None else ""
        if column is Column.LAST_VISIT:
            return date_text(row.last_visit) if row.last_visit is not None else "–"
        if column is Column.DUE:
            return due_words(row.due_on, times.today()) if row.due_on is not None else ""
        return f"{row.lesions if column is Column.LESIONS else row.pictures:,}"
