"""The batch that the window shows: opened, run, paused, resumed, discarded."""

from __future__ import annotations

import os.path
import time
from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.core.domain.errors import MelaScreenError
from app.core.history.batches import Batch, BatchRepository, BatchRow, FinishedBatch
from app.core.history.image_store import ImageStore
from app.core.imaging.archive import is_archive
from app.core.imaging.find import find_images
from app.core.imaging.read import read_bytes
from app.core.model.library import ModelLibrary
from app.core.screening.batch_runner import screen_batch
from app.ui.services.settings_store import SettingsStore
from app.ui.services.workers import Job, Lane, Workers

SPEED_SECONDS = 20.0
"""Time over which the speed is measured."""
FINISHED = 12
"""Batches that are offered to be opened again."""


class State(Enum):
    IDLE, SCANNING, STARTING, RUNNING, PAUSED, DONE = (auto() for _ in range(6))


class BatchSession(QObject):
    """Runs batches in a lane of their own: the window's other jobs don't wait for them."""

    started = Signal(list)
    """A batch is shown from now on; with its rows that are done already."""
    reloaded = Signal(list)
    """All rows of the same batch, in place of the rows before."""
    rows_came = Signal(list)
    changed = Signal()
    """The state or the number of images done has changed."""
    nothing_opened = Signal(str)
    """The reason why what was to be opened is no batch; the batch before stays."""
    unfinished_found = Signal()
    """There is a batch that an earlier window did not finish."""
    finished_changed = Signal()
    """`finished` is another list."""

    def __init__(
        self,
        batches: BatchRepository,
        models: ModelLibrary,
        images: ImageStore,
        settings: SettingsStore,
        workers: Workers,
        parent: QObject | None = None,
    ) -> None:
        """`models` and `settings` say by which model and how a batch is done, `images` keeps the copies."""
        super().__init__(parent)
        self._batches = batches
        self._models = models
        self._images = images
        self._settings = settings
        self._submit = partial(workers.run, lane=Lane.BATCH)
        self._job: Job | None = None
        self._times: deque[tuple[float, int]] = deque()
        self._is_stale = False
        """Entries were deleted while it ran."""
        self.state = State.IDLE
        self.batch: Batch | None = None
        self.done = 0
        self.problem = ""
        """The reason for a pause that was not asked for."""
        self.unfinished: list[Batch] = []
        """Unfinished batches, without the one that is shown."""
        self.finished: list[FinishedBatch] = []
        """The last ones that are done."""

    def find_unfinished(self) -> None:
        """Find unfinished batches, to offer them."""
        if self._batches.database.file.exists():
            self._submit(self._batches.open, on_result=self._on_unfinished, on_error=self._on_error)

    def open_paths(self, paths: Sequence[Path], *, subfolders: bool) -> None:
        """Find the images in files, folders and ZIPs, store them as a batch, and run it.

        A batch that runs is interrupted and offered again afterwards.
        """
        roots = tuple(path.absolute() for path in paths)
        before = State.PAUSED if self.is_under_way else self.state
        self._begin(
            State.SCANNING,
            partial(self._find, roots, subfolders=subfolders),
            on_result=partial(self._on_found, before),
            on_error=partial(self._on_not_found, before, ", ".join(root.name for root in roots)),
        )

    def resume(self, batch: Batch | None = None) -> None:
        """Run what is pending of a batch: the one shown, or an unfinished one."""
        batch = batch or self.batch
        if batch is not None and not self.is_under_way:
            self.unfinished = [other for other in self.unfinished if other.id != batch.id]
            self._begin(State.STARTING, partial(self._batches.rows, batch.id), on_result=partial(self._run, batch))

    def open_finished(self, batch: Batch) -> None:
        """Show a batch that is done in place of the one that is shown. One that runs is interrupted."""
        self._begin(
            State.STARTING, partial(self._batches.rows, batch.id), on_result=partial(self._show_finished, batch)
        )

    def find_finished(self) -> None:
        """Find the last batches that are done, to open them again."""
        if self._batches.database.file.exists():
            self._submit(
                partial(self._batches.finished, FINISHED), on_result=self._on_finished, on_error=lambda _: None
            )

    def pause(self) -> None:
        """Stop after the images under way; what is done is done."""
        if self.is_under_way and self.batch is not None:
            self._begin(State.PAUSED, partial(self._batches.rows, self.batch.id), on_result=self._on_read)

    def pause_or_resume(self) -> None:
        """Pause a batch that runs, run one that does not."""
        if self.is_under_way:
            self.pause()
        else:
            self.resume()

    def restart(self) -> None:
        """Run what is pending of a running batch by the model that is in use now."""
        if self.state is State.RUNNING:
            self.pause()
            self.resume()

    def discard(self, batch: Batch | None = None) -> None:
        """Close a batch, the one shown or an unfinished one, without what is pending. Its results stay."""
        batch = batch or self.batch
        if batch is None:
            return
        self.unfinished = [other for other in self.unfinished if other.id != batch.id]
        if self.batch is not None and batch.id == self.batch.id:
            self._begin(State.DONE, partial(self._close, batch), on_result=self._on_read)
        else:
            self._submit(partial(self._batches.close, batch), on_error=self._on_error)
            self.changed.emit()
        self.find_finished()

    def read_again(self) -> None:
        """Show what is left of the batch after entries were deleted: now, or when it is done."""
        self._is_stale = self.is_under_way
        if self.batch is not None and not self.is_under_way:
            self._submit(partial(self._batches.rows, self.batch.id), on_result=self._on_read, on_error=self._on_error)
        self.find_finished()

    def forget(self) -> None:
        """Drop the batch: its history was replaced."""
        if self._job is not None:
            self._job.cancel()
        self.batch, self.unfinished, self.done = None, [], 0
        self._on_finished([])
        self.started.emit([])
        self._set(State.IDLE)
        self.find_unfinished()
        self.find_finished()

    @property
    def is_under_way(self) -> bool:
        return self.state in (State.SCANNING, State.STARTING, State.RUNNING)

    @property
    def speed(self) -> float:
        """Images a second over the last `SPEED_SECONDS`; 0 where it is not known."""
        if self.state is not State.RUNNING or len(self._times) < 2:
            return 0.0
        (first, before), (last, now) = self._times[0], self._times[-1]
        return (now - before) / max(last - first, 1e-3)

    def _begin(
        self,
        state: State,
        work: Callable[[], Any],
        *,
        on_result: Callable[[Any], None],
        on_error: Callable[[MelaScreenError], None] | None = None,
    ) -> None:
        """Start work in place of the current job, whose results are dropped."""
        if self._job is not None:
            self._job.cancel()
        self._job = self._submit(work, on_result=on_result, on_error=on_error or self._on_error, on_crash=self._stop)
        self._set(state)

    def _find(self, roots: tuple[Path, ...], *, subfolders: bool) -> Batch | None:
        """A new batch; `None` where there is no image. Raises `ImageError` where nothing can be looked into."""
        files = list(find_images(roots, recursive=subfolders))
        if files and all(file in roots and (is_archive(file) or os.path.isdir(file)) for file in files):
            read_bytes(files[0])
        return self._batches.create(files, roots) if files else None

    def _close(self, batch: Batch) -> list[BatchRow]:
        self._batches.close(batch)
        return self._batches.rows(batch.id)

    def _on_found(self, before: State, batch: Batch | None) -> None:
        if batch is None:
            self._set(before)
            self.nothing_opened.emit(self.tr("No picture was found in what was opened."))
        else:
            self._run(batch, [])

    def _on_not_found(self, before: State, names: str, error: MelaScreenError) -> None:
        self._set(before)
        self.nothing_opened.emit(f"{names}: {error}")

    def _run(self, batch: Batch, rows: list[BatchRow]) -> None:
        self.batch = batch
        self.done = len(rows)
        self._times = deque([(time.monotonic(), self.done)])
        self.started.emit(rows)
        model, options = self._models.path(self._settings.current.model), self._settings.batch_options()
        self._job = self._submit(
            partial(screen_batch, model, self._batches, batch, options, self._images),
            on_item=self._on_rows,
            on_result=self._on_done,
            on_error=self._on_error,
            on_crash=self._stop,
        )
        self._set(State.RUNNING)
        self.find_unfinished()

    def _on_done(self, _result: None) -> None:
        self._set(State.DONE)
        if self._is_stale:
            self.read_again()
        self.find_unfinished()
        self.find_finished()

    def _on_rows(self, rows: list[BatchRow]) -> None:
        self.done += len(rows)
        now = time.monotonic()
        self._times.append((now, self.done))
        while now - self._times[0][0] > SPEED_SECONDS and len(self._times) > 2:
            self._times.popleft()
        self.rows_came.emit(rows)
        self.changed.emit()

    def _on_read(self, rows: list[BatchRow]) -> None:
        self.done = len(rows)
        self.reloaded.emit(rows)
        self.changed.emit()

    def _show_finished(self, batch: Batch, rows: list[BatchRow]) -> None:
        self.batch, self.done = batch, len(rows)
        self.started.emit(rows)
        self._set(State.DONE)
        self.find_unfinished()

    def _on_finished(self, batches: list[FinishedBatch]) -> None:
        if batches != self.finished:
            self.finished = batches
            self.finished_changed.emit()

    def _on_unfinished(self, batches: list[Batch]) -> None:
        self.unfinished = [batch for batch in batches if self.batch is None or batch.id != self.batch.id]
        self.changed.emit()
        if self.unfinished and self.batch is None:
            self.unfinished_found.emit()

    def _on_error(self, error: MelaScreenError) -> None:
        self._stop(str(error))

    def _stop(self, problem: str = "") -> None:
        self._set(State.PAUSED if self.batch is not None else State.IDLE, problem)

    def _set(self, state: State, problem: str = "") -> None:
        self.state = state
        self.problem = problem
        self.changed.emit()
