"""Maintenance of the history: integrity check at the start, daily backup, export, import, restore."""

from __future__ import annotations

import datetime as dt
import logging
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.core.domain.errors import HistoryError, MelaScreenError
from app.core.history import backup, transfer
from app.core.history.repository import EntryRepository
from app.core.system.log import Event
from app.core.system.settings import Settings
from app.ui.services.notices import Notices
from app.ui.services.settings_store import SettingsStore
from app.ui.services.wording import results
from app.ui.services.workers import Lane, Priority, Workers
from app.ui.widgets.dialogs import ask

_log = logging.getLogger(__name__)

AFTER_FAILURE = 3600.0
"""Seconds until a backup that failed is tried again."""
BACKUP_SETTINGS = frozenset({"backup_folder", "backup_time", "backups_kept"})
LOOK_EVERY = 60_000
"""Milliseconds between two checks whether a backup is due."""


class HistoryMaintenance(QObject):
    """Presenter of the history's maintenance; notices tell what was done or went wrong."""

    checked = Signal()
    """The history was checked and can be used."""
    imported = Signal()
    about_to_replace = Signal()
    replaced = Signal()
    """The history was replaced by another, whose entries have other numbers."""

    def __init__(
        self, history: EntryRepository, settings: SettingsStore, notices: Notices, workers: Workers, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._window = parent
        self._history = history
        self._submit = partial(workers.run, lane=Lane.BACKGROUND)
        self._settings = settings
        self._notices = notices
        settings.changed.connect(self._on_settings_changed)
        self._not_before = 0.0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.back_up_if_due)

    def start(self) -> None:
        """Check the history, then check regularly whether a backup is due."""
        self._submit(self._history.database.integrity_error, on_result=self._on_checked, priority=Priority.HIGH)

    def back_up_if_due(self) -> None:
        """Write a backup if one is due; after one that failed, not before an hour."""
        settings = self._settings.current
        if settings.backup_folder and time.monotonic() >= self._not_before:
            self._submit(
                partial(self._back_up_if_due, settings),
                on_result=self._on_backed_up,
                on_error=self._on_no_backup,
                on_crash=self._postpone_backup,
            )

    def _on_settings_changed(self, names: frozenset[str]) -> None:
        """Try a backup again: what failed may work with the new settings."""
        if names & BACKUP_SETTINGS:
            self._not_before = 0.0
            self.back_up_if_due()

    def ask_for_export(self) -> None:
        name = f"melascreen-history-{dt.date.today():%Y-%m-%d}.zip"
        file, _ = QFileDialog.getSaveFileName(self._window, self.tr("Export the history"), name, "ZIP (*.zip)")
        if file:
            self._submit(
                partial(transfer.export_history, self._history, Path(file)),
                on_result=lambda _: self._notices.info(self.tr("Written: {0}").format(file)),
                on_error=self._on_error,
            )

    def ask_for_import(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self._window, self.tr("Import a history"), "", "ZIP (*.zip)")
        if file:
            self._submit(
                partial(transfer.import_history, self._history, Path(file)),
                on_result=self._on_imported,
                on_error=self._on_error,
            )

    def ask_for_restore(self) -> None:
        folder = self._settings.current.backup_folder
        title = self.tr("Restore the history from a backup")
        file, _ = QFileDialog.getOpenFileName(self._window, title, folder, "ZIP (*.zip)")
        if file:
            self._submit(
                partial(transfer.check_export, Path(file)),
                on_result=partial(self._ask_whether_to_restore, Path(file)),
                on_error=self._on_error,
            )

    def _ask_whether_to_restore(self, file: Path, entries: int) -> None:
        text = self.tr(
            "The backup {0} is complete and has {1}. It will replace the history. The current history is kept"
            " in a file beside it."
        )
        ask(
            self._window,
            text.format(file.name, results(entries)),
            verb=self.tr("Restore"),
            then=partial(self.restore, file),
            title=self.tr("Restore"),
        )

    def restore(self, file: Path) -> None:
        """Put a checked backup in the place of the history, which is set aside."""
        self.about_to_replace.emit()
        self._submit(partial(self._replace_by, file), on_result=self._on_restored, on_error=self._on_error)

    def _replace_by(self, file: Path) -> Path | None:
        """On the worker thread."""
        with self._history.database.exclusive():
            return backup.restore_history(self._history, file)

    def _back_up_if_due(self, settings: Settings) -> Path | None:
        """On the worker thread."""
        now = dt.datetime.now()
        folder = Path(settings.backup_folder)
        if not backup.backup_due(folder, at=dt.time.fromisoformat(settings.backup_time), now=now):
            return None
        return backup.back_up(self._history, folder, keep=settings.backups_kept, now=now)

    def _on_checked(self, damage: str) -> None:
        self._timer.start(LOOK_EVERY)
        if damage:
            self._submit(
                self._history.database.quarantine,
                on_result=partial(self._on_set_aside, damage),
                on_error=self._on_error,
                priority=Priority.HIGH,
            )
        else:
            self.checked.emit()
            self.back_up_if_due()

    def _on_set_aside(self, damage: str, aside: Path) -> None:
        text = self.tr("The history was damaged ({0}) and was moved to {1}. A new, empty history is in use.")
        self._notices.warn(text.format(damage, aside))
        self.replaced.emit()
        self._offer_last_backup()

    def _offer_last_backup(self) -> None:
        folder = self._settings.current.backup_folder
        try:
            latest = backup.latest_backup(Path(folder)) if folder else None
        except HistoryError as error:
            self._on_error(error)
            return
        if latest is None:
            return
        text = self.tr("The history is damaged and was moved to another file. The last backup is {0}.").format(
            latest.name
        )
        ask(
            self._window,
            text,
            verb=self.tr("Restore the backup"),
            then=partial(self.restore, latest),
            icon=QMessageBox.Icon.Warning,
        )

    def _on_backed_up(self, file: Path | None) -> None:
        if file is not None:
            self._notices.info(self.tr("Backup written: {0}").format(file))

    def _on_no_backup(self, error: MelaScreenError) -> None:
        _log.warning(Event.BACKUP_FAILED, error)
        self._postpone_backup()
        self._on_error(error)

    def _postpone_backup(self) -> None:
        self._not_before = time.monotonic() + AFTER_FAILURE

    def _on_imported(self, count: int) -> None:
        self._notices.info(self.tr("Imported: {0} new results.").format(count))
        self.imported.emit()

    def _on_restored(self, aside: Path | None) -> None:
        text = self.tr("The history was restored.")
        if aside is not None:
            text = self.tr("The history was restored; the previous one is kept as {0}.").format(aside)
        self._notices.info(text)
        self.replaced.emit()

    def _on_error(self, error: MelaScreenError) -> None:
        self._notices.warn(error)
