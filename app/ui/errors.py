"""Mistakes of ours: told in words with the details to copy, and noted in a log without anybody's data."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path, PurePath
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox

log = logging.getLogger("melascreen")

LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ (\w+|Qt [\w.-]+: (?P<text>.*))"  # an error's kind, or Qt's words
    r"|  [\w.-]+/[\w.<>-]+:\d+ in [\w<>]+"  # where it came from
)
"""What a line of the log looks like, all of it."""


def start_log(file: Path) -> None:
    """Log to a file of limited size; without one where the folder can't be written to."""
    log.setLevel(logging.INFO)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(file, maxBytes=500_000, backupCount=2, encoding="utf-8")
    except OSError:
        handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    qInstallMessageHandler(_log_qt)


def install_excepthook() -> None:
    """Show what nothing caught in a dialog instead of ending in silence."""
    sys.excepthook = _show


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    # the text of an error may hold a file's name, and so a patient's: it is shown, not logged
    log.error("\n".join((kind.__name__, *_places(trace))))
    if issubclass(kind, KeyboardInterrupt) or QApplication.instance() is None:
        sys.__excepthook__(kind, error, trace)
        return
    box = QMessageBox(
        QMessageBox.Icon.Warning,
        "MelaScreen",
        QCoreApplication.translate(
            "errors", "Something went wrong in the program. What is in the history is safe. Please report it."
        ),
    )
    box.setInformativeText(f"{kind.__name__}: {error}")
    box.setDetailedText("".join(traceback.format_exception(kind, error, trace)))
    box.exec()


def without_names(text: str) -> str:
    """A message as far as it can't hold a file's name: up to a quote or a slash, and nothing where there is an ending.

    The same again for what it gave.
    """
    text = " ".join(text.split())
    head = re.split(r"[\"/\\]|(?<!\w)'", text, maxsplit=1)[0]
    if re.search(r"\.[A-Za-z]\w{1,4}\b", head):
        head = ""
    return head if head == text else f"{head.rstrip('…')}…"


def _places(trace: TracebackType | None) -> Iterator[str]:
    """Where an error came from, by the program's own modules: a whole path may lead through somebody's home."""
    for frame, line in traceback.walk_tb(trace):
        place = "/".join(PurePath(frame.f_code.co_filename).parts[-2:])
        yield f"  {place}:{line} in {frame.f_code.co_name}"


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    level = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}.get(kind, logging.WARNING)
    log.log(level, "Qt %s: %s", context.category or "default", without_names(message))
