"""The list of patients: search, sort, open, add."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QMenu, QTableView, QVBoxLayout, QWidget

from app.core.domain.errors import MelaScreenError
from app.core.history.patients import PatientRepository, PatientRow, PatientSort
from app.ui.look.app_style import INDENT
from app.ui.look.style import Line, bar_row, label, page_head, paint_on
from app.ui.look.tokens import CHIP, EDGE, GRID, TOOL, TOOL_ROW, Size, scaled
from app.ui.patients.patient_list_model import Column, PatientListModel
from app.ui.services.workers import Workers
from app.ui.widgets import results_table
from app.ui.widgets.buttons import Button, Look
from app.ui.widgets.fields import SearchField
from app.ui.widgets.row_cells import CellDelegate

SORTS = {
    Column.PATIENT: PatientSort.IDENTIFIER,
    Column.LAST_VISIT: PatientSort.LAST_VISIT,
    Column.DUE: PatientSort.DUE,
}
PAGE = 200
"""Patients read at a time, as the table is scrolled."""
TYPING = 250
"""Milliseconds after the last key until a search begins."""
WIDTHS = (320, 260, 90, 96, 132, 176)
"""Of the columns, in pixels."""
_DESCENDING, _ASCENDING = Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder


class PatientList(QWidget):
    """Lists patients; `patient_opened` gives the identifier of the one to show."""

    patient_opened = Signal(str)
    new_asked = Signal()
    due_asked = Signal(str)
    """To write what is due as a file of a kind: `csv` or `ics`."""
    merge_asked = Signal(tuple)
    """With identifiers that may be of one patient."""

    def __init__(self, patients: PatientRepository, workers: Workers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._patients = patients
        self._workers = workers
        self._sort, self._order = PatientSort.LAST_VISIT, _DESCENDING
        self._timer = QTimer(self, singleShot=True, interval=TYPING)
        self._timer.timeout.connect(self.refresh)
        self.model = PatientListModel(self)
        self.model.more_asked.connect(self._fetch_more)
        self.status = label(quiet=True)
        self.status.setWordWrap(False)
        self.text = SearchField(self.tr("Patient or note"))
        self.text.setAccessibleName(self.tr("Search patients"))
        self.text.setClearButtonEnabled(True)
        self.text.textChanged.connect(lambda: self._timer.start())
        self.due = Button(self.tr("To be seen again"), "calendar-clock", look=Look.CHIP)
        self.due.setCheckable(True)
        self.due.clicked.connect(self._on_due)
        self.alike = Button("", look=Look.CHIP)
        self.alike.setToolTip(self.tr("Patients whose identifiers differ in case, spaces, signs or zeros only"))
        self.alike.hide()
        self.export = Button(self.tr("Export what is due…"), "calendar-clock")
        self.export.setMenu(self._export_menu())
        self.new_button = Button(self.tr("New patient…"), "user-round-plus", look=Look.PRIMARY)
        self.new_button.clicked.connect(self.new_asked)
        self.table = self._table()
        self.views = (self.table,)
        self._lay_out()

    def set_size_class(self, size: Size) -> None:
        """In a small window the number of pictures gives way."""
        self.table.setColumnHidden(Column.PICTURES, size is Size.SMALL)

    def refresh(self) -> None:
        """Read the first patients again, as many as were scrolled to."""
        asked = self._asked()
        limit = max(PAGE, self.model.rowCount())
        text, due = asked[0], asked[1]
        self._workers.run(
            lambda: (
                asked,
                self._read(limit, None),
                self._patients.count(text, due=due),
                self._patients.same_spellings() if not text else None,  # a search changes nothing of them
            ),
            on_result=self._on_read,
            on_error=self._on_error,
        )

    def selected(self) -> PatientRow | None:
        index = self.table.currentIndex()
        return self.model.row(index.row()) if index.isValid() else None

    def open_selected(self) -> None:
        row = self.selected()
        if row is not None:
            self.patient_opened.emit(row.patient.identifier)

    def _asked(self) -> tuple[str, bool, PatientSort, Qt.SortOrder]:
        return self.text.text().strip(), self.due.isChecked(), self._sort, self._order

    def _read(self, limit: int, after: PatientRow | None) -> list[PatientRow]:
        text, due, sort, order = self._asked()
        return self._patients.rows(text, due=due, sort=sort, descending=order == _DESCENDING, limit=limit, after=after)

    def _fetch_more(self) -> None:
        last = self.model.last()
        self._workers.run(
            partial(self._read, PAGE, last), on_result=partial(self._on_older, last), on_error=self._on_error
        )

    def _on_older(self, last: PatientRow | None, rows: list[PatientRow]) -> None:
        if last is self.model.last():  # else the list was read again meanwhile
            self.model.append(rows)

    def _on_read(
        self,
        read: tuple[tuple[str, bool, PatientSort, Qt.SortOrder], list[PatientRow], int, list[tuple[str, ...]] | None],
    ) -> None:
        asked, rows, count, alike = read
        if asked != self._asked():  # another one is on its way
            return
        current = self.selected()
        self.model.show(rows, count)
        identifiers = [row.patient.identifier for row in rows]
        number = (
            identifiers.index(current.patient.identifier)
            if current and current.patient.identifier in identifiers
            else 0
        )
        self.table.setCurrentIndex(self.model.index(min(number, len(rows) - 1), 0))
        if count or asked[0] or asked[1]:
            self.status.setText(self.tr("{0} patients").format(f"{count:,}") if count != 1 else self.tr("1 patient"))
        else:
            self.status.setText(self.tr("No patient is noted yet. A picture can be assessed without one."))
        if alike is not None:
            self._show_alike(alike)

    def _show_alike(self, groups: list[tuple[str, ...]]) -> None:
        """Offer to merge patients whose identifiers are spelled nearly the same."""
        self.alike.setVisible(bool(groups))
        self.alike.setText(self.tr("Spelled alike"))
        self.alike.set_key(str(len(groups)))
        menu = QMenu(self.alike)
        for group in groups[:20]:
            menu.addAction(self.tr("Merge {0}…").format(", ".join(group)), partial(self.merge_asked.emit, group))
        self.alike.setMenu(menu)

    def _on_due(self, on: bool) -> None:
        """What is due comes by its day; all patients come by the last visit."""
        self._sort, self._order = (PatientSort.DUE, _ASCENDING) if on else (PatientSort.LAST_VISIT, _DESCENDING)
        header = self.table.horizontalHeader()
        header.blockSignals(True)
        header.setSortIndicator(Column.DUE if on else Column.LAST_VISIT, self._order)
        header.blockSignals(False)
        self.refresh()

    def _on_sorted(self, column: int, order: Qt.SortOrder) -> None:
        sort = SORTS.get(Column(column))
        if sort is None:  # back to what it is sorted by
            header = self.table.horizontalHeader()
            header.blockSignals(True)
            header.setSortIndicator(next(each for each, other in SORTS.items() if other is self._sort), self._order)
            header.blockSignals(False)
            return
        self._sort, self._order = sort, order
        self.refresh()

    def _on_error(self, error: MelaScreenError) -> None:
        self.status.setText(str(error))

    def _export_menu(self) -> QMenu:
        menu = QMenu(self)
        kinds: tuple[tuple[str, str], ...] = (
            (self.tr("As a table (CSV)…"), "csv"),
            (self.tr("As a calendar (ICS)…"), "ics"),
        )
        for text, kind in kinds:
            menu.addAction(text, partial(self.due_asked.emit, kind))
        return menu

    def _table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.model)
        results_table.set_up(table, self.tr("Patients"))
        table.setItemDelegate(CellDelegate(table))
        header = table.horizontalHeader()
        for column, width in enumerate(WIDTHS):
            header.resizeSection(column, width)
        header.setProperty(INDENT, QPoint(Column.PATIENT, EDGE))
        header.setSectionResizeMode(Column.PATIENT, QHeaderView.ResizeMode.Stretch)
        results_table.make_sortable(table, Column.LAST_VISIT, self._on_sorted)
        table.doubleClicked.connect(lambda _: self.open_selected())
        return table

    def _lay_out(self) -> None:
        buttons = QWidget()
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.export)
        row.addWidget(self.new_button)
        filters = QWidget()
        paint_on(filters, QPalette.ColorRole.Window)
        filters.setFixedHeight(scaled(TOOL_ROW))
        bar = bar_row(filters, spacing=GRID)
        bar.addWidget(self.due)
        bar.addWidget(self.alike)
        bar.addStretch()
        self.text.setFixedHeight(scaled(TOOL))
        self.text.setMaximumWidth(268)
        self.due.setFixedHeight(scaled(CHIP))
        bar.addWidget(self.text, stretch=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(page_head(self.tr("Patients"), self.status, buttons))
        column.addWidget(Line())
        column.addWidget(filters)
        column.addWidget(self.table, stretch=1)
        self.setFocusProxy(self.table)
