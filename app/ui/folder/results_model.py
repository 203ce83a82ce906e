"""The rows of a batch, sorted and filtered; fast with 100,000 rows."""

from __future__ import annotations

import html
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap

from app.core.domain.advice import Advice, advice_of, both_suspected, suspicion
from app.core.domain.entry import Mark
from app.core.history.batches import BatchRow
from app.core.history.migrations import search_text
from app.ui.look.icons import icon
from app.ui.look.tokens import tokens
from app.ui.services.wording import line_of, mark_words, percent, remarks_on, time_text, warning_text
from app.ui.widgets.notes_legend import legend_text
from app.ui.widgets.patient_words import owner_text
from app.ui.widgets.results_table import head_of
from app.ui.widgets.row_cells import (
    CELL_ROLE,
    Cell,
    MarkCell,
    TextCell,
    advice_cell,
    melanoma_cell,
    notes_cell,
    other_cancer_cell,
)
from app.ui.widgets.thumbnails import Thumbnails

AnyIndex = QModelIndex | QPersistentModelIndex
ROW_ROLE = Qt.ItemDataRole.UserRole
"""The `BatchRow`."""
PIXMAP_ROLE = Qt.ItemDataRole.UserRole + 2
"""The thumbnail, a null one while it is not there."""


class Column(IntEnum):
    ANSWER, PROBABILITY, OTHER_CANCER, PATIENT, NOTES, MARK = range(6)


class RowFilter(Enum):
    """A kind of rows: those of an advice, those with both suspicions, or those that nobody decided on."""

    MELANOMA = Advice.REFER_MELANOMA
    OTHER_CANCER = Advice.REFER_OTHER_CANCER
    BORDERLINE = Advice.BORDERLINE
    BELOW = Advice.BELOW_THRESHOLD
    NOT_ASSESSED = Advice.NOT_ASSESSED
    BOTH = "both"
    NOT_DECIDED = "not-decided"


NO_FILTER: frozenset[RowFilter] = frozenset()


def kinds_of(row: BatchRow) -> Iterator[RowFilter]:
    """The kinds that a row is of: its advice's, and what else holds of it."""
    yield RowFilter(advice_of(row.screening))
    if both_suspected(row.screening):
        yield RowFilter.BOTH
    if _is_undecided(row):
        yield RowFilter.NOT_DECIDED


def passes(row: BatchRow, kinds: frozenset[RowFilter]) -> bool:
    """Whether a row is shown: of one of the kinds by advice, if any, and not decided on, if that is asked for."""
    if not kinds:
        return True
    found = set(kinds_of(row))
    if RowFilter.NOT_DECIDED in kinds - found:
        return False
    advices = kinds - {RowFilter.NOT_DECIDED}
    return not advices or not advices.isdisjoint(found)


def can_be_marked(row: BatchRow) -> bool:
    """Whether a row has a result or was rejected: a rejected image may show a melanoma as well."""
    return row.screening.prediction is not None or row.screening.refusal is not None


def _is_undecided(row: BatchRow) -> bool:
    return row.mark is None and can_be_marked(row)


def _melanoma(row: BatchRow) -> float:
    """The probability to sort by; -1 for none."""
    prediction = row.screening.answered
    return prediction.melanoma_probability if prediction else -1.0


def _other_cancer(row: BatchRow) -> float:
    """The probability to sort by; -1 for none."""
    prediction = row.screening.answered
    other = prediction.other_cancer_probability if prediction else None
    return -1.0 if other is None else other


Key = tuple[Any, int]


class ResultsModel(QAbstractTableModel):
    """Holds all rows; shows those that pass the filter, in order. Both are kept as rows come, one by one.

    A proxy would ask for every value over and over; here each row's key is computed once.
    """

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        thumbnails.loaded.connect(self._on_thumbnails_loaded)
        self._rows: list[BatchRow] = []
        self._counts: Counter[RowFilter] = Counter()  # of _rows, kept as rows come: counting takes as long as them all
        self._shown: list[Key] = []  # ascending: a sort key, and the row's place in _rows
        self._column, self._descending = Column.ANSWER, True
        self._kinds, self._text = NO_FILTER, ""
        self._root: Path | None = None
        self._titles = (
            self.tr("Advice, file"),
            self.tr("Melanoma"),
            self.tr("Other cancer"),
            self.tr("Patient, lesion"),
            self.tr("Notes"),
            self.tr("Decision"),
        )

    def all_rows(self) -> list[BatchRow]:
        """All rows, regardless of the filter, in the order of the batch."""
        return sorted(self._rows, key=lambda row: row.position)

    def counts(self) -> Mapping[RowFilter, int]:
        """Numbers of rows by kind, regardless of the current filter."""
        return self._counts

    def decided(self) -> int:
        """How many rows are decided on."""
        return sum(row.mark is not None for row in self._rows)

    def row_at(self, view_row: int) -> BatchRow:
        return self._rows[self._shown[self._turned(view_row)][1]]

    def begin(self, rows: Sequence[BatchRow], root: Path | None = None) -> None:
        """Replace all rows. Files are named as they lie within `root`, where that is given."""
        self._rows = list(rows)
        self._counts = Counter(kind for row in rows for kind in kinds_of(row))
        self._root = root
        self._arrange()

    def add(self, rows: Sequence[BatchRow]) -> None:
        """Insert new rows in order."""
        key, test = self._key(), self._test()
        for row in rows:
            self._rows.append(row)
            self._counts.update(kinds_of(row))
            if test(row):
                shown = (key(row), len(self._rows) - 1)
                place = bisect_left(self._shown, shown)
                view_row = len(self._shown) - place if self._descending else place
                self.beginInsertRows(QModelIndex(), view_row, view_row)
                self._shown.insert(place, shown)
                self.endInsertRows()

    def filter(self, kinds: frozenset[RowFilter], text: str) -> None:
        """Show some rows only: those of some kinds (see `passes`), with a text in the path or the patient."""
        self._kinds, self._text = kinds, search_text(text)
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._column, self._descending = Column(column), order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def undecided_after(self, view_row: int) -> int:
        """The view's next row that can be decided on and is not; -1 for none below."""
        rows = range(view_row + 1, len(self._shown))
        return next((row for row in rows if _is_undecided(self.row_at(row))), -1)

    def view_row_of(self, position: int) -> int:
        """The view's row for a position in the batch; -1 where it is not shown."""
        places = (place for place, (_, index) in enumerate(self._shown) if self._rows[index].position == position)
        place = next(places, -1)
        return place if place < 0 else self._turned(place)

    def set_mark(self, chosen: Callable[[BatchRow], bool], mark: Mark | None) -> None:
        """Show another mark in some rows. They stay where they are, whatever the filter."""
        for place, row in enumerate(self._rows):
            if chosen(row):
                self._rows[place] = marked = replace(row, mark=mark)
                self._counts.subtract(kinds_of(row))
                self._counts.update(kinds_of(marked))
        if self._shown:
            self.dataChanged.emit(self.index(0, Column.MARK), self.index(len(self._shown) - 1, Column.MARK))

    def set_patient(self, entry_id: int, patient: str) -> None:
        """Show another patient in the rows of an entry. They stay where they are."""
        for place, row in enumerate(self._rows):
            if row.entry_id == entry_id and row.patient != patient:
                self._rows[place] = replace(row, patient=patient, lesion=None)
        if self._shown:
            self.dataChanged.emit(self.index(0, Column.PATIENT), self.index(len(self._shown) - 1, Column.PATIENT))

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(Column)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if section == Column.NOTES and role == Qt.ItemDataRole.ToolTipRole:
            return legend_text()
        if section == Column.NOTES and role == Qt.ItemDataRole.DecorationRole:
            return icon("info", tokens().text2)
        return head_of(self._titles[section], role, is_number=section in (Column.PROBABILITY, Column.OTHER_CANCER))

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index.row())
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text_of(row, column)
        if role == CELL_ROLE:
            return self._cell(row, column)
        if role == ROW_ROLE:
            return row
        if role == PIXMAP_ROLE:
            return self._picture(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            texts = (str(row.screening.path), *remarks_on(row.screening), self._notes(row))
            return html.escape("\n".join(filter(None, texts)))
        return None

    def _text_of(self, row: BatchRow, column: int) -> str:
        screening = row.screening
        prediction = screening.answered
        if column == Column.ANSWER:
            return f"{line_of(screening)}, {self._name(row)}"
        if column == Column.PROBABILITY:
            return percent(prediction.melanoma_probability) if prediction else ""
        if column == Column.OTHER_CANCER:
            other = prediction.other_cancer_probability if prediction else None
            return "" if other is None else percent(other)
        if column == Column.PATIENT:
            return owner_text(row.patient, row.lesion)
        if column == Column.MARK:
            return mark_words(row.mark) if row.mark else ""
        return self._notes(row)

    def _cell(self, row: BatchRow, column: int) -> Cell | None:
        """What a list paints."""
        screening = row.screening
        if column == Column.ANSWER:
            return advice_cell(screening, self._picture(row), self._name(row))
        if column == Column.PROBABILITY:
            return melanoma_cell(screening)
        if column == Column.OTHER_CANCER:
            return other_cancer_cell(screening)
        if column == Column.PATIENT:
            return TextCell(owner_text(row.patient, row.lesion), quiet=True)
        return MarkCell(row.mark) if column == Column.MARK else notes_cell(screening.warnings)

    def _picture(self, row: BatchRow) -> QPixmap:
        return self._thumbnails.pixmap(row.entry_id) if row.entry_id is not None else QPixmap()

    def _name(self, row: BatchRow) -> str:
        """The file's place within the folder that was opened."""
        path = row.screening.path
        if self._root is not None and self._root in path.parents:
            return str(path.relative_to(self._root))
        return path.name

    def _notes(self, row: BatchRow) -> str:
        notes = [warning_text(warning) for warning in row.screening.warnings]
        if row.screening.error:
            notes.append(row.screening.error)
        if row.is_repeated:
            when = time_text(row.screening.screened_at)
            notes.append(self.tr("assessed before, {0}").format(when))
        return "; ".join(notes)

    def _key(self) -> Callable[[BatchRow], Any]:
        """The sort key of a row."""
        keys: dict[int, Callable[[BatchRow], Any]] = {
            Column.PROBABILITY: _melanoma,
            Column.OTHER_CANCER: _other_cancer,
            Column.PATIENT: lambda row: (row.patient, row.lesion or 0),
            Column.NOTES: lambda row: (len(row.screening.warnings), self._notes(row)),
            Column.MARK: lambda row: list(Mark).index(row.mark) if row.mark else len(Mark),
        }
        return keys.get(self._column, lambda row: suspicion(row.screening))

    def _test(self) -> Callable[[BatchRow], bool]:
        """The condition for a row to be shown."""
        kinds, text = self._kinds, self._text
        return lambda row: (
            passes(row, kinds) and (not text or text in search_text(str(row.screening.path), row.patient))
        )

    def _arrange(self) -> None:
        self.beginResetModel()
        key, test = self._key(), self._test()
        self._shown = sorted((key(row), place) for place, row in enumerate(self._rows) if test(row))
        self.endResetModel()

    def _turned(self, row: int) -> int:
        return len(self._shown) - 1 - row if self._descending else row

    def _on_thumbnails_loaded(self) -> None:
        if self._shown:
            last = self.index(len(self._shown) - 1, Column.ANSWER)
            self.dataChanged.emit(self.index(0, Column.ANSWER), last, [CELL_ROLE, PIXMAP_ROLE])
