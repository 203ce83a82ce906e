"""A file that the user asked for, written off the GUI thread; how it ended is told in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from app.ui.services.workers import Lane, Workers


def write(work: Callable[[], None], file: Path, *, workers: Workers, tell: Callable[[str], None]) -> None:
    """Do `work`, which writes `file`, and tell whether it did."""
    written = QCoreApplication.translate("writing", "Written: {0}")
    workers.run(
        work,
        lane=Lane.BACKGROUND,
        on_result=lambda _: tell(written.format(file)),
        on_error=lambda error: tell(failure(file, error)),
    )


def failure(path: Path, error: Exception) -> str:
    """Why something could not be written, in words."""
    reason = getattr(error, "strerror", None) or str(error)
    return QCoreApplication.translate("writing", "⚠ {0} can't be written: {1}").format(path, reason)
