"""The report on one image as PDF: asks for the file and writes it off the GUI thread."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.domain.clinical import EMPTY_RECORD
from app.core.domain.entry import EMPTY_ANNOTATION
from app.core.domain.errors import ImageError
from app.core.domain.results import Screening
from app.core.history.image_store import ImageStore
from app.core.history.repository import EntryRepository
from app.core.screening.service import ScreeningService
from app.ui.services import file_task
from app.ui.services.current_model import CurrentModel
from app.ui.services.frequencies import frequency_text
from app.ui.services.item import Item, judged_content
from app.ui.services.notices import Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Priority, Workers

if TYPE_CHECKING:
    from app.ui.report.content import ReportItem


class ImageReports(QObject):
    """Presenter of the report on one image; a notice tells how writing it ended."""

    def __init__(
        self,
        service: ScreeningService,
        history: EntryRepository,
        images: ImageStore,
        current: CurrentModel,
        settings: SettingsStore,
        notices: Notices,
        workers: Workers,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._history = history
        self._workers = workers
        self._images = images
        self._settings = settings
        self._notices = notices
        self._window = parent
        self._current = current

    def ask(self, item: Item) -> None:
        """Ask for a file and write the report of an item that has a result."""
        if item.screening is None:
            return
        name = f"{item.source.path.stem}.pdf"
        file, _ = QFileDialog.getSaveFileName(self._window, self.tr("Save the report"), name, "PDF (*.pdf)")
        if file:
            self._workers.run(
                partial(self._gather, item, item.screening),
                on_result=partial(self._on_gathered, Path(file)),
                on_error=self._notices.warn,
                priority=Priority.HIGH,
            )

    def _gather(self, item: Item, screening: Screening) -> tuple[ReportItem, QImage | None]:
        """Collect the report's contents on the worker thread; the lesion is measured where an outline is known."""
        from app.ui.report.items import ReportItem, explained  # here, not above: it would slow down every start

        entry = self._history.get(item.entry_id) if item.entry_id is not None else None
        noted = entry.record if entry else EMPTY_RECORD
        thumbnail = entry.screening.thumbnail if entry else screening.thumbnail
        frequency = frequency_text(screening, self._current.card, self._settings.clinic_shares())
        report = ReportItem(
            screening,
            noted,
            thumbnail,
            frequency=frequency,
            mark=entry.mark if entry else None,
        )
        try:
            content, _ = judged_content(item, self._images)
        except ImageError:  # the thumbnail stands in for it
            return report, None
        annotation = entry.annotation if entry is not None else EMPTY_ANNOTATION
        return explained(report, content, annotation, service=self._service, card=self._current.card)

    def _on_gathered(self, file: Path, gathered: tuple[ReportItem, QImage | None]) -> None:
        file_task.write(partial(self._write, file, *gathered), file, workers=self._workers, notices=self._notices)

    def _write(self, file: Path, item: ReportItem, image: QImage | None) -> None:
        """On the worker thread."""
        from app.ui.report.content import write_image_report

        now = dt.datetime.now().astimezone()
        write_image_report(file, item, image, clinic=self._settings.current.clinic, card=self._current.card, now=now)
