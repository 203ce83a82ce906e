"""The table model of the history: the entries read so far."""

from __future__ import annotations

import html
from collections.abc import Sequence
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from app.core.domain.entry import Entry
from app.ui.services.wording import diagnosis_words, line_of, mark_words, percent, time_text
from app.ui.widgets.patient_words import owner_text
from app.ui.widgets.results_table import PagedModel, head_of
from app.ui.widgets.row_cells import (
    CELL_ROLE,
    Cell,
    CheckCell,
    MarkCell,
    TextCell,
    advice_cell,
    melanoma_cell,
    other_cancer_cell,
)

AnyIndex = QModelIndex | QPersistentModelIndex


class Column(IntEnum):
    CHOSEN, ANSWER, MELANOMA, OTHER_CANCER, PATIENT, TIME, DIAGNOSIS, MARK = range(8)


class HistoryModel(PagedModel[Entry]):
    """The entries read so far."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(len(Column), parent)
        self._pictures: dict[int, QPixmap] = {}
        self._titles = {
            Column.CHOSEN: "",
            Column.ANSWER: self.tr("Advice, file"),
            Column.MELANOMA: self.tr("Melanoma"),
            Column.OTHER_CANCER: self.tr("Other cancer"),
            Column.PATIENT: self.tr("Patient, lesion"),
            Column.TIME: self.tr("Date"),
            Column.DIAGNOSIS: self.tr("Confirmed diagnosis"),
            Column.MARK: self.tr("Decision"),
        }

    def entry(self, row: int) -> Entry:
        return self.row(row)

    def show(self, rows: Sequence[Entry], count: int) -> None:
        """Replace all by the first of `count` entries."""
        self._pictures.clear()
        super().show(rows, count)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        return head_of(self._titles[Column(section)], role, is_number=section in (Column.MELANOMA, Column.OTHER_CANCER))

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry, column = self.row(index.row()), Column(index.column())
        if role == CELL_ROLE:
            return self._cell(entry, column)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(entry, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            lines = (str(entry.screening.path), entry.record.site, str(entry.screening.model))
            return html.escape("\n".join(filter(None, lines)))
        return None

    def _cell(self, entry: Entry, column: Column) -> Cell | None:
        """What the list paints."""
        screening = entry.screening
        if column is Column.CHOSEN:
            return CheckCell()
        if column is Column.ANSWER:
            return advice_cell(screening, self._picture(entry), screening.path.name)
        if column is Column.MELANOMA:
            return melanoma_cell(screening)
        if column is Column.OTHER_CANCER:
            return other_cancer_cell(screening)
        if column is Column.MARK:
            return MarkCell(entry.mark)
        return TextCell(self._text(entry, column), quiet=column is not Column.DIAGNOSIS)

    def _picture(self, entry: Entry) -> QPixmap:
        """An entry's thumbnail, decoded once."""
        found = self._pictures.get(entry.id)
        if found is None:
            found = self._pictures[entry.id] = QPixmap()
            found.loadFromData(entry.screening.thumbnail)
        return found

    def _text(self, entry: Entry, column: Column) -> str:
        screening, prediction = entry.screening, entry.screening.answered
        if column is Column.ANSWER:
            return f"{line_of(screening)}, {screening.path.name}"
        if column is Column.MELANOMA:
            return percent(prediction.melanoma_probability) if prediction else ""
        if column is Column.OTHER_CANCER:
            other = prediction.other_cancer_probability if prediction else None
            return "" if other is None else percent(other)
        if column is Column.PATIENT:
            return owner_text(entry.record.patient, entry.lesion_number)
        if column is Column.TIME:
            return time_text(screening.screened_at)
        if column is Column.DIAGNOSIS:
            words = diagnosis_words(entry.record.diagnosis)
            return words[:1].upper() + words[1:]
        return mark_words(entry.mark) if column is Column.MARK and entry.mark else ""
