"""Unhandled exceptions: a dialog with copyable details, and a log record without personal data."""

from __future__ import annotations

import logging
import sys
import traceback
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMessageBox

from app.core.system.log import Event, Plain, without_names

_log = logging.getLogger(__name__)


def install() -> None:
    """Show what nothing caught in a dialog instead of ending in silence, and log what Qt has to say."""
    sys.excepthook = _show
    qInstallMessageHandler(_log_qt)


def _show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    # the text of an error may hold a file's name, and so a patient's: it is shown, not logged
    _log.error(Event.UNHANDLED, kind, exc_info=(kind, error, trace))
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


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    level = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}.get(kind, logging.WARNING)
    _log.log(level, Event.QT, Plain(context.category or "default"), Plain(without_names(message)))
