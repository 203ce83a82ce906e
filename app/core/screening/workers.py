"""Workers that screen a batch's chunks: threads of this process, or processes of their own (see `processes`).

Threads begin at once, and wait for each other: Python runs one at a time, and the checks of an image are many small
steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from app.core.history.batches import ItemResult
from app.core.screening.chunk_screener import ChunkScreener, Item


class Workers(Protocol):
    """Where chunks are handed over. To be ended by `close`."""

    def submit(self, chunk: Sequence[Item]) -> Future[list[ItemResult]]:
        """The results to come. Raises `BrokenExecutor`, here or in their place, once a worker has died."""

    def rescue(self, items: Sequence[Item]) -> list[ItemResult]:
        """Results of items that were in hand when a worker died. Nothing else is under way meanwhile."""

    def close(self) -> None:
        """End them after the chunks that they have in hand."""


class Threads:
    """Threads of this process."""

    def __init__(self, screen: ChunkScreener, count: int) -> None:
        self._screen = screen
        self._pool = ThreadPoolExecutor(count, "batch")

    def submit(self, chunk: Sequence[Item]) -> Future[list[ItemResult]]:
        return self._pool.submit(self._screen, chunk)

    def rescue(self, items: Sequence[Item]) -> list[ItemResult]:
        return self._screen(items)

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
