"""Watched folders: what came into one is written down, then judged once, whatever happens in between."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from app.core.domain.entry import Entry
from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message
from app.core.domain.results import Screening
from app.core.history.arrivals import Arrival, ArrivalRepository
from app.core.imaging.read import read_bytes
from app.core.imaging.watch import FolderWatch, FoundFile, Known, Look, Stamp
from app.core.screening.options import ScreeningOptions
from app.core.screening.service import ImageSource, ScreeningService


class FolderArrivals:
    """A watched folder with what the history knows of it. Of one thread at a time. Methods raise `HistoryError`."""

    def __init__(
        self,
        folder: Path,
        arrivals: ArrivalRepository,
        *,
        apart: Collection[Path] = (),
        watch: Callable[[Path], FolderWatch] = FolderWatch,
    ) -> None:
        """`apart` are folders within this one that are watched by themselves."""
        self.folder = folder
        self._arrivals = arrivals
        self.apart = tuple(apart)
        self._make = watch
        self._watch: FolderWatch | None = None

    def look(self) -> Look:
        """Look once. At the first look that sees all of it, ever, what lies there is written down as known."""
        if self._watch is None:
            watch = self._make(self.folder)
            if self.folder not in self._arrivals.folders():
                files, problem = watch.everything(self.apart)
                if problem is not None:
                    return Look(problem=problem)
                self._arrivals.begin(self.folder, files)
            watch.learn(self._arrivals.known(self.folder))
            self._watch = watch
        return self._watch.look(self.apart)

    def write(self, files: Sequence[tuple[FoundFile, str]], passed: Sequence[FoundFile]) -> list[Arrival]:
        """Write down what a look found: files, each with its patient, and what is not to be judged. Gives the new."""
        added = self._arrivals.add(self.folder, files)
        if passed:
            self._arrivals.pass_over(self.folder, passed)
        if self._watch is not None:
            known = {file.key: Known(file.stamp, judged=True) for file, _ in files}
            self._watch.learn(known | {file.key: Known(file.stamp, judged=False) for file in passed})
        return added


def around(folder: Path, others: Iterable[Path]) -> Path | None:
    """The nearest of other folders in which a folder lies."""
    outer = [other for other in others if other in folder.parents]
    return max(outer, key=lambda other: len(other.parts), default=None)


def forget_others(arrivals: ArrivalRepository, kept: Sequence[Path]) -> None:
    """Forget folders that are watched no more by the settings, which may have been changed elsewhere."""
    for folder in arrivals.folders():
        if folder not in kept:
            arrivals.forget(folder, within=around(folder, kept))


class Outcome(Enum):
    """What became of an arrival that was to be judged."""

    DONE = auto()
    GONE = auto()
    """The file is there no more."""
    LATER = auto()
    """It can't be read now: its folder is away, or it is still written, and then found once more."""


@dataclass(frozen=True)
class Judged:
    """An arrival and what became of it. `renamed`: it had been judged under another name."""

    arrival: Arrival
    outcome: Outcome
    renamed: bool = False


def judge(
    arrival: Arrival, service: ScreeningService, arrivals: ArrivalRepository, options: ScreeningOptions
) -> Judged:
    """Judge an arrival and write down what came of it. The file is read, and nothing else is done to it.

    Raises `BundleError` where there is no model and `HistoryError`; it waits then.
    """
    outcome = _whether(arrival)
    if outcome is not Outcome.DONE:
        if outcome is Outcome.GONE:
            arrivals.drop(arrival)
        return Judged(arrival, outcome)
    try:
        content = read_bytes(arrival.path)
    except ImageError as error:
        if _may_be_read_later(arrival, error):
            return Judged(arrival, Outcome.LATER)
        return Judged(arrivals.finish(arrival, failure=str(error)), Outcome.DONE)
    sha256 = hashlib.sha256(content).hexdigest()
    same = arrivals.same_content(arrival, sha256)
    if same is not None and not os.path.lexists(same.path) and os.path.isdir(same.path.parent):
        return Judged(arrivals.take_over(arrival, same, sha256), Outcome.DONE, renamed=True)
    entry, failure = None, ""
    for result in service.screen(ImageSource(arrival.path, content), options):
        if isinstance(result, Entry):
            entry = result
        elif isinstance(result, Screening) and result.prediction is None:
            failure = str(result.error)
    return Judged(arrivals.finish(arrival, sha256, entry=entry, failure=failure), Outcome.DONE)


def _whether(arrival: Arrival) -> Outcome:
    """Whether an arrival can be judged now; `DONE` where it can."""
    try:
        status = arrival.path.stat()
    except FileNotFoundError:
        return Outcome.GONE if os.path.isdir(arrival.folder) else Outcome.LATER
    except OSError:
        return Outcome.DONE if os.path.isdir(arrival.folder) else Outcome.LATER
    is_same = Stamp(status.st_size, status.st_mtime_ns) == arrival.file.stamp
    return Outcome.DONE if is_same else Outcome.LATER


def _may_be_read_later(arrival: Arrival, error: ImageError) -> bool:
    if error.problem is ImageProblem.NOT_FOUND or not os.path.isdir(arrival.folder):
        return True
    return isinstance(error.message, Message) and error.message.code == "file-changing"
