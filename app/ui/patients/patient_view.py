"""One patient: body map, lesions over time, follow-ups and notes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.core.domain.entry import Entry
from app.core.domain.patient import Lesion
from app.ui.look.style import Line, bar_row, label, paint_on, scrolled
from app.ui.look.tokens import BODY_MAP, EDGE, GRID, TOOL, TOOL_ROW, Size, TextStyle, scaled
from app.ui.patient.follow_up_dialog import FollowUpDialog
from app.ui.patient.lesion_map import LesionMap, MarkedLesion
from app.ui.patient.lesion_words import lesion_words
from app.ui.patient.patient_header import PatientHeader
from app.ui.patients.follow_up_rows import FollowUpRows
from app.ui.patients.lesion_table import LesionTable
from app.ui.patients.presenter import PatientPresenter, latest_advice
from app.ui.widgets.buttons import Button, Look, Segments

NOTES, FOLLOW_UPS = 126, 200
"""Heights in pixels: of the notes below the map, and of the follow-ups below the table, where there is room."""


class PatientView(QWidget):
    """Shows the presenter's patient. What leaves the page is asked for by signals."""

    list_asked = Signal()
    edit_asked = Signal()
    pictures_asked = Signal()
    """To take the next pictures under this patient."""
    report_asked = Signal(str)
    export_asked = Signal(str)
    delete_asked = Signal()
    merge_asked = Signal()
    entry_opened = Signal(object)
    comparison_asked = Signal(object)
    """With the `LesionHistory` whose pictures are to be compared."""

    def __init__(self, presenter: PatientPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self._size = Size.MEDIUM
        self.wanted: int | None = None
        """A lesion that was added and is to be chosen once it is read."""
        self.header = PatientHeader(of_page=True)
        self.back = Button(self.tr("All patients"), "users", look=Look.QUIET, height=TOOL)
        self.edit = Button(self.tr("Edit…"), "pencil", look=Look.QUIET, height=TOOL)
        self.new_pictures = Button(self.tr("New pictures…"), "image-plus", height=TOOL)
        self.report = Button(self.tr("Report…"), "file-text", look=Look.PRIMARY, height=TOOL)
        self.more = Button("", "ellipsis", look=Look.QUIET, height=TOOL)
        self.more.setAccessibleName(self.tr("More"))
        self.more.setMenu(self._more_menu())
        for button in (self.back, self.edit, self.new_pictures, self.report, self.more):
            self.header.add_action(button)
        names = (self.tr("Body"), self.tr("Sides"), self.tr("Head"), self.tr("Hands, feet"))
        self.tabs = Segments([Button(name, look=Look.SEGMENT, height=TOOL) for name in names])
        for button in self.tabs.buttons:
            button.set_padding(9)
        self.tabs.buttons[0].setChecked(True)
        self.add_button = Button(self.tr("Lesion"), "plus", key="+", height=TOOL)
        self.add_button.setToolTip(self.tr("Add a lesion: click where it is, or move the cross and press Enter"))
        self.map = LesionMap()
        self.hint = label(self.tr("A click adds a lesion, dragging moves it"), quiet=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.notes = label()
        self.table = LesionTable()
        self.views = (self.table,)
        self.count = label(quiet=True)
        self.compare = Button(self.tr("Then and now"), "columns-2", key="T", height=TOOL)
        self.row_menu = Button("", "ellipsis", look=Look.QUIET, height=TOOL)
        self.row_menu.setAccessibleName(self.tr("What can be done with the chosen lesion and picture"))
        self.follow_ups = FollowUpRows()
        self.open_count = label(quiet=True)
        self.see_again = Button(self.tr("See again…"), "calendar-clock", height=TOOL)
        self.nothing = label(
            self.tr(
                "No pictures yet. New pictures… opens them under this patient; each can then be placed on the map."
            ),
            quiet=True,
        )
        self._lay_out()
        self._connect()
        self._show()

    def set_size_class(self, size: Size) -> None:
        """Lay the page out for the window's width."""
        self._size = size
        small = size is Size.SMALL
        self._left.setFixedWidth(BODY_MAP[size])
        for button in (self.back, self.edit, self.new_pictures, self.report):
            button.set_compact(small)
        self.add_button.set_compact(small)
        self.hint.setVisible(not small)
        self._notes.setVisible(not small)
        self._below.setFixedHeight(scaled(FOLLOW_UPS if not small else FOLLOW_UPS * 0.6))

    def compare_current(self) -> None:
        """Ask for the current lesion's pictures to be compared."""
        data = self._presenter.data
        history = data.lesion(self.table.chosen_lesion()) if data is not None else None
        if history is not None and len(history.entries) > 1:
            self.comparison_asked.emit(history)

    def ask_for_follow_up(self) -> None:
        """Ask when the patient, or the current lesion, is to be seen again."""
        data = self._presenter.data
        if data is None:
            return
        lesions = [each.lesion for each in data.lesions]
        dialog = FollowUpDialog(data.patient.identifier, lesions, self.table.chosen_lesion(), parent=self)
        dialog.accepted.connect(
            lambda: self._presenter.see_again(dialog.due_on(), dialog.reason.text(), dialog.lesion.currentData())
        )
        dialog.open()

    def _connect(self) -> None:
        presenter = self._presenter
        presenter.shown.connect(self._show)
        self.back.clicked.connect(self.list_asked)
        self.edit.clicked.connect(self.edit_asked)
        self.new_pictures.clicked.connect(self.pictures_asked)
        self.report.clicked.connect(self._ask_for_report)
        self.tabs.group.idClicked.connect(self.map.set_tab)
        self.map.tab_changed.connect(lambda tab: self.tabs.buttons[tab].setChecked(True))
        self.map.place_chosen.connect(lambda place: presenter.add_lesion(place, self._choose))
        self.map.lesion_moved.connect(self._on_moved)
        self.map.lesion_chosen.connect(self.table.choose)
        self.add_button.clicked.connect(self.map.begin_adding)
        self.table.lesion_chosen.connect(self._on_row)
        self.table.entry_opened.connect(self.entry_opened)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(self._on_menu_asked)
        self.row_menu.clicked.connect(
            lambda: self.show_row_menu(self.row_menu.mapToGlobal(self.row_menu.rect().bottomLeft()))
        )
        self.compare.clicked.connect(self.compare_current)
        self.see_again.clicked.connect(self.ask_for_follow_up)
        self.follow_ups.done_asked.connect(presenter.complete)
        self.follow_ups.reopen_asked.connect(presenter.reopen)

    def _show(self) -> None:
        data = self._presenter.data
        self.setEnabled(data is not None)
        if data is None:
            self.tabs.buttons[0].setChecked(True)
            self.map.set_tab(0)
        self.header.show_patient(data.patient if data is not None else None)
        marked = [MarkedLesion(each.lesion, latest_advice(each)) for each in data.lesions] if data is not None else []
        self.table.show_data(data)
        self.map.show_lesions(marked, self.table.chosen_lesion())
        if self.wanted is not None and any(each.lesion.id == self.wanted for each in marked):
            self.table.choose(self.wanted)
            self.map.choose(self.wanted)
            self.wanted = None
        self.follow_ups.show_data(data)
        self.notes.setText((data.patient.note if data is not None else "") or self.tr("None."))
        lesions, visits = (len(data.lesions), len(data.visits())) if data is not None else (0, 0)
        texts = (
            self.tr("1 lesion") if lesions == 1 else self.tr("{0} lesions").format(lesions),
            self.tr("1 visit") if visits == 1 else self.tr("{0} visits").format(visits),
        )
        self.count.setText(", ".join(texts))
        still_open = sum(item.done_on is None for item in data.follow_ups) if data is not None else 0
        self.open_count.setText(self.tr("{0} open").format(still_open))
        self.nothing.setVisible(data is not None and not visits)
        self.table.setVisible(bool(visits))
        self._show_actions()

    def _show_actions(self) -> None:
        data = self._presenter.data
        history = data.lesion(self.table.chosen_lesion()) if data is not None else None
        self.row_menu.setEnabled(self.table.chosen_row() is not None)
        self.compare.setEnabled(history is not None and len(history.entries) > 1)

    def _on_row(self, lesion_id: int) -> None:
        self.map.choose(None if lesion_id < 0 else lesion_id)
        self._show_actions()

    def _choose(self, lesion: Lesion) -> None:
        self.wanted = lesion.id

    def _on_moved(self, lesion_id: int, place: object) -> None:
        data = self._presenter.data
        history = data.lesion(lesion_id) if data is not None else None
        if history is not None:
            self._presenter.move_lesion(history.lesion, place)  # type: ignore[arg-type]

    def _ask_for_report(self) -> None:
        if self._presenter.data is not None:
            self.report_asked.emit(self._presenter.data.patient.identifier)

    def _ask_for_export(self) -> None:
        if self._presenter.data is not None:
            self.export_asked.emit(self._presenter.data.patient.identifier)

    def _more_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.addAction(self.tr("Export for other programs…"), self._ask_for_export)
        menu.addAction(self.tr("Merge with another patient…"), self.merge_asked.emit)
        self.parting = menu.addMenu(self.tr("Part again"))
        menu.aboutToShow.connect(self._show_merges)
        menu.addAction(self.tr("Delete the patient…"), self.delete_asked.emit)
        return menu

    def _show_merges(self) -> None:
        """Offer to part this patient again from those who were merged into it in this window."""
        data = self._presenter.data
        self.parting.clear()
        for merge in self._presenter.merges:
            if data is not None and merge.kept.identifier == data.patient.identifier:
                self.parting.addAction(merge.other.identifier, partial(self._presenter.part, merge))
        self.parting.setEnabled(not self.parting.isEmpty())

    def _on_menu_asked(self, point: QPoint) -> None:
        index = self.table.indexAt(point)
        if index.isValid():
            self.table.setCurrentIndex(index)
        self.show_row_menu(self.table.viewport().mapToGlobal(point))

    def show_row_menu(self, place: QPoint) -> None:
        """What can be done with the current cell's pictures and the current lesion."""
        data, index = self._presenter.data, self.table.currentIndex()
        if data is None or not index.isValid():
            return
        entries: list[Entry] = list(self.table.rows.entries(index))
        lesion = self.table.rows.rows[index.row()].lesion
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for entry in entries:
            text = self.tr("Open {0}").format(entry.screening.path.name)
            menu.addAction(text, partial(self.entry_opened.emit, entry))
        if entries:
            others = menu.addMenu(self.tr("Shows another lesion"))
            for each in data.lesions:
                if each.lesion != lesion:
                    others.addAction(lesion_words(each.lesion), partial(self._presenter.assign, entries, each.lesion))
            assign = partial(self._presenter.assign, entries)
            others.addAction(self.tr("A new lesion"), partial(self._presenter.add_lesion, None, assign))
        if lesion is not None:
            text = self.tr("Remove {0}; keep its pictures").format(lesion_words(lesion))
            menu.addAction(text, partial(self._presenter.remove_lesion, lesion))
        menu.popup(place)

    def _lay_out(self) -> None:
        self._notes = self._titled_notes()
        self._left = QWidget()
        paint_on(self._left, QPalette.ColorRole.Base)
        left = QVBoxLayout(self._left)
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(_bar(self.tabs, self.add_button))
        left.addWidget(self.map, stretch=1)
        left.addWidget(self.hint)
        left.addSpacing(EDGE)
        left.addWidget(self._notes)
        self._below = QWidget()
        below = QVBoxLayout(self._below)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(0)
        below.addWidget(Line())
        title = label(self.tr("Follow-up"), TextStyle.BODY_STRONG)
        below.addWidget(_bar(title, self.open_count, self.see_again))
        rows = scrolled(self.follow_ups)
        paint_on(rows.viewport(), QPalette.ColorRole.Base)
        below.addWidget(rows, stretch=1)
        paint_on(self.nothing, QPalette.ColorRole.Base)
        self.nothing.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(
            _bar(label(self.tr("Lesions over time"), TextStyle.BODY_STRONG), self.count, self._visit_tools())
        )
        right.addWidget(self.nothing, stretch=1)
        right.addWidget(self.table, stretch=1)
        right.addWidget(self._below)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._left)
        row.addWidget(Line(Qt.Orientation.Vertical))
        row.addLayout(right, stretch=1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(row, stretch=1)
        self.setFocusProxy(self.table)
        self.set_size_class(Size.MEDIUM)

    def _visit_tools(self) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID)
        row.addWidget(self.row_menu)
        row.addWidget(self.compare)
        return made

    def _titled_notes(self) -> QWidget:
        made = QWidget()
        made.setFixedHeight(scaled(NOTES))
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(EDGE, GRID, EDGE, GRID)
        inner.setSpacing(4)
        inner.addWidget(label(self.tr("Notes"), TextStyle.BODY_STRONG))
        inner.addWidget(self.notes)
        inner.addStretch()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Line())
        column.addWidget(scrolled(body), stretch=1)
        return made


def _bar(*widgets: QWidget) -> QWidget:
    """A bar over a part of the page, the last widget at its end."""
    bar = QWidget()
    paint_on(bar, QPalette.ColorRole.Window)
    bar.setFixedHeight(scaled(TOOL_ROW))
    row = bar_row(bar)
    for widget in widgets[:-1]:
        if hasattr(widget, "setWordWrap"):
            widget.setWordWrap(False)
        row.addWidget(widget)
    row.addStretch()
    row.addWidget(widgets[-1])
    return bar
