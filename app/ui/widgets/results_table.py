"""The set-up that all tables of results share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.ui.widgets.style import GRID

ICON_LINES = 3
"""Height of a thumbnail, in lines of text."""


def set_up(
    table: QTableView, name: str, *, widths: Sequence[int] = (), select_several: bool = False, wraps: bool = False
) -> None:
    """Make a table, whose model is set, select whole rows and show thumbnails; nothing in it can be edited.

    `name` is its accessible name, `widths` those of its columns in lines of text. Rows are as high as a thumbnail, or,
    if their texts wrap, four lines.
    """
    mode = QAbstractItemView.SelectionMode
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(mode.ExtendedSelection if select_several else mode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.setWordWrap(wraps)
    table.setTabKeyNavigation(False)
    table.setAccessibleName(name)
    line = table.fontMetrics().height()
    table.setIconSize(QSize(ICON_LINES * line, ICON_LINES * line))
    vertical = table.verticalHeader()
    vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # else each of 100,000 rows would be measured
    vertical.setDefaultSectionSize((ICON_LINES + 1) * line if wraps else ICON_LINES * line + GRID)
    vertical.hide()
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    for column, width in enumerate(widths):
        header.resizeSection(column, width * line)


def make_sortable(table: QTableView, column: int, on_sorted: Callable[[int, Qt.SortOrder], None]) -> None:
    """Show that a table is sorted by a column, descending; `on_sorted` gets the column and order chosen instead."""
    header = table.horizontalHeader()
    header.setSortIndicator(column, Qt.SortOrder.DescendingOrder)
    header.setSortIndicatorShown(True)
    header.setSectionsClickable(True)
    header.sortIndicatorChanged.connect(on_sorted)
