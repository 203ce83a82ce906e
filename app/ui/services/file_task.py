"""Writes a file that the user asked for off the GUI thread, and says how it ended."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication

from app.core.domain.errors import MelaScreenError
from app.core.system.log import Event
from app.ui.services.notices import Notices
from app.ui.services.workers import Lane, Workers

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


class WriteError(MelaScreenError):
    """A file or folder that can't be written: which one, and why."""


def write(work: Callable[[], None], file: Path, *, workers: Workers, notices: Notices) -> None:
    """Do `work`, which writes `file`, and post a notice on whether it did."""
    written = QCoreApplication.translate("writing", "Written: {0}")
    workers.run(
        partial(attempt, work, file),
        lane=Lane.BACKGROUND,
        on_result=lambda _: notices.info(written.format(file)),
        on_error=notices.warn,
    )


def attempt(work: Callable[[], Result], path: Path) -> Result:
    """Do `work`, which writes to `path`, on the worker thread. Raises `WriteError`."""
    began = time.perf_counter()
    try:
        result = work()
    except (OSError, MelaScreenError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        text = QCoreApplication.translate("writing", "{0} can't be written: {1}")
        raise WriteError(text.format(path, reason)) from error
    _log.info(Event.FILE_WRITTEN, time.perf_counter() - began)
    return result
