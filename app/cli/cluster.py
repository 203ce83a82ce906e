"""`melascreen classify --cluster`: an archive's images on the workers of a Dask cluster, rows to one file as they come.

The one part of the program that uses a network. The window never loads it, and the installed program has not the
packages for it (the extra `cluster`).
"""

from __future__ import annotations

import argparse
import contextlib
import ipaddress
import itertools
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
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
from app.cli.cluster_worker import Image, Job, Row, ScreenerPlugin, UnfitWorkerError
from app.cli.results_file import ResultsFile, read_parquet, write_parquet
from app.core.domain import times
from app.core.domain.errors import BundleError
from app.core.domain.messages import Message
from app.core.domain.results import Screening
from app.core.exchange.table import as_csv_row
from app.core.imaging import archive
from app.core.imaging.find import find_images
from app.core.model.bundle import ModelBundle
from app.core.screening.pipeline import load

LOCAL = "local"
CHUNK_SIZE = 64
"""Images of a task: the scheduler's own work for each is then small."""
AHEAD = 3
"""Tasks under way or waiting, for each thread of the workers."""
LOCAL_SETTINGS = {
    "distributed.scheduler.allowed-failures": 1,
    "distributed.worker.profile.enabled": False,
    # without the library's own, which has the C library give memory back after each picture: a third slower
    "distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1, "OPENBLAS_NUM_THREADS": 1},
}
"""Of workers on this machine: a task that ended two is given up, and nothing is watched that nobody looks at."""
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
    versions = cluster_worker.versions()
    job = Job(uuid.uuid4().hex, bundle, options.consistency, options.force_prediction, versions)
    with _connected(options) as client, contextlib.closing(ResultsFile(table, bundle.card.model_id)) as results:
        for rows in read_parquet(options.parquet) if options.parquet and options.parquet.exists() else ():
            results.take(rows)
        try:
            plugin = ScreenerPlugin(job)
            client.register_plugin(plugin)
            try:
                _run(client, job, results, options)
            finally:
                with contextlib.suppress(CommClosedError, OSError):
                    client.unregister_worker_plugin(plugin.name)
        except (BundleError, UnfitWorkerError) as error:
            raise ClusterError(str(error)) from error
        except ModuleNotFoundError as error:
            raise ClusterError(f"A worker has not this program, or not its packages: {error}") from error
        except (CancelledError, CommClosedError, TimeoutError) as error:
            raise ClusterError("The cluster is gone. The same command goes on from here.") from error
        counts = results.done, results.failed
    if options.parquet:
        write_parquet(table, options.parquet)
        table.unlink()
    return counts


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
            f"{options.cluster} is another machine: name certificates with --tls-ca, --tls-cert and --tls-key, or go "
            "without encryption with --insecure."
        )
    return None


def _address(options: argparse.Namespace, security: Security | None) -> str:
    """The scheduler's address, by TLS where there are certificates and it does not say."""
    return f"tls://{options.cluster}" if security and "://" not in options.cluster else options.cluster


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
            address = _address(options, security)
        try:
            client = open_ones.enter_context(Client(address, security=security, timeout=PATIENCE, set_as_default=False))
            client.wait_for_workers(1, timeout=PATIENCE)
        except (OSError, RuntimeError, TimeoutError, TypeError, ValueError) as error:  # the last without certificates
            raise ClusterError(f"{options.cluster}: no scheduler with a worker answers: {error}") from error
        far = [worker for worker in client.nthreads() if not (worker.startswith("tls://") or _is_loopback(worker))]
        if far and not options.insecure:
            raise ClusterError(
                f"The worker {far[0]} is on another machine, and its connection is not encrypted. Use a scheduler with "
                "certificates, or go without encryption with --insecure."
            )
        yield client


def local_cluster() -> LocalCluster:
    """A worker a core on this machine; certificates made for it keep other users of the machine out."""
    dask.config.set(LOCAL_SETTINGS)
    return LocalCluster(
        n_workers=os.cpu_count() or 1,
        threads_per_worker=1,
        processes=True,
        host="tls://127.0.0.1",
        dashboard_address=None,
        security=Security.temporary(),
    )


# --- the work -------------------------------------------------------------------------------------------------------


def _run(client: Client, job: Job, results: ResultsFile, options: argparse.Namespace) -> None:
    """Hand the images out that have no row yet, and write rows as they come."""
    already = results.done
    archive.keep_open()
    new = filter(results.claim, _paths(options))
    with _progress(options, already) as progress:
        writer = _Writer(results, progress)
        chunks = _chunks(new, job, writer, send=options.send)
        tasks = Tasks(client, partial(cluster_worker.screen, job.key))
        suspects: list[Image] = []
        try:
            while True:
                most = max(1, AHEAD * sum(client.nthreads().values()))
                while len(tasks) < most and tasks.bytes_sent < SENT_AT_ONCE and (chunk := next(chunks, None)):
                    tasks.hand_out(chunk)
                if not len(tasks):
                    break
                future, chunk = tasks.next_done()
                try:
                    writer.add(future.result())
                except KilledWorker:
                    suspects += chunk
                future.release()
            for image in suspects:  # when nothing else is under way that could end its worker
                writer.add(_alone(client, job, image))
        finally:
            writer.flush()


class Tasks:
    """The tasks that a cluster has under way."""

    def __init__(self, client: Client, work: Callable[[Sequence[Image]], object]) -> None:
        self._client = client
        self._work = work
        self._under_way: dict[Future, list[Image]] = {}
        self._done = as_completed(loop=client.loop)
        self.bytes_sent = 0
        """Of the images that were sent along with what is under way."""

    def __len__(self) -> int:
        return len(self._under_way)

    def hand_out(self, chunk: list[Image]) -> None:
        future = self._client.submit(self._work, chunk, pure=False)
        self._under_way[future] = chunk
        self.bytes_sent += _size(chunk)
        self._done.add(future)

    def next_done(self) -> tuple[Future, list[Image]]:
        """Waits for a task; gives its future, which is to be released, and its images."""
        future = next(self._done)
        chunk = self._under_way.pop(future)
        self.bytes_sent -= _size(chunk)
        return future, chunk


def _size(chunk: Sequence[Image]) -> int:
    """The bytes of the images that go with it."""
    return sum(len(image.content or b"") for image in chunk)


def _alone(client: Client, job: Job, image: Image) -> list[Row]:
    """The row of an image whose task ended its workers; if it ends them alone, too, that is its reason."""
    try:
        return list(client.submit(cluster_worker.screen, job.key, [image], pure=False).result())
    except KilledWorker:
        reason = Message("picture-ends-worker")
        return [as_csv_row(Screening(image.path, job.bundle.card.model_id, times.now(), error=reason))]


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

        if on_terminal and (options.list is None or options.list.is_file()):  # a pipe can be read but once
            threading.Thread(target=count, daemon=True).start()
        try:
            yield progress
        finally:
            ended.set()
