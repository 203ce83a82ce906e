"""Images within a ZIP: they go by the ZIP's path with their name in it behind, and are read without unpacking."""

from __future__ import annotations

import contextlib
import os.path
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message

SUFFIX = ".zip"


def is_archive(path: Path) -> bool:
    return path.suffix.lower() == SUFFIX and os.path.isfile(path)


def split(path: Path) -> tuple[Path, str] | None:
    """The ZIP and the name within it, where the path leads into one."""
    for parent in path.parents:
        if is_archive(parent):
            return parent, path.relative_to(parent).as_posix()
    return None


def members(archive: Path) -> list[Path]:
    """The paths of the files within, by name. Raises `OSError`, or `ValueError` for what is no ZIP.

    A name that would lead out of the ZIP has no path, and is passed over.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            names = sorted(info.filename for info in opened.infolist() if not info.is_dir())
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(str(error)) from error
    return [archive / name for name in names if not _leads_out(name)]


def keep_open() -> None:
    """From now on the thread that calls keeps the last ZIP open that it read from, until it ends.

    To find a file in a ZIP, its whole list is read; for a batch that is once, not once an image.
    """
    _kept.last = None


def read(archive: Path, name: str, *, max_bytes: int) -> bytes:
    """The content of a file within. Raises `ImageError` where there is none to be had."""
    try:
        with _opened(archive) as opened:
            info = opened.getinfo(name)
            if info.file_size > max_bytes:
                too_large = Message("zip-member-too-large", megabytes=info.file_size / 1e6)
                raise ImageError(ImageProblem.TOO_LARGE, too_large)
            if info.flag_bits & 1:
                raise ImageError(ImageProblem.UNSUPPORTED, Message("zip-locked"))
            data = opened.read(info)
    except ImageError:
        raise
    except KeyError as error:
        raise ImageError(ImageProblem.NOT_FOUND, Message("zip-member-missing")) from error
    except NotImplementedError as error:
        raise ImageError(ImageProblem.UNSUPPORTED, Message("zip-packing-unknown", cause=error)) from error
    except OSError as error:
        cause = error.strerror or error
        raise ImageError(ImageProblem.NOT_READABLE, Message("zip-unreadable", cause=cause)) from error
    except MemoryError as error:
        raise ImageError(ImageProblem.TOO_LARGE, Message("file-out-of-memory")) from error
    except Exception as error:  # each way of packing has errors of its own
        raise ImageError(ImageProblem.DAMAGED, Message("zip-damaged", cause=error)) from error
    if not data:
        raise ImageError(ImageProblem.EMPTY, Message("file-empty"))
    return data


_kept = threading.local()


@contextlib.contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    if not hasattr(_kept, "last"):
        with zipfile.ZipFile(archive) as opened:
            yield opened
        return
    status = archive.stat()
    state = (archive, status.st_mtime_ns, status.st_size)
    if _kept.last is None or _kept.last[0] != state:
        _kept.last = (state, zipfile.ZipFile(archive))
    yield _kept.last[1]


def _leads_out(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return name.startswith("/") or ".." in parts or ":" in parts[0]
