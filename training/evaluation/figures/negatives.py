"""Images that are not dermoscopy, to measure rejection on: files, folders, and folders with a table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from training.data.photographs import Photograph, image_files, load_photographs
from training.errors import DataError

TAUGHT = "train"
"""The split of a table of negatives that a gate is taught on, so that nothing is measured there."""


@dataclass(frozen=True)
class Negatives:
    """The images that a pattern names, with kinds and sources where a table says them; `split` is empty where they have
    none."""

    images: tuple[Photograph, ...]
    split: str = ""


def read_negatives(pattern: str, split: str) -> Negatives:
    """The images that a pattern names, or those of the `split` in a folder with a table of photographs.

    Raises `DataError` where there is no image, and for the split that a gate is taught on.
    """
    if not (Path(pattern) / "metadata.csv").is_file():
        return Negatives(tuple(Photograph(path, "", "", "") for path in image_files(pattern)))
    photographs = tuple(load_photographs(Path(pattern)))
    if not any(one.split for one in photographs):
        return Negatives(photographs)
    if split == TAUGHT:
        raise DataError(f"{pattern}: gates are taught on its split {TAUGHT}; measure on another.")
    chosen = tuple(one for one in photographs if one.split == split)
    if not chosen:
        raise DataError(f"{pattern}: no image in {split}.")
    return Negatives(chosen, split)
