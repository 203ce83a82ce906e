"""The log: its format, and a filter that keeps file names and patients out."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path, PurePath
from types import TracebackType

LOGGER = logging.getLogger("melascreen")
LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ (\w+|Qt [\w.-]+: (?P<text>.*))"  # an error's kind, or Qt's words
    r"|  [\w.-]+/[\w.<>-]+:\d+ in [\w<>]+"  # where it came from
)
"""What a line of the log looks like, all of it."""


def start(file: Path) -> None:
    """Log to a file of limited size; without one where the folder can't be written to."""
    LOGGER.setLevel(logging.INFO)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(file, maxBytes=500_000, backupCount=2, encoding="utf-8")
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOGGER.addHandler(handler)


def without_names(text: str) -> str:
    """A message as far as it can't hold a file's name: up to a quote or a slash, and nothing where there is an ending.

    The same again for what it gave.
    """
    text = " ".join(text.split())
    head = re.split(r"[\"/\\]|(?<!\w)'", text, maxsplit=1)[0]
    if re.search(r"\.[A-Za-z]\w{1,4}\b", head):
        head = ""
    return head if head == text else f"{head.rstrip('…')}…"


def places(trace: TracebackType | None) -> Iterator[str]:
    """Where an error came from, by the program's own modules: a whole path may lead through somebody's home."""
    for frame, line in traceback.walk_tb(trace):
        place = "/".join(PurePath(frame.f_code.co_filename).parts[-2:])
        yield f"  {place}:{line} in {frame.f_code.co_name}"
