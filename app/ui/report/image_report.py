"""The report on one image as PDF: asks for the file and writes it off the GUI thread."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.domain.clinical import EMPTY_RECORD
from app.core.domain.errors import ImageError
from app.core.domain.results import Screening
from app.core.history.image_store import ImageStore
from app.core.history.repository import EntryRepository
from app.core.imaging.decode import decode
from app.core.screening.service import ScreeningService
from app.ui.image.image_view import to_qimage
from app.ui.services import file_task
from app.ui.services.current_model import CurrentModel
from app.ui.services.frequencies import frequency_text
from app.ui.services.item import Item, judged_content
from app.ui.services.notices import Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Priority, Workers

if TYPE_CHECKING:
    from app.ui.report.content import ReportItem

IMAGE_SIDE = 1000
"""Pixels that a JPEG's shorter side keeps at least on the page."""


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
        from app.ui.report.content import ReportItem  # here, not above: it would slow down every start

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
        card = self._current.card
        same_model = card is not None and screening.model == card.model_id
        if screening.prediction is not None and same_model:
            report = replace(report, explanation=self._service.explain(content, item.source.path))
        if entry is not None and entry.annotation.outline is not None:
            lesion = self._service.measure_lesion(content, entry.annotation)
            report = replace(report, lesion=lesion, outline_by_hand=entry.annotation.outline_by_hand)
        return report, to_qimage(decode(content, at_least=IMAGE_SIDE).rgb)

    def _on_gathered(self, file: Path, gathered: tuple[ReportItem, QImage | None]) -> None:
        file_task.write(partial(self._write, file, *gathered), file, workers=self._workers, notices=self._notices)

    def _write(self, file: Path, item: ReportItem, image: QImage | None) -> None:
        """On the worker thread."""
        from app.ui.report.content import write_image_report

        now = dt.datetime.now().astimezone()
        write_image_report(file, item, image, clinic=self._settings.current.clinic, card=self._current.card, now=now)
