"""The page of patients: the list, and the patient who was opened."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QInputDialog, QStackedLayout, QWidget

from app.core.domain.errors import HistoryError
from app.core.domain.patient import Patient
from app.ui.look.tokens import Size
from app.ui.patient.choose_dialog import ChoosePatientDialog
from app.ui.patient.patient_dialog import PatientDialog
from app.ui.patients.patient_list import PatientList
from app.ui.patients.patient_view import PatientView
from app.ui.patients.presenter import PatientPresenter
from app.ui.services.current_patient import CurrentPatient
from app.ui.services.workers import Workers
from app.ui.widgets.dialogs import ask

WriteDue = Callable[[Path, str], None]


class PatientsPage(QWidget):
    """Shows the list or one patient; asks before what can't be undone."""

    pictures_asked = Signal()
    """To open pictures: the patient is open, so they are noted under it."""

    def __init__(
        self,
        presenter: PatientPresenter,
        current: CurrentPatient,
        workers: Workers,
        write_due: WriteDue,
        parent: QWidget | None = None,
    ) -> None:
        """`write_due` writes what is due into a file of a kind, `csv` or `ics`."""
        super().__init__(parent)
        self.presenter = presenter
        self._current = current
        self._write_due = write_due
        self._workers = workers
        self.list = PatientList(presenter.patients, workers)
        self.view = PatientView(presenter)
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.addWidget(self.list)
        self._stack.addWidget(self.view)
        self.list.patient_opened.connect(self.open)
        self.list.new_asked.connect(self.ask_for_new)
        self.list.merge_asked.connect(self.ask_to_merge)
        self.list.due_asked.connect(self._ask_for_due)
        self.view.list_asked.connect(self.show_list)
        self.view.edit_asked.connect(self.ask_to_edit)
        self.view.pictures_asked.connect(self._take_pictures)
        self.view.delete_asked.connect(self.ask_to_delete)
        self.view.merge_asked.connect(self._ask_with_whom)
        presenter.changed.connect(self._on_changed)
        presenter.shown.connect(self._on_shown)
        self.setFocusProxy(self.list)

    @property
    def shows_patient(self) -> bool:
        return self._stack.currentWidget() is self.view

    def set_size_class(self, size: Size) -> None:
        self.list.set_size_class(size)
        self.view.set_size_class(size)

    def refresh(self) -> None:
        """Read what is shown again."""
        if self.shows_patient:
            self.presenter.refresh()
        else:
            self.list.refresh()

    def open(self, identifier: str, lesion: int | None = None) -> None:
        """Show a patient, and a lesion by its id as the chosen one."""
        self.view.wanted = lesion
        self.presenter.open(identifier)
        self._show(self.view)

    def show_list(self) -> None:
        """Show all patients."""
        self._show(self.list)
        self.list.refresh()

    def ask_for_new(self) -> None:
        """Ask for a new patient's details, and show the patient."""
        dialog = PatientDialog(None, self.tr("New patient"), self.tr("Add"), self._is_taken, self)
        dialog.accepted.connect(lambda: self._add(dialog.patient()))
        dialog.open()

    def ask_to_edit(self) -> None:
        """Ask for other details of the patient who is shown."""
        data = self.presenter.data
        if data is None:
            return
        old = data.patient
        dialog = PatientDialog(old, self.tr("Edit {0}").format(old.identifier), self.tr("Save"), self._is_taken, self)
        dialog.accepted.connect(lambda: self.presenter.save(old, dialog.patient()))
        dialog.open()

    def ask_to_delete(self) -> None:
        """Ask whether the patient who is shown is to be deleted for good."""
        data = self.presenter.data
        if data is None:
            return
        identifier = data.patient.identifier
        count = sum(len(each.entries) for each in data.lesions) + len(data.loose)
        text = self.tr(
            "{0} will be deleted for good: {1} results with their thumbnails and notes, {2} lesions and all follow-ups."
            " Pictures on the disk stay where they are."
        ).format(identifier, count, len(data.lesions))
        ask(
            self,
            text,
            verb=self.tr("Delete {0}").format(identifier),
            then=partial(self._delete, identifier),
            title=self.tr("Delete a patient"),
        )

    def ask_to_merge(self, identifiers: tuple[str, ...]) -> None:
        """Ask which of some patients is kept, say what will happen, and merge the others into it."""
        kept, chosen = QInputDialog.getItem(
            self, self.tr("Merge patients"), self.tr("Keep the identifier:"), list(identifiers), 0, editable=False
        )
        others = [identifier for identifier in identifiers if identifier != kept]
        if not chosen or not others:
            return
        text = self.tr(
            "All results, lesions and follow-ups of {0} become those of {1}; lesions get the next numbers. What is"
            " known of {1} stays, what is missing is taken over. Until the window is closed it can be undone: on the"
            " patient's page, ⋯, Part again."
        ).format(", ".join(others), kept)

        def merge() -> None:
            for other in others:
                self.presenter.merge(kept, other)
            self.setFocus()  # so that Ctrl+Z is the page's

        ask(self, text, verb=self.tr("Merge into {0}").format(kept), then=merge, title=self.tr("Merge patients"))

    def _ask_with_whom(self) -> None:
        """Ask with whom the patient who is shown is to be merged."""
        data = self.presenter.data
        if data is None:
            return
        shown = data.patient.identifier
        dialog = ChoosePatientDialog(self.presenter.patients, self._workers, self)
        if data.alike:
            dialog.text.setText(data.alike[0])

        def chosen() -> None:
            other = dialog.patient().identifier
            if other != shown and self._is_taken(other):
                self.ask_to_merge((shown, other))

        dialog.accepted.connect(chosen)
        dialog.open()

    def _ask_for_due(self, kind: str) -> None:
        """Ask where to write what is due."""
        name = self.tr("To be seen again") + f".{kind}"
        title = self.tr("Save the list of patients to be seen again (it names them)")
        file, _ = QFileDialog.getSaveFileName(self, title, name, f"{kind.upper()} (*.{kind})")
        if file:
            self._write_due(Path(file), kind)

    def _is_taken(self, identifier: str) -> bool:
        try:
            return self._current.repository.get(identifier) is not None
        except HistoryError:
            return False  # what is wrong is told where it is written

    def _add(self, patient: Patient) -> None:
        """Add a patient who is not there; in the moment since the dialog another window may have."""
        self.presenter.add(patient)
        self.open(patient.identifier)

    def _take_pictures(self) -> None:
        data = self.presenter.data
        if data is not None:
            self._current.open(data.patient)
            self.pictures_asked.emit()

    def _delete(self, identifier: str) -> None:
        if self._current.patient is not None and self._current.patient.identifier == identifier:
            self._current.close()
        self.presenter.delete(identifier)

    def _on_changed(self) -> None:
        self._current.refresh()
        if not self.shows_patient:
            self.list.refresh()

    def _on_shown(self) -> None:
        """A patient who is gone gives way to the list."""
        if self.presenter.data is None and not self.presenter.is_reading and self.shows_patient:
            self.show_list()

    def _show(self, widget: QWidget) -> None:
        self._stack.setCurrentWidget(widget)
        self.setFocusProxy(widget)
        widget.setFocus()
