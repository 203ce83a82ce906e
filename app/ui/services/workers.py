"""The one runner: work off the GUI thread, one piece after the other, what comes of it on the GUI thread.

Work is a plain callable; if it returns a generator, its items are handed on as they come. It knows nothing
of Qt. The single worker thread is what owns the network, so nothing has to lock it.
"""

from __future__ import annotations

import inspect
import itertools
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot


class Priority(IntEnum):
    """Which waiting job is next; among equals the one that was asked for first."""

    HIGH = 0
    NORMAL = 1
    LOW = 2


class Job:
    """A piece of work that was asked for. After `cancel` nothing of it is handed on any more."""

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
    job: Job = field(compare=False)
    work: Callable[[], Any] = field(compare=False)
    on_item: Callable[[Any], None] | None = field(compare=False)
    on_result: Callable[[Any], None] | None = field(compare=False)
    on_error: Callable[[Exception], None] | None = field(compare=False)


class Workers(QObject):
    """Runs jobs. Belongs to the GUI thread; only `_serve` runs on the worker's."""

    failed = Signal(object)
    """An exception of a job that has no `on_error`."""
    _came = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: queue.PriorityQueue[_Task] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._tasks: dict[int, _Task] = {}
        self._closing = threading.Event()
        self._came.connect(self._deliver)
        self._thread = threading.Thread(target=self._serve, name="jobs", daemon=True)
        self._thread.start()

    def run(
        self,
        work: Callable[[], Any],
        *,
        on_result: Callable[[Any], None] | None = None,
        on_item: Callable[[Any], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
        priority: int = Priority.NORMAL,
    ) -> Job:
        """Do `work` on the worker thread; the callbacks are called on the GUI thread.

        `on_item` gets what a generator gives, `on_result` what a callable returns (`None` at a
        generator's end), `on_error` the exception that ended it.
        """
        task = _Task(priority, next(self._numbers), Job(), work, on_item, on_result, on_error)
        self._tasks[task.number] = task
        self._queue.put(task)
        return task.job

    def prioritize(self, job: Job) -> None:
        """Let a waiting job be next; one that has begun or is done goes its way."""
        for task in self._tasks.values():
            if task.job is job and not job.begun:
                self._queue.put(replace(task, priority=Priority.HIGH))  # the worker passes over the other copy

    def close(self) -> None:
        """Cancel everything and wait for the piece of work under way."""
        for task in self._tasks.values():
            task.job.cancel()
        self._closing.set()
        self._queue.put(_Task(Priority.HIGH, -1, Job(), lambda: None, None, None, None))  # wakes the worker
        self._thread.join()

    def _serve(self) -> None:
        while True:
            task = self._queue.get()
            if self._closing.is_set():
                return
            if task.job.begun:
                continue
            task.job.begun = True
            try:
                result = self._work_through(task)
            except Exception as error:  # noqa: BLE001 - handed to whoever asked for the work
                self._came.emit((task, task.on_error or self.failed.emit, error, True))
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
