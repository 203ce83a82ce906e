"""Messages that concern no single image: what was done, and what went wrong. The window shows them below the pages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal

from app.ui.services.wording import warning_text


class Level(Enum):
    INFO = auto()
    """Shown for a while."""
    WARNING = auto()
    """Shown until it is clicked away or replaced."""


@dataclass(frozen=True)
class Notice:
    """A message for the user and how much it matters."""

    text: str
    level: Level = Level.INFO

    def shown(self) -> str:
        """The text as the window shows it, a warning with its sign."""
        return warning_text(self.text) if self.level is Level.WARNING else self.text


class Notices(QObject):
    """Where every part of the window posts its notices."""

    posted = Signal(object)

    def info(self, text: str) -> None:
        """Post what was done."""
        self.posted.emit(Notice(text))

    def warn(self, text: object) -> None:
        """Post what went wrong: an error, or a sentence."""
        self.posted.emit(Notice(str(text), Level.WARNING))
