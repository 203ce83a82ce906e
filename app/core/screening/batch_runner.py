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
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec

from app.core.domain.entry import Entry
from app.core.domain.errors import MelaScreenError
from app.core.domain.messages import Message
from app.core.domain.results import Screening
from app.core.history.batches import Batch, BatchRepository, BatchRow, ItemResult, ResultCache
from app.core.history.image_store import ImageStore
from app.core.imaging import archive
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from app.core.screening.options import ScreeningOptions
from app.core.screening.pipeline import Loaded, Prepared, classify_prepared, load, prepare
from app.core.system.log import Event

_log = logging.getLogger(__name__)

COMMIT_INTERVAL = 0.2
"""How often results are written and given; a kill costs no more than that."""
CHUNK_SIZE = 4
"""Images that a network is asked about at once."""
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
    keep: ImageStore | None = None,
    consistency: bool = False,
    force_prediction: bool = False,
    workers: int | None = None,
) -> Generator[list[BatchRow], None, None]:
    """Do what is pending of a batch; gives groups of rows that are written down already, in the order of completion.

    `make_classifier` is called once in each of the `workers` (one a core), with a network of one thread each: Pillow
    and LiteRT let other threads run meanwhile. `consistency` and `force_prediction` as in `classify_prepared`. With
    `keep`, copies of the images that get a result go there. Raises `BundleError` or `HistoryError`, and
    `BatchInterruptedError` where one of the batch's roots is gone.
    """
    first = make_classifier()
    consistency = consistency and first.card.consistency is not None
    with batches.database.reader() as connection:
        known = ResultCache(
            connection,
            first.model_id,
            first.card.operating_point.threshold,
            consistency=consistency,
            force_prediction=force_prediction,
        )
        screener = _ChunkScreener([first], make_classifier, known, consistency, force_prediction, keep is not None)
        items = batches.pending(batch.id)
        with contextlib.closing(_on_workers(screener, items, workers or os.cpu_count() or 1)) as groups:
            for results in groups:
                gone = _gone_source(results, batch.roots)
                kept = [result for result in results if not (gone and result.screening.error)]
                yield batches.write(batch, kept, keep=keep)
                if gone:
                    raise BatchInterruptedError(Message("batch-source-gone", source=gone))
    batches.close(batch)


def _on_workers(
    screen: Callable[[Sequence[tuple[int, Path]]], list[ItemResult]], items: Sequence[tuple[int, Path]], workers: int
) -> Generator[list[ItemResult]]:
    """Hand chunks of items to threads; gives what is done, every `COMMIT_INTERVAL` or when nothing is left."""
    pending = iter(items)
    under_way: set[Future[list[ItemResult]]] = set()
    ready: list[ItemResult] = []
    given_at = time.monotonic()
    with ThreadPoolExecutor(workers, "batch") as pool:
        try:
            while True:
                while len(under_way) < PREFETCH * workers and (chunk := list(itertools.islice(pending, CHUNK_SIZE))):
                    under_way.add(pool.submit(screen, chunk))
                if not under_way:
                    break
                done, under_way = wait(under_way, timeout=COMMIT_INTERVAL, return_when=FIRST_COMPLETED)
                ready += [result for future in done for result in future.result()]
                if ready and (time.monotonic() - given_at > COMMIT_INTERVAL or not under_way):
                    yield ready
                    ready, given_at = [], time.monotonic()
        finally:
            for future in under_way:
                future.cancel()


class _ChunkScreener:
    """Screens chunks of items; to be called from any thread, each of which has a classifier of its own."""

    def __init__(
        self,
        spare: list[Classifier],
        make_classifier: Callable[[], Classifier],
        known: ResultCache,
        consistency: bool,
        force_prediction: bool,
        with_content: bool,
    ) -> None:
        """`spare` are classifiers that were made already. `with_content`: a result brings the file's content."""
        self._spare = spare
        self._make_classifier = make_classifier
        self._known = known
        self._consistency = consistency
        self._force_prediction = force_prediction
        self._with_content = with_content
        self._own = threading.local()
        self._lock = threading.Lock()

    def __call__(self, items: Sequence[tuple[int, Path]]) -> list[ItemResult]:
        """A result for each item; those that have to be computed come last."""
        classifier = self._classifier()
        results: list[ItemResult] = []
        to_screen: list[tuple[int, Loaded, Prepared]] = []
        for position, path in items:
            loaded = load(path, classifier.model_id)
            if isinstance(loaded, Screening):
                results.append(ItemResult(position, loaded))
            elif earlier := self._find_known(loaded.sha256):
                screening = replace(earlier.screening, path=path)
                results.append(ItemResult(position, screening, earlier, self._content(loaded)))
            else:
                to_screen.append((position, loaded, prepare(loaded, classifier)))
        screenings = classify_prepared(
            [prepared for *_, prepared in to_screen],
            classifier,
            consistency=self._consistency,
            force_prediction=self._force_prediction,
        )
        for (position, loaded, _), screening in zip(to_screen, screenings, strict=True):
            results.append(ItemResult(position, screening, content=self._content(loaded)))
        return results

    def _classifier(self) -> Classifier:
        """The calling thread's own."""
        if not hasattr(self._own, "classifier"):
            archive.keep_open()
            with self._lock:
                self._own.classifier = self._spare.pop() if self._spare else self._make_classifier()
        return self._own.classifier

    def _find_known(self, sha256: str) -> Entry | None:
        with self._lock:
            return self._known.find(sha256)

    def _content(self, loaded: Loaded) -> bytes:
        return loaded.content if self._with_content else b""


def screen_batch(
    model: Path, batches: BatchRepository, batch: Batch, options: ScreeningOptions, images: ImageStore
) -> Iterator[list[BatchRow]]:
    """Do what is pending of a batch by the model in a folder; see `run_batch`. `images` is where copies are kept."""
    bundle = load_bundle(model)
    yield from run_batch(
        batches,
        batch,
        lambda: Classifier(bundle, threads=1),
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
