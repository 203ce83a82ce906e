"""Images that are not dermoscopy, to measure rejection on: files, folders, and folders with a table."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from glob import glob
from pathlib import Path

from app.core.imaging.find import SUFFIXES
from training.errors import DataError

TAUGHT = "train"
"""The split of a table of negatives that a gate is taught on, so that nothing is measured there."""


@dataclass(frozen=True)
class Negative:
    """An image that is not dermoscopy; `kind` and `source` as its table says, or empty."""

    path: Path
    kind: str = ""
    source: str = ""


@dataclass(frozen=True)
class Negatives:
    """The images that a pattern names; `split` is empty where they have none."""

    images: tuple[Negative, ...]
    split: str = ""


def read_negatives(pattern: str, split: str) -> Negatives:
    """The images that a pattern names, or those of the `split` in a folder whose `metadata.csv` has splits.

    The table has the columns image and, where known, kind, source and split; its images lie in `images/` beside it.
    Raises `DataError` where there is no image, and for the split that a gate is taught on.
    """
    table = Path(pattern) / "metadata.csv"
    if not table.is_file():
        return Negatives(tuple(Negative(path) for path in image_files(pattern)))
    files = {file.stem: file for file in image_files(str(table.parent / "images"))}
    with table.open(newline="", encoding="utf-8-sig") as opened:
        rows = list(csv.DictReader(opened))
    has_splits = any(row.get("split") for row in rows)
    if has_splits and split == TAUGHT:
        raise DataError(f"{table}: gates are taught on its split {TAUGHT}; measure on another.")
    chosen = [row for row in rows if not has_splits or row["split"] == split]
    missing = [row.get("image", "") for row in chosen if row.get("image") not in files]
    if missing or not chosen:
        raise DataError(f"{table}: there is no image {missing[0]!r}." if missing else f"{table}: no image in {split}.")
    images = (Negative(files[row["image"]], row.get("kind") or "", row.get("source") or "") for row in chosen)
    return Negatives(tuple(images), split if has_splits else "")


def image_files(pattern: str) -> list[Path]:
    """The images that a pattern names, or that lie in the folder that it names."""
    paths = [Path(path) for path in sorted(glob(pattern))]  # noqa: PTH207 - a pattern may be absolute
    found = [
        file
        for path in paths
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if file.suffix.lower() in SUFFIXES
    ]
    if not found:
        raise DataError(f"{pattern}: there is no image.")
    return found
