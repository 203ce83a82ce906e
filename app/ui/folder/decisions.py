"""The reader's decisions on a folder's rows: those with an entry go to the history, the others stay with the batch."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.core.domain.entry import Mark
from app.core.history.batches import Batch, BatchRepository, BatchRow
from app.core.history.repository import EntryRepository
from app.ui.folder.batch_session import BatchSession
from app.ui.folder.results_model import ResultsModel
from app.ui.services.marks import Marks, toggled
from app.ui.services.notices import Notices
from app.ui.services.workers import Workers


class Decisions(QObject):
    """Writes decisions and shows them in the model; `made` tells that some have changed."""

    made = Signal()

    def __init__(
        self,
        model: ResultsModel,
        session: BatchSession,
        history: EntryRepository,
        workers: Workers,
        marks: Marks,
        notices: Notices,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._session = session
        self._history = history
        self._workers = workers
        self._marks = marks
        self._notices = notices
        marks.changed.connect(self._on_marked)

    def choose(self, batch: Batch, row: BatchRow, mark: Mark) -> Mark | None:
        """Give a row a mark, or take it back where it is the one it has; gives what the row has then."""
        new, name = toggled(row.mark, mark), row.screening.path.name
        if row.entry_id is not None:
            self._marks.set({row.entry_id: row.mark}, new, name)
        else:
            self._mark_refused(batch, row, new)
        return new

    def _mark_refused(self, batch: Batch, row: BatchRow, mark: Mark | None) -> None:
        """Keep the mark of an image that was refused with the batch: it has no entry."""
        told = self._marks.notice(mark, row.screening.path.name)
        kept = self.tr("Kept with this folder only: a refused picture has no entry in the history.")
        undo = self._marks.undoing(partial(self._write_refused, batch, row, row.mark, lambda: None))
        self._write_refused(batch, row, mark, lambda: self._notices.info(f"{told}. {kept}", undo))

    def _write_refused(self, batch: Batch, row: BatchRow, mark: Mark | None, then: Callable[[], None]) -> None:
        def on_written(_result: object) -> None:
            then()
            self._session.find_finished()

        self._workers.run(
            partial(BatchRepository(self._history.database).set_mark, batch.id, row.position, mark),
            on_result=on_written,
            on_error=self._notices.warn,
        )
        if self._session.batch is not None and self._session.batch.id == batch.id:  # else another one is shown by now
            self._model.set_mark(lambda other: other.position == row.position, mark)
            self.made.emit()

    def _on_marked(self, entry_ids: list[int], mark: Mark | None) -> None:
        chosen = set(entry_ids)
        self._model.set_mark(lambda row: row.entry_id in chosen, mark)
        self.made.emit()
        self._session.find_finished()
