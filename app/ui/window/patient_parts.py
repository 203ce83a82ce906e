"""What the window is made of for patients: their presenters and pages, and the header over a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from app.core.domain import times
from app.core.domain.patient import Patient
from app.core.system.files import write_atomically
from app.ui.patient.choose_dialog import ChoosePatientDialog
from app.ui.patient.patient_header import PatientHeader
from app.ui.patient.picture_owner import PictureOwner
from app.ui.patient_report.patient_reports import PatientReports
from app.ui.patients.presenter import PatientPresenter
from app.ui.services import file_task
from app.ui.services.item import Item
from app.ui.services.workers import Priority
from app.ui.window import shortcuts

if TYPE_CHECKING:  # see wiring
    from app.core.history.arrivals import Arrival
    from app.core.history.lesions import LesionHistory
    from app.ui.comparison.comparison_page import ComparisonPage
    from app.ui.patients.patients_page import PatientsPage
    from app.ui.window.main_window import MainWindow
    from app.ui.window.wiring import Core, Parts


class PatientParts(QObject):
    """The presenters of patients. Builds their pages and connects them with the window's other parts."""

    def __init__(self, core: Core, parts: Parts, window: MainWindow) -> None:
        super().__init__(parts)
        self._core, self._parts, self._window = core, parts, window
        notices, workers = parts.notices, core.workers
        self.presenter = PatientPresenter(core.history, workers, notices, self)
        self.reports = PatientReports(
            core.history, core.images, parts.current_model, core.settings, notices, workers, window
        )
        self.header = PatientHeader()
        self.owner = self.owner_over(self.header, shows_open=True)
        self.header.page_asked.connect(self._show_from_picture)
        self.owner.changed.connect(self.presenter.refresh)
        self.owner.shown.connect(self._show_title)
        self.presenter.changed.connect(self.owner.refresh)
        self.presenter.identifier_changed.connect(parts.patient.follow)
        parts.watched.assign_asked.connect(self.ask_to_assign)

    def _show_from_picture(self, identifier: str) -> None:
        """Show the page of the picture's patient, with the picture's lesion chosen."""
        owner = self.owner.owner
        self.show(identifier, owner.lesion.id if owner is not None and owner.lesion is not None else None)

    def show_large(self, item: Item) -> None:
        """Show an item's image as large as the window allows, below whose it is."""
        from app.ui.image.large_preview import LargePreview

        header = PatientHeader(brief=True)
        preview = LargePreview(item, self._core.workers, self._core.images, self._window, header)
        owner = self.owner_over(header, parent=preview)
        owner.show_item(item)
        preview.finished.connect(owner.stop)
        preview.open()

    def owner_over(
        self, header: PatientHeader, *, shows_open: bool = False, parent: QWidget | None = None
    ) -> PictureOwner:
        """What keeps a header over a picture in step with it; see `PictureOwner`."""
        core, parts = self._core, self._parts
        return PictureOwner(
            header,
            core.history,
            parts.patient,
            core.workers,
            parts.notices,
            parts.autosave,
            parent or self._window,
            shows_open=shows_open,
        )

    def _show_title(self) -> None:
        """Repeat in the window's title whose picture is shown, or who is open."""
        patient = self.header.patient
        self._window.setWindowTitle(f"{patient.identifier} – MelaScreen" if patient is not None else "MelaScreen")

    def show(self, identifier: str, lesion: int | None = None) -> None:
        """Show a patient's page, and a lesion by its id as the chosen one."""
        self._window.go_to(self._window.patients_page)
        self._window.patients_page.open(identifier, lesion)

    def ask_to_assign(self, arrivals: Sequence[Arrival]) -> None:
        """Ask whose pictures arrived, and note them under that patient, who is open from now on."""
        entries = [arrival.entry for arrival in arrivals if arrival.entry is not None]
        if not entries:
            return
        current = self._parts.patient
        dialog = ChoosePatientDialog(current.repository, self._core.workers, self._window)

        def assign() -> None:
            patient = dialog.patient()
            current.open(patient)
            others = [entry for entry in entries if entry.record.patient not in ("", patient.identifier)]
            for entry in entries:
                current.note(entry, patient.identifier)
            if others:
                text = self.tr("{0}: noted under another patient already, and left there. P moves a picture.")
                self._parts.notices.warn(text.format(", ".join(entry.screening.path.name for entry in others[:3])))
            self._parts.watched.refresh()

        dialog.accepted.connect(assign)
        dialog.open()

    def ask_for_owner(self, what: str) -> None:
        """Ask whose picture is shown (`patient`), which lesion it shows (`lesion`), or compare it (`compare`)."""
        owner = self.owner.owner
        if what == "compare":
            if owner is not None and owner.lesion is not None:
                self.compare_lesion(owner.lesion.id, (owner.entry.id,))
        elif what == "lesion":
            self.owner.ask_for_lesion()
        else:
            self.owner.ask_for_patient()

    def patients_page(self) -> PatientsPage:
        from app.ui.patients.patients_page import PatientsPage

        page = PatientsPage(self.presenter, self._parts.patient, self._core.workers, self._write_due)
        page.pictures_asked.connect(self._parts.opening.ask_for_files)
        page.view.entry_opened.connect(self._parts.session.open_entry)
        page.view.comparison_asked.connect(self.compare)
        page.view.report_asked.connect(self.reports.ask)
        page.view.export_asked.connect(self._parts.exports.ask_for_patient)
        for place in (page.list, page.view):
            shortcuts.install(place)
        return page

    def comparison_page(self) -> ComparisonPage:
        from app.ui.comparison.comparison_page import ComparisonPage
        from app.ui.comparison.presenter import ComparisonPresenter

        core, parts = self._core, self._parts
        presenter = ComparisonPresenter(core.service, core.images, core.workers, parts.notices, self._window)
        page = ComparisonPage(presenter, parts.marks)
        page.back_asked.connect(lambda: self._window.go_to(self._window.patients_page))
        page.report_asked.connect(self.reports.ask)
        parts.maintenance.replaced.connect(presenter.forget)
        shortcuts.install(page)
        return page

    def compare(self, history: LesionHistory) -> None:
        """Show a lesion's first and latest picture side by side."""
        self.compare_lesion(history.lesion.id, ())

    def compare_lesion(self, lesion_id: int, chosen: tuple[int, ...] = ()) -> None:
        """Compare a lesion's pictures: two chosen entries, one with the first or latest, or the first and latest."""
        parts, lesions = self._parts, self.presenter.lesions

        def work() -> tuple[LesionHistory, Patient] | None:
            history = lesions.history_of(lesion_id)
            if history is None or len(history.entries) < 2:
                return None
            patient = parts.patient.repository.get(history.lesion.patient) or Patient(history.lesion.patient)
            return history, patient

        def show(found: tuple[LesionHistory, Patient] | None) -> None:
            if found is not None:
                page = self._window.comparison_page
                self._window.go_to(page)
                page.show_lesion(found[1], found[0], chosen)

        self._core.workers.run(work, on_result=show, on_error=parts.notices.warn, priority=Priority.HIGH)

    def forget(self) -> None:
        """Have no patient open or shown: the history was replaced."""
        self._parts.patient.close()
        self.presenter.forget()

    def _write_due(self, file: Path, kind: str) -> None:
        """Write what is due into a file of a kind, `csv` or `ics`, in the background."""
        follow_ups = self.presenter.follow_ups

        def write() -> None:
            from app.core.exchange.follow_ups import as_calendar, as_csv

            due = follow_ups.due()
            write_atomically(file, as_csv(due) if kind == "csv" else as_calendar(due, times.now()))

        file_task.write(write, file, workers=self._core.workers, notices=self._parts.notices)
