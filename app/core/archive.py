"""Images within a ZIP: they go by the ZIP's path with their name in it behind, and are read without unpacking."""

from __future__ import annotations

import os.path
import zipfile
import zlib
from pathlib import Path

from app.core.types import ImageError, ImageProblem

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
    """The paths of the files within, by name. Raises `OSError`, or `ValueError` for what is no ZIP."""
    try:
        with zipfile.ZipFile(archive) as opened:
            names = sorted(info.filename for info in opened.infolist() if not info.is_dir())
    except zipfile.BadZipFile as error:
        raise ValueError(str(error)) from error
    return [archive / name for name in names]


def read(archive: Path, name: str, *, max_bytes: int) -> bytes:
    """The content of a file within. Raises `ImageError` where there is none to be had."""
    try:
        with zipfile.ZipFile(archive) as opened:
            info = opened.getinfo(name)
            if info.file_size > max_bytes:
                raise ImageError(ImageProblem.TOO_LARGE, f"The file is too large: {info.file_size / 1e6:,.0f} MB.")
            if info.flag_bits & 1:
                raise ImageError(ImageProblem.UNSUPPORTED, "The ZIP is locked with a password.")
            data = opened.read(info)
    except KeyError as error:
        raise ImageError(ImageProblem.NOT_FOUND, "There is no such file in the ZIP.") from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ImageError(ImageProblem.DAMAGED, f"The ZIP is damaged: {error}.") from error
    except NotImplementedError as error:
        raise ImageError(
            ImageProblem.UNSUPPORTED, f"The ZIP is packed in a way that can't be read: {error}."
        ) from error
    except OSError as error:
        raise ImageError(ImageProblem.NOT_READABLE, f"The ZIP can't be read: {error.strerror}.") from error
    if not data:
        raise ImageError(ImageProblem.EMPTY, "The file is empty.")
    return data
