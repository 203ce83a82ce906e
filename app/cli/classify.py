"""`melascreen classify`: the program without a window, for scripts and for measuring a model."""

from __future__ import annotations

import argparse
import errno
import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from app.core.domain.errors import BundleError, HistoryError
from app.core.domain.results import Screening
from app.core.exchange import table
from app.core.history.batches import BatchRepository
from app.core.history.database import Database
from app.core.history.image_store import ImageStore
from app.core.history.transfer import DATABASE, scratch_folder
from app.core.imaging.find import find_images
from app.core.model.bundle import ModelBundle, load_bundle
from app.core.model.classifier import Classifier
from app.core.model.library import ModelLibrary
from app.core.screening.batch_runner import run_batch
from app.core.screening.pipeline import without_consistency
from app.core.system import log, paths
from app.core.system.files import write_atomically
from app.core.system.settings import load_settings

ALL_WELL, SOME_FAILED, NOT_DONE = 0, 1, 2


def main(arguments: list[str]) -> int:
    """Classify the named images on all cores and write a row an image, in the order given. Returns the exit status.

    0 when all went well, 1 when some images failed or could not be recorded, 2 for wrong usage and where
    nothing could be done (no model, a table that can't be written).
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if not (options.paths or options.list):
        parser.error("name an image, a folder or a ZIP, or a --list of them")
    data = paths.user_data()
    log.start(data.log)
    settings = load_settings(data.settings)
    models = ModelLibrary(data.models, paths.bundled_model(), override=options.model)
    try:
        bundle = load_bundle(models.path(settings.model))
        if options.cluster:
            return _on_cluster(options, bundle)
        runner = _Runner(bundle, options)
    except BundleError as error:
        return _not_done(str(error))
    if options.parquet or options.send:
        return _not_done("--parquet and --send go with --cluster.")
    for file in filter(None, (options.csv, options.json)):
        try:
            _check_writable(file)
        except OSError as error:
            return _not_done(f"{file}: can't be written: {error.strerror}.")
    try:
        files = list(find_images(named(options), recursive=options.recursive))
    except OSError as error:
        return _not_done(f"{options.list}: can't be read: {error.strerror}.")
    if not files:
        return _not_done("There is no image in what was named.")
    history = None if options.no_history else Database(data.history)
    try:
        screenings = runner.screened(files, history, ImageStore(data.images) if settings.keep_images else None)
    except (BundleError, HistoryError, OSError) as error:
        return _not_done(str(error))
    for file, written_as in ((options.csv, table.as_csv), (options.json, table.as_json)):
        try:
            if file:
                write_atomically(file, written_as(screenings))
        except OSError as error:
            return _not_done(f"{file}: can't be written: {error.strerror}.")
    if not (options.csv or options.json):
        _write_out(table.as_csv(screenings))
    failed = sum(screening.prediction is None for screening in screenings)
    if failed:
        _say(f"{failed} of {len(screenings)} images could not be classified; the table says why.")
    return SOME_FAILED if failed or runner.is_unrecorded else ALL_WELL


def named(options: argparse.Namespace) -> Iterator[Path]:
    """The files and folders that are named by the options, and in the list. Raises `OSError`."""
    yield from options.paths
    if options.list:
        with options.list.open(encoding="utf-8", errors="surrogateescape") as lines:
            yield from (Path(name) for line in lines if (name := line.rstrip("\r\n")))


def _on_cluster(options: argparse.Namespace, bundle: ModelBundle) -> int:
    """Classify on a cluster, where nothing is recorded in the history; returns the exit status."""
    if bool(options.csv) == bool(options.parquet) or options.json:
        return _not_done("With --cluster, name the file of the results: --csv FILE or --parquet FILE.")
    try:
        from app.cli import cluster, results_file  # the one part that uses a network
    except ModuleNotFoundError as error:
        return _not_done(
            f"--cluster needs packages that are not here ({error.name}); it works from source (see the README)."
        )
    try:
        images, failed = cluster.classify(options, bundle)
    except (cluster.ClusterError, results_file.ResultsError) as error:
        return _not_done(str(error))
    except sqlite3.Error as error:
        return _not_done(f"There is no room for a temporary database: {error}.")
    except OSError as error:
        return _not_done(f"{error.filename or options.csv or options.parquet}: {error.strerror or error}.")
    if not images:
        return _not_done("There is no image in what was named.")
    if failed:
        _say(f"{failed} of {images} images could not be classified; the table says why.")
    return SOME_FAILED if failed else ALL_WELL


def _check_writable(table: Path) -> None:
    """Before the work, not after it: raises `OSError` where the table could not be put there."""
    if table.exists():
        with table.open("r+b"):
            pass
    elif not os.access(table.absolute().parent, os.W_OK):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder, or it is read-only")


def _write_out(table: bytes) -> None:
    try:
        sys.stdout.buffer.write(table)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Runner:
    """Runs the images as a batch in the history, or in a temporary database where they are not recorded."""

    def __init__(self, bundle: ModelBundle, options: argparse.Namespace) -> None:
        """Raises `BundleError` where the network can't be loaded."""
        self._bundle = bundle
        self._options = options
        self._spare = [Classifier(bundle, threads=1)]
        self.is_unrecorded = False
        """Whether the history could not be written to, which was said."""

    def screened(self, files: Sequence[Path], history: Database | None, keep: ImageStore | None) -> list[Screening]:
        """A result for each file, in order and under its path as given. With `keep`, copies of images go there.

        Raises `HistoryError` or `OSError` where there is no room for a temporary database.
        """
        found: dict[int, Screening] = {}
        on_terminal = sys.stderr is not None and sys.stderr.isatty()
        with tqdm(total=len(files), unit="image", disable=not on_terminal) as progress:
            if history is not None:
                try:
                    for position, screening in self._run(files, history, keep):
                        found[position] = screening
                        progress.update()
                except HistoryError as error:
                    self.is_unrecorded = True
                    _say(f"{error} The results are not recorded.")
            left = [position for position in range(len(files)) if position not in found]
            if left:
                with scratch_folder() as folder:
                    for index, screening in self._run([files[i] for i in left], Database(folder / DATABASE), None):
                        found[left[index]] = screening
                        progress.update()
        return [found[position] for position in range(len(files))]

    def _run(
        self, files: Sequence[Path], database: Database, keep: ImageStore | None
    ) -> Iterator[tuple[int, Screening]]:
        """Positions and results, in the order of completion. The history holds absolute paths."""
        batches = BatchRepository(database)
        batch = batches.create([file.absolute() for file in files], (), command=self._checksum(files))
        groups = run_batch(
            batches,
            batch,
            self._make_classifier,
            bundle=self._bundle,
            keep=keep,
            consistency=self._options.consistency,
            force_prediction=self._options.force_prediction,
        )
        point = self._bundle.card.operating_point
        for row in (row for group in groups for row in group):
            screening = replace(row.screening, path=files[row.position])
            yield row.position, screening if self._options.consistency else without_consistency(screening, point)

    def _make_classifier(self) -> Classifier:
        return self._spare.pop() if self._spare else Classifier(self._bundle, threads=1)

    def _checksum(self, files: Sequence[Path]) -> str:
        """Of the command: its files, model and options. The same command takes up what a killed one left."""
        options = self._options
        model = self._bundle.card.model_id
        told_by = [model.sha256, model.card_sha256, options.consistency, options.force_prediction]
        paths_hex = [os.fsencode(file.absolute()).hex() for file in files]
        return hashlib.sha256(json.dumps([told_by, paths_hex]).encode()).hexdigest()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="melascreen classify",
        description="Classify dermoscopy images; a row an image, in the order given, as CSV."
        " It supports a clinical decision and does not replace it.",
        epilog="Exit status: 0 all well, 1 some images failed, 2 wrong usage or nothing could be done.",
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="an image, or a folder or ZIP of images")
    parser.add_argument("--list", type=Path, metavar="FILE", help="take the paths in this file too, one a line")
    parser.add_argument("--recursive", action="store_true", help="look into the folders' folders too")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the table here, not to the output")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write it as JSON")
    text = "look at turned and cropped copies too, and say whether the answer is steady; takes three times as long"
    parser.add_argument("--stability", dest="consistency", action="store_true", help=text)
    text = "give a number even for what does not look like a dermoscopy image; the row says so"
    parser.add_argument("--although-unfamiliar", dest="force_prediction", action="store_true", help=text)
    parser.add_argument("--no-history", action="store_true", help="do not record the results in the history")
    parser.add_argument(
        "--model", type=Path, metavar="FOLDER", help="use this model bundle, not the one chosen in the window"
    )
    _add_cluster(parser)
    return parser


def _add_cluster(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "cluster", "For an archive: the work is done by the workers of a Dask cluster, and not recorded in the history."
    )
    text = "the address of the cluster's scheduler, or `local` for workers on this machine"
    group.add_argument("--cluster", metavar="ADDRESS", help=text)
    text = "write the table as Parquet; like --csv, it is gone on with if it is there"
    group.add_argument("--parquet", type=Path, metavar="FILE", help=text)
    text = "send the images to the workers, which otherwise read them by the same paths"
    group.add_argument("--send", action="store_true", help=text)
    for name, text in (
        ("ca", "the certificate that the scheduler's is signed by"),
        ("cert", "this machine's certificate"),
        ("key", "its key"),
    ):
        group.add_argument(f"--tls-{name}", type=Path, metavar="FILE", help=f"for another machine: {text}")
    text = "connect to another machine without encryption"
    group.add_argument("--insecure", action="store_true", help=text)


def _not_done(reason: str) -> int:
    _say(reason)
    return NOT_DONE


def _say(text: str) -> None:
    print(f"melascreen: {text}", file=sys.stderr)  # noqa: T201 - the command line's own voice
