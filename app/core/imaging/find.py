"""Finds the images in files, folders and ZIPs, in order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from app.core.imaging import archive

SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".bmp", ".dib", ".webp"}
    | {".heic", ".heif", ".hif", ".dcm", ".dicom"}
)
"""File name endings, in lower case, by which a folder's images are found."""


def find_images(paths: Iterable[Path], *, recursive: bool = False) -> Iterator[Path]:
    """The files to look at: named ones as they are, of folders and ZIPs those with an image's ending.

    In the order given, a folder's by name; hidden files and folders in it are passed over, and what other programs
    leave beside images. A path that is named but does not exist, or a folder or ZIP that can't be read, is given
    back as it is, to become a result with a reason. ZIPs are looked into as deep as they go, where they are named;
    one that lies in a folder is no image.
    """
    for path in paths:
        if os.path.isdir(path):
            yield from _in_folder(path, recursive=recursive)
        elif archive.is_archive(path):
            yield from _in_archive(path)
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


def _in_archive(path: Path) -> Iterator[Path]:
    try:
        members = archive.members(path)
    except (OSError, ValueError):
        yield path
        return
    for member in members:
        within = PurePath(member.relative_to(path))
        hidden = any(part.startswith(".") or part == "__MACOSX" for part in within.parts)
        if within.suffix.lower() in SUFFIXES and not hidden:
            yield member
