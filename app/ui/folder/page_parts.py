"""Parts of the page for folders without a state: the list, the picture over its result, an edge, what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from app.core.history.batches import Batch, BatchRow
from app.core.screening.service import ImageSource
from app.ui.folder.results_model import Column, ResultsModel
from app.ui.image.image_pane import ImagePane
from app.ui.look.style import Line
from app.ui.look.tokens import EDGE
from app.ui.result.result_panel import ResultPanel
from app.ui.services.item import Item
from app.ui.widgets import results_table
from app.ui.widgets.fields import Choice
from app.ui.widgets.row_cells import CellDelegate

WIDTHS = (280, 136, 136, 150, 72, 96)
"""Of the columns at first, in pixels."""


def results_table_of(model: ResultsModel, name: str) -> QTableView:
    """The list of a folder's results."""
    table = QTableView()
    table.setModel(model)
    results_table.set_up(table, name, advice=Column.ANSWER)
    table.setItemDelegate(CellDelegate(table))
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    header = table.horizontalHeader()
    header.setStretchLastSection(False)
    header.setMinimumSectionSize(64)
    for column, width in enumerate(WIDTHS):
        header.resizeSection(column, width)
    header.setSectionResizeMode(Column.ANSWER, QHeaderView.ResizeMode.Stretch)
    return table


def aside(header: QWidget, image_pane: ImagePane, panel: ResultPanel, then: Choice) -> QWidget:
    """The patient's header, the picture over its result, with what follows a decision above the decision."""
    row = QHBoxLayout()
    row.setContentsMargins(EDGE, 4, EDGE, 4)
    row.addWidget(then, stretch=1)
    panel.above_decision.addWidget(Line())
    panel.above_decision.addLayout(row)
    inner = QVBoxLayout()
    inner.setSpacing(0)
    inner.addWidget(header)
    inner.addWidget(image_pane, stretch=2)
    inner.addWidget(panel, stretch=5)
    made = QWidget()
    around = QHBoxLayout(made)
    around.setContentsMargins(0, 0, 0, 0)
    around.setSpacing(0)
    around.addWidget(Line(Qt.Orientation.Vertical))
    around.addLayout(inner, stretch=1)
    return made


def with_edge(widget: QWidget) -> QWidget:
    """A widget with a page's edge around it."""
    made = QWidget()
    around = QVBoxLayout(made)
    around.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
    around.addWidget(widget)
    return made


def show_and_hide(parts: Sequence[tuple[QWidget, bool]]) -> None:
    """Show or hide widgets; those that go are gone before others come, else the window would have to hold them all."""
    for part, shown in parts:
        part.setHidden(not shown or part.isHidden())
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    for part, shown in parts:
        part.setVisible(shown)


def item_of(row: BatchRow) -> Item:
    """A row as the other pages show it."""
    return Item(ImageSource(row.screening.path), row.screening, entry_id=row.entry_id)


def root_of(batch: Batch | None) -> Path | None:
    """The folder that a batch was opened with, where it was one alone."""
    roots = batch.roots if batch is not None else ()
    return roots[0] if len(roots) == 1 else None


def set_thumbnail(item: Item, found: dict[int, bytes]) -> None:
    """Give an item its thumbnail among those that were read, by the numbers of their entries."""
    item.set_thumbnail(found.get(item.entry_id or 0, b""))
