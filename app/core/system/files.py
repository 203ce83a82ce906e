"""Atomic writing of files, and replacing of folders."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file atomically; the old content stays if anything fails. See `atomic_writer`."""
    if path.exists() and not path.is_file():
        path.write_bytes(data)  # a pipe or a device: there is nothing to keep
        return
    with atomic_writer(Path(os.path.realpath(path))) as file:  # a link stays one
        file.write(data)


@contextlib.contextmanager
def atomic_writer(path: Path) -> Iterator[IO[bytes]]:
    """A file under a temporary name that replaces `path` at the end, or is removed if anything fails.

    `path` is no link. Makes the folder if need be. Raises `OSError`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def replace_folder(target: Path, new: Path, *, prefix: str) -> None:
    """Put the folder `new` in place of `target`, which may exist; it comes back if that fails. Raises `OSError`.

    Both lie on one file system. Meanwhile the old one lies in a folder beside it whose name begins with `prefix`.
    """
    aside = Path(tempfile.mkdtemp(prefix=prefix, dir=target.parent))
    old = aside / target.name
    try:
        if target.exists():
            target.rename(old)
        try:
            new.rename(target)
        except OSError:
            if old.exists():
                old.rename(target)
            raise
    finally:
        if target.exists() or not old.exists():
            shutil.rmtree(aside, ignore_errors=True)
