"""Looks at a folder again and again: which of its images are new, and no longer being written."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.domain.messages import Message
from app.core.imaging.decode import is_picture
from app.core.imaging.find import SUFFIXES, may_be_without, read_head

RAW_SUFFIXES = frozenset(
    {".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dng", ".erf", ".iiq", ".kdc", ".mef", ".mos", ".mrw", ".nef", ".nrw"}
    | {".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f"}
)
"""Endings of the raw files that cameras write, often beside a JPEG of the same name."""
OTHERS = frozenset({"@eadir", "#recycle", "$recycle.bin", "system volume information", "__macosx"})
"""Folders, in lower case, in which disks and other programs keep what is no new image."""
DEEPEST = 32
"""Levels of folders: a link that leads back to its own folder ends there."""
OFTEN = 0.25
"""Seconds: a look that takes longer is thorough at every tenth time only."""
EVERY = 10


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file's size in bytes and its time of change in nanoseconds: it is the same file while both are equal."""

    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file with the stamp that it had."""

    path: Path
    stamp: Stamp

    @property
    def key(self) -> bytes:
        return key_of(self.path)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a file from before; `judged`: its content was read then."""

    stamp: Stamp
    judged: bool


@dataclass(frozen=True, slots=True)
class Look:
    """What one look found.

    `still` are new files that are written to the end. `passed` are not to be judged: raw files beside an image of the
    same name, and what lay in the folder under another name before it was watched. `unsettled` are the keys of new
    files that may still be written. `folders` are those that were looked into. `problem` says why not all was seen.
    """

    still: tuple[FoundFile, ...] = ()
    passed: tuple[FoundFile, ...] = ()
    unsettled: frozenset[bytes] = frozenset()
    folders: tuple[Path, ...] = ()
    problem: Message | None = None
    seconds: float = 0.0


@dataclass(slots=True)
class _Candidate:
    """A new file: its stamp, and since when it has it."""

    stamp: Stamp
    since: float


@dataclass(frozen=True, slots=True)
class _Name:
    path: str
    key: bytes
    is_raw: bool
    has_ending: bool
    entry: os.DirEntry[str]


class FolderWatch:
    """The looks at one folder and all below it. Of one thread at a time. Nothing is written, moved or opened to write.

    A file is still when its size and time of change are equal in looks that are `settle` seconds apart, it is not
    empty, and it can be opened; one that is empty or can't be opened is given after `patience` seconds all the same,
    so that it gets its reason. A raw file is passed over beside an image of the same name, and else given after
    `raw_patience` seconds.
    """

    def __init__(
        self,
        folder: Path,
        *,
        settle: float = 1.0,
        patience: float = 60.0,
        raw_patience: float = 15.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self._settle, self._patience, self._raw_patience = settle, patience, raw_patience
        self._clock = clock
        self._known: dict[bytes, Known] = {}
        self._candidates: dict[bytes, _Candidate] = {}
        self._no_images: dict[bytes, Stamp] = {}
        self._raws_given: set[bytes] = set()
        self._looks = 0
        self._thorough_took = 0.0

    def learn(self, known: dict[bytes, Known]) -> None:
        """Take files as known from now on, by the keys of their paths."""
        self._known.update(known)
        for key, each in known.items():
            self._candidates.pop(key, None)
            if not each.judged:
                self._raws_given.discard(key)

    def everything(self, apart: Collection[Path] = ()) -> tuple[list[FoundFile], Message | None]:
        """All images as they are now, still or not, and why not all were seen. Folders `apart` are left out."""
        listing = _Listing(apart)
        names = list(listing.names(str(self.folder)))
        paths = [*(name.path for name in names), *listing.paired.values()]
        found = [FoundFile(Path(path), stamp) for path in paths if (stamp := _stamp(path)) is not None]
        return found, listing.problem

    def look(self, apart: Collection[Path] = ()) -> Look:
        """Look once. Folders `apart` are left out."""
        began = time.perf_counter()
        now = self._clock()
        thorough = self._thorough_took <= OFTEN or self._looks % EVERY == 0
        self._looks += 1
        listing = _Listing(apart)
        seen: set[bytes] = set()
        fresh: list[FoundFile] = []
        for name in listing.names(str(self.folder)):
            seen.add(name.key)
            found = self._new_file(name, now, thorough=thorough)
            if found is not None:
                fresh.append(found)
        seen.update(listing.paired)
        if listing.problem is None:
            self._candidates = {key: value for key, value in self._candidates.items() if key in seen}
        moved = self._moved(fresh, seen) if fresh and listing.problem is None else set()
        paired = self._newly_paired(listing.paired)
        took = time.perf_counter() - began
        if thorough:
            self._thorough_took = took
        given = {found.key for found in fresh}
        return Look(
            still=tuple(found for found in fresh if found.path not in moved),
            passed=(*(found for found in fresh if found.path in moved), *paired),
            unsettled=frozenset(self._candidates.keys() - given),
            folders=tuple(map(Path, listing.folders)),
            problem=listing.problem,
            seconds=took,
        )

    def _new_file(self, name: _Name, now: float, *, thorough: bool) -> FoundFile | None:
        """The file if it is new and still. It stays a candidate until it is known."""
        known = self._known.get(name.key)
        if known is not None and not thorough and name.key not in self._candidates:
            return None
        stamp = _stamp(name.path) if known is None else _stamp_of(name.entry)
        if stamp is None or (known is not None and known.stamp == stamp) or self._no_images.get(name.key) == stamp:
            return None
        candidate = self._candidates.get(name.key)
        if candidate is None or candidate.stamp != stamp:
            self._candidates[name.key] = _Candidate(stamp, now)
            return None
        age = now - candidate.since
        if age < (self._raw_patience if name.is_raw else self._settle):
            return None
        if (not stamp.size or not _can_be_read(name.path)) and age < self._patience:
            return None
        if not name.has_ending and not name.is_raw and not is_picture(read_head(name.path)):
            self._no_images[name.key] = stamp
            del self._candidates[name.key]
            return None
        if name.is_raw:
            self._raws_given.add(name.key)
        return FoundFile(Path(name.path), stamp)

    def _newly_paired(self, paired: dict[bytes, str]) -> list[FoundFile]:
        """Raw files whose image has come."""
        keys = [key for key in paired if key not in self._known or key in self._raws_given]
        return [FoundFile(Path(paired[key]), stamp) for key in keys if (stamp := _stamp(paired[key])) is not None]

    def _moved(self, fresh: list[FoundFile], seen: set[bytes]) -> set[Path]:
        """Those of new files that take the place of files which were never judged and are gone."""
        gone = Counter(known.stamp for key, known in self._known.items() if not known.judged and key not in seen)
        moved: set[Path] = set()
        for found in fresh:
            if gone[found.stamp] > 0:
                gone[found.stamp] -= 1
                moved.add(found.path)
        return moved


class _Listing:
    """Names of images in a folder and below it; what could not be looked into."""

    def __init__(self, apart: Collection[Path]) -> None:
        self._apart = {str(folder) for folder in apart}
        self.folders: list[str] = []
        self.paired: dict[bytes, str] = {}
        """Raw files beside an image of the same name: paths by their keys."""
        self.problem: Message | None = None

    def names(self, folder: str, depth: int = 0) -> Iterator[_Name]:
        try:
            with os.scandir(folder) as entries:
                listed = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            if depth == 0 or not isinstance(error, FileNotFoundError):  # a subfolder may go at any time
                self.problem = self.problem or _why(folder, error)
            return
        self.folders.append(folder)
        parts = [_parts(entry.name) for entry in listed]
        stems = {stem for stem, ending in parts if ending in SUFFIXES}
        within: list[str] = []
        for entry, (stem, ending) in zip(listed, parts, strict=True):
            is_raw, is_named = ending in RAW_SUFFIXES, ending in SUFFIXES
            if is_raw and stem in stems:
                self.paired[key_of(entry.path)] = entry.path
            elif (is_raw or is_named or may_be_without(entry.name)) and _is_file(entry):
                yield _Name(entry.path, key_of(entry.path), is_raw, is_named, entry)
            elif _is_folder(entry) and entry.name.lower() not in OTHERS and entry.path not in self._apart:
                within.append(entry.path)
        if depth < DEEPEST:
            for each in within:
                yield from self.names(each, depth + 1)


def key_of(path: Path | str) -> bytes:
    """What stands for a path where the path itself need not be kept: its SHA-256."""
    return hashlib.sha256(os.fsencode(path)).digest()


def _parts(name: str) -> tuple[str, str]:
    """A name without its ending, and the ending with its dot, in lower case. `PurePath` takes ten times as long."""
    stem, dot, ending = name.lower().rpartition(".")
    return (stem, dot + ending) if stem else (name.lower(), "")


def _why(folder: str, error: OSError) -> Message:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Message("folder-missing", folder=folder)
    if isinstance(error, PermissionError):
        return Message("folder-not-permitted", folder=folder)
    return Message("folder-unreadable", folder=folder, cause=error.strerror or error)


def _stamp(path: str) -> Stamp | None:
    """By the file itself: on Windows a folder's listing lags behind while a file is written."""
    try:
        status = os.stat(path)  # noqa: PTH116 - thousands at once
    except OSError:
        return None
    return Stamp(status.st_size, status.st_mtime_ns)


def _stamp_of(entry: os.DirEntry[str]) -> Stamp | None:
    try:
        status = entry.stat()
    except OSError:
        return None
    return Stamp(status.st_size, status.st_mtime_ns)


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _can_be_read(path: str) -> bool:
    """Whether it opens: a program that still writes may keep others out."""
    try:
        with Path(path).open("rb") as file:
            file.read(1)
    except OSError:
        return False
    return True
