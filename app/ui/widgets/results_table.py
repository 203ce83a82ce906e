"""The set-up that all tables of results share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView

from app.ui.look.app_style import INDENT
from app.ui.look.tokens import COLUMN_HEADS, ROW, scaled
from app.ui.widgets.row_cells import symbol_from

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
