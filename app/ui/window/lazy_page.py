"""A page's place in the window until the page is first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

Page = TypeVar("Page", bound=QWidget)


class LazyPage(QWidget, Generic[Page]):
    """Builds its page when it is first asked for, so that no start waits for it."""

    def __init__(self, build: Callable[[], Page]) -> None:
        super().__init__()
        self._build = build
        self.built: Page | None = None
        """The page, if it was asked for."""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def page(self) -> Page:
        """The page, built by the first call."""
        if self.built is None:
            self.built = self._build()
            self._column.addWidget(self.built)
            self.setFocusProxy(self.built)
        return self.built
