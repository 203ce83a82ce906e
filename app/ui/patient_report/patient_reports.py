"""The report on a patient: asks for the file, and gathers and writes it off the GUI thread."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSizeF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.domain.entry import Entry
from app.core.domain.errors import HistoryError, ImageError
from app.core.domain.messages import Message
from app.core.domain.patient import FollowUp, Patient
from app.core.history.follow_ups import FollowUpRepository
from app.core.history.image_store import ImageStore
from app.core.history.lesions import LesionHistory, LesionRepository
from app.core.history.patients import PatientRepository
from app.core.history.repository import EntryRepository
from app.ui.image.image_view import to_qimage
from app.ui.paper.page import COLUMN, fitting
from app.ui.services import file_task
from app.ui.services.current_model import CurrentModel
from app.ui.services.item import Item, load_preview
from app.ui.services.notices import Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Lane, Workers

IMAGE_SIDE = 700
"""Pixels that a JPEG's shorter side keeps at least: 300 in an inch of its height on the page."""
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
"""What Windows, the strictest, has in no file's name."""


@dataclass(frozen=True)
class _Gathered:
    patient: Patient
    lesions: list[LesionHistory]
    loose: list[Entry]
    follow_ups: list[FollowUp]
    pictures: dict[int, QImage]


class PatientReports(QObject):
    """Presenter of the report on a patient; a notice tells how writing it ended."""

    def __init__(
        self,
        history: EntryRepository,
        images: ImageStore,
        current: CurrentModel,
        settings: SettingsStore,
        notices: Notices,
        workers: Workers,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._database = history.database
        self._images = images
        self._current = current
        self._settings = settings
        self._notices = notices
        self._workers = workers
        self._window = parent

    def ask(self, identifier: str) -> None:
        """Ask for a file and write the report on a patient."""
        name = f"{_NOT_IN_NAMES.sub('-', identifier).strip(' .')}.pdf"
        file, _ = QFileDialog.getSaveFileName(self._window, self.tr("Save the report"), name, "PDF (*.pdf)")
        if file:
            self._workers.run(
                partial(self._gather, identifier),
                lane=Lane.BACKGROUND,
                on_result=partial(self._on_gathered, Path(file)),
                on_error=self._notices.warn,
            )

    def _gather(self, identifier: str) -> _Gathered:
        """Collect the report's contents, on the worker thread."""
        patient = PatientRepository(self._database).get(identifier)
        if patient is None:
            raise HistoryError(Message("patient-gone", patient=identifier))
        lesions, loose = LesionRepository(self._database).of_patient(identifier)
        follow_ups = FollowUpRepository(self._database).of_patient(identifier)
        shown = [entry for history in lesions for entry in (*history.entries[:1], *history.entries[1:][-1:])]
        pictures = {entry.id: image for entry in shown if (image := self._picture(entry)) is not None}
        return _Gathered(patient, lesions, loose, follow_ups, pictures)

    def _picture(self, entry: Entry) -> QImage | None:
        """An entry's picture, no larger than it is printed; `None` where what was judged can't be read any more."""
        from app.ui.patient_report.lesion_blocks import HIGHEST

        try:
            preview = load_preview(Item.of_entry(entry), self._images, at_least=IMAGE_SIDE)
        except ImageError:  # the thumbnail stands in for it
            return None
        return fitting(to_qimage(preview.image.rgb), QSizeF(COLUMN, HIGHEST))

    def _on_gathered(self, file: Path, gathered: _Gathered) -> None:
        file_task.write(partial(self._write, file, gathered), file, workers=self._workers, notices=self._notices)

    def _write(self, file: Path, gathered: _Gathered) -> None:
        """On the worker thread."""
        from app.ui.patient_report import content

        content.write_patient_report(
            file,
            gathered.patient,
            gathered.lesions,
            gathered.loose,
            gathered.follow_ups,
            pictures=gathered.pictures,
            clinic=self._settings.current.clinic,
            card=self._current.card,
            now=dt.datetime.now().astimezone(),
        )
