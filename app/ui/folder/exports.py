"""Exports of a batch: the report, and behind a second button the table and copies of the suspected images."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QWidget

from app.core.domain.clinical import EMPTY_RECORD
from app.core.exchange import table
from app.core.exchange.copies import copy_suspected
from app.core.history.batches import BatchRow
from app.core.history.repository import EntryRepository
from app.core.system.files import write_atomically
from app.ui.folder.page_parts import item_of
from app.ui.look.icons import icon
from app.ui.services import file_task
from app.ui.services.current_model import CurrentModel
from app.ui.services.notices import Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Lane, Workers
from app.ui.widgets.buttons import Button, Look


class BatchExports(QWidget):
    """Two buttons; a notice tells how an export ended."""

    export_asked = Signal(object)
    """Items that are to be exported for other programs."""

    def __init__(
        self,
        history: EntryRepository,
        current: CurrentModel,
        settings: SettingsStore,
        notices: Notices,
        workers: Workers,
    ) -> None:
        super().__init__()
        self._history = history
        self._workers = workers
        self._settings = settings
        self._notices = notices
        self._rows: Callable[[], list[BatchRow]] = list
        self._title: Callable[[], str] = str
        self._current = current
        menu = QMenu(self)
        menu.addAction(icon("table-2"), self.tr("&Table (CSV)…"), self.ask_for_table)
        menu.addAction(icon("copy"), self.tr("&Copy the suspicious pictures…"), self.ask_for_folder)
        menu.addAction(icon("share"), self.tr("For &other programs…"), self._ask_for_export)
        self.more = Button(icon="share")
        self.more.name(self.tr("Export"))
        self.more.setMenu(menu)
        self.report = Button(self.tr("Report…"), "file-text", look=Look.PRIMARY)
        self.report.clicked.connect(self.ask_for_report)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.more)
        row.addWidget(self.report)

    def set_source(self, rows: Callable[[], list[BatchRow]], title: Callable[[], str]) -> None:
        """Set the functions that give the rows and the title when an export is asked for."""
        self._rows, self._title = rows, title

    def _ask_for_export(self) -> None:
        self.export_asked.emit([item_of(row) for row in self._rows()])

    def ask_for_table(self) -> None:
        file, _ = QFileDialog.getSaveFileName(self, self.tr("Save the table"), "melascreen.csv", "CSV (*.csv)")
        if file:
            marked = [(row.screening, row.mark) for row in self._rows()]
            self._write(lambda: write_atomically(Path(file), table.as_csv_with_marks(marked)), Path(file))

    def ask_for_report(self) -> None:
        file, _ = QFileDialog.getSaveFileName(self, self.tr("Save the report"), "melascreen.pdf", "PDF (*.pdf)")
        if file:
            self._write(partial(self._report, Path(file), self._rows(), self._title()), Path(file))

    def ask_for_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Copy the suspicious pictures to"))
        if folder:
            copy = partial(copy_suspected, [row.screening for row in self._rows()], Path(folder))
            self._workers.run(
                partial(file_task.attempt, copy, Path(folder)),
                lane=Lane.BACKGROUND,
                on_result=lambda result: self._notices.info(
                    self.tr("Pictures copied: {0}, with melascreen.csv beside them.").format(result.copied)
                    + (self.tr(" Not copied: {0}; the table says why.").format(result.failed) if result.failed else "")
                ),
                on_error=self._notices.warn,
            )

    def _report(self, file: Path, rows: list[BatchRow], title: str) -> None:
        """On the worker thread."""
        from app.ui.report.content import (  # here, not above: it would slow down every start
            ReportItem,
            write_batch_report,
        )

        entries = self._history.by_id([row.entry_id for row in rows if row.entry_id is not None])
        items = []
        for row in rows:
            entry = entries.get(row.entry_id or 0)
            record, thumbnail = (entry.record, entry.screening.thumbnail) if entry else (EMPTY_RECORD, b"")
            items.append(ReportItem(row.screening, record, thumbnail, row.is_repeated, mark=row.mark))
        write_batch_report(
            file,
            items,
            title=title,
            clinic=self._settings.current.clinic,
            card=self._current.card,
            now=dt.datetime.now().astimezone(),
        )

    def _write(self, work: Callable[[], None], file: Path) -> None:
        file_task.write(work, file, workers=self._workers, notices=self._notices)
