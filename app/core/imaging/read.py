"""Reads the content of an image file, on disk or within a ZIP."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

from app.core.domain.errors import ImageError, ImageProblem
from app.core.imaging import archive

MAX_BYTES = 1_000_000_000
"""Of the file: more than `MAX_PIXELS` take uncompressed at 16 bits."""


def read_bytes(path: Path) -> bytes:
    """The content of a regular file, or of one within a ZIP. Raises `ImageError` where there is none to be had."""
    within = archive.split(path)
    if within is not None:
        return archive.read(*within, max_bytes=MAX_BYTES)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise ImageError(ImageProblem.NOT_A_FILE, "This is a folder, not an image file.")
        if not stat.S_ISREG(status.st_mode):
            raise ImageError(ImageProblem.NOT_A_FILE, "This is a device or a pipe, not an image file.")
        if status.st_size > MAX_BYTES:
            raise ImageError(
                ImageProblem.TOO_LARGE,
                f"The file is too large: {status.st_size / 1e6:,.0f} MB, at most {MAX_BYTES / 1e6:,.0f} MB.",
            )
        data = path.read_bytes()
        if len(data) != status.st_size or path.stat().st_mtime_ns != status.st_mtime_ns:
            raise ImageError(ImageProblem.NOT_READABLE, "The file changed while it was read; it may still be written.")
    except FileNotFoundError as error:
        raise ImageError(ImageProblem.NOT_FOUND, "There is no such file.") from error
    except PermissionError as error:
        raise ImageError(ImageProblem.NOT_READABLE, "You have no permission to read this file.") from error
    except MemoryError as error:
        raise ImageError(ImageProblem.TOO_LARGE, "There is not enough memory to read the file.") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageError(ImageProblem.NOT_READABLE, f"The file can't be read: {reason}.") from error
    if not data:
        raise ImageError(ImageProblem.EMPTY, "The file is empty.")
    return data


def read_judged(path: Path, sha256: str) -> bytes:
    """The content that a result was computed from, by its checksum (hex).

    Raises `ImageError` where the file can't be read, or has other content by now.
    """
    content = read_bytes(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ImageError(ImageProblem.NOT_FOUND, "The file has changed since this result was computed.")
    return content
