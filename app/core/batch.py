"""Several files and folders -> the images in them, in order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.core.imaging import SUFFIXES


def find_images(paths: Iterable[Path], *, recursive: bool = False) -> Iterator[Path]:
    """The files to look at: named ones as they are, of folders those with an image's ending.

    In the order given, a folder's by name; hidden files and folders in it are passed over. A path that is
    named but does not exist, or a folder that can't be read, is given back as it is, to become a result
    with a reason.
    """
    for path in paths:
        if os.path.isdir(path):
            yield from _in_folder(path, recursive=recursive)
        else:
            yield path


def _in_folder(folder: Path, *, recursive: bool) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        yield folder
        return
    visible = [entry for entry in entries if not entry.name.startswith(".")]
    for entry in visible:
        if Path(entry.name).suffix.lower() in SUFFIXES and os.path.isfile(entry.path):
            yield Path(entry.path)
    if recursive:
        for entry in visible:
            if entry.is_dir(follow_symlinks=False):
                yield from _in_folder(Path(entry.path), recursive=True)
