"""Images within a ZIP: they go by the ZIP's path with their name in it behind, and are read without unpacking."""

from __future__ import annotations

import contextlib
import itertools
import os.path
import threading
import zipfile
from collections.abc import Container, Iterator, Sequence
from pathlib import Path, PurePosixPath

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message

SUFFIX = ".zip"


def is_archive(path: Path) -> bool:
    return is_named_as_one(path) and os.path.isfile(path)


def is_named_as_one(path: Path) -> bool:
    """Whether a file, or one within a ZIP, is named as a ZIP."""
    return path.suffix.lower() == SUFFIX


def split(path: Path) -> tuple[Path, str] | None:
    """The ZIP and the name within it, where the path leads into one."""
    for parent in path.parents:
        if is_archive(parent):
            return parent, _name_in(parent, path)
    return None


def members(archive: Path) -> list[Path]:
    """The paths of the files within, by name. Raises `OSError`, or `ValueError` for what is no ZIP.

    A name that would lead out of the ZIP has no path, and is passed over.
    """
    with _listed(archive) as (_, entries):
        return [archive / name for name in sorted(entries)]


def heads(archive: Path, paths: Sequence[Path], *, size: int) -> Iterator[tuple[Path, bytes]]:
    """The first bytes of files within; none of one that can't be read. Raises as `members`."""
    if not paths:
        return
    with _listed(archive) as (opened, entries):
        for path in paths:
            head = b""
            with contextlib.suppress(Exception), opened.open(entries[_name_in(archive, path)]) as content:
                head = content.read(size)
            yield path, head


def keep_open() -> None:
    """From now on the thread that calls keeps the last ZIP open that it read from, until it ends.

    To find a file in a ZIP, its whole list is read; for a batch that is once, not once an image.
    """
    _kept.last = None


def read(archive: Path, name: str, *, max_bytes: int) -> bytes:
    """The content of a file within. Raises `ImageError` where there is none to be had."""
    try:
        with _opened(archive) as (opened, entries):
            info = entries[name]
            if info.file_size > max_bytes:
                too_large = Message("zip-member-too-large", megabytes=info.file_size / 1e6)
                raise ImageError(ImageProblem.TOO_LARGE, too_large)
            if is_named_as_one(archive / name):
                raise ImageError(ImageProblem.UNSUPPORTED, Message("zip-nested"))
            if info.flag_bits & 1:
                raise ImageError(ImageProblem.UNSUPPORTED, Message("zip-locked"))
            data = opened.read(info)
    except ImageError:
        raise
    except KeyError as error:
        raise ImageError(ImageProblem.NOT_FOUND, Message("zip-member-missing")) from error
    except NotImplementedError as error:
        raise ImageError(ImageProblem.UNSUPPORTED, Message("zip-packing-unknown")) from error
    except OSError as error:
        cause = error.strerror or error
        raise ImageError(ImageProblem.NOT_READABLE, Message("zip-unreadable", cause=cause)) from error
    except MemoryError as error:
        raise ImageError(ImageProblem.TOO_LARGE, Message("file-out-of-memory")) from error
    except Exception as error:  # each way of packing has errors of its own
        raise ImageError(ImageProblem.DAMAGED, Message("zip-damaged")) from error
    if not data:
        raise ImageError(ImageProblem.EMPTY, Message("file-empty"))
    return data


_kept = threading.local()


@contextlib.contextmanager
def _opened(archive: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    """A ZIP and its files by name: the one that `keep_open` keeps, or one opened now."""
    if not hasattr(_kept, "last"):
        with zipfile.ZipFile(archive) as opened:
            yield opened, _entries(opened)
        return
    status = archive.stat()
    state = (archive, status.st_mtime_ns, status.st_size)
    if _kept.last is None or _kept.last[0] != state:
        kept = zipfile.ZipFile(archive)
        _kept.last = (state, kept, _entries(kept))
    yield _kept.last[1:]


@contextlib.contextmanager
def _listed(archive: Path) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    """As `_opened`, with `ValueError` for what is no ZIP."""
    try:
        with _opened(archive) as found:
            yield found
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(str(error)) from error


def _entries(opened: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files within by a name that each has alone: a second one of a name is numbered, `./` and `//` go."""
    found: dict[str, zipfile.ZipInfo] = {}
    for info in opened.infolist():
        name = _clean(info.filename)
        if name and not info.is_dir():
            found[_numbered(name, found) if name in found else name] = info
    return found


def _clean(name: str) -> str:
    """A name as a path below the ZIP's; empty for one that would lead out of it, or names nothing."""
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or ".." in parts or not parts or parts[0][1:2] == ":":  # a drive of Windows
        return ""
    return "/".join(parts)


def _numbered(name: str, taken: Container[str]) -> str:
    path = PurePosixPath(name)
    numbered = (str(path.with_name(f"{path.stem} ({number}){path.suffix}")) for number in itertools.count(2))
    return next(each for each in numbered if each not in taken)


def _name_in(archive: Path, path: Path) -> str:
    return path.relative_to(archive).as_posix()
