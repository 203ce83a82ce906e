"""The page for batches: a table of results, with the current row's image and result beside it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.domain.advice import Advice
from app.core.domain.entry import Mark
from app.core.history.batches import BatchRepository, BatchRow
from app.core.history.entries import storable
from app.core.history.repository import EntryRepository
from app.core.screening.service import ImageSource
from app.ui.folder.batch_session import BatchSession, State
from app.ui.folder.exports import BatchExports
from app.ui.folder.probability_delegate import ProbabilityDelegate
from app.ui.folder.results_model import Column, ResultsModel, RowFilter, can_be_marked
from app.ui.folder.unfinished_offer import UnfinishedBatchOffer, short_name
from app.ui.image.image_pane import ImagePane
from app.ui.result.result_panel import ResultPanel
from app.ui.services.item import Item
from app.ui.services.marks import Marks, toggled
from app.ui.services.wording import BOTH, SYMBOLS, advice_words, warning_text
from app.ui.services.workers import Priority, Workers
from app.ui.widgets import results_table
from app.ui.widgets.fields import Choice
from app.ui.widgets.style import GRID, label
from app.ui.widgets.thumbnails import Thumbnails


class FolderPage(QWidget):
    """Shows the batch session's batch. `image_pane` and `panel` show the current row."""

    folder_asked = Signal()
    preview_asked = Signal(object)
    """With the item whose image is to be shown in large."""

    def __init__(
        self,
        session: BatchSession,
        history: EntryRepository,
        workers: Workers,
        *,
        image_pane: ImagePane,
        panel: ResultPanel,
        exports: BatchExports,
        marks: Marks,
    ) -> None:
        super().__init__()
        self._session = session
        self._history = history
        self._workers = workers
        self.image_pane = image_pane
        self.panel = panel
        self.exports = exports
        self._marks = marks
        self._follows_first = True
        self.thumbnails = Thumbnails(history, workers, self)
        self.model = ResultsModel(self.thumbnails, self)
        exports.set_source(self.model.all_rows, self._title)

        self.folder_button = QPushButton(self.tr("Open &folder…"))
        self.folder_button.clicked.connect(self.folder_asked)
        self.subfolders = QCheckBox(self.tr("with su&bfolders"))
        self.show_box = Choice()
        self.search = QLineEdit()
        self.table = self._table()
        self.offer = UnfinishedBatchOffer()
        self.bar = QProgressBar()
        self.status = label()
        self.pause_button = QPushButton()
        self.discard_button = QPushButton(self.tr("&Stop here"))
        self._lay_out()
        self._connect(session)
        self._on_changed()

    def _connect(self, session: BatchSession) -> None:
        session.started.connect(self._on_started)
        session.reloaded.connect(self._on_reloaded)
        session.rows_came.connect(self.model.add)
        session.changed.connect(self._on_changed)
        self.offer.resume_asked.connect(session.resume)
        self.offer.discard_asked.connect(session.discard)
        self.pause_button.clicked.connect(self._on_pause_clicked)
        self.discard_button.clicked.connect(lambda: session.discard())
        self.show_box.currentIndexChanged.connect(self._on_filter_changed)
        self.search.textChanged.connect(self._on_filter_changed)
        self.model.rowsInserted.connect(self._on_rows_inserted)
        self._marks.changed.connect(self._on_marked)

    def _title(self) -> str:
        roots = self._session.batch.roots if self._session.batch else ()
        return storable(Path(", ".join(short_name(root) for root in roots[:3]) + (" …" if len(roots) > 3 else "")))

    def current(self) -> BatchRow | None:
        index = self.table.currentIndex()
        return self.model.row_at(index.row()) if index.isValid() else None

    def _on_started(self, rows: list[BatchRow]) -> None:
        self.model.begin(rows)
        self._show_current()
        self._follows_first = True
        self._on_rows_inserted()
        self.table.setFocus()

    def _on_reloaded(self, rows: list[BatchRow]) -> None:
        row = self.current()
        self.model.begin(rows)
        self._go_back_to(row)

    def _on_changed(self) -> None:
        session = self._session
        running = session.is_under_way
        shown = session.batch is not None
        self.offer.show_batch(session.unfinished[0] if session.unfinished and not running else None)
        total = session.batch.total if session.batch else 0
        self.bar.setVisible(running or session.state is State.PAUSED)
        self.bar.setRange(0, 0 if session.state is State.SCANNING else total)
        self.bar.setValue(session.done)
        self.pause_button.setText(self.tr("&Pause") if running else self.tr("&Resume"))
        self.pause_button.setVisible(shown and (session.state is State.PAUSED or running))
        self.discard_button.setVisible(self.pause_button.isVisibleTo(self))
        self.exports.setEnabled(session.done > 0)
        self.status.setText(self._status_text())

    def _status_text(self) -> str:
        session = self._session
        if session.problem:
            return warning_text(session.problem)
        if session.state is State.SCANNING:
            return self.tr("Looking for pictures…")
        if session.batch is None:
            return self.tr("Drop a folder, a ZIP or many pictures here.")
        count = self.tr("{0} of {1} pictures").format(session.done, session.batch.total)
        if session.state is State.PAUSED:
            return self.tr("Paused: {0}").format(count)
        if session.state is State.DONE:
            return self._summary(session.batch.total)
        speed = session.speed
        if not speed:
            return count
        left = round((session.batch.total - session.done) / speed)
        return self.tr("{0}, {1:.0f} a second, {2}:{3:02d} left").format(count, speed, left // 60, left % 60)

    def _summary(self, total: int) -> str:
        """Counts of the whole batch."""
        counts = self.model.counts()
        parts = [
            self.tr("{0} pictures").format(self._session.done),
            *(
                f"{SYMBOLS[advice]} {count} {advice_words(advice)}"
                for advice in Advice
                if (count := counts[RowFilter(advice)])
            ),
        ]
        if both := counts[RowFilter.BOTH]:
            parts.insert(2, self.tr("of these {0} {1} with another skin cancer suspected too").format(BOTH, both))
        if self._session.done < total:
            parts.append(self.tr("⚠ {0} not assessed yet").format(total - self._session.done))
        return ", ".join(parts)

    def _on_pause_clicked(self) -> None:
        if self._session.is_under_way:
            self._session.pause()
        else:
            self._session.resume()

    def _on_filter_changed(self) -> None:
        row = self.current()
        self.model.filter(self.show_box.currentData(), self.search.text())
        self._go_back_to(row)

    def _on_sorted(self, column: int, order: Qt.SortOrder) -> None:
        row = self.current()
        self.model.sort(column, order)
        self._go_back_to(row)

    def _go_back_to(self, row: BatchRow | None) -> None:
        """Restore the current row after the model was reset."""
        view_row = self.model.view_row_of(row.position) if row else -1
        if view_row >= 0:
            self.table.setCurrentIndex(self.model.index(view_row, 0))
        elif self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(0, 0))
        else:
            self._show_current()

    def _on_rows_inserted(self) -> None:
        """Show the first row until a row, its image or its result is used."""
        focused = QApplication.focusWidget()
        if focused is not None and (self.panel.isAncestorOf(focused) or self.image_pane.isAncestorOf(focused)):
            self._follows_first = False
        if self._follows_first and self.table.currentIndex().row() != 0:
            self.table.setCurrentIndex(self.model.index(0, 0))
            self._follows_first = True

    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        self._follows_first = False
        if current.row() != previous.row() or not previous.isValid():
            self._show_current()

    def _show_current(self) -> None:
        row = self.current()
        item = _item_of(row) if row is not None else None
        self.panel.show_item(item)
        if item is not None and item.entry_id is not None:
            self._workers.run(  # before the image: it stands in where that is gone
                partial(self._history.thumbnails, [item.entry_id]),
                on_result=partial(self._on_thumbnail, item),
                on_error=lambda _: None,
                priority=Priority.HIGH,
            )
        self.image_pane.show_item(item)

    @staticmethod
    def _on_thumbnail(item: Item, found: dict[int, bytes]) -> None:
        item.set_thumbnail(found.get(item.entry_id or 0, b""))

    def choose(self, mark: Mark) -> None:
        """Give the current row a mark and go to the next, or take it back where it is the one that it has."""
        index, row, batch = self.table.currentIndex(), self.current(), self._session.batch
        if row is None or batch is None or not can_be_marked(row):
            return
        new = toggled(row.mark, mark)
        if row.entry_id is not None:
            self._marks.set([row.entry_id], new)
        else:
            write = partial(BatchRepository(self._history.database).set_mark, batch.id, row.position, new)
            told = self.tr("Kept with this folder only: a refused picture has no entry in the history.")
            self._workers.run(
                write,
                on_result=lambda _: self.status.setText(told),
                on_error=lambda error: self.status.setText(warning_text(error)),
            )
            self.model.set_mark(lambda other: other.position == row.position, new)
        if new is not None and index.row() + 1 < self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(index.row() + 1, index.column()))

    def _on_marked(self, entry_ids: list[int], mark: Mark | None) -> None:
        chosen = set(entry_ids)
        self.model.set_mark(lambda row: row.entry_id in chosen, mark)

    def ask_for_preview(self) -> None:
        """Ask for the current row's image in large."""
        row = self.current()
        if row is not None:
            self.preview_asked.emit(_item_of(row))

    def _table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        table.setItemDelegateForColumn(Column.PROBABILITY, ProbabilityDelegate(table))
        results_table.set_up(table, self.tr("Results"), widths=(9, 4, 12, 5, 6, 5, 6))
        table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ at their ends
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(Column.NOTES, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(2 * table.fontMetrics().height())
        results_table.make_sortable(table, Column.ANSWER, self._on_sorted)
        table.selectionModel().currentChanged.connect(self._on_current_changed)
        return table

    def _lay_out(self) -> None:
        for show, text in (
            (RowFilter.ALL, self.tr("all")),
            *((RowFilter(advice), f"{SYMBOLS[advice]} {advice_words(advice)}") for advice in Advice),
            (RowFilter.BOTH, self.tr("{0} Both suspected").format(BOTH)),
            (RowFilter.WARNINGS, self.tr("⚠ with warnings")),
            (RowFilter.NOT_DECIDED, self.tr("not decided yet")),
        ):
            self.show_box.addItem(text, show)
        self.show_box.setAccessibleName(self.tr("Which results are shown"))
        self.search.setPlaceholderText(self.tr("Search names and folders"))
        self.search.setClearButtonEnabled(True)
        top = QHBoxLayout()
        for widget in (self.folder_button, self.subfolders, self.show_box, self.search, self.exports):
            top.addWidget(widget, stretch=1 if widget is self.search else 0)
        right = QSplitter(Qt.Orientation.Vertical)
        right.addWidget(self.image_pane)
        right.addWidget(self.panel)
        right.setSizes([300, 360])
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(self.table)
        self.splitter.addWidget(right)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([752, 332])
        self.splitter.setChildrenCollapsible(False)
        bottom = QHBoxLayout()
        bottom.addWidget(self.status, stretch=2)
        bottom.addWidget(self.bar, stretch=3)
        bottom.addWidget(self.pause_button)
        bottom.addWidget(self.discard_button)
        self.setFocusProxy(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        layout.addLayout(top)
        layout.addWidget(self.offer)
        layout.addWidget(self.splitter, stretch=1)
        layout.addLayout(bottom)


def _item_of(row: BatchRow) -> Item:
    return Item(ImageSource(row.screening.path), row.screening, entry_id=row.entry_id)
