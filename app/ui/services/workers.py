"""Runs callables on worker threads and delivers their results on the GUI thread.

Work is a plain callable that knows nothing of Qt; if it returns a generator, its items are delivered as they come.
Each lane is a thread of its own: work in the same lane never runs at the same time, so the network, which is used in
`Lane.SCREENING` alone, needs no lock.
"""

from __future__ import annotations

import inspect
import itertools
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from app.core.domain.errors import MelaScreenError


class Lane(Enum):
    """What a worker thread is for."""

    SCREENING = "screening"
    """What the user waits for, and all that uses the network."""
    BATCH = "batch"
    BACKGROUND = "background"
    """What takes long with the whole history or a file: reports, backups, deleting, installing a model."""
    WATCH = "watch"
    """Looks at watched folders on local disks."""
    NETWORK = "network"
    """Looks at network shares, and at what is mounted: either may not answer for long."""


PATIENCE = {Lane.WATCH: 2.0, Lane.NETWORK: 2.0}
"""Seconds that the program's end waits for work under way, at most; for that of the other lanes without limit."""


class Priority(IntEnum):
    """Which waiting job of a lane is next; among equals the one that was asked for first."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


class Job:
    """A piece of work that was asked for. After `cancel` none of its results is delivered."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self.begun = False

    def cancel(self) -> None:
        """Give the work up: before it begins, or after the item that it is at."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        return self._cancelled.is_set()


@dataclass(order=True)
class _Task:
    priority: int
    number: int
    lane: Lane = field(compare=False)
    job: Job = field(compare=False)
    work: Callable[[], Any] = field(compare=False)
    on_item: Callable[[Any], None] | None = field(compare=False)
    on_result: Callable[[Any], None] | None = field(compare=False)
    on_error: Callable[[MelaScreenError], None] | None = field(compare=False)
    on_crash: Callable[[], None] | None = field(compare=False)


class Workers(QObject):
    """The worker threads, one a lane, started when the lane is first used. Belongs to the GUI thread."""

    failed = Signal(object)
    """A programming error in a job, or an error of one that has no `on_error`: for the log and the error dialog."""
    _came = Signal(object)
    _crashed = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queues: dict[Lane, queue.PriorityQueue[_Task]] = {}
        self._threads: dict[Lane, threading.Thread] = {}
        self._numbers = itertools.count()
        self._tasks: dict[int, _Task] = {}
        self._closing = threading.Event()
        self._came.connect(self._deliver)
        self._crashed.connect(self._on_crashed)

    def run(
        self,
        work: Callable[[], Any],
        *,
        lane: Lane = Lane.SCREENING,
        on_result: Callable[[Any], None] | None = None,
        on_item: Callable[[Any], None] | None = None,
        on_error: Callable[[MelaScreenError], None] | None = None,
        on_crash: Callable[[], None] | None = None,
        priority: int = Priority.NORMAL,
    ) -> Job:
        """Do `work` on the lane's thread; the callbacks are called on the GUI thread.

        `on_item` gets what a generator gives, `on_result` what a callable returns (`None` at a generator's end),
        `on_error` the program's own error (whose text is for the user) that ended it. Every other exception is a
        programming error and goes to `failed`, also that of a cancelled job; `on_crash`, called before, leaves the
        state in which something waits for the job.
        """
        task = _Task(priority, next(self._numbers), lane, Job(), work, on_item, on_result, on_error, on_crash)
        self._tasks[task.number] = task
        self._queue(lane).put(task)
        return task.job

    def prioritize(self, job: Job) -> None:
        """Let a waiting job be the next of its lane; one that has begun or is done is not affected."""
        for task in self._tasks.values():
            if task.job is job and not job.begun:
                self._queue(task.lane).put(replace(task, priority=Priority.HIGH))  # the other copy is passed over

    def close(self) -> None:
        """Cancel everything and wait for the work under way (see `PATIENCE`). Nothing is begun after that."""
        for task in self._tasks.values():
            task.job.cancel()
        self._closing.set()
        for lane, waiting in self._queues.items():  # wakes the thread
            waiting.put(_Task(Priority.HIGH, -1, lane, Job(), lambda: None, None, None, None, None))
        for lane, thread in self._threads.items():
            thread.join(PATIENCE.get(lane))

    def _queue(self, lane: Lane) -> queue.PriorityQueue[_Task]:
        """The lane's queue; at the first call its thread is started."""
        if lane not in self._queues:
            waiting = self._queues[lane] = queue.PriorityQueue()
            if not self._closing.is_set():
                thread = threading.Thread(target=self._serve, args=(waiting,), name=f"{lane.value} lane", daemon=True)
                self._threads[lane] = thread
                thread.start()
        return self._queues[lane]

    def _serve(self, waiting: queue.PriorityQueue[_Task]) -> None:
        """On the lane's thread, as `_work_through`."""
        while True:
            task = waiting.get()
            if self._closing.is_set():
                return
            if task.job.begun:
                continue
            task.job.begun = True
            try:
                result = self._work_through(task)
            except MelaScreenError as error:
                self._came.emit((task, task.on_error or self.failed.emit, error, True))
            except Exception as error:  # noqa: BLE001 - reported by `failed`
                self._crashed.emit(task, error)
            else:
                self._came.emit((task, task.on_result, result, True))

    def _work_through(self, task: _Task) -> Any:
        if task.job.cancelled:
            return None
        result = task.work()
        if not inspect.isgenerator(result):
            return result
        for item in result:
            if task.job.cancelled:
                break
            self._came.emit((task, task.on_item, item, False))
        return None

    @Slot(object)
    def _deliver(self, came: tuple[_Task, Callable[[Any], None] | None, Any, bool]) -> None:
        task, callback, value, is_last = came
        if is_last:
            del self._tasks[task.number]
        if callback is not None and not task.job.cancelled:
            callback(value)

    @Slot(object, object)
    def _on_crashed(self, task: _Task, error: Exception) -> None:
        del self._tasks[task.number]
        if task.on_crash is not None and not task.job.cancelled:
            task.on_crash()
        self.failed.emit(error)
