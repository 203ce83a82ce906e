"""The search fields above the history."""

from __future__ import annotations

import datetime as dt

from PySide6.QtCore import QDate, QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateEdit, QHBoxLayout, QLineEdit, QWidget

from app.core.domain.advice import Advice
from app.core.domain.clinical import SITES
from app.core.domain.entry import Mark
from app.core.history.query import Query
from app.ui.services.wording import SYMBOLS, advice_words, mark_words
from app.ui.widgets.fields import Choice

TYPING = 250
"""Milliseconds after the last key until a search begins."""


class HistoryFilter(QWidget):
    """Gives a `Query` without its order; `changed` is emitted when a field was changed."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPING)
        self._timer.timeout.connect(self.changed)
        self.text = QLineEdit()
        self.text.setPlaceholderText(self.tr("Search"))
        self.text.setToolTip(self.tr("In the file's name, the patient, the site, the note and the diagnosis"))
        self.text.setClearButtonEnabled(True)
        self.text.textChanged.connect(lambda: self._timer.start())
        self.advice = self._box(
            self.tr("any result"), *((f"{SYMBOLS[advice]} {advice_words(advice)}", advice) for advice in Advice)
        )
        self.site = self._box(self.tr("any site"), *((site, site) for site in SITES))
        self.mark = self._box(
            self.tr("any decision"), (self.tr("not decided"), ""), *((mark_words(mark), mark) for mark in Mark)
        )
        self.confirmed = self._box(
            self.tr("confirmed?"), (self.tr("confirmed"), True), (self.tr("not confirmed"), False)
        )
        self.by_date = QCheckBox(self.tr("from"))
        self.since, self.until = self._date(), self._date()
        self.by_date.toggled.connect(self._show_dates)
        self.by_date.toggled.connect(lambda _: self._timer.start())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, stretch=1)
        for widget in (
            self.advice,
            self.site,
            self.mark,
            self.confirmed,
            self.by_date,
            self.since,
            self.until,
        ):
            row.addWidget(widget)
        self._show_dates()

    def query(self) -> Query:
        """The query in the fields."""
        dated = self.by_date.isChecked()
        mark = self.mark.currentData()
        return Query(
            text=self.text.text().strip(),
            advice=Advice(self.advice.currentData()) if self.advice.currentData() else None,
            site=self.site.currentData() or "",
            mark=Mark(mark) if mark else None,
            decided=False if mark == "" else None,
            confirmed=self.confirmed.currentData(),
            since=_day(self.since) if dated else None,
            until=_day(self.until) if dated else None,
        )

    def _box(self, anything: str, *choices: tuple[str, object]) -> Choice:
        box = Choice()
        box.addItem(anything, None)
        for text, value in choices:
            box.addItem(text, value)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.setMinimumContentsLength(9)
        box.setAccessibleName(anything)
        box.activated.connect(lambda _: self.changed.emit())
        return box

    def _date(self) -> QDateEdit:
        field = QDateEdit(QDate.currentDate())
        field.setCalendarPopup(True)
        field.setDisplayFormat("yyyy-MM-dd")
        field.dateChanged.connect(lambda: self._timer.start())
        return field

    def _show_dates(self) -> None:
        for field in (self.since, self.until):
            field.setVisible(self.by_date.isChecked())


def _day(field: QDateEdit) -> dt.date:
    chosen = field.date()
    return dt.date(chosen.year(), chosen.month(), chosen.day())
