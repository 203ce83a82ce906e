"""The page for the history: search, sort, open, group by lesion, delete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QHeaderView,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.core.domain.advice import Advice
from app.core.domain.entry import Entry, Mark
from app.core.domain.errors import MelaScreenError
from app.core.history.query import EVERYTHING, Query, Sort
from app.core.history.repository import EntryRepository
from app.ui.history.deletion import Deletion
from app.ui.history.history_filter import HistoryFilter
from app.ui.history.history_model import Column, HistoryModel
from app.ui.history.history_table import HistoryTable
from app.ui.look.style import Line, bar_row, label, page_head, paint_on
from app.ui.look.tokens import NOTICE, TOOL, Size, TextStyle, scaled
from app.ui.services.item import Item
from app.ui.services.marks import Marks
from app.ui.services.notices import Notices
from app.ui.services.wording import results
from app.ui.services.workers import Workers
from app.ui.widgets import results_table
from app.ui.widgets.buttons import Button
from app.ui.widgets.dialogs import ask
from app.ui.widgets.row_cells import CellDelegate

SORTS = {Column.TIME: Sort.TIME, Column.MELANOMA: Sort.PROBABILITY, Column.PATIENT: Sort.PATIENT}
"""The columns that the history can be sorted by."""
PAGE = 200
"""Entries read at a time, as the table is scrolled."""
WIDTHS = (48, 320, 136, 136, 144, 176, 180, 96)
"""Of the columns, in pixels."""


class HistoryPage(QWidget):
    """Searches the history, opens entries, groups entries as one lesion, and deletes after asking twice."""

    entry_opened = Signal(object)
    preview_asked = Signal(object)
    """With the item whose image is to be shown in large."""
    deleted = Signal()
    """Entries were deleted."""
    export_asked = Signal()
    comparison_asked = Signal(int, tuple)
    """With a lesion's id and the ids of the two entries to compare."""

    def __init__(
        self,
        history: EntryRepository,
        notices: Notices,
        workers: Workers,
        marks: Marks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._marks = marks
        self._history = history
        self._notices = notices
        self._workers = workers
        self._sort, self._descending = Sort.TIME, True
        self.filter = HistoryFilter()
        self.filter.changed.connect(self.refresh)
        self.model = HistoryModel(self)
        self.model.more_asked.connect(self.fetch_more)
        self.status = label(quiet=True)
        self.status.setWordWrap(False)
        self.export = Button(self.tr("Export…"), "share")
        self.export.clicked.connect(self.export_asked)
        self.table = self._table()
        self.views = (self.table,)
        self.chosen = label(style=TextStyle.BODY_STRONG)
        self.chosen.setWordWrap(False)
        self.open_button = Button(self.tr("Open"), "scan-search", height=TOOL)
        self.open_button.clicked.connect(self.open_selected)
        self.compare_button = Button(self.tr("Then and now"), "columns-2", height=TOOL)
        self.compare_button.clicked.connect(self.compare_selected)
        self.lesion_button = Button(self.tr("Lesion…"), "link", height=TOOL)
        self.lesion_button.setMenu(self._lesion_menu())
        self.delete_button = Button(self.tr("Delete…"), "trash-2", height=TOOL)
        self.deletion = Deletion(history, notices, workers, self)
        self.deletion.done.connect(self._after_deletion)
        self.delete_button.setMenu(self._delete_menu())
        self._lay_out()
        self._on_selection_changed()
        marks.changed.connect(lambda *_: self.refresh())

    def set_size_class(self, size: Size) -> None:
        """In a small window columns give way: what is left says which result it is."""
        small = size is Size.SMALL
        self.filter.set_size_class(size)
        for column in (Column.OTHER_CANCER, Column.DIAGNOSIS):
            self.table.setColumnHidden(column, small)

    def _lay_out(self) -> None:
        self.foot = QWidget()
        paint_on(self.foot, QPalette.ColorRole.Base)
        self.foot.setFixedHeight(scaled(NOTICE))
        actions = bar_row(self.foot, line_above=True)
        actions.addWidget(self.chosen)
        actions.addStretch()
        for button in (self.open_button, self.compare_button, self.lesion_button, self.delete_button):
            actions.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(page_head(self.tr("History"), self.status, self.export))
        layout.addWidget(Line())
        for widget in (self.filter, self.table, self.foot):
            layout.addWidget(widget)
        self.setFocusProxy(self.table)

    def query(self) -> Query:
        """The query that is shown, with its order."""
        return replace(self.filter.query(), sort=self._sort, descending=self._descending)

    def refresh(self) -> None:
        """Read the first entries of the query again."""
        query = self.query()
        limit = max(PAGE, self.model.rowCount())  # what was scrolled to stays there
        self._workers.run(
            lambda: (
                query,
                self._history.entries(query, limit=limit),
                self._history.count(query),
                self._history.counts(query),
            ),
            on_result=self._on_read,
            on_error=self._on_error,
        )

    def selected(self) -> list[Entry]:
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.entry(row) for row in rows]

    def _table(self) -> QTableView:
        table = HistoryTable()
        table.setModel(self.model)
        results_table.set_up(table, self.tr("History"), select_several=True, advice=Column.ANSWER)
        table.setItemDelegate(CellDelegate(table))
        header = table.horizontalHeader()
        header.setMinimumSectionSize(40)
        for column, width in enumerate(WIDTHS):
            header.resizeSection(column, width)
        header.setSectionResizeMode(Column.ANSWER, QHeaderView.ResizeMode.Stretch)
        results_table.make_sortable(table, Column.TIME, self._on_sorted)
        table.doubleClicked.connect(self.open_selected)
        table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        return table

    def _lesion_menu(self) -> QMenu:
        menu = QMenu(self)
        self.join_action = menu.addAction(self.tr("&Join as one lesion"), self.join_selected)
        self.leave_action = menu.addAction(self.tr("&Separate from the lesion"), self._on_leave)
        self.over_time_action = menu.addAction(self.tr("Over &time…"), self.show_over_time)
        return menu

    def _delete_menu(self) -> QMenu:
        menu = QMenu(self)
        self.delete_action = menu.addAction(self.tr("The &selected…"), self.delete_selected)
        patient = self.tr("All of this &patient…")
        self.delete_patient_action = menu.addAction(patient, lambda: self.deletion.delete_patient(self.selected()))
        menu.addAction(self.tr("All &older than…"), self.deletion.delete_older)
        return menu

    def fetch_more(self) -> None:
        """Read the entries that follow the last one shown."""
        last = self.model.last()
        self._workers.run(
            partial(self._history.entries, self.query(), limit=PAGE, after=last),
            on_result=partial(self._on_older, last),
            on_error=self._on_error,
        )

    def _on_older(self, last: Entry | None, entries: list[Entry]) -> None:
        if last is self.model.last():  # else the list was read again meanwhile
            self.model.append(entries)

    def _on_read(self, read: tuple[Query, list[Entry], int, dict[Advice, int]]) -> None:
        query, entries, count, counts = read
        if query != self.query():  # another one is on its way
            return
        row, selected = self.table.currentIndex().row(), {entry.id for entry in self.selected()}
        self.model.show(entries, count)
        self.filter.show_counts(counts)
        self._select(selected, row)
        if count:
            self.status.setText(results(count))
        elif replace(query, sort=Sort.TIME, descending=True) == EVERYTHING:
            self.status.setText(self.tr("Nothing has been recorded yet."))
        else:
            self.status.setText(self.tr("No result matches the search."))
        self._on_selection_changed()

    def _select(self, entry_ids: set[int], row: int) -> None:
        """Select entries in their new rows; where none is left, the row given."""
        rows = [place for place in range(self.model.rowCount()) if self.model.entry(place).id in entry_ids]
        if not rows:
            self.table.setCurrentIndex(self.model.index(max(0, min(row, self.model.rowCount() - 1)), 0))
            return
        selection = self.table.selectionModel()
        flags = selection.SelectionFlag
        selection.setCurrentIndex(self.model.index(rows[0], 0), flags.NoUpdate)
        for place in rows:
            selection.select(self.model.index(place, 0), flags.Select | flags.Rows)

    def _on_sorted(self, column: int, order: Qt.SortOrder) -> None:
        sort = SORTS.get(Column(column))
        header = self.table.horizontalHeader()
        if sort is None:  # back to what it is sorted by
            header.blockSignals(True)
            shown = next(place for place, other in SORTS.items() if other is self._sort)
            header.setSortIndicator(
                shown, Qt.SortOrder.DescendingOrder if self._descending else Qt.SortOrder.AscendingOrder
            )
            header.blockSignals(False)
            return
        self._sort, self._descending = sort, order == Qt.SortOrder.DescendingOrder
        self.refresh()

    def _on_error(self, error: MelaScreenError) -> None:
        self.status.setText(str(error))

    def _on_selection_changed(self) -> None:
        selected = self.selected()
        count = len(selected)
        self.chosen.setText(self.tr("{0} results chosen").format(count) if count > 1 else "")
        delete = self.tr("Delete {0} results…").format(count) if count > 1 else self.tr("Delete…")
        self.delete_button.setText(delete)
        self.delete_button.updateGeometry()
        self.open_button.setEnabled(count == 1)
        self.compare_button.setEnabled(self._compared() is not None)
        self.lesion_button.setEnabled(bool(selected))
        self.join_action.setEnabled(len(selected) > 1)
        grouped = any(entry.lesion is not None for entry in selected)
        self.leave_action.setEnabled(grouped)
        self.over_time_action.setEnabled(grouped or len(selected) > 1)
        self.delete_action.setEnabled(bool(selected))
        self.delete_patient_action.setEnabled(len({entry.record.patient for entry in selected} - {""}) == 1)

    def open_selected(self) -> None:
        selected = self.selected()
        if selected:
            self.entry_opened.emit(selected[0])

    def choose(self, mark: Mark) -> None:
        """Give the selected entries a mark, or take it back where all of them have it."""
        selected = self.selected()
        if selected:
            new = None if all(entry.mark is mark for entry in selected) else mark
            first = selected[0].screening.path.name
            name = first if len(selected) == 1 else results(len(selected))
            self._marks.set({entry.id: entry.mark for entry in selected}, new, name)

    def ask_for_preview(self) -> None:
        """Ask for the first selected entry's image in large."""
        for entry in self.selected()[:1]:
            self.preview_asked.emit(Item.of_entry(entry))

    def join_selected(self) -> None:
        """Group the selected entries as one lesion; ask first where they are of several sites.

        Those of several patients are refused, with the reason.
        """
        selected = self.selected()
        join = partial(self._change, partial(self._history.join_lesion, [entry.id for entry in selected]))
        differing = "\n".join(self._differing(selected))
        if differing:
            text = self.tr("Pictures of one lesion should have the same site.\n{0}").format(differing)
            ask(self, text, verb=self.tr("Join them"), then=join, title=self.tr("Lesion"))
        else:
            join()

    def _differing(self, entries: list[Entry]) -> Iterator[str]:
        """What entries of one lesion should agree in and don't, in words."""
        for name, values in ((self.tr("Sites: {0}"), {entry.record.site for entry in entries} - {""}),):
            if len(values) > 1:
                yield name.format(", ".join(sorted(values)))

    def _on_leave(self) -> None:
        self._change(partial(self._history.leave_lesion, [entry.id for entry in self.selected()]))

    def _compared(self) -> tuple[int, tuple[int, ...]] | None:
        """The lesion and the two selected entries that show it; `None` where that is not what is selected."""
        selected = self.selected()
        lesions = {entry.lesion for entry in selected}
        if len(selected) != 2 or len(lesions) != 1 or None in lesions:
            return None
        return lesions.pop() or 0, tuple(entry.id for entry in selected)

    def compare_selected(self) -> None:
        """Ask for the two selected pictures of a lesion side by side."""
        compared = self._compared()
        if compared is not None:
            self.comparison_asked.emit(*compared)

    def show_over_time(self) -> None:
        """Show the selected entries side by side, or all entries of the selected lesion."""
        selected = self.selected()
        lesions = {entry.lesion for entry in selected} - {None}
        if len(lesions) == 1:
            query = Query(lesion=lesions.pop(), descending=False)
            self._workers.run(
                partial(self._history.entries, query), on_result=self._show_lesion, on_error=self._on_error
            )
        elif selected:
            self._show_lesion(sorted(selected, key=lambda entry: entry.screening.shown_at))

    def _show_lesion(self, entries: list[Entry]) -> None:
        from app.ui.history.lesion_timeline import LesionTimeline  # here, not above: it would slow down every start

        dialog = QDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(self.tr("A lesion over time"))
        dialog.resize(900, 560)
        view = LesionTimeline()
        view.show_entries(entries)
        view.entry_opened.connect(self.entry_opened)
        view.entry_opened.connect(dialog.accept)
        QVBoxLayout(dialog).addWidget(view)
        dialog.open()

    def delete_selected(self) -> None:
        """Delete the selected entries after asking twice."""
        self.deletion.delete(self.selected())

    def _after_deletion(self) -> None:
        self.deleted.emit()
        self.refresh()

    def _change(self, work: Callable[[], object]) -> None:
        self._workers.run(work, on_result=lambda _: self.refresh(), on_error=self._on_error)
