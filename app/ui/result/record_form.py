"""The clinical record of an entry: patient, site, note, and the diagnosis once it is known. Nothing is required."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCompleter,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QWidget,
    QWidgetAction,
)

from app.core.domain.clinical import CONFIRMATIONS, DIAGNOSES, EMPTY_RECORD, SITES, ClinicalRecord
from app.core.domain.entry import Entry, Mark
from app.core.history.patients import PatientRepository
from app.core.history.repository import EntryRepository
from app.ui.look.tokens import GRID
from app.ui.result.body_map import BodyMap
from app.ui.services.autosave import Autosave
from app.ui.services.marks import Marks, toggled
from app.ui.services.notices import Notices
from app.ui.services.wording import diagnosis_words
from app.ui.services.workers import Priority, Workers
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Choice, OptionalDate

PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
"""Modifiers with which a key acts within a field; with others it is a command."""


class RecordForm(QWidget):
    """Shows and edits the record of one entry; hidden where there is none. `Autosave` saves what is typed."""

    mark_shown = Signal()
    """The shown entry's mark is another: it was read, or changed."""

    def __init__(
        self,
        history: EntryRepository,
        workers: Workers,
        autosave: Autosave,
        notices: Notices,
        marks: Marks,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._history = history
        self._workers = workers
        self._notices = notices
        self._autosave = autosave
        self._marks = marks
        self._entry_id: int | None = None
        self._entry: Entry | None = None
        """The entry that the fields show."""
        self._shown = EMPTY_RECORD
        self._base = EMPTY_RECORD
        """The record as the history has it, as far as this form knows."""
        self.patient = QLineEdit()
        self.patient.setPlaceholderText(self.tr("a number or pseudonym"))
        self._completer = QCompleter([], self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.patient.setCompleter(self._completer)
        self.site = _choice(SITES)
        self.body_button = Button(self.tr("&Body"))
        self.body_map = BodyMap()
        self.note = QPlainTextEdit()
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(3 * self.fontMetrics().height())
        self.diagnosis = _choice(DIAGNOSES)
        self.confirmed_on = OptionalDate()
        self.confirmed_by = _choice(CONFIRMATIONS)
        self._fields = (self.patient, self.site, self.note, self.diagnosis, self.confirmed_on, self.confirmed_by)
        self._lay_out()
        self._connect()
        self.setEnabled(False)

    def _connect(self) -> None:
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
        self.confirmed_on.installEventFilter(self)
        self._autosave.entry_changed.connect(self._on_entry_changed)
        self._autosave.record_stored.connect(self._on_stored)
        self._marks.changed.connect(self._on_marked)

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
        self._autosave.save()
        self._entry_id, self._entry = entry_id, None
        self.setEnabled(False)
        self.mark_shown.emit()
        if entry_id is not None:
            self._workers.run(
                lambda: (self._history.get(entry_id), PatientRepository(self._history.database).identifiers()),
                on_result=partial(self._on_read, entry_id),
                on_error=self._notices.warn,
                priority=Priority.HIGH,
            )

    def choose(self, mark: Mark) -> None:
        """Give the entry a mark, or take it back where it is the one that it has."""
        if self._entry is not None:
            entry = self._entry
            self._marks.set({entry.id: entry.mark}, toggled(entry.mark, mark), entry.screening.path.name)

    @property
    def shown_mark(self) -> Mark | None:
        """The mark of the entry that the fields show."""
        return self._entry.mark if self._entry is not None else None

    def _on_marked(self, entry_ids: list[int], mark: Mark | None) -> None:
        if self._entry is not None and self._entry.id in entry_ids:
            self._entry = replace(self._entry, mark=mark)
            self.mark_shown.emit()

    def record(self) -> ClinicalRecord:
        """The record in the fields."""
        diagnosis = self.diagnosis.currentData() or ""
        return ClinicalRecord(
            patient=self.patient.text().strip(),
            site=self.site.currentData() or "",
            note=self.note.toPlainText().strip(),
            diagnosis=diagnosis,
            confirmed_on=self.confirmed_on.text_of_date() if diagnosis else "",
            confirmed_by=(self.confirmed_by.currentData() or "") if diagnosis else "",
        )

    def _on_read(self, entry_id: int, read: tuple[Entry | None, list[str]]) -> None:
        entry, patients = read
        if entry_id != self._entry_id or entry is None:
            return
        self._entry = entry
        self._base = entry.record
        self.mark_shown.emit()
        self._completer.model().setStringList(patients)  # type: ignore[attr-defined]
        self._show_record(self._autosave.record(entry_id) or entry.record)
        self.setEnabled(True)

    def _on_entry_changed(self, entry_id: int) -> None:
        """Show what was edited on another page."""
        record = self._autosave.record(entry_id)
        is_shown = self._entry is not None and self._entry.id == entry_id
        if is_shown and record is not None and record != self._shown:
            self._show_record(record)

    def _on_stored(self, entry_id: int, record: ClinicalRecord) -> None:
        """Show what the history has now: others may have changed it too."""
        if self._entry is not None and self._entry.id == entry_id:
            self._base = record
            if record != self._shown:
                self._show_record(record)

    def _show_record(self, record: ClinicalRecord) -> None:
        for field in self._fields:
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
        self.confirmed_on.set_text_of_date(record.confirmed_on)
        for field in self._fields:
            field.blockSignals(False)
        self.body_map.set_site(record.site)
        self._show_confirmation()
        self._shown = self.record()

    def _on_edited(self) -> None:
        self._show_confirmation()
        if self._entry is not None and self.record() != self._shown:
            self._shown = self.record()
            self._autosave.set_record(self._entry, self._shown, base=self._base)

    def _show_confirmation(self) -> None:
        """Ask when and how the diagnosis was confirmed once there is one."""
        for field in (self.confirmed_on, self.confirmed_by):
            self._form.setRowVisible(field, bool(self.diagnosis.currentData()))

    def _on_body_clicked(self, site: str) -> None:
        self.site.setCurrentIndex(self.site.findData(site))
        self.body_button.menu().close()
        self._on_edited()

    def _lay_out(self) -> None:
        form = self._form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(GRID)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for text, field in (
            (self.tr("Patient"), self.patient),
            (self.tr("Site"), self.site),
            (self.tr("Note"), self.note),
            (self.tr("Diagnosis"), self.diagnosis),
            (self.tr("on"), self.confirmed_on),
            (self.tr("by"), self.confirmed_by),
        ):
            field.setAccessibleName(text.replace("\n", " "))
            if field is self.site:
                row = QHBoxLayout()
                row.addWidget(self.site, stretch=1)
                row.addWidget(self.body_button)
                form.addRow(text, row)
            else:
                form.addRow(text, field)
        self.diagnosis.setToolTip(self.tr("Fill in once it is confirmed. It is then counted under Our cases."))


def _choice(values: tuple[str, ...]) -> Choice:
    box = Choice()
    box.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    box.addItem("–", "")
    for value in values:
        box.addItem(diagnosis_words(value), value)
    return box
