"""The page that compares two pictures of one lesion, then and now."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.domain.advice import advice_of, deciding
from app.core.domain.entry import Entry, Mark
from app.core.domain.patient import Patient
from app.core.history.lesions import LesionHistory
from app.core.lesion.similarity import from_points
from app.ui.comparison.canvas import POINTS, ZOOM_STEP, CompareCanvas, Mode, Shown
from app.ui.comparison.changes_panel import ChangesPanel
from app.ui.comparison.presenter import ComparisonPresenter, Pair, Visit
from app.ui.look.advice_symbol import AdviceSymbol
from app.ui.look.style import Line, Sign, bar_row, label, paint_on
from app.ui.look.tokens import COMPARISON_PANEL, GRID, ICON, LOW_ROW, TOOL, TOOL_ROW, Size, TextStyle, scaled
from app.ui.patient.patient_header import PatientHeader
from app.ui.result.mark_bar import MarkBar
from app.ui.services.marks import Marks, toggled
from app.ui.services.wording import advice_words, date_text, percent
from app.ui.widgets.buttons import Button, Look, Segments
from app.ui.widgets.fields import Choice


class ComparisonPage(QWidget):
    """Shows the presenter's pair. The decision is that on the later picture."""

    back_asked = Signal()
    report_asked = Signal(str)
    """With the identifier of the patient whose report is wanted."""

    def __init__(self, presenter: ComparisonPresenter, marks: Marks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.presenter = presenter
        self._marks = marks
        self._patient: Patient | None = None
        self.header = PatientHeader()
        self.header.page_asked.connect(lambda _: self.back_asked.emit())
        self.modes = Segments(
            [
                Button(self.tr("Side by side"), "columns-2", look=Look.SEGMENT, height=TOOL),
                Button(self.tr("Slider"), "blend", look=Look.SEGMENT, height=TOOL),
                Button(self.tr("Blink"), look=Look.SEGMENT, key="B", height=TOOL),
                Button(self.tr("Difference"), "contrast", look=Look.SEGMENT, height=TOOL),
            ]
        )
        self.modes.buttons[0].setChecked(True)
        self.zoom_out, self.zoom_in = (
            Button("", name, look=Look.QUIET, height=TOOL) for name in ("zoom-out", "zoom-in")
        )
        self.linked = Button(self.tr("Linked"), "link", look=Look.QUIET, key="L", height=TOOL)
        self.canvas = CompareCanvas()
        self.then, self.now = _PaneHead(self.tr("Then")), _PaneHead(self.tr("Now"))
        self.state = label()
        self.sign = Sign("check", ICON, accent=True)
        self.by_hand = Button(self.tr("Align by hand…"), "crosshair", look=Look.LINK, height=TOOL)
        self.panel = ChangesPanel(presenter)
        self.mark = MarkBar()
        self.report = Button(self.tr("Report…"), "file-text", look=Look.PRIMARY)
        self._lay_out()
        self._connect()
        self._show()

    def show_lesion(self, patient: Patient, history: LesionHistory, chosen: tuple[int, ...] = ()) -> None:
        """Compare a lesion's first and latest picture, or the entries that are chosen by their ids."""
        self._patient = patient
        self.header.show_patient(patient, history.lesion)
        self.set_mode(Mode.SIDE_BY_SIDE)
        self.presenter.open(history, chosen)
        self.canvas.setFocus()

    def set_size_class(self, size: Size) -> None:
        """Lay the page out for the window's width."""
        self.panel_column.setFixedWidth(COMPARISON_PANEL[size])
        self.header.set_compact(size is Size.SMALL)
        for button in (*self.modes.buttons, self.linked):
            button.set_compact(size is Size.SMALL)
        self.mark.set_narrow(size is Size.SMALL)

    def set_mode(self, mode: Mode) -> None:
        """Show the pictures in another way."""
        self.modes.buttons[list(Mode).index(mode)].setChecked(True)
        self.canvas.set_mode(mode)
        if mode is Mode.DIFFERENCE:
            self.state.setText(self.tr("Light: lighter now. Dark: darker now. Exposure is taken off."))
        elif not self.canvas.takes_points:
            self._show_alignment()
        side_by_side = mode is Mode.SIDE_BY_SIDE
        self.linked.setEnabled(side_by_side)

    def toggle_blink(self) -> None:
        """Blink, or show both side by side again."""
        self.set_mode(Mode.SIDE_BY_SIDE if self.canvas.mode is Mode.BLINK else Mode.BLINK)

    def toggle_link(self) -> None:
        """Link zoom and pan of the panes, or free them."""
        self.canvas.set_linked(not self.canvas.is_linked)
        self.linked.setChecked(self.canvas.is_linked)

    def choose(self, mark: Mark) -> None:
        """Give the later picture a mark, or take it back."""
        pair = self.presenter.pair
        if pair is not None:
            entry = pair.now.entry
            self._marks.set({entry.id: self._mark}, toggled(self._mark, mark), entry.screening.path.name)

    def _connect(self) -> None:
        self._mark: Mark | None = None
        self.presenter.shown.connect(self._show)
        self.presenter.computed.connect(self._show_alignment)
        self.modes.group.idClicked.connect(lambda number: self.set_mode(list(Mode)[number]))
        self.zoom_in.clicked.connect(lambda: self.canvas.zoom(ZOOM_STEP))
        self.zoom_out.clicked.connect(lambda: self.canvas.zoom(1 / ZOOM_STEP))
        self.linked.setCheckable(True)
        self.linked.setChecked(True)
        self.linked.clicked.connect(self.toggle_link)
        self.by_hand.clicked.connect(self._on_by_hand)
        self.canvas.points_changed.connect(self._on_points)
        self.canvas.points_taken.connect(self._on_points_taken)
        self.panel.picture_chosen.connect(self._on_picture)
        for head, is_then in ((self.then, True), (self.now, False)):
            head.chosen.connect(lambda entry, is_then=is_then: self._replace(entry, is_then=is_then))
        self.mark.chosen.connect(self.choose)
        self._marks.changed.connect(self._on_marked)
        self.report.clicked.connect(lambda: self.report_asked.emit(self._patient.identifier if self._patient else ""))
        self.zoom_in.setAccessibleName(self.tr("Larger"))
        self.zoom_out.setAccessibleName(self.tr("Smaller"))

    def _show(self) -> None:
        pair, history = self.presenter.pair, self.presenter.history
        entries = history.entries if history is not None else ()
        for head, visit in ((self.then, pair.then if pair else None), (self.now, pair.now if pair else None)):
            head.show_visit(visit, entries)
        self.canvas.show_pictures(_shown(pair.then) if pair else None, _shown(pair.now) if pair else None)
        self._show_mark(pair.now.entry.mark if pair else None)
        self._show_alignment()

    def _show_alignment(self) -> None:
        pair = self.presenter.pair
        if pair is not None and not self.canvas.takes_points:
            self.canvas.set_alignment(pair.alignment)
        self.state.setText(self._state(pair))
        self.sign.setVisible(pair is not None and pair.alignment is not None and not self.canvas.takes_points)
        self.by_hand.setEnabled(pair is not None)

    def _state(self, pair: Pair | None) -> str:
        if pair is None:
            return self.tr("Loading the pictures…") if self.presenter.is_computing else ""
        if self.presenter.is_computing:
            return self.tr("Looking for how the pictures lie on each other…")
        if pair.alignment is None:
            if not (pair.then.is_whole and pair.now.is_whole):
                return self.tr("Not aligned: a picture is gone, its thumbnail is shown.")
            return self.tr("Not aligned: it is not sure how they lie on each other, so they are shown as they are.")
        turned = round(abs(pair.alignment.angle))
        percent_larger = round(100 * (pair.alignment.scale - 1))
        parts = [self.tr("turned by {0}°").format(turned)] if turned else []
        if percent_larger > 0:
            parts.append(self.tr("enlarged by {0} %").format(percent_larger))
        elif percent_larger < 0:
            parts.append(self.tr("reduced by {0} %").format(-percent_larger))
        if math.hypot(*pair.alignment.shift) > 0.01 or not parts:
            parts.append(self.tr("moved"))
        kind = (
            self.tr("Aligned by hand: the earlier picture was {0}")
            if pair.by_hand
            else self.tr("Aligned: the earlier picture was {0}")
        )
        return kind.format(", ".join(parts))

    def _on_by_hand(self) -> None:
        self.set_mode(Mode.SIDE_BY_SIDE)
        self.canvas.set_alignment(None)
        self.canvas.fit()
        self.canvas.begin_points()
        self.sign.hide()

    def _on_points(self, count: int) -> None:
        """Say which point is wanted next."""
        if count < 0:  # given up
            self._show_alignment()
            return
        place = self.tr("the earlier") if count % 2 == 0 else self.tr("the later")
        text = self.tr("Point {0} of {1}: click it in {2} picture. Escape gives up.")
        if count < 2 * POINTS:
            self.state.setText(text.format(count // 2 + 1, POINTS, place))

    def _on_points_taken(self, pairs: list) -> None:  # type: ignore[type-arg]
        try:
            self.presenter.align_by_hand(from_points(*pairs))
        except ValueError:
            self._show_alignment()
            self.state.setText(self.tr("The two points lie on each other: choose two that are apart."))

    def _on_picture(self, entry: Entry) -> None:
        """Compare a picture with the later one, or with the earlier one where it is later still."""
        pair = self.presenter.pair
        if pair is not None and entry.id not in (pair.then.entry.id, pair.now.entry.id):
            later = entry.screening.shown_at > pair.now.entry.screening.shown_at
            self._replace(entry, is_then=not later)

    def _replace(self, entry: Entry, *, is_then: bool) -> None:
        pair = self.presenter.pair
        if pair is None:
            return
        other = (pair.now if is_then else pair.then).entry
        if other.id != entry.id:
            self.presenter.compare(entry, other)

    def _on_marked(self, entry_ids: list[int], mark: Mark | None) -> None:
        pair = self.presenter.pair
        if pair is not None and pair.now.entry.id in entry_ids:
            self._show_mark(mark)

    def _show_mark(self, mark: Mark | None) -> None:
        self._mark = mark
        self.mark.show_mark(mark)

    def _lay_out(self) -> None:
        tools = QWidget()
        paint_on(tools, QPalette.ColorRole.Window)
        tools.setFixedHeight(scaled(TOOL_ROW))
        row = bar_row(tools)
        row.addWidget(self.modes)
        for widget in (Line(Qt.Orientation.Vertical), self.zoom_out, self.zoom_in, self.linked):
            row.addWidget(widget)
        row.addStretch()
        heads = QHBoxLayout()
        heads.setSpacing(2)
        heads.addWidget(self.then, stretch=1)
        heads.addWidget(self.now, stretch=1)
        foot = QWidget()
        paint_on(foot, QPalette.ColorRole.Base)
        foot.setFixedHeight(scaled(TOOL_ROW))
        below = bar_row(foot, line_above=True)
        below.addWidget(self.sign)
        below.addWidget(self.state, stretch=1)
        below.addWidget(self.by_hand)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(tools)
        left.addLayout(heads)
        left.addWidget(self.canvas, stretch=1)
        left.addWidget(foot)
        self.panel_column = QWidget()
        right = QVBoxLayout(self.panel_column)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.panel, stretch=1)
        right.addWidget(self._decision())
        across = QHBoxLayout()
        across.setSpacing(0)
        across.addLayout(left, stretch=1)
        across.addWidget(Line(Qt.Orientation.Vertical))
        across.addWidget(self.panel_column)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(across, stretch=1)
        self.setFocusProxy(self.canvas)
        self.set_size_class(Size.MEDIUM)

    def _decision(self) -> QWidget:
        made = QWidget()
        paint_on(made, QPalette.ColorRole.Base)
        inner = QVBoxLayout(made)
        inner.setContentsMargins(0, 0, 0, 12)
        inner.setSpacing(GRID)
        inner.addWidget(Line())
        title = label(self.tr("Your decision on the later picture"), TextStyle.BODY_STRONG)
        title.setContentsMargins(16, 0, 16, 0)
        inner.addWidget(title)
        row = QHBoxLayout()
        row.setContentsMargins(16, 0, 16, 0)
        row.addWidget(self.mark)
        row.addStretch()
        row.addWidget(self.report)
        inner.addLayout(row)
        return made


class _PaneHead(QWidget):
    """The bar over a pane: which picture, its date to choose another by, its advice and number."""

    chosen = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        paint_on(self, QPalette.ColorRole.Base)
        self.setFixedHeight(scaled(LOW_ROW))
        self.dates = Choice()
        self.dates.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        self.dates.setAccessibleName(name)
        self.dates.activated.connect(lambda _: self.chosen.emit(self.dates.currentData()))
        self.symbol = AdviceSymbol(ICON)
        self.number = label(style=TextStyle.BODY_STRONG)
        title = label(name, TextStyle.BODY_STRONG)
        row = bar_row(self)
        for widget in (title, self.number):
            widget.setWordWrap(False)
        row.addWidget(title)
        row.addWidget(self.dates)
        row.addStretch()
        row.addWidget(self.symbol)
        row.addWidget(self.number)

    def show_visit(self, visit: Visit | None, entries: tuple[Entry, ...]) -> None:
        """Show a picture's date and answer, and offer the others."""
        self.dates.clear()
        for entry in entries:
            self.dates.addItem(date_text(entry.screening.shown_at.date()), entry)
        screening = visit.entry.screening if visit is not None else None
        if visit is not None:
            self.dates.setCurrentIndex([entry.id for entry in entries].index(visit.entry.id))
        self.symbol.show_advice(advice_of(screening) if screening is not None else None)
        prediction = screening.answered if screening is not None else None
        self.number.setText(percent(deciding(prediction).probability) if prediction is not None else "")
        self.number.setToolTip(advice_words(advice_of(screening)) if screening is not None else "")


def _shown(visit: Visit) -> Shown:
    return Shown(visit.image, visit.field_width)
