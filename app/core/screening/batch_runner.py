"""Runs a batch: its pending images through decoding and network on all cores, results to the history in groups.

It may be stopped anywhere, by closing the generator or by a kill: what was given had been written before, and the
rest is pending still. So to pause is to stop, and to go on is to run again.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import logging
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from pathlib import Path
from typing import ParamSpec

from app.core.domain.errors import MelaScreenError
from app.core.domain.messages import Message
from app.core.history.batches import Batch, BatchRepository, BatchRow, ItemResult, ResultCache
from app.core.history.image_store import ImageStore
from app.core.imaging import archive
from app.core.model.bundle import ModelBundle, load_bundle
from app.core.model.classifier import Classifier
from app.core.screening.chunk_screener import ChunkScreener, Item
from app.core.screening.options import ScreeningOptions
from app.core.screening.workers import Threads, Workers
from app.core.system.log import Event

_log = logging.getLogger(__name__)

COMMIT_INTERVAL = 0.2
"""How often results are written and given; a kill costs no more than that."""
CHUNK_SIZE = 4
"""Images that a network is asked about at once."""
PROCESSES_FROM = 500
"""Images from which on processes are worth the second that they take to begin."""
PREFETCH = 2
"""Such groups under way or waiting, for each worker: little memory, and nobody waits for work."""


class BatchInterruptedError(MelaScreenError):
    """The batch can't go on now, but may later: what it reads from is gone."""


P = ParamSpec("P")
Run = Callable[P, Generator[list[BatchRow], None, None]]


def _logged(run: Run[P]) -> Run[P]:
    """Logs how many images a run did and how fast, however it ends."""

    @functools.wraps(run)
    def logged(*arguments: P.args, **options: P.kwargs) -> Generator[list[BatchRow], None, None]:
        began = time.perf_counter()
        images = known = failed = 0
        try:
            with contextlib.closing(run(*arguments, **options)) as groups:
                for rows in groups:
                    images += len(rows)
                    known += sum(row.is_repeated for row in rows)
                    failed += sum(row.screening.prediction is None for row in rows)
                    yield rows
        except BatchInterruptedError as error:
            _log.warning(Event.BATCH_INTERRUPTED, error)
            raise
        finally:
            seconds = time.perf_counter() - began
            _log.info(Event.BATCH_DONE, images, seconds, images / max(seconds, 1e-9), known, failed)

    return logged


@_logged
def run_batch(
    batches: BatchRepository,
    batch: Batch,
    make_classifier: Callable[[], Classifier],
    *,
    bundle: ModelBundle | None = None,
    keep: ImageStore | None = None,
    consistency: bool = False,
    force_prediction: bool = False,
    workers: int | None = None,
) -> Generator[list[BatchRow], None, None]:
    """Do what is pending of a batch; gives groups of rows that are written down already, in the order of completion.

    `make_classifier` is called once in each of the `workers` (one a core), with a network of one thread each. With the
    `bundle` that it makes them from, a large batch is done by processes. `consistency` and `force_prediction` as in
    `classify_prepared`. With `keep`, copies of the images that get a result go there. Raises `BundleError` or
    `HistoryError`, and `BatchInterruptedError` where one of the batch's roots is gone.
    """
    first = make_classifier()  # here, whoever does the work: a network that can't be loaded is told at once
    consistency = consistency and first.card.consistency is not None
    count = workers or os.cpu_count() or 1
    with batches.database.reader() as connection:
        items = batches.pending(batch.id)
        if bundle is not None and count > 1 and len(items) >= PROCESSES_FROM:
            from app.core.screening.processes import Processes, ScreenerParts  # it would slow down every start

            parts = ScreenerParts(bundle, batches.database.file, consistency, force_prediction, keep is not None)
            team: Workers = Processes(parts, count)
        else:
            known = ResultCache(
                connection,
                first.model_id,
                first.card.operating_point.threshold,
                consistency=consistency,
                force_prediction=force_prediction,
            )
            screener = ChunkScreener([first], make_classifier, known, consistency, force_prediction, keep is not None)
            team = Threads(screener, count)
        with contextlib.closing(team), contextlib.closing(_by_workers(team, items, count)) as groups:
            for results in groups:
                gone = _gone_source(results, batch.roots)
                kept = [result for result in results if not (gone and result.screening.error)]
                yield batches.write(batch, kept, keep=keep)
                if gone:
                    raise BatchInterruptedError(Message("batch-source-gone", source=gone))
    batches.close(batch)


def _by_workers(team: Workers, items: Sequence[Item], count: int) -> Generator[list[ItemResult]]:
    """Hand chunks of items over; gives what is done, every `COMMIT_INTERVAL` or when nothing is left."""
    pending = iter(items)
    under_way: dict[Future[list[ItemResult]], list[Item]] = {}
    ready: list[ItemResult] = []
    given_at = time.monotonic()
    while True:
        chunk: list[Item] = []
        try:
            while len(under_way) < PREFETCH * count and (chunk := list(itertools.islice(pending, CHUNK_SIZE))):
                under_way[team.submit(chunk)] = chunk
                chunk = []
            if not under_way:
                break
            done, _ = wait(under_way, timeout=COMMIT_INTERVAL, return_when=FIRST_COMPLETED)
            for future in done:
                ready += future.result()
                del under_way[future]
        except BrokenExecutor:
            ready += team.rescue([item for each in (*under_way.values(), chunk) for item in each])
            under_way = {}
        if ready and (time.monotonic() - given_at > COMMIT_INTERVAL or not under_way):
            yield ready
            ready, given_at = [], time.monotonic()


def screen_batch(
    model: Path, batches: BatchRepository, batch: Batch, options: ScreeningOptions, images: ImageStore
) -> Iterator[list[BatchRow]]:
    """Do what is pending of a batch by the model in a folder; see `run_batch`. `images` is where copies are kept."""
    bundle = load_bundle(model)
    yield from run_batch(
        batches,
        batch,
        lambda: Classifier(bundle, threads=1),
        bundle=bundle,
        keep=images if options.keep_images else None,
        consistency=options.consistency,
    )


def _gone_source(outcomes: Sequence[ItemResult], roots: Sequence[Path]) -> Path | None:
    """What was opened and is there no more, if that is why one of the outcomes failed."""
    for path in (outcome.screening.path for outcome in outcomes if outcome.screening.error):
        for root in roots:
            if path == root and _is_gone_folder(root.parent):
                return root.parent
            if root in path.parents and _is_gone_folder(root) and not archive.is_archive(root):
                return root
    return None


def _is_gone_folder(folder: Path) -> bool:
    """Whether it is no more, or empty now, as a card's is that was pulled out."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True
