"""The log: every line that it may have, its format, and a filter that keeps file names and patients out."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from enum import Enum, StrEnum
from logging.handlers import RotatingFileHandler
from numbers import Number
from pathlib import Path, PurePath
from types import TracebackType

from app.core.domain.errors import MelaScreenError
from app.core.domain.messages import Message
from app.core.domain.results import ModelId

LOGGER = logging.getLogger("app")
"""The parent of the modules' own, which are `logging.getLogger(__name__)`."""


class Event(StrEnum):
    """What the program logs, as a template for `logging`: an event that is not listed here is left out."""

    STARTED = "MelaScreen %s started"
    WINDOW_SHOWN = "window shown %.2f s after the start"
    ENDED = "ended after %.1f s"
    HANDED_OVER = "handed over to the window that is open in %.2f s"
    NOT_HANDED_OVER = "no answer of a window that is open in %.2f s"
    TAKEN_OVER = "taken over from another start: %d images or folders, %d patients"
    NOT_UNDERSTOOD = "message of another start not understood: %s"
    NO_HANDING_OVER = "other starts can't hand over: %s"
    MODEL_READ = "model %s: %d bytes read and checked in %.3f s"
    MODEL_LOADED = "model %s: network loaded in %.3f s"
    MODEL_INSTALLED = "model %s: installed in %.2f s"
    MODEL_NOT_INSTALLED = "model not installed: %s"
    IMAGE = "image of %d bytes, %d by %d pixels: %s; read %.3f s, decode %.3f s, check %.3f s, network %.3f s"
    IMAGE_UNREADABLE = "image not read: %s"
    BATCH_DONE = "batch: %d images in %.1f s, %.2f images/s; %d known before, %d without a result"
    BATCH_INTERRUPTED = "batch interrupted: %s"
    COPIED = "images copied in %.2f s: %d copied, %d not"
    HISTORY_MIGRATED = "history migrated from version %d to %d in %.2f s"
    HISTORY_CHECKED = "history checked in %.2f s: %d problems"
    HISTORY_QUARANTINED = "damaged history set aside"
    HISTORY_EXPORTED = "history exported in %.2f s: %d entries, %d bytes"
    HISTORY_IMPORTED = "history imported in %.2f s: %d new entries"
    HISTORY_RESTORED = "history replaced by an export in %.2f s"
    BACKED_UP = "backup written in %.2f s: %d entries; %d old ones deleted"
    BACKUP_FAILED = "backup not written, tried again later: %s"
    NOT_SAVED = "edited entry not saved, tried again: %s"
    SETTINGS_REPLACED = "settings not understood: kept beside, and replaced where they don't fit"
    FILE_WRITTEN = "file written in %.2f s"
    UNHANDLED = "unhandled error: %s"
    QT = "Qt %s: %s"
    LEFT_OUT = "(left out)"


class Plain(str):
    """A text that names neither a file nor a patient, whatever it is computed from: a version, a status."""

    __slots__ = ()


MASK = "…"
_VALUES = {"d": r"-?\d+", "f": r"-?\d+\.\d+", "s": rf"(?:[\w.+-]+|{MASK})"}


_VALUE = re.compile(r"%(?:\.\d)?([dfs])")


def value_kinds(event: Event) -> list[str]:
    """Of the values that an event takes: `d` for a whole number, `f` for any, `s` for a word."""
    return _VALUE.findall(event)


def _pattern(event: Event) -> str:
    """What an event looks like in a line."""
    return "".join(_VALUES[part] if index % 2 else re.escape(part) for index, part in enumerate(_VALUE.split(event)))


LINE = re.compile(
    rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d,\d{{3}} [A-Z]+ "
    rf"(?:app[\w.]*: (?:{'|'.join(_pattern(event) for event in Event if event is not Event.QT)})"
    r"|(?:app[\w.]*: )?Qt [\w.-]+: (?P<text>.*)"
    r"|\w+)"  # an error's kind, as earlier versions logged it
    r"|  [\w.-]+/[\w.<>-]+:\d+ in [\w<>]+"  # where an error came from
)
"""What a line of the log looks like, all of it; `text` is words of Qt's."""


def start(file: Path) -> None:
    """Log to a file of limited size; where the folder can't be written to, no more than warnings, and to `stderr`."""
    stop()
    LOGGER.setLevel(logging.INFO)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(file, maxBytes=500_000, backupCount=2, encoding="utf-8")
    except OSError:
        handler = logging.StreamHandler()
        handler.setLevel(logging.WARNING)
    handler.addFilter(PrivacyFilter())
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    LOGGER.addHandler(handler)


def stop() -> None:
    """Close the log that `start` opened, if there is one."""
    for handler in list(LOGGER.handlers):
        LOGGER.removeHandler(handler)
        handler.close()
    LOGGER.setLevel(logging.NOTSET)


class PrivacyFilter(logging.Filter):
    """Lets through an `Event` with values that can't hold a name, and masks or leaves out the rest.

    Numbers, members of enumerations and `Plain` texts are logged as they are, a message and an error for the user by
    the code, any other error and a class by its name, a model by its name and version. All else is masked.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Changes the record; never drops one."""
        known = isinstance(record.msg, Event) and isinstance(record.args, tuple)
        if known:
            record.args = tuple(map(_loggable, record.args or ()))
        try:
            record.getMessage()
        except (TypeError, ValueError):
            known = False
        if not known:
            record.msg, record.args = Event.LEFT_OUT, ()
        return True


def _loggable(value: object) -> object:
    match value:
        case Message():
            return Plain(value.code)
        case MelaScreenError():
            return Plain(value.message.code)
        case BaseException():
            return Plain(type(value).__name__)
        case type():
            return Plain(value.__name__)
        case ModelId():  # the name is whatever a card says
            return Plain(re.sub(r"[^\w.+-]", "-", f"{value.name[:60]}-{value.version[:20]}"))
        case Enum():
            return Plain(value.value)
        case Number() | Plain():
            return value
    return MASK


class _Formatter(logging.Formatter):
    """An error is logged as the places that it came through, without its text, which may hold a name."""

    def formatException(self, ei: object) -> str:  # noqa: N802 - logging's own name
        trace = ei[2] if isinstance(ei, tuple) else None
        return "\n".join(places(trace))


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
