"""The row of filters over the history: chips that count, dates, decision, confirmation, and a search."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QDate, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QDateEdit, QWidget

from app.core.domain import times
from app.core.domain.advice import Advice
from app.core.domain.entry import Mark
from app.core.history.query import Query
from app.ui.look.style import bar_row, paint_on
from app.ui.look.tokens import GRID, TOOL, TOOL_ROW, Size, scaled
from app.ui.services.wording import mark_words
from app.ui.widgets.chips import AdviceChips
from app.ui.widgets.fields import Choice, SearchField

TYPING = 250
"""Milliseconds after the last key until a search begins."""
BETWEEN = "between"
"""The choice of dates that shows two fields."""


class HistoryFilter(QWidget):
    """Gives a `Query` without its order; `changed` is emitted when a field was changed."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Window)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING)
        self._timer.timeout.connect(self.changed)
        self.text = SearchField(self.tr("Patient, file, note or diagnosis"))
        self.text.setToolTip(self.tr("In the file's name, the patient, the site, the note and the diagnosis"))
        self.text.setClearButtonEnabled(True)
        self.text.setMinimumWidth(80)
        self.text.textChanged.connect(lambda: self._timer.start())
        self.chips = AdviceChips()
        self.chips.changed.connect(self.changed)
        self.dates = self._box(
            self.tr("Any date"),
            (self.tr("Today"), 0),
            (self.tr("Last 7 days"), 6),
            (self.tr("Last 30 days"), 29),
            (self.tr("Last 12 months"), 365),
            (self.tr("From … to …"), BETWEEN),
        )
        self.mark = self._box(
            self.tr("Any decision"), (self.tr("Not decided"), ""), *((mark_words(mark), mark) for mark in Mark)
        )
        self.confirmed = self._box(
            self.tr("Confirmed or not"), (self.tr("Confirmed"), True), (self.tr("Not confirmed"), False)
        )
        self.since, self.until = self._date(), self._date()
        self.dates.activated.connect(self._show_dates)
        self._lay_out()
        self._show_dates()

    def set_size_class(self, size: Size) -> None:
        """In a small window the confirmation gives way; the search finds a diagnosis too."""
        self.confirmed.setVisible(size is not Size.SMALL)

    def show_counts(self, counts: Mapping[Advice, int]) -> None:
        self.chips.show_counts(counts)

    def query(self) -> Query:
        """The query in the fields."""
        mark, days = self.mark.currentData(), self.dates.currentData()
        query = Query(
            text=self.text.text().strip(),
            advices=self.chips.chosen(),
            mark=Mark(mark) if mark else None,
            decided=False if mark == "" else None,
            confirmed=self.confirmed.currentData(),
        )
        if days == BETWEEN:
            return replace(query, since=_day(self.since), until=_day(self.until))
        if days is None:
            return query
        today = times.today()
        return replace(query, since=today - dt.timedelta(days=days))

    def _lay_out(self) -> None:
        row = bar_row(self, spacing=GRID)
        row.addWidget(self.chips)
        row.addStretch()
        for widget in (self.dates, self.since, self.until, self.mark, self.confirmed, self.text):
            widget.setFixedHeight(scaled(TOOL))
            row.addWidget(widget)
        self.text.setMaximumWidth(268)
        row.setStretchFactor(self.text, 1)
        self.setFixedHeight(scaled(TOOL_ROW))

    def _box(self, anything: str, *choices: tuple[str, object]) -> Choice:
        box = Choice()
        box.addItem(anything, None)
        for text, value in choices:
            box.addItem(text, value)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        box.setAccessibleName(anything)
        box.activated.connect(lambda _: self.changed.emit())
        return box

    def _date(self) -> QDateEdit:
        field = QDateEdit(QDate.currentDate())
        field.setCalendarPopup(True)
        field.setDisplayFormat("d MMM yyyy")
        field.dateChanged.connect(lambda: self._timer.start())
        return field

    def _show_dates(self) -> None:
        for field in (self.since, self.until):
            field.setVisible(self.dates.currentData() == BETWEEN)


def _day(field: QDateEdit) -> dt.date:
    chosen = field.date()
    return dt.date(chosen.year(), chosen.month(), chosen.day())
