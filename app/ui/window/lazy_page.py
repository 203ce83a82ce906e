"""The help's place in the window until somebody looks for it."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.core.model.card import Card
from app.ui.help.help_page import HelpPage


class LazyPage(QWidget):
    """The help, made once it is shown: that takes a quarter of a second, which no start needs."""

    def __init__(self) -> None:
        super().__init__()
        self._page: HelpPage | None = None
        self._card: Card | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def page(self) -> HelpPage:
        if self._page is None:
            self._page = HelpPage()
            self._page.set_card(self._card)
            self._column.addWidget(self._page)
            self.setFocusProxy(self._page)
        return self._page

    def set_card(self, card: Card | None) -> None:
        self._card = card
        if self._page is not None:
            self._page.set_card(card)

    def showEvent(self, event: QShowEvent) -> None:
        self.page()
        super().showEvent(event)
