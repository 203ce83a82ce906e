"""Photographs that are no dermoscopy: what the gate is taught with and tested on."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from glob import glob
from pathlib import Path

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


def _from_pattern(pattern: Path) -> list[Photograph]:
    paths = [Path(path) for path in sorted(glob(str(pattern)))]  # noqa: PTH207 - a pattern may be absolute
    found = [path for path in paths if path.suffix.lower() in SUFFIXES]
    if not found:
        raise DataError(f"{pattern}: there is no image.")
    return [Photograph(path, OTHER, pattern.parent.name, "train") for path in found]
