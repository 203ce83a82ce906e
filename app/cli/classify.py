"""`melascreen classify`: the program without a window, for scripts and for measuring a model."""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from app.core.domain.errors import BundleError, HistoryError
from app.core.domain.results import Screening
from app.core.exchange import table
from app.core.history.repository import EntryRepository
from app.core.imaging.find import find_images
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from app.core.model.library import ModelLibrary
from app.core.screening.pipeline import screen_file
from app.core.system import paths
from app.core.system.files import write_atomically
from app.core.system.settings import load_settings

ALL_WELL, SOME_FAILED, NOT_DONE = 0, 1, 2


def main(arguments: list[str]) -> int:
    """Classify what is named and write a row an image, in the order given. Returns the exit status.

    0 when all went well, 1 when some images failed or could not be recorded, 2 for wrong usage and where
    nothing could be done (no model, a table that can't be written).
    """
    options = _parser().parse_args(arguments)
    data = paths.user_data()
    models = ModelLibrary(data.models, paths.bundled_model(), override=options.model)
    try:
        classifier = Classifier(load_bundle(models.path(load_settings(data.settings).model)))
    except BundleError as error:
        return _not_done(str(error))
    for file in filter(None, (options.csv, options.json)):
        try:
            _check_writable(file)
        except OSError as error:
            return _not_done(f"{file}: can't be written: {error.strerror}.")
    files = list(find_images(options.paths, recursive=options.recursive))
    if not files:
        return _not_done("There is no image in what was named.")
    history = None if options.no_history else EntryRepository(data.history)
    recorder = _Recorder(history)
    # thumbnails are for the history; without them a row is small however many there are
    screenings = [
        replace(screening, thumbnail=b"", explanation=None)
        for screening in recorder.recorded(_screened(files, classifier, options))
    ]
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
    return SOME_FAILED if failed or recorder.failed else ALL_WELL


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


class _Recorder:
    """Writes results to the history; if it can't be written, says so once and goes on without."""

    def __init__(self, history: EntryRepository | None) -> None:
        self._history = history
        self.failed = False

    def recorded(self, screenings: Iterable[Screening]) -> Iterator[Screening]:
        for screening in screenings:
            if self._history is not None and screening.prediction is not None:
                try:
                    self._history.add(replace(screening, path=screening.path.absolute()))
                except HistoryError as error:
                    self._history, self.failed = None, True
                    _say(f"{error} The results are not recorded.")
            yield screening


def _screened(files: list[Path], classifier: Classifier, options: argparse.Namespace) -> Iterator[Screening]:
    on_terminal = sys.stderr is not None and sys.stderr.isatty()
    for file in tqdm(files, unit="image", disable=not on_terminal):
        yield screen_file(file, classifier, consistency=options.consistency, force_prediction=options.force_prediction)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="melascreen classify",
        description="Classify dermoscopy images; a row an image, in the order given, as CSV."
        " It supports a decision and makes none.",
        epilog="Exit status: 0 all well, 1 some images failed, 2 wrong usage or nothing could be done.",
    )
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="an image or a folder of images")
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
    return parser


def _not_done(reason: str) -> int:
    _say(reason)
    return NOT_DONE


def _say(text: str) -> None:
    print(f"melascreen: {text}", file=sys.stderr)  # noqa: T201 - the command line's own voice
