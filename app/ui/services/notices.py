"""Messages that concern no single image: what was done, and what went wrong. The window shows them below the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal


class Level(Enum):
    INFO = auto()
    """Shown for a while."""
    WARNING = auto()
    """Shown until it is closed."""
    CRITICAL = auto()
    """A warning about all that is done from now on, as that nothing can be saved: shown before other warnings."""


@dataclass(frozen=True)
class Action:
    """What can be done about a notice: a verb, and the key that does it too, if any."""

    text: str
    call: Callable[[], object]
    key: str = ""


@dataclass(frozen=True)
class Notice:
    """A message for the user, how much it matters, and what can be done about it."""

    text: str
    level: Level = Level.INFO
    action: Action | None = None


class Notices(QObject):
    """Where every part of the window posts its notices."""

    posted = Signal(object)

    def info(self, text: str, action: Action | None = None) -> None:
        """Post what was done."""
        self.posted.emit(Notice(text, action=action))

    def warn(self, text: object, action: Action | None = None) -> None:
        """Post what went wrong: an error, or a sentence."""
        self.posted.emit(Notice(str(text), Level.WARNING, action))

    def warn_first(self, text: str) -> None:
        """Post a critical warning."""
        self.posted.emit(Notice(text, Level.CRITICAL))
