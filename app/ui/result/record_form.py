"""What the clinic notes of a result: patient, site, note, and the diagnosis once it is known. Nothing is required."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QDate, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
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

from app.core.domain.clinical import CONFIRMATIONS, DIAGNOSES, EMPTY_RECORD, SITES, ClinicalRecord
from app.core.domain.entry import Entry
from app.core.domain.errors import MelaScreenError
from app.core.history.repository import EntryRepository
from app.ui.result.body_map import BodyMap
from app.ui.services.workers import Priority, Workers
from app.ui.widgets.fields import ignore_wheel

SAVE_AFTER = 600
"""Milliseconds after the last key."""
TRY_AGAIN = 10_000
"""Milliseconds after something could not be saved."""
NO_DATE = QDate(1900, 1, 1)
"""Stands for a date that is not known."""
PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
"""With these a key means something within a field; with others it is a command."""


class RecordForm(QWidget):
    """Shows and saves the record of one entry; hidden where there is none. What is typed is saved by itself."""

    notified = Signal(str)
    """What could not be saved, in words."""

    def __init__(self, history: EntryRepository, workers: Workers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._history = history
        self._workers = workers
        self._entry_id: int | None = None
        self._entry: Entry | None = None
        """The entry that the fields show."""
        self._shown = EMPTY_RECORD
        self._unsaved: dict[int, tuple[Entry, ClinicalRecord]] = {}
        """What was typed and is not known to be on disk yet, by the entry's number."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SAVE_AFTER)
        self._timer.timeout.connect(self.save)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(TRY_AGAIN)
        self._again.timeout.connect(self._write)

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
        self.confirmed_on.setMinimumDate(NO_DATE)
        self.confirmed_on.setSpecialValueText("–")
        self.confirmed_by = _choice(CONFIRMATIONS)
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
        self._completer.activated.connect(lambda _: QTimer.singleShot(0, self._on_edited))  # after it is in the field
        for field in (self.site, self.diagnosis, self.confirmed_by, self.confirmed_on):
            ignore_wheel(field)
            field.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys in a field are the field's, not the page's."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() < Qt.Key.Key_F1 and event.modifiers() in PLAIN:
                event.accept()
            return True
        return super().eventFilter(watched, event)

    def show_entry(self, entry_id: int | None) -> None:
        """Show the record of an entry, read from the history; what was typed for the one before is saved."""
        if entry_id == self._entry_id:
            return
        self.save()
        self._entry_id, self._entry = entry_id, None
        self.setVisible(False)
        if entry_id is not None:
            self._workers.run(
                lambda: (self._history.by_id([entry_id]).get(entry_id), self._history.patients()),
                on_result=partial(self._on_read, entry_id),
                on_error=lambda error: self.notified.emit(f"⚠ {error}"),
                priority=Priority.HIGH,
            )

    def save(self) -> None:
        """Write what was typed, if anything was, and what could not be written before."""
        self._take_in()
        self._write()

    def save_now(self) -> None:
        """The same, at once: the window closes, or the history is about to be replaced. Raises `HistoryError`."""
        self._take_in()
        for entry_id, (entry, record) in list(self._unsaved.items()):
            self._history.update_record(entry, record)
            del self._unsaved[entry_id]

    def record(self) -> ClinicalRecord:
        """What stands in the fields."""
        diagnosis = self.diagnosis.currentData() or ""
        return ClinicalRecord(
            patient=self.patient.text().strip(),
            site=self.site.currentData() or "",
            note=self.note.toPlainText().strip(),
            diagnosis=diagnosis,
            confirmed_on=self._date_text() if diagnosis else "",
            confirmed_by=(self.confirmed_by.currentData() or "") if diagnosis else "",
        )

    def _date_text(self) -> str:
        date = self.confirmed_on.date()
        return "" if date == NO_DATE else date.toString("yyyy-MM-dd")

    def _take_in(self) -> None:
        """What was typed is to be saved, whatever is shown next."""
        self._timer.stop()
        if self._entry is not None and self.record() != self._shown:
            self._shown = self.record()
            self._unsaved[self._entry.id] = (self._entry, self._shown)

    def _write(self) -> None:
        for entry, record in self._unsaved.values():
            self._workers.run(
                partial(self._history.update_record, entry, record),
                on_result=partial(self._on_written, entry, record),
                on_error=self._on_not_written,
                priority=Priority.HIGH,
            )

    def _on_written(self, entry: Entry, record: ClinicalRecord, _result: None) -> None:
        if self._unsaved.get(entry.id) == (entry, record):  # nothing was typed since
            del self._unsaved[entry.id]

    def _on_not_written(self, error: MelaScreenError) -> None:
        self.notified.emit(self.tr("⚠ What was noted is not saved yet, and is tried again: {0}").format(error))
        self._again.start()

    def _on_read(self, entry_id: int, read: tuple[Entry | None, list[str]]) -> None:
        entry, patients = read
        if entry_id != self._entry_id or entry is None:
            return
        self._entry = entry
        self._completer.model().setStringList(patients)  # type: ignore[attr-defined]
        _, record = self._unsaved.get(entry_id, (entry, entry.record))
        fields = (self.patient, self.site, self.note, self.diagnosis, self.confirmed_on, self.confirmed_by)
        for field in fields:
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
        self.confirmed_on.setDate(date if date.isValid() else NO_DATE)
        for field in fields:
            field.blockSignals(False)
        self.body_map.set_site(record.site)
        self._show_confirmation()
        self.setVisible(True)
        self._shown = self.record()

    def _on_edited(self) -> None:
        if self.diagnosis.currentData() and self.confirmed_on.isHidden():  # it was chosen just now
            self.confirmed_on.setDate(QDate.currentDate())
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

    def _lay_out(self) -> None:
        form = self._form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for text, field in (
            (self.tr("Patient"), self.patient),
            (self.tr("Site"), self.site),
            (self.tr("Note"), self.note),
            (self.tr("Diagnosis"), self.diagnosis),
            (self.tr("Confirmed"), self.confirmed_on),
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


def _choice(values: tuple[str, ...]) -> QComboBox:
    box = QComboBox()
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    box.addItem("–", "")
    for value in values:
        box.addItem(value, value)
    return box
