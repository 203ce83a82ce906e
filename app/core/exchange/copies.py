"""Copies of the images in which a cancer is suspected, in a folder of their own with a table of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from app.core.domain.advice import advice_of, suspicion
from app.core.domain.errors import ImageError
from app.core.domain.results import Screening
from app.core.exchange.table import as_csv
from app.core.imaging.read import read_judged
from app.core.system.files import write_atomically
from app.core.system.log import Event

_log = logging.getLogger(__name__)

TABLE = "melascreen.csv"


@dataclass(frozen=True)
class CopySummary:
    """How many images were copied, and how many could not be."""

    copied: int
    failed: int


def copy_suspected(screenings: Sequence[Screening], folder: Path) -> CopySummary:
    """Copy the images whose advice is to refer, the most suspicious first in the table beside them.

    The originals are not touched. No file in the folder is replaced: a name that is taken gets a number. An image
    that can't be read any more is a row with the reason. The table's paths are those of the copies. Raises `OSError`
    where the folder can't be written.
    """
    chosen = sorted((s for s in screenings if advice_of(s).refers), key=suspicion, reverse=True)
    began = time.perf_counter()
    table: list[Screening] = []
    for screening in chosen:
        try:
            content = read_judged(screening.path, screening.sha256 or "")
        except ImageError as error:
            table.append(replace(screening, prediction=None, error=error.message))
            continue
        target = free_name(folder, screening.path.name)
        write_atomically(target, content)
        table.append(replace(screening, path=target))
    write_atomically(free_name(folder, TABLE), as_csv(table))
    failed = sum(screening.prediction is None for screening in table)
    _log.info(Event.COPIED, time.perf_counter() - began, len(table) - failed, failed)
    return CopySummary(len(table) - failed, failed)


def free_name(folder: Path, name: str, content: bytes | None = None) -> Path:
    """A file's path in a folder, with a number where the name is taken; a file that has the `content` already is none
    that takes it."""
    first = target = folder / name
    number = 2
    while target.exists() and (content is None or target.read_bytes() != content):
        target = first.with_stem(f"{first.stem} ({number})")
        number += 1
    return target
