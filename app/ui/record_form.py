"""What the clinic notes of a result: patient, site, note, and the diagnosis once it is known. Nothing is required."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QDate, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDateEdit,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QWidget,
    QWidgetAction,
)

from app.core.clinical import CONFIRMATIONS, DIAGNOSES, NOTHING_NOTED, SITES, ClinicalRecord
from app.core.history import Entry, History
from app.core.types import HistoryError
from app.ui.body_map import BodyMap
from app.ui.jobs import URGENT, Jobs
from app.ui.style import label

SAVE_AFTER = 600
"""Milliseconds after the last key."""


class RecordForm(QWidget):
    """Shows and saves the record of one entry; hidden where there is none. What is typed is saved by itself."""

    saved = Signal(int)
    """The number of the entry whose record was written."""

    def __init__(self, history: History, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._jobs = jobs
        self._entry_id: int | None = None
        self._shown = NOTHING_NOTED
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER)
        self._timer.timeout.connect(self.save)

        self.patient = QLineEdit()
        self.patient.setPlaceholderText(self.tr("a number or pseudonym"))
        self._completer = QCompleter([], self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.patient.setCompleter(self._completer)
        self.site = _choice(SITES)
        self.body_button = QPushButton(self.tr("&Body"))
        self.body_map = BodyMap()
        self.note = QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(3 * self.fontMetrics().height())
        self.diagnosis = _choice(DIAGNOSES)
        self.confirmed_on = QDateEdit()
        self.confirmed_on.setCalendarPopup(True)
        self.confirmed_on.setDisplayFormat("yyyy-MM-dd")
        self.confirmed_by = _choice(CONFIRMATIONS)
        self.problem = label()
        self.problem.hide()
        self._lay_out()

        menu = QMenu(self)
        action = QWidgetAction(menu)
        action.setDefaultWidget(self.body_map)
        menu.addAction(action)
        self.body_button.setMenu(menu)
        self.body_map.site_selected.connect(self._on_body_clicked)
        self.site.currentIndexChanged.connect(lambda: self.body_map.set_site(self.site.currentData() or ""))
        for changed in (
            self.patient.textEdited,
            self.site.activated,
            self.note.textChanged,
            self.diagnosis.activated,
            self.confirmed_on.dateChanged,
            self.confirmed_by.activated,
        ):
            changed.connect(self._on_edited)
        self.hide()

    def show_entry(self, entry_id: int | None) -> None:
        """Show the record of an entry, read from the history; what was typed for the one before is saved."""
        if entry_id == self._entry_id:
            return
        self.save()
        self._entry_id = entry_id
        self.setVisible(False)
        if entry_id is not None:
            self._jobs.run(
                lambda: (self._history.by_id([entry_id]).get(entry_id), self._history.patients()),
                on_result=partial(self._on_read, entry_id),
                on_error=self._on_error,
                priority=URGENT,
            )

    def save(self) -> None:
        """Write what was typed, if anything was."""
        changed = self._changed()
        if changed is not None:
            entry_id, record = changed
            self._shown = record
            self._jobs.run(
                partial(self._history.note, entry_id, record),
                on_result=lambda _: self.saved.emit(entry_id),
                on_error=self._on_error,
                priority=URGENT,
            )

    def save_now(self) -> None:
        """The same before the window closes, when no job is begun any more."""
        changed = self._changed()
        if changed is not None:
            self._history.note(*changed)

    def record(self) -> ClinicalRecord:
        """What stands in the fields."""
        diagnosis = self.diagnosis.currentData() or ""
        return ClinicalRecord(
            patient=self.patient.text().strip(),
            site=self.site.currentData() or "",
            note=self.note.toPlainText().strip(),
            diagnosis=diagnosis,
            confirmed_on=self.confirmed_on.date().toString("yyyy-MM-dd") if diagnosis else "",
            confirmed_by=(self.confirmed_by.currentData() or "") if diagnosis else "",
        )

    def _changed(self) -> tuple[int, ClinicalRecord] | None:
        self._timer.stop()
        if self._entry_id is None or self.isHidden() or self.record() == self._shown:
            return None
        return self._entry_id, self.record()

    def _on_read(self, entry_id: int, read: tuple[Entry | None, list[str]]) -> None:
        entry, patients = read
        if entry_id != self._entry_id or entry is None:
            return
        self._completer.model().setStringList(patients)  # type: ignore[attr-defined]
        record = entry.record
        for field in (self.patient, self.site, self.note, self.diagnosis, self.confirmed_on, self.confirmed_by):
            field.blockSignals(True)
        self.patient.setText(record.patient)
        self.note.setPlainText(record.note)
        for box, value in (
            (self.site, record.site),
            (self.diagnosis, record.diagnosis),
            (self.confirmed_by, record.confirmed_by),
        ):
            if value and box.findData(value) < 0:  # from another program or an older list
                box.addItem(value, value)
            box.setCurrentIndex(max(0, box.findData(value)))
        date = QDate.fromString(record.confirmed_on, "yyyy-MM-dd")
        self.confirmed_on.setDate(date if date.isValid() else QDate.currentDate())
        for field in (self.patient, self.site, self.note, self.diagnosis, self.confirmed_on, self.confirmed_by):
            field.blockSignals(False)
        self.body_map.set_site(record.site)
        self.problem.hide()
        self._show_confirmation()
        self.setVisible(True)
        self._shown = self.record()

    def _on_edited(self) -> None:
        self._show_confirmation()
        self._timer.start()

    def _show_confirmation(self) -> None:
        """When and how a diagnosis was confirmed is asked once there is one."""
        for field in (self.confirmed_on, self.confirmed_by):
            self._form.setRowVisible(field, bool(self.diagnosis.currentData()))

    def _on_body_clicked(self, site: str) -> None:
        self.site.setCurrentIndex(self.site.findData(site))
        self.body_button.menu().close()
        self._on_edited()

    def _on_error(self, error: Exception) -> None:
        if not isinstance(error, HistoryError):
            raise error
        self.problem.setText(self.tr("⚠ Not saved: {0}").format(error))
        self.problem.show()

    def _lay_out(self) -> None:
        form = self._form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for text, field in (
            (self.tr("Patient"), self.patient),
            (self.tr("Site"), self.site),
            (self.tr("Note"), self.note),
            (self.tr("Diagnosis"), self.diagnosis),
            (self.tr("since"), self.confirmed_on),
            (self.tr("by"), self.confirmed_by),
        ):
            field.setAccessibleName(text)
            if field is self.site:
                row = QHBoxLayout()
                row.addWidget(self.site, stretch=1)
                row.addWidget(self.body_button)
                form.addRow(text, row)
            else:
                form.addRow(text, field)
        self.diagnosis.setToolTip(self.tr("Once it is confirmed. It counts on the page Our cases."))
        form.addRow(self.problem)


def _choice(values: tuple[str, ...]) -> QComboBox:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(14)
    box.addItem("–", "")
    for value in values:
        box.addItem(value, value)
    return box
