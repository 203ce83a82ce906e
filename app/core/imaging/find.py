"""Finds the images in files, folders and ZIPs, in order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePath

from app.core.imaging import archive
from app.core.imaging.decode import is_picture

HEAD = 132
"""Bytes by which a file without an ending is known."""
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".tif", ".tiff", ".bmp", ".dib", ".webp"}
    | {".heic", ".heif", ".hif", ".dcm", ".dicom"}
)
"""File name endings, in lower case, by which a folder's images are found."""


def find_images(paths: Iterable[Path], *, recursive: bool = False, in_order: bool = True) -> Iterator[Path]:
    """The files to look at: named ones as they are, of folders and ZIPs those with an image's ending.

    In the order given, a folder's by name; hidden files and folders in it are passed over, and what other programs
    leave beside images. What has no ending, or a number in its place, is known by its content. A path that is named
    but does not exist, or a folder or ZIP that can't be read, is given back as it is, to become a result with a
    reason. ZIPs are looked into as deep as they go, where they are named; one that lies in a folder is no image.
    Without `in_order`, a folder's images come as the disk gives them, and none of their names is kept.
    """
    for path in paths:
        if os.path.isdir(path):
            yield from _in_folder(path, recursive=recursive, in_order=in_order)
        elif archive.is_archive(path):
            yield from _in_archive(path)
        else:
            yield path


def _in_folder(folder: Path, *, recursive: bool, in_order: bool) -> Iterator[Path]:
    folders: list[Path] = []
    try:
        entries: Iterable[os.DirEntry[str]] = os.scandir(folder)
        for entry in sorted(entries, key=lambda entry: entry.name) if in_order else entries:
            if entry.name.startswith("."):
                continue
            if os.path.isfile(entry.path) and (
                _has_ending(entry.name) or (may_be_without(entry.name) and is_picture(read_head(entry.path)))
            ):
                yield Path(entry.path)
            elif recursive and entry.is_dir(follow_symlinks=False):
                folders.append(Path(entry.path))
    except OSError:  # it can't be read, or no further
        yield folder
    for within in folders:
        yield from _in_folder(within, recursive=True, in_order=in_order)


def _in_archive(path: Path) -> Iterator[Path]:
    try:
        members = archive.members(path)
        shown = [member for member in members if not _is_hidden(PurePath(member.relative_to(path)))]
        unknown = [member for member in shown if may_be_without(member.name)]
        known = {member for member, head in archive.heads(path, unknown, size=HEAD) if is_picture(head)}
    except (OSError, ValueError):
        yield path
        return
    for member in shown:
        if _has_ending(member.name) or member in known or archive.is_named_as_one(member):
            yield member


def _has_ending(name: str) -> bool:
    return PurePath(name).suffix.lower() in SUFFIXES


def may_be_without(name: str) -> bool:
    """Whether a name has no ending, as on a patient's CD, where it may be a DICOM's number as well."""
    ending = PurePath(name).suffix[1:]
    return name.upper() != "DICOMDIR" and (not ending or ending.isdigit())


def _is_hidden(within: PurePath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in within.parts)


def read_head(path: str) -> bytes:
    """The first bytes of a file, by which one without an ending is known; none where it can't be read."""
    try:
        with Path(path).open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""
