"""The set-up that all tables of results share, and the model of those that are read page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from app.ui.look.app_style import INDENT
from app.ui.look.tokens import COLUMN_HEADS, ROW, scaled
from app.ui.widgets.row_cells import symbol_from

AnyIndex = QModelIndex | QPersistentModelIndex
WRAPPED_LINES = 3
"""Lines of text in a row whose texts wrap, at most."""


def set_up(
    table: QTableView,
    name: str,
    *,
    widths: Sequence[int] = (),
    select_several: bool = False,
    wraps: bool = False,
    advice: int | None = None,
) -> None:
    """Make a table, whose model is set, select whole rows; nothing in it can be edited.

    `name` is its accessible name, `widths` those of its columns in lines of text. Rows have the usual
    height or, if their texts wrap, four lines. `advice` is the column of advices.
    """
    mode = QAbstractItemView.SelectionMode
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(mode.ExtendedSelection if select_several else mode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setMouseTracking(True)
    table.setWordWrap(wraps)
    table.setTabKeyNavigation(False)
    table.setAccessibleName(name)
    line = table.fontMetrics().height()
    vertical = table.verticalHeader()
    vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # else each of 100,000 rows would be measured
    vertical.setDefaultSectionSize((WRAPPED_LINES + 1) * line if wraps else scaled(ROW))
    vertical.hide()
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    if advice is not None:
        header.setProperty(INDENT, QPoint(advice, symbol_from(advice)))
    header.setFixedHeight(scaled(COLUMN_HEADS))
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for column, width in enumerate(widths):
        header.resizeSection(column, width * line)


def head_of(title: str, role: int, *, is_number: bool) -> Any:
    """What a model gives for a column's head: its title, and the side where it stands, over numbers the right one."""
    if role == Qt.ItemDataRole.DisplayRole:
        return title
    if role == Qt.ItemDataRole.TextAlignmentRole:
        side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter
    return None


def make_sortable(table: QTableView, column: int, on_sorted: Callable[[int, Qt.SortOrder], None]) -> None:
    """Show that a table is sorted by a column, descending; `on_sorted` gets the column and order chosen instead."""
    header = table.horizontalHeader()
    header.setSortIndicator(column, Qt.SortOrder.DescendingOrder)
    header.setSortIndicatorShown(True)
    header.setSectionsClickable(True)
    header.sortIndicatorChanged.connect(on_sorted)


Row = TypeVar("Row")


class PagedModel(QAbstractTableModel, Generic[Row]):
    """A table model of the rows read so far, which asks for more as the view is scrolled."""

    more_asked = Signal()

    def __init__(self, columns: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._columns = columns
        self._rows: list[Row] = []
        self._count = 0
        self._has_more = False

    def row(self, number: int) -> Row:
        return self._rows[number]

    def last(self) -> Row | None:
        return self._rows[-1] if self._rows else None

    def show(self, rows: Sequence[Row], count: int) -> None:
        """Replace all by the first of `count` rows."""
        self.beginResetModel()
        self._rows, self._count = list(rows), count
        self._has_more = len(rows) < count
        self.endResetModel()

    def append(self, rows: Sequence[Row]) -> None:
        """Append the next page."""
        first = len(self._rows)
        self._has_more = bool(rows) and first + len(rows) < self._count
        if rows:
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._rows += rows
            self.endInsertRows()

    def canFetchMore(self, parent: AnyIndex) -> bool:
        return self._has_more and not parent.isValid()

    def fetchMore(self, parent: AnyIndex) -> None:
        self._has_more = False  # until the page is here
        self.more_asked.emit()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else self._columns
