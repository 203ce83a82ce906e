"""A folder at a time: opened, run, paused, taken up again. It has the one batch that the window shows."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from enum import Enum, auto
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.core.batches import Batch, Batches, BatchRow
from app.core.finding import find_images
from app.core.screener import Screener
from app.ui.jobs import Job, Jobs

SPEED_SECONDS = 20.0
"""Over how long the speed is taken."""


class State(Enum):
    IDLE, FINDING, RUNNING, PAUSED, DONE = auto(), auto(), auto(), auto(), auto()


class BatchSession(QObject):
    """Runs batches on `jobs`, which serve nothing else: the window's own jobs don't wait for them."""

    began = Signal(list)
    """The rows that are done already of the batch that is shown from now on."""
    rows_came = Signal(list)
    changed = Signal()
    """The state, or how much is done."""
    nothing_found = Signal()
    left_off = Signal()
    """There is a batch that an earlier window did not finish."""

    def __init__(self, screener: Screener, batches: Batches, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._screener = screener
        self._batches = batches
        self._jobs = jobs
        self._job: Job | None = None
        self._times: deque[tuple[float, int]] = deque()
        self.state = State.IDLE
        self.batch: Batch | None = None
        self.done = 0
        self.problem = ""
        """Why it is paused, if nobody asked for it."""
        self.unfinished: list[Batch] = []
        """What an earlier window left off."""

    def look_for_unfinished(self) -> None:
        """Find what an earlier window left off, to offer it."""
        if self._batches.database.file.exists():
            self._jobs.run(self._batches.open, on_result=self._on_unfinished, on_error=self._on_error)

    def open_paths(self, paths: Sequence[Path], *, subfolders: bool) -> None:
        """Find the images in files, folders and ZIPs, write them down as a batch, and run it.

        What runs already is paused: it can be taken up again afterwards.
        """
        roots = tuple(path.absolute() for path in paths)
        self.pause()
        self._set(State.FINDING)
        self._jobs.run(
            partial(self._find, roots, subfolders=subfolders), on_result=self._on_found, on_error=self._on_error
        )

    def read_again(self) -> None:
        """Entries were deleted: show what is left of the batch."""
        if self.batch is not None and self.state in (State.DONE, State.PAUSED):
            self._jobs.run(partial(self._batches.rows, self.batch.id), on_result=self._on_read, on_error=self._on_error)

    def go_on(self, batch: Batch | None = None) -> None:
        """Run what is pending of a batch: the one shown, or one that was left off."""
        batch = batch or self.batch
        if batch is None or self.state in (State.RUNNING, State.FINDING):
            return
        self.unfinished = [other for other in self.unfinished if other.id != batch.id]
        self._jobs.run(
            partial(self._batches.rows, batch.id), on_result=partial(self._run, batch), on_error=self._on_error
        )

    def pause(self) -> None:
        """Stop after the images under way; what is done is done."""
        if self.state is State.RUNNING and self._job is not None:
            self._job.cancel()
            self._set(State.PAUSED)

    def give_up(self, batch: Batch | None = None) -> None:
        """Do no more of a batch: the one shown, or one that was left off. Its results stay."""
        batch = batch or self.batch
        if batch is None:
            return
        self.unfinished = [other for other in self.unfinished if other.id != batch.id]
        self._jobs.run(partial(self._batches.close, batch.id), on_error=self._on_error)
        if batch is self.batch:
            self.pause()
            self._set(State.DONE)
        else:
            self.changed.emit()

    @property
    def speed(self) -> float:
        """Images a second, lately; 0 where it is not known."""
        if self.state is not State.RUNNING or len(self._times) < 2:
            return 0.0
        (first, before), (last, now) = self._times[0], self._times[-1]
        return (now - before) / max(last - first, 1e-3)

    def _find(self, roots: tuple[Path, ...], *, subfolders: bool) -> Batch | None:
        files = list(find_images(roots, recursive=subfolders))
        return self._batches.begin(files, roots) if files else None

    def _on_found(self, batch: Batch | None) -> None:
        if batch is None:
            self._set(State.IDLE if self.batch is None else State.DONE)
            self.nothing_found.emit()
        else:
            self._run(batch, [])

    def _run(self, batch: Batch, rows: list[BatchRow]) -> None:
        self.batch = batch
        self.done = len(rows)
        self._times = deque([(time.monotonic(), self.done)])
        self.began.emit(rows)
        self._job = self._jobs.run(
            partial(self._screener.screen_batch, batch),
            on_item=self._on_rows,
            on_result=lambda _: self._set(State.DONE),
            on_error=self._on_error,
        )
        self._set(State.RUNNING)

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
        self.began.emit(rows)
        self.changed.emit()

    def _on_unfinished(self, batches: list[Batch]) -> None:
        self.unfinished = [batch for batch in batches if self.batch is None or batch.id != self.batch.id]
        self.changed.emit()
        if self.unfinished and self.batch is None:
            self.left_off.emit()

    def _on_error(self, error: Exception) -> None:
        self._set(State.PAUSED if self.batch is not None else State.IDLE, str(error))

    def _set(self, state: State, problem: str = "") -> None:
        self.state = state
        self.problem = problem
        self.changed.emit()
