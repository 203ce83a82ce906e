"""The help's place in the window until somebody looks for it."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.help.help_page import HelpPage
from app.ui.services.current_model import CurrentModel


class LazyPage(QWidget):
    """The help, made once it is shown: that takes a quarter of a second, which no start needs."""

    def __init__(self, current: CurrentModel) -> None:
        super().__init__()
        self._current = current
        self._page: HelpPage | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def page(self) -> HelpPage:
        if self._page is None:
            self._page = HelpPage(self._current)
            self._column.addWidget(self._page)
            self.setFocusProxy(self._page)
        return self._page

    def showEvent(self, event: QShowEvent) -> None:
        self.page()
        super().showEvent(event)
