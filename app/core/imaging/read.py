"""Reads the content of an image file, on disk or within a ZIP."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from app.core.domain.errors import ImageError, ImageProblem
from app.core.domain.messages import Message
from app.core.imaging import archive

MAX_BYTES = 350_000_000
"""Of the file: more than `MAX_PIXELS` take uncompressed at 8 bits."""


def read_bytes(path: Path) -> bytes:
    """The content of a regular file, or of one within a ZIP. Raises `ImageError` where there is none to be had."""
    within = archive.split(path)
    if within is not None:
        return archive.read(*within, max_bytes=MAX_BYTES)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageError(ImageProblem.NOT_A_FILE, Message("file-is-folder"))
        if not stat.S_ISREG(status.st_mode):
            raise ImageError(ImageProblem.NOT_A_FILE, Message("file-is-device"))
        if status.st_size > MAX_BYTES:
            raise ImageError(
                ImageProblem.TOO_LARGE,
                Message("file-too-large", megabytes=status.st_size / 1e6, most=MAX_BYTES / 1e6),
            )
        if status.st_size and archive.is_archive(path):  # of one that can be looked into, only the members are read
            import tarfile  # here, not above: it would slow down every start

            if tarfile.is_tarfile(path):
                raise ImageError(ImageProblem.UNSUPPORTED, Message("zip-is-tar"))
            raise ImageError(ImageProblem.DAMAGED, _why_no_archive(path))
        data = path.read_bytes()
        if len(data) != status.st_size or path.stat().st_mtime_ns != status.st_mtime_ns:
            raise ImageError(ImageProblem.NOT_READABLE, Message("file-changing"))
    except FileNotFoundError as error:
        raise ImageError(ImageProblem.NOT_FOUND, Message("file-missing")) from error
    except PermissionError as error:
        raise ImageError(ImageProblem.NOT_READABLE, Message("file-not-permitted")) from error
    except MemoryError as error:
        raise ImageError(ImageProblem.TOO_LARGE, Message("file-out-of-memory")) from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        cause = getattr(error, "strerror", None) or error
        raise ImageError(ImageProblem.NOT_READABLE, Message("file-unreadable", cause=cause)) from error
    if not data:
        raise ImageError(ImageProblem.EMPTY, Message("file-empty"))
    return data


def _why_no_archive(path: Path) -> Message:
    """What is wrong with a ZIP. Raises `OSError` for one that can't be read."""
    try:
        archive.members(path)
    except ValueError:
        return Message("zip-damaged-or-none")
    return Message("zip-without-pictures")


def read_judged(path: Path, sha256: str) -> bytes:
    """The content that a result was computed from, by its checksum (hex).

    Raises `ImageError` where the file can't be read, or has other content by now.
    """
    content = read_bytes(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ImageError(ImageProblem.NOT_FOUND, Message("file-changed"))
    return content
