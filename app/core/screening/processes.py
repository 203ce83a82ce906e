"""Processes of their own that screen a batch's chunks.

They take a second to begin. A picture at which a decoder's library ends its process ends a worker alone: what was in
hand is given to another, once, each picture by itself.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from typing import Final

from app.core.domain import times
from app.core.domain.messages import Message
from app.core.domain.results import Screening
from app.core.history.batches import ItemResult, ResultCache
from app.core.history.database import Database
from app.core.model.bundle import ModelBundle
from app.core.model.classifier import Classifier
from app.core.screening.chunk_screener import ChunkScreener, Item

NICER: Final = 10
"""By how much a worker's priority is lower than the window's (0..19, on Linux and macOS)."""
BELOW_NORMAL: Final = 0x4000
"""The same on Windows: a priority class of `SetPriorityClass`."""


@dataclass(frozen=True)
class ScreenerParts:
    """What a process makes its screener from."""

    bundle: ModelBundle
    history: Path
    consistency: bool
    force_prediction: bool
    with_content: bool


class Processes:
    """Processes of their own, with a lower priority than the window's; they end with this one, however it ends."""

    def __init__(self, parts: ScreenerParts, count: int) -> None:
        self._parts = parts
        self._count = count
        self._pool = self._begin(count)

    def submit(self, chunk: Sequence[Item]) -> Future[list[ItemResult]]:
        return self._pool.submit(_screen, chunk)

    def rescue(self, items: Sequence[Item]) -> list[ItemResult]:
        self._begin_again(1)
        results = []
        for item in items:
            try:
                results += self.submit([item]).result()
            except BrokenExecutor:
                results.append(self._ended_a_worker(item))
                self._begin_again(1)
        self._begin_again(self._count)
        return results

    def _begin_again(self, count: int) -> None:
        self.close()
        self._pool = self._begin(count)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)

    def _begin(self, count: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # a copy of a process with threads may stand still for ever
        return ProcessPoolExecutor(count, context, initializer=_begin, initargs=(self._parts,))

    def _ended_a_worker(self, item: Item) -> ItemResult:
        position, path = item
        model = self._parts.bundle.card.model_id
        return ItemResult(position, Screening(path, model, times.now(), error=Message("picture-ends-worker")))


_open = contextlib.ExitStack()
_screener: list[ChunkScreener] = []
"""A worker's own connection to the history, and its screener, once it has begun."""


def _begin(parts: ScreenerParts) -> None:
    """In a worker: make its screener."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl+C is for the program, which ends its workers
    _lower_priority()
    classifier = Classifier(parts.bundle, threads=1)
    connection = _open.enter_context(Database(parts.history).reader())
    known = ResultCache(
        connection,
        classifier.model_id,
        classifier.card.operating_point.threshold,
        consistency=parts.consistency,
        force_prediction=parts.force_prediction,
    )
    _screener.append(
        ChunkScreener(
            [classifier], lambda: classifier, known, parts.consistency, parts.force_prediction, parts.with_content
        )
    )


def _screen(chunk: Sequence[Item]) -> list[ItemResult]:
    """In a worker: screen a chunk."""
    return _screener[0](chunk)


def _end_with_parent() -> None:
    """A killed parent closes no queue: its workers would wait for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _lower_priority() -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            import ctypes

            ctypes.windll.kernel32.SetPriorityClass(ctypes.windll.kernel32.GetCurrentProcess(), BELOW_NORMAL)
        else:
            os.nice(NICER)
