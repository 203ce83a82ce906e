"""The page for batches: a list or a grid of results, with the current row's image and result beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.domain.entry import Mark
from app.core.history.batches import Batch, BatchRepository, BatchRow
from app.core.history.entries import storable
from app.core.history.repository import EntryRepository
from app.core.screening.service import ImageSource
from app.ui.folder.batch_session import BatchSession, State
from app.ui.folder.exports import BatchExports
from app.ui.folder.filter_bar import FilterBar
from app.ui.folder.grid import ResultsGrid
from app.ui.folder.progress_row import ProgressRow
from app.ui.folder.results_model import Column, ResultsModel, RowFilter, can_be_marked
from app.ui.folder.sources import Sources
from app.ui.folder.title_row import GRID_VIEW, LIST, TitleRow, then_choice
from app.ui.folder.unfinished_offer import UnfinishedBatchOffer
from app.ui.image.image_pane import ImagePane
from app.ui.result.result_panel import ResultPanel
from app.ui.result.row_cells import CellDelegate
from app.ui.services.item import Item
from app.ui.services.marks import Marks, toggled
from app.ui.services.notices import Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Priority, Workers
from app.ui.widgets import results_table
from app.ui.widgets.buttons import Button, Look
from app.ui.widgets.drop_target import DropTarget
from app.ui.widgets.folder_list import name_of
from app.ui.widgets.style import Line, label
from app.ui.widgets.thumbnails import Thumbnails
from app.ui.widgets.tokens import EDGE, FOLDER_PANEL, SOURCES, Size

PICTURE = 228
"""Height of the picture over the result, in pixels, where there is room."""
WIDTHS = (280, 136, 136, 72, 96)
"""Of the columns at first."""


class FolderPage(QWidget):
    """Shows the batch session's batch. `image_pane` and `panel` show the current row."""

    folder_asked = Signal()
    preview_asked = Signal(object)
    """With the item whose image is to be shown in large."""
    item_opened = Signal(object)
    """With the item that is to be shown on the page for single images."""

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
        notices: Notices,
        settings: SettingsStore,
    ) -> None:
        super().__init__()
        self._session = session
        self._history = history
        self._workers = workers
        self.image_pane = image_pane
        self.panel = panel
        self.exports = exports
        self._marks = marks
        self._notices = notices
        self._settings = settings
        self._size = Size.MEDIUM
        self._follows_first = True
        self.thumbnails = Thumbnails(history, workers, self)
        self.model = ResultsModel(self.thumbnails, self)
        exports.set_source(self.model.all_rows, self._title)
        self.sources = Sources()
        self.head = TitleRow(exports)
        self.filters = FilterBar(settings.current.grid_side)
        self.table = self._table()
        self.grid = ResultsGrid(self.model, settings.current.grid_side)
        self.grid.setSelectionModel(self.table.selectionModel())
        self.views = (self.table, self.grid)
        self.offer = UnfinishedBatchOffer()
        self.progress = ProgressRow()
        self.then = then_choice()
        self.nothing = label(self.tr("No picture matches the filter."), quiet=True)
        self._lay_out()
        self._connect(session)
        self._show_view(GRID_VIEW if settings.current.as_grid else LIST)
        self._show_then()
        self._show_sources()
        self._on_changed()

    def _connect(self, session: BatchSession) -> None:
        session.started.connect(self._on_started)
        session.reloaded.connect(self._on_reloaded)
        session.rows_came.connect(self.model.add)
        session.changed.connect(self._on_changed)
        session.finished_changed.connect(self._show_sources)
        self.offer.resume_asked.connect(session.resume)
        self.offer.discard_asked.connect(session.discard)
        self.progress.pause_asked.connect(self._on_pause_clicked)
        self.progress.stop_asked.connect(lambda: session.discard())
        self.sources.folder_asked.connect(self.folder_asked)
        self.sources.batch_asked.connect(session.open_finished)
        self.filters.changed.connect(self._on_filter_changed)
        self.filters.slider.valueChanged.connect(self.grid.set_side)
        self.grid.side_changed.connect(self._on_side_changed)
        self.head.views.group.idClicked.connect(self._on_view_chosen)
        for choice in (self.then, self.head.then):
            choice.activated.connect(lambda _, choice=choice: self._on_then_chosen(str(choice.currentData())))
        self._settings.changed.connect(lambda names: self._show_then() if "after_mark" in names else None)
        self.model.rowsInserted.connect(self._on_rows_inserted)
        self.model.modelReset.connect(self._show_counts)
        self.panel.mark_chosen.connect(self.choose)
        for view in self.views:
            view.doubleClicked.connect(lambda _: self.open_current())
        self._marks.changed.connect(self._on_marked)

    def set_size_class(self, size: Size) -> None:
        """Lay the page out for the window's width."""
        self._size = size
        self.sources.setFixedWidth(SOURCES[size])
        self._aside.setFixedWidth(FOLDER_PANEL[size])
        self.image_pane.setMaximumHeight(PICTURE if size is not Size.LARGE else round(PICTURE * 1.4))
        self.panel.set_narrow(size is Size.SMALL)
        self._show_parts()

    def set_lit(self, lit: bool) -> None:
        """Light up while something that can be opened is dragged over the window."""
        self.target.set_lit(lit)
        self.image_pane.view.set_lit(lit)

    def columns(self) -> QByteArray:
        """What the user made of the columns."""
        return self.table.horizontalHeader().saveState()

    def restore_columns(self, state: QByteArray) -> None:
        self.table.horizontalHeader().restoreState(state)
        self.table.horizontalHeader().setSortIndicator(Column.ANSWER, Qt.SortOrder.DescendingOrder)

    def _title(self) -> str:
        return storable(Path(name_of(self._session.batch))) if self._session.batch else ""

    def view(self) -> QAbstractItemView:
        """The list or the grid, whichever is shown."""
        return self.views[self._stack.currentIndex()]

    def current(self) -> BatchRow | None:
        index = self.table.currentIndex()
        return self.model.row_at(index.row()) if index.isValid() else None

    def _on_started(self, rows: list[BatchRow]) -> None:
        self.model.begin(rows, self._root())
        self._show_current()
        self._follows_first = True
        self._on_rows_inserted()
        self._show_sources()
        self.view().setFocus()

    def _root(self) -> Path | None:
        roots = self._session.batch.roots if self._session.batch else ()
        return roots[0] if len(roots) == 1 else None

    def _on_reloaded(self, rows: list[BatchRow]) -> None:
        row = self.current()
        self.model.begin(rows, self._root())
        self._go_back_to(row)

    def _on_changed(self) -> None:
        session = self._session
        self.offer.show_batch(session.unfinished[0] if session.unfinished and not session.is_under_way else None)
        self.progress.show_session(session)
        self.exports.setEnabled(session.done > 0)
        self._show_counts()
        self._show_parts()

    def _show_counts(self) -> None:
        batch, counts = self._session.batch, self.model.counts()
        self.filters.show_counts(counts)
        self.head.title.setText(self._title())
        decided = self._session.done - counts[RowFilter.NOT_DECIDED] - self.model.undecidable()
        parts = [self.tr("{0} pictures").format(self._session.done), self.tr("{0} decided").format(decided)]
        if batch is not None and self._session.state is State.DONE and self._session.done < batch.total:
            parts.append(self.tr("{0} not assessed yet").format(batch.total - self._session.done))
        self.head.count.setText(", ".join(parts) if batch is not None else "")
        self.nothing.setVisible(batch is not None and not self.model.rowCount() and self._session.done > 0)

    def _show_sources(self) -> None:
        self.sources.show_folders(self._session.finished, self._session.batch)
        self.head.set_folders(self._session.finished, self._session.open_finished, self.folder_asked.emit)

    def _show_parts(self) -> None:
        """Show what has room: the sources, the picture with its result, the ways to go on."""
        has_batch = self._session.batch is not None
        small, as_grid = self._size is Size.SMALL, self._stack.currentIndex() == GRID_VIEW
        parts = (
            (self.sources, not small),
            (self.head.folders, small),
            (self.head.then, as_grid or small),
            (self.filters.size_tools, as_grid),
            (self._aside, has_batch and not small and not as_grid),
        )
        for part, shown in parts:
            part.setHidden(not shown or part.isHidden())
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # else the window would have to hold all
        for part, shown in parts:
            part.setVisible(shown)
        self._main.setCurrentIndex(1 if has_batch else 0)

    def _show_view(self, number: int) -> None:
        self.head.views.buttons[number].setChecked(True)
        self._stack.setCurrentIndex(number)
        self.setFocusProxy(self.view())
        self._show_parts()

    def _on_view_chosen(self, number: int) -> None:
        self._settings.update(as_grid=number == GRID_VIEW)
        self._show_view(number)
        if self.table.currentIndex().isValid():
            self.view().scrollTo(self.table.currentIndex())
        self.view().setFocus()

    def _on_side_changed(self, side: int) -> None:
        self.filters.slider.setValue(side)
        self._settings.update(grid_side=side)

    def _on_then_chosen(self, value: str) -> None:
        self._settings.update(after_mark=value)

    def _show_then(self) -> None:
        for choice in (self.then, self.head.then):
            choice.setCurrentIndex(choice.findData(self._settings.current.after_mark))

    def _on_pause_clicked(self) -> None:
        if self._session.is_under_way:
            self._session.pause()
        else:
            self._session.resume()

    def _on_filter_changed(self) -> None:
        row = self.current()
        self.model.filter(self.filters.kinds(), self.filters.text())
        self._go_back_to(row)

    def _on_sorted(self, column: int, order: Qt.SortOrder) -> None:
        row = self.current()
        self.model.sort(column, order)
        self._go_back_to(row)

    def _go_back_to(self, row: BatchRow | None) -> None:
        """Restore the current row after the model was reset."""
        view_row = self.model.view_row_of(row.position) if row else -1
        if view_row >= 0:
            self._go_to(view_row)
        elif self.model.rowCount():
            self._go_to(0)
        else:
            self._show_current()

    def _go_to(self, view_row: int) -> None:
        index = self.model.index(view_row, 0)
        self.table.setCurrentIndex(index)
        self.view().scrollTo(index)

    def _on_rows_inserted(self) -> None:
        """Show the first row until a row, its image or its result is used."""
        focused = QApplication.focusWidget()
        if focused is not None and (self.panel.isAncestorOf(focused) or self.image_pane.isAncestorOf(focused)):
            self._follows_first = False
        if self._follows_first and self.table.currentIndex().row() != 0 and self.model.rowCount():
            self._go_to(0)
            self._follows_first = True

    def _on_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        self._follows_first = False
        if current.row() != previous.row() or not previous.isValid():
            self._show_current()

    def _show_current(self) -> None:
        row = self.current()
        item = _item_of(row) if row is not None else None
        self.panel.show_item(item, row.mark if row is not None else None)
        if row is not None and can_be_marked(row):
            self.panel.allow_mark()
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
        """Give the current row a mark and go on as the setting says, or take it back where it is the one it has."""
        row, batch = self.current(), self._session.batch
        if row is None or batch is None or not can_be_marked(row):
            return
        new, name = toggled(row.mark, mark), row.screening.path.name
        if row.entry_id is not None:
            self._marks.set({row.entry_id: row.mark}, new, name)
        else:
            self._mark_refused(batch, row, new)
        if new is not None:
            self._go_on()

    def _mark_refused(self, batch: Batch, row: BatchRow, mark: Mark | None) -> None:
        """Keep the mark of an image that was refused with the batch: it has no entry."""
        told = self._marks.notice(mark, row.screening.path.name)
        kept = self.tr("Kept with this folder only: a refused picture has no entry in the history.")
        undo = self._marks.undoing(partial(self._write_refused, batch, row, row.mark, lambda: None))
        self._write_refused(batch, row, mark, lambda: self._notices.info(f"{told}. {kept}", undo))

    def _write_refused(self, batch: Batch, row: BatchRow, mark: Mark | None, then: Callable[[], None]) -> None:
        def on_written(_result: object) -> None:
            then()
            self._session.find_finished()

        self._workers.run(
            partial(BatchRepository(self._history.database).set_mark, batch.id, row.position, mark),
            on_result=on_written,
            on_error=self._notices.warn,
        )
        if self._session.batch is not None and self._session.batch.id == batch.id:  # else another one is shown by now
            self.model.set_mark(lambda other: other.position == row.position, mark)
            self._after_marks()

    def _go_on(self) -> None:
        """After a decision: to the next row, to the next without one, or nowhere."""
        place, then = self.table.currentIndex().row(), self._settings.current.after_mark
        if then == "next" and place + 1 < self.model.rowCount():
            self._go_to(place + 1)
        elif then == "next-undecided" and (found := self.model.undecided_after(place)) >= 0:
            self._go_to(found)

    def _on_marked(self, entry_ids: list[int], mark: Mark | None) -> None:
        chosen = set(entry_ids)
        self.model.set_mark(lambda row: row.entry_id in chosen, mark)
        self._after_marks()
        self._session.find_finished()

    def _after_marks(self) -> None:
        self._show_counts()
        row = self.current()
        if row is not None and row.entry_id is None:
            self.panel.show_mark(row.mark)

    def open_current(self) -> None:
        """Have the current row's result shown on the page for single images."""
        row = self.current()
        if row is not None:
            self.item_opened.emit(_item_of(row))

    def ask_for_preview(self) -> None:
        """Ask for the current row's image in large."""
        row = self.current()
        if row is not None:
            self.preview_asked.emit(_item_of(row))

    def _table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        results_table.set_up(table, self.tr("Results"))
        table.setItemDelegate(CellDelegate(table))
        table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        header = table.horizontalHeader()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(64)
        for column, width in enumerate(WIDTHS):
            header.resizeSection(column, width)
        header.setSectionResizeMode(Column.ANSWER, QHeaderView.ResizeMode.Stretch)
        results_table.make_sortable(table, Column.ANSWER, self._on_sorted)
        table.selectionModel().currentChanged.connect(self._on_current_changed)
        return table

    def _lay_out(self) -> None:
        self._stack = QStackedWidget()
        for view in self.views:
            self._stack.addWidget(view)
        open_button = Button(self.tr("Open folder…"), "folder-open", look=Look.PRIMARY)
        open_button.clicked.connect(self.folder_asked)
        self.target = DropTarget(
            self.tr("Drop a folder, a ZIP or many pictures here"),
            self.tr("Every picture in it is assessed, the most suspicious come first"),
            (open_button,),
        )
        empty = QWidget()
        around = QVBoxLayout(empty)
        around.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        around.addWidget(self.target)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        results = QWidget()
        inner = QVBoxLayout(results)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        for widget in (self.head, self.filters, self.nothing):
            inner.addWidget(widget)
        inner.addWidget(self._stack, stretch=1)
        inner.addWidget(self.progress)
        self._aside = self._make_aside()
        shown = QWidget()
        both = QHBoxLayout(shown)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(0)
        both.addWidget(results, stretch=1)
        both.addWidget(self._aside)
        self._main = QStackedWidget()
        self._main.addWidget(empty)
        self._main.addWidget(shown)
        main = QVBoxLayout()
        main.setSpacing(0)
        main.addWidget(self.offer)
        main.addWidget(self._main, stretch=1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sources)
        row.addLayout(main, stretch=1)

    def _make_aside(self) -> QWidget:
        """The picture over its result."""
        then = QHBoxLayout()
        then.setContentsMargins(EDGE, 4, EDGE, 4)
        then.addWidget(self.then, stretch=1)
        self.panel.above_decision.addWidget(Line())
        self.panel.above_decision.addLayout(then)
        inner = QVBoxLayout()
        inner.setSpacing(0)
        inner.addWidget(self.image_pane, stretch=2)
        inner.addWidget(self.panel, stretch=5)
        aside = QWidget()
        row = QHBoxLayout(aside)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(Line(Qt.Orientation.Vertical))
        row.addLayout(inner, stretch=1)
        return aside


def _item_of(row: BatchRow) -> Item:
    return Item(ImageSource(row.screening.path), row.screening, entry_id=row.entry_id)
