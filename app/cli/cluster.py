"""`melascreen classify --cluster`: an archive's images on the workers of a Dask cluster, rows to one file as they come.

The one part of the program that uses a network. The window never loads it, and the installed program has not the
packages for it (the extra `cluster`).
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import ipaddress
import itertools
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from functools import partial
from pathlib import Path

import dask.config
from distributed import Client, Future, KilledWorker, LocalCluster, Security, as_completed
from distributed.comm.addressing import get_address_host
from distributed.comm.core import CommClosedError
from tqdm import tqdm

from app.cli import cluster_worker
from app.cli.classify import named
from app.cli.cluster_worker import Image, Job, Row, ScreenerPlugin
from app.cli.results_file import ResultsFile, read_parquet, write_parquet
from app.core.domain import times
from app.core.domain.messages import Message
from app.core.domain.results import Screening
from app.core.exchange.table import as_csv_row
from app.core.imaging.find import find_images
from app.core.model.bundle import ModelBundle
from app.core.screening.pipeline import load

LOCAL = "local"
CHUNK_SIZE = 16
"""Images of a task: the scheduler's own work for each is then small."""
AHEAD = 3
"""Tasks under way or waiting, for each thread of the workers."""
SENT_WITH_A_TASK, SENT_AT_ONCE = 4_000_000, 256_000_000
"""Bytes of images after which a task takes no more of them, and no more are read until some are done."""
PATIENCE = 30
"""Seconds in which a scheduler has to answer, and a first worker has to be there."""
WRITTEN_AT_LEAST = 0.5
"""Seconds after which results are written; a kill costs no more."""


class ClusterError(Exception):
    """The cluster can't be used; the text says why."""


def classify(options: argparse.Namespace, bundle: ModelBundle) -> tuple[int, int]:
    """Screen what the options name on a cluster, and write the rows.

    Returns how many images have a row, and how many of these have no number. Raises `ClusterError`, `ResultsError` or
    `OSError`; what is written by then stays, and the same command goes on from there.
    """
    table = options.csv or options.parquet.with_name(f"{options.parquet.name}.csv")
    finished = options.parquet if options.parquet and not table.exists() and options.parquet.exists() else None
    job = Job(_key(bundle, options), bundle, options.consistency, options.force_prediction)
    with contextlib.closing(ResultsFile(table)) as results, _connected(options) as client:
        for rows in read_parquet(finished) if finished else ():
            results.take(rows)
        _check_versions(client)
        client.register_plugin(ScreenerPlugin(job))
        try:
            _run(client, job, results, options)
        except (CancelledError, CommClosedError, TimeoutError) as error:
            raise ClusterError("The cluster is gone. The same command goes on from here.") from error
        counts = results.done, results.failed
    if options.parquet:
        write_parquet(table, options.parquet)
        table.unlink()
    return counts


def _key(bundle: ModelBundle, options: argparse.Namespace) -> str:
    model = bundle.card.model_id
    told_by = [model.sha256, model.card_sha256, options.consistency, options.force_prediction]
    return hashlib.sha256(json.dumps(told_by).encode()).hexdigest()


# --- the connection -------------------------------------------------------------------------------------------------


def security_of(options: argparse.Namespace) -> Security | None:
    """How the connection is secured; `None` for one that needs no encryption, or that may go without.

    Raises `ClusterError` for an address on another machine without certificates, unless `insecure` is given.
    """
    certificates = (options.tls_ca, options.tls_cert, options.tls_key)
    if all(certificates):
        ca, cert, key = map(str, certificates)
        return Security(tls_ca_file=ca, tls_client_cert=cert, tls_client_key=key, require_encryption=True)
    if any(certificates):
        raise ClusterError("--tls-ca, --tls-cert and --tls-key go together.")
    if options.cluster != LOCAL and not options.insecure and not _is_loopback(options.cluster):
        raise ClusterError(
            f"{options.cluster} is another machine, and the images would go there unencrypted. Name certificates with "
            "--tls-ca, --tls-cert and --tls-key, or allow it with --insecure."
        )
    return None


def _is_loopback(address: str) -> bool:
    try:
        host = get_address_host(address)
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextlib.contextmanager
def _connected(options: argparse.Namespace) -> Iterator[Client]:
    """A client of the cluster that has a worker. Raises `ClusterError`."""
    security = security_of(options)
    with contextlib.ExitStack() as open_ones:
        if options.cluster == LOCAL:
            address = open_ones.enter_context(local_cluster())
            security = address.security
        else:
            address = options.cluster
        try:
            client = open_ones.enter_context(Client(address, security=security, timeout=PATIENCE, set_as_default=False))
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(f"{options.cluster}: no scheduler with a worker answers: {error}") from error
        yield client


def local_cluster() -> LocalCluster:
    """A worker a core on this machine; certificates made for it keep other users of the machine out."""
    dask.config.set({"distributed.scheduler.allowed-failures": 1})
    return LocalCluster(
        n_workers=os.cpu_count() or 1,
        threads_per_worker=1,
        processes=True,
        host="tls://127.0.0.1",
        dashboard_address=None,
        security=Security.temporary(),
    )


def _check_versions(client: Client) -> None:
    """Raises `ClusterError` for a worker with other versions: its results would differ from this machine's."""
    own = cluster_worker.versions()
    try:
        found: Mapping[str, dict[str, str]] = client.run(cluster_worker.versions)
    except ImportError as error:
        raise ClusterError(f"A worker has not this program's packages: {error}") from error
    for worker, theirs in found.items():
        for name, version in own.items():
            if theirs[name] != version:
                raise ClusterError(f"The worker {worker} has {name} {theirs[name]}, this machine has {version}.")


# --- the work -------------------------------------------------------------------------------------------------------


def _run(client: Client, job: Job, results: ResultsFile, options: argparse.Namespace) -> None:
    """Hand the images out that have no row yet, and write rows as they come."""
    already = results.done
    new = filter(results.claim, _paths(options))
    with _progress(options, already) as progress:
        writer = _Writer(results, progress)
        chunks = _chunks(new, job, writer, send=options.send)
        tasks = Tasks(client, partial(cluster_worker.screen, job.key))
        try:
            while True:
                most = max(1, AHEAD * sum(client.nthreads().values()))
                while len(tasks) < most and tasks.bytes_sent < SENT_AT_ONCE and (chunk := next(chunks, None)):
                    tasks.hand_out(chunk)
                if not len(tasks):
                    break
                writer.add(_rows_of(client, job, *tasks.next_done()))
        finally:
            writer.flush()


class Tasks:
    """The tasks that a cluster has under way."""

    def __init__(self, client: Client, work: Callable[[Sequence[Image]], object]) -> None:
        self._client = client
        self._work = work
        self._under_way: dict[Future, list[Image]] = {}
        self._done = as_completed(loop=client.loop)

    def __len__(self) -> int:
        return len(self._under_way)

    @property
    def bytes_sent(self) -> int:
        """Of the images that were sent along with what is under way."""
        return sum(len(image.content or b"") for chunk in self._under_way.values() for image in chunk)

    def hand_out(self, chunk: list[Image]) -> None:
        future = self._client.submit(self._work, chunk, pure=False)
        self._under_way[future] = chunk
        self._done.add(future)

    def next_done(self) -> tuple[Future, list[Image]]:
        """Waits for a task; gives its future, which is to be released, and its images."""
        future = next(self._done)
        return future, self._under_way.pop(future)


def _rows_of(client: Client, job: Job, future: Future, chunk: Sequence[Image]) -> list[Row]:
    """The rows of a task. One that ended several workers is done again image by image; an image that ends a worker even
    alone is a row with that reason."""
    try:
        return list(future.result())
    except KilledWorker:
        rows: list[Row] = []
        for image in chunk:
            alone = client.submit(cluster_worker.screen, job.key, [image], pure=False)
            try:
                rows += alone.result()
            except KilledWorker:
                rows.append(_failed(image.path, job, Message("picture-ends-worker")))
        return rows
    finally:
        future.release()


def _failed(path: Path, job: Job, reason: Message) -> Row:
    return as_csv_row(Screening(path, job.bundle.card.model_id, times.now(), error=reason))


def _chunks(paths: Iterator[Path], job: Job, writer: _Writer, *, send: bool) -> Iterator[list[Image]]:
    """Groups of images as tasks. With `send`, they are read here; one that can't be read is a row at once."""
    chunk: list[Image] = []
    size = 0
    for path in paths:
        loaded = load(path, job.bundle.card.model_id) if send else None
        if isinstance(loaded, Screening):
            writer.add([as_csv_row(loaded)])
            continue
        chunk.append(Image(path, loaded.content if loaded else None))
        size += len(loaded.content) if loaded else 0
        if len(chunk) == CHUNK_SIZE or size >= SENT_WITH_A_TASK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _paths(options: argparse.Namespace) -> Iterator[Path]:
    """The images' paths, none kept. A worker on another machine that reads them itself needs them absolute."""
    for path in find_images(named(options), recursive=options.recursive, in_order=False):
        yield path if options.send or options.cluster == LOCAL else path.absolute()


class _Writer:
    """Writes rows in groups, so that the disk is not waited for after each task."""

    def __init__(self, results: ResultsFile, progress: tqdm) -> None:
        self._results = results
        self._progress = progress
        self._waiting: list[Row] = []
        self._written = time.monotonic()

    def add(self, rows: Sequence[Row]) -> None:
        self._waiting += rows
        if time.monotonic() - self._written >= WRITTEN_AT_LEAST:
            self.flush()

    def flush(self) -> None:
        self._results.add(self._waiting)
        self._progress.update(len(self._waiting))
        self._waiting, self._written = [], time.monotonic()


@contextlib.contextmanager
def _progress(options: argparse.Namespace, already: int) -> Iterator[tqdm]:
    """A line with speed and time left; how many images there are is counted meanwhile."""
    on_terminal = sys.stderr is not None and sys.stderr.isatty()
    with tqdm(initial=already, unit="image", disable=not on_terminal) as progress:
        ended = threading.Event()

        def count() -> None:
            progress.total = sum(1 for _ in itertools.takewhile(lambda _: not ended.is_set(), _paths(options)))

        if on_terminal:
            threading.Thread(target=count, daemon=True).start()
        try:
            yield progress
        finally:
            ended.set()
