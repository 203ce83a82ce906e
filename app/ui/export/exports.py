"""Exports for other programs: asks what and where, and writes a picture after the other off the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QProgressDialog, QWidget

from app.core.domain.clinical import EMPTY_RECORD
from app.core.domain.entry import Entry
from app.core.domain.errors import ImageError
from app.core.domain.patient import Patient
from app.core.exchange.case import Case, Rendered
from app.core.exchange.identity import Identities, load_key
from app.core.exchange.package import Format, Options, Package, Summary
from app.core.history.image_store import ImageStore
from app.core.history.lesions import LesionRepository
from app.core.history.patients import PatientRepository
from app.core.history.repository import EntryRepository
from app.core.screening.service import ScreeningService
from app.core.system.paths import UserData
from app.ui.export.summary import Subject
from app.ui.services import file_task
from app.ui.services.current_model import CurrentModel
from app.ui.services.item import Item, judged_content
from app.ui.services.notices import Action, Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.wording import pictures
from app.ui.services.workers import Job, Priority, Workers

PATIENCE = 1000
"""Milliseconds until the progress of an export is shown."""
WITH_PICTURES = frozenset((Format.DICOM, Format.FHIR, Format.ISIC))


@dataclass
class _Run:
    """An export under way."""

    items: list[Item]
    package: Package
    folder: Path
    with_pictures: bool
    progress: QProgressDialog
    done: int = 0
    job: Job | None = None


class Exports(QObject):
    """Presenter of exports; a notice tells how one ended."""

    def __init__(
        self,
        service: ScreeningService,
        history: EntryRepository,
        images: ImageStore,
        data: UserData,
        current: CurrentModel,
        settings: SettingsStore,
        notices: Notices,
        workers: Workers,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._history = history
        self._images = images
        self._data = data
        self._current = current
        self._settings = settings
        self._notices = notices
        self._workers = workers
        self._window = parent

    def ask(self, items: Sequence[Item]) -> None:
        """Ask how to export the items that have results."""
        chosen = [item for item in items if item.screening is not None]
        if chosen:
            self._workers.run(
                partial(self._patients_of, chosen),
                on_result=partial(self._open_dialog, chosen),
                on_error=self._notices.warn,
                priority=Priority.HIGH,
            )

    def ask_for_patient(self, identifier: str) -> None:
        """Ask how to export all pictures of a patient."""
        self._workers.run(
            partial(self._of_patient, identifier),
            on_result=self.ask,
            on_error=self._notices.warn,
            priority=Priority.HIGH,
        )

    def _of_patient(self, identifier: str) -> list[Item]:
        lesions, loose = LesionRepository(self._history.database).of_patient(identifier)
        entries = [entry for lesion in lesions for entry in lesion.entries] + loose
        return [Item.of_entry(entry) for entry in sorted(entries, key=lambda entry: entry.screening.shown_at)]

    def _patients_of(self, items: Sequence[Item]) -> list[str]:
        entries = self._history.by_id([item.entry_id for item in items if item.entry_id is not None])
        return sorted({entry.record.patient for entry in entries.values()} - {""})

    def _open_dialog(self, items: list[Item], patients: list[str]) -> None:
        from app.ui.export.export_dialog import ExportDialog  # here, not above: it would slow down every start

        folder = Path(self._settings.current.last_folder or Path.home()) / "MelaScreen export"
        dialog = ExportDialog(Subject(len(items), patients), folder, self._window)
        dialog.accepted.connect(lambda: self.export(items, dialog.options(), dialog.chosen_folder()))
        dialog.open()

    def export(self, items: Sequence[Item], options: Options, folder: Path) -> None:
        """Export items; what is opened meanwhile is screened between two pictures."""
        progress = QProgressDialog(self.tr("Exporting…"), self.tr("Stop"), 0, len(items), self._window)
        progress.setWindowModality(Qt.WindowModality.NonModal)
        progress.setMinimumDuration(PATIENCE)
        progress.setAutoClose(False)
        progress.setAutoReset(False)
        self._workers.run(
            partial(file_task.attempt, partial(self._package, folder, options), folder),
            on_result=lambda package: self._begin(
                _Run(list(items), package, folder, bool(options.formats & WITH_PICTURES), progress)
            ),
            on_error=partial(self._on_failed, progress),
        )

    def _package(self, folder: Path, options: Options) -> Package:
        """On the worker thread."""
        folder.mkdir(parents=True, exist_ok=True)
        return Package(folder, options, Identities(load_key(self._data.export_key)), self._draw)

    def _begin(self, run: _Run) -> None:
        run.progress.canceled.connect(lambda: self._stop(run))
        self._next(run)

    def _next(self, run: _Run) -> None:
        """Export the next item, or finish."""
        if run.progress.wasCanceled():
            return
        run.progress.setValue(run.done)
        is_last = run.done == len(run.items)
        work = run.package.finish if is_last else partial(self._export_one, run, run.items[run.done])
        run.done += 1
        run.job = self._workers.run(
            partial(file_task.attempt, work, run.folder),
            on_result=(lambda summary: self._on_finished(run, summary)) if is_last else lambda _: self._next(run),
            on_error=partial(self._on_failed, run.progress),
            on_crash=run.progress.deleteLater,
            priority=Priority.LOW,
        )

    def _export_one(self, run: _Run, item: Item) -> None:
        """On the worker thread."""
        case = self._case(item)
        if run.with_pictures:
            try:
                case = replace(case, content=judged_content(item, self._images)[0])
            except ImageError as error:
                run.package.fail(case, str(error))
                return
        run.package.add(case)

    def _case(self, item: Item) -> Case:
        """An item with what the history has of it, without its picture."""
        screening = item.screening
        assert screening is not None
        entry = self._history.get(item.entry_id) if item.entry_id is not None else None
        if entry is None:
            return Case(b"", screening, EMPTY_RECORD, Patient(""))
        return case_of(entry, self._history)

    def _draw(self, case: Case) -> Rendered:
        from app.ui.export.drawing import draw  # the same

        return draw(case, service=self._service, card=self._current.card, clinic=self._settings.current.clinic)

    def _on_finished(self, run: _Run, summary: Summary) -> None:
        run.progress.deleteLater()
        text = self.tr("Exported to {0}: {1}.").format(run.folder, pictures(summary.pictures))
        show = Action(self.tr("Open folder"), lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.folder))))
        if summary.failed:
            more = self.tr(" Not exported: {0}; not-exported.csv says why.").format(len(summary.failed))
            self._notices.warn(text + more, show)
        else:
            self._notices.info(text, show)

    def _on_failed(self, progress: QProgressDialog, error: object) -> None:
        progress.deleteLater()
        self._notices.warn(error)

    def _stop(self, run: _Run) -> None:
        if run.job is not None:
            run.job.cancel()
        run.progress.deleteLater()
        done = pictures(run.package.summary.pictures)
        self._notices.info(self.tr("Export stopped. Written to {0}: {1}, no tables.").format(run.folder, done))


def case_of(entry: Entry, history: EntryRepository) -> Case:
    """An entry of the history as a case without its picture. Raises `HistoryError`."""
    record, database = entry.record, history.database
    known = PatientRepository(database).get(record.patient) if record.patient else None
    lesion = LesionRepository(database).get(entry.lesion) if entry.lesion is not None else None
    return Case(
        b"",
        entry.screening,
        record,
        known or Patient(record.patient),
        lesion,
        entry.mark,
        entry.annotation,
    )
