"""A batch's way: its pending images through decoding and network on all cores, results to the history in groups.

It may be stopped anywhere, by closing the generator or by a kill: what was given had been written before, and the
rest is pending still. So to pause is to stop, and to go on is to run again.
"""

from __future__ import annotations

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import replace
from pathlib import Path

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

COMMIT_INTERVAL = 0.2
"""How often results are written and given; a kill costs no more than that."""
CHUNK_SIZE = 4
"""Images that a network is asked about at once."""
PREFETCH = 2
"""Such groups under way or waiting, for each worker: little memory, and nobody waits for work."""


class BatchInterruptedError(MelaScreenError):
    """The batch can't go on now, but may later: what it reads from is gone."""


def run_batch(
    batches: BatchRepository,
    batch: Batch,
    make_classifier: Callable[[], Classifier],
    *,
    keep: ImageStore | None = None,
    consistency: bool = False,
    workers: int | None = None,
) -> Iterator[list[BatchRow]]:
    """Do what is pending of a batch; gives groups of rows that are written down already, in the order of completion.

    `make_classifier` is called once in each of the `workers` (one a core), with a network of one thread each: Pillow
    and LiteRT let other threads run meanwhile. `consistency` as in `classify_prepared`. With `keep`, the files that
    get a result are copied there. Raises `BundleError` or `HistoryError`, and `BatchInterruptedError` where a folder
    or a card that was opened is there no more.
    """
    own = threading.local()
    lock = threading.Lock()
    spare = [make_classifier()]
    model, threshold = spare[0].model_id, spare[0].card.operating_point.threshold
    consistency = consistency and spare[0].card.consistency is not None

    def look(items: list[tuple[int, Path]]) -> list[ItemResult]:
        if not hasattr(own, "classifier"):
            archive.keep_open()
            with lock:
                own.classifier = spare.pop() if spare else make_classifier()
        return _look(items, own.classifier, find_known, consistency=consistency, with_content=keep is not None)

    def find_known(sha256: str) -> Entry | None:
        with lock:
            return known.find(sha256)

    pending = iter(batches.pending(batch.id))
    workers = workers or os.cpu_count() or 1
    with batches.database.reader() as connection, ThreadPoolExecutor(workers, "batch") as pool:
        known = ResultCache(connection, model, threshold, consistency=consistency)
        under_way: set[Future[list[ItemResult]]] = set()
        ready: list[ItemResult] = []
        written_at = time.monotonic()
        try:
            while True:
                while len(under_way) < PREFETCH * workers and (together := list(itertools.islice(pending, CHUNK_SIZE))):
                    under_way.add(pool.submit(look, together))
                if not under_way:
                    break
                done, under_way = wait(under_way, timeout=COMMIT_INTERVAL, return_when=FIRST_COMPLETED)
                ready += [outcome for future in done for outcome in future.result()]
                if ready and (time.monotonic() - written_at > COMMIT_INTERVAL or not under_way):
                    gone = _gone_source(ready, batch.roots)
                    kept = [outcome for outcome in ready if not (gone and outcome.screening.error)]
                    yield batches.write(batch.id, kept, keep=keep)
                    if gone:
                        raise BatchInterruptedError(Message("batch-source-gone", source=gone))
                    ready, written_at = [], time.monotonic()
        finally:
            for future in under_way:
                future.cancel()
    batches.close(batch.id)


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


def _look(
    items: Sequence[tuple[int, Path]],
    classifier: Classifier,
    find_known: Callable[[str], Entry | None],
    *,
    consistency: bool,
    with_content: bool,
) -> list[ItemResult]:
    outcomes: list[ItemResult] = []
    to_screen: list[tuple[int, Loaded, Prepared]] = []
    for position, path in items:
        loaded = load(path, classifier.model_id)
        if isinstance(loaded, Screening):
            outcomes.append(ItemResult(position, loaded))
        elif earlier := find_known(loaded.sha256):
            content = loaded.content if with_content else b""
            outcomes.append(ItemResult(position, replace(earlier.screening, path=path), earlier, content))
        else:
            to_screen.append((position, loaded, prepare(loaded, classifier)))
    screenings = classify_prepared([prepared for *_, prepared in to_screen], classifier, consistency=consistency)
    for (position, loaded, _), screening in zip(to_screen, screenings, strict=True):
        outcomes.append(ItemResult(position, screening, content=loaded.content if with_content else b""))
    return outcomes
