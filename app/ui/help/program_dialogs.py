"""Dialogs about the program: first start, data folder."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.core.system.paths import UserData
from app.ui.services.notices import Notices
from app.ui.services.workers import Priority, Workers


class ProgramDialogs(QObject):
    """Opens the dialogs without waiting for them."""

    welcomed = Signal()
    """The welcome was shown and closed."""

    def __init__(self, data: UserData, notices: Notices, workers: Workers, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self._data = data
        self._notices = notices
        self._workers = workers

    def start(self) -> None:
        """Check that the data folder can be written, and report where it can't."""
        self._workers.run(self._data.problem, on_result=self._on_looked, priority=Priority.HIGH)

    def show_welcome(self) -> None:
        self._workers.run(self._data.problem, on_result=self._welcome, priority=Priority.HIGH)

    def _welcome(self, problem: str) -> None:
        from app.ui.help.welcome_dialog import WelcomeDialog

        dialog = WelcomeDialog(self._data, problem, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.finished.connect(self.welcomed)
        dialog.open()

    def _on_looked(self, problem: str) -> None:
        if problem:
            self._notices.warn_first(self.tr("{0} Results are shown, but can't be kept.").format(problem))
