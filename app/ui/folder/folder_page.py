"""The page for batches: a list or a grid of results, with the current row's image and result beside it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QModelIndex, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHBoxLayout, QStackedWidget, QTableView, QWidget

from app.core.domain.entry import Mark
from app.core.history.batches import BatchRow
from app.core.history.entries import storable
from app.core.history.repository import EntryRepository
from app.ui.folder import page_parts
from app.ui.folder.batch_session import BatchSession, State
from app.ui.folder.decisions import Decisions
from app.ui.folder.exports import BatchExports
from app.ui.folder.filter_bar import FilterBar
from app.ui.folder.grid import ResultsGrid
from app.ui.folder.progress_row import ProgressRow
from app.ui.folder.results_model import Column, ResultsModel, can_be_marked
from app.ui.folder.sources import Sources
from app.ui.folder.title_row import GRID_VIEW, LIST, ThenChoice, TitleRow
from app.ui.folder.unfinished_offer import UnfinishedBatchOffer
from app.ui.image.image_pane import ImagePane
from app.ui.look.style import column_of, label
from app.ui.look.tokens import FOLDER_PANEL, SOURCES, SOURCES_FROM, Size, scaled
from app.ui.patient.patient_header import PatientHeader
from app.ui.result.result_panel import ResultPanel
from app.ui.services.marks import Marks
from app.ui.services.notices import Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Priority, Workers
from app.ui.widgets import results_table
from app.ui.widgets.buttons import Button, Look
from app.ui.widgets.drop_target import DropTarget
from app.ui.widgets.folder_list import name_of
from app.ui.widgets.thumbnails import Thumbnails

PICTURE = 228
"""Height of the picture over the result, in pixels, where there is room."""


class FolderPage(QWidget):
    """Shows the batch session's batch. `image_pane` and `panel` show the current row."""

    folder_asked = Signal()
    preview_asked = Signal(object)
    """With the item whose image is to be shown in large."""
    item_opened = Signal(object)
    """With the item that is to be shown on the page for single images."""
    entry_shown = Signal(object)
    """With the id of the entry whose result is shown, `None` for none."""

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
        self.header = PatientHeader(brief=True)
        self.exports = exports
        self._settings = settings
        self._size = Size.MEDIUM
        self._follows_first = True
        self.thumbnails = Thumbnails(history, workers, self)
        self.model = ResultsModel(self.thumbnails, self)
        exports.set_source(self.model.all_rows, self._title)
        self._decisions = Decisions(self.model, session, history, workers, marks, notices, self)
        self.sources = Sources()
        self.head = TitleRow(exports, settings)
        self.filters = FilterBar(settings.current.grid_side)
        self.table = self._table()
        self.grid = ResultsGrid(self.model, settings.current.grid_side)
        self.grid.setSelectionModel(self.table.selectionModel())
        self.views = (self.table, self.grid)
        self.offer = UnfinishedBatchOffer()
        self.progress = ProgressRow()
        self.then = ThenChoice(settings)
        self.nothing = label(self.tr("No picture matches the filter."), quiet=True)
        self._lay_out()
        self._connect(session)
        self._show_view(GRID_VIEW if settings.current.as_grid else LIST)
        self._show_sources()
        self._on_changed()

    def _connect(self, session: BatchSession) -> None:
        session.started.connect(self._on_started)
        session.reloaded.connect(self._on_reloaded)
        session.rows_came.connect(self._on_rows_came)
        session.changed.connect(self._on_changed)
        session.finished_changed.connect(self._show_sources)
        self.offer.resume_asked.connect(session.resume)
        self.offer.discard_asked.connect(session.discard)
        self.progress.pause_asked.connect(session.pause_or_resume)
        self.progress.stop_asked.connect(lambda: session.discard())
        self.sources.folder_asked.connect(self.folder_asked)
        self.sources.batch_asked.connect(session.open_finished)
        self.filters.changed.connect(self._on_filter_changed)
        self.filters.slider.valueChanged.connect(self.grid.set_side)
        self.grid.side_changed.connect(self.filters.slider.setValue)
        self.grid.side_changed.connect(lambda side: self._settings.update(grid_side=side))
        self.head.views.group.idClicked.connect(self._on_view_chosen)
        self.model.modelReset.connect(self._show_counts)
        self.panel.mark_chosen.connect(self.choose)
        for view in self.views:
            view.doubleClicked.connect(lambda _: self.open_current())
        self._decisions.made.connect(self._after_marks)

    def set_size_class(self, size: Size) -> None:
        """Lay the page out for the window's width."""
        self._size = size
        self.sources.setFixedWidth(SOURCES[size])
        self._aside.setFixedWidth(FOLDER_PANEL[size])
        self.image_pane.setMaximumHeight(PICTURE if size is not Size.LARGE else round(PICTURE * 1.4))
        self.panel.set_narrow(size is Size.SMALL)
        self.table.setColumnHidden(Column.PATIENT, size is not Size.LARGE)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_parts()

    def _on_started(self, rows: list[BatchRow]) -> None:
        self.model.begin(rows, page_parts.root_of(self._session.batch))
        self._show_current()
        self._follows_first = True
        self._follow_first()
        self._show_sources()
        self.view().setFocus()

    def _on_reloaded(self, rows: list[BatchRow]) -> None:
        row = self.current()
        self.model.begin(rows, page_parts.root_of(self._session.batch))
        self._go_back_to(row)

    def _on_changed(self) -> None:
        session = self._session
        self.offer.show_batch(session.unfinished[0] if session.unfinished and not session.is_under_way else None)
        self.progress.show_session(session)
        self.exports.setEnabled(session.done > 0)
        self._show_counts()
        self._show_parts()

    def _show_counts(self) -> None:
        batch = self._session.batch
        self.filters.show_counts(self.model.counts())
        self.head.show_batch(batch, self._session.done, self.model.decided(), is_over=self._session.state is State.DONE)
        self.nothing.setVisible(batch is not None and not self.model.rowCount() and self._session.done > 0)

    def _show_sources(self) -> None:
        self.sources.show_folders(self._session.finished, self._session.batch)
        self.head.set_folders(self._session.finished, self._session.open_finished, self.folder_asked.emit)

    def _show_parts(self) -> None:
        """Show what has room: the sources, the picture with its result, the ways to go on."""
        has_batch = self._session.batch is not None
        small, as_grid = self._size is Size.SMALL, self._stack.currentIndex() == GRID_VIEW
        has_sources = not small and self.width() >= scaled(SOURCES_FROM)
        parts = (
            (self.sources, has_sources),
            (self.head.folders, not has_sources),
            (self.head.then, as_grid or small),
            (self.filters.size_tools, as_grid),
            (self._aside, has_batch and not small and not as_grid),
        )
        page_parts.show_and_hide(parts)
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
        if self.model.rowCount():
            self._go_to(max(self.model.view_row_of(row.position) if row else 0, 0))
        else:
            self._show_current()

    def _go_to(self, view_row: int) -> None:
        index = self.model.index(view_row, 0)
        self.table.setCurrentIndex(index)
        self.view().scrollTo(index)

    def _on_rows_came(self, rows: list[BatchRow]) -> None:
        self.model.add(rows)
        self._follow_first()

    def _follow_first(self) -> None:
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
        item = page_parts.item_of(row) if row is not None else None
        self.entry_shown.emit(row.entry_id if row is not None else None)
        self.panel.show_item(item, row.mark if row is not None else None)
        if row is not None and can_be_marked(row):
            self.panel.allow_mark()
        if item is not None and item.entry_id is not None:
            self._workers.run(  # before the image: it stands in where that is gone
                partial(self._history.thumbnails, [item.entry_id]),
                on_result=partial(page_parts.set_thumbnail, item),
                on_error=lambda _: None,
                priority=Priority.HIGH,
            )
        self.image_pane.show_item(item)

    def choose(self, mark: Mark) -> None:
        """Give the current row a mark and go on as the setting says, or take it back where it is the one it has."""
        row, batch = self.current(), self._session.batch
        if row is None or batch is None or not can_be_marked(row):
            return
        if self._decisions.choose(batch, row, mark) is not None:
            self._go_on()

    def _go_on(self) -> None:
        """After a decision: to the next row, to the next without one, or nowhere."""
        place, then = self.table.currentIndex().row(), self._settings.current.after_mark
        if then == "next" and place + 1 < self.model.rowCount():
            self._go_to(place + 1)
        elif then == "next-undecided" and (found := self.model.undecided_after(place)) >= 0:
            self._go_to(found)

    def _after_marks(self) -> None:
        self._show_counts()
        row = self.current()
        if row is not None and row.entry_id is None:
            self.panel.show_mark(row.mark)

    def open_current(self) -> None:
        """Have the current row's result shown on the page for single images."""
        row = self.current()
        if row is not None:
            self.item_opened.emit(page_parts.item_of(row))

    def ask_for_preview(self) -> None:
        """Ask for the current row's image in large."""
        row = self.current()
        if row is not None:
            self.preview_asked.emit(page_parts.item_of(row))

    def _table(self) -> QTableView:
        table = page_parts.results_table_of(self.model, self.tr("Results"))
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
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        results = column_of(self.head, self.filters, self.nothing, self._stack, self.progress, stretched=self._stack)
        self._aside = page_parts.aside(self.header, self.image_pane, self.panel, self.then)
        shown = QWidget()
        both = QHBoxLayout(shown)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(0)
        both.addWidget(results, stretch=1)
        both.addWidget(self._aside)
        self._main = QStackedWidget()
        self._main.addWidget(page_parts.with_edge(self.target))
        self._main.addWidget(shown)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sources)
        row.addWidget(column_of(self.offer, self._main, stretched=self._main), stretch=1)
