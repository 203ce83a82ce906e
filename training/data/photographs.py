"""Photographs that are no dermoscopy: what the gate is taught with and tested on."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from glob import glob
from pathlib import Path

import numpy as np

from app.core.imaging.find import SUFFIXES
from training.data.examples import SPLITS
from training.errors import DataError

OTHER = "other"
"""The kind of what shows no skin."""


@dataclass(frozen=True)
class Photograph:
    """A photograph: its file, its kind (`lesion`, `disease`, `hands_feet`, `other`), source, split and lesion.

    What is not known is empty.
    """

    path: Path
    kind: str
    source: str
    split: str
    lesion_id: str = ""

    @property
    def is_clinical(self) -> bool:
        """Whether it shows skin, from further away than a dermatoscope."""
        return self.kind != OTHER


def load_photographs(source: Path) -> list[Photograph]:
    """The photographs of a folder with a `metadata.csv` (image and, where known, kind, source, split, lesion_id; the
    images in `images/`), or the images that a pattern names, all of them `other` and of the split `train`.

    Raises `DataError`.
    """
    table = source / "metadata.csv"
    return _from_table(table) if table.is_file() else _from_pattern(source)


def _from_table(table: Path) -> list[Photograph]:
    found = []
    with table.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        if "image" not in (reader.fieldnames or ()):
            raise DataError(f"{table}: the column image is missing.")
        files = {path.stem: path for path in (table.parent / "images").iterdir() if path.suffix.lower() in SUFFIXES}
        for row in reader:
            kind, source, split, lesion = (row.get(name) or "" for name in ("kind", "source", "split", "lesion_id"))
            if split and split not in SPLITS:
                raise DataError(f"{table}, line {reader.line_num}: there is no split {split!r}.")
            if row["image"] not in files:
                raise DataError(f"{table}, line {reader.line_num}: there is no image {row['image']!r}.")
            found.append(Photograph(files[row["image"]], kind, source, split, lesion))
    return found


def divided(photographs: Sequence[Photograph], *, seed: int) -> list[Photograph]:
    """The photographs, divided 80/10/10 with a lesion's kept together where none of them is of `val`; else as they
    are."""
    if any(one.split == "val" for one in photographs):
        return list(photographs)
    groups = sorted({one.lesion_id or str(one.path) for one in photographs})
    places = np.random.default_rng(seed).permutation(len(groups)) / len(groups)
    split_of = {g: "train" if p < 0.8 else "val" if p < 0.9 else "test" for g, p in zip(groups, places, strict=True)}
    return [replace(one, split=split_of[one.lesion_id or str(one.path)]) for one in photographs]


def _from_pattern(pattern: Path) -> list[Photograph]:
    source = pattern.name if pattern.is_dir() else pattern.parent.name
    return [Photograph(path, OTHER, source, "train") for path in image_files(str(pattern))]


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
