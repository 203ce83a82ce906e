"""The model in use, for all who show or name it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.core.domain.errors import MelaScreenError
from app.core.model.card import Card


class CurrentModel(QObject):
    """`card` is that of the model in use, `None` before it is loaded and where none can be used."""

    changed = Signal()
    """A model was loaded, or can't be used."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.card: Card | None = None
        self.problem = ""
        """Why the model can't be used, for the user."""

    def set_card(self, card: Card) -> None:
        """This model is in use from now on."""
        self.card, self.problem = card, ""
        self.changed.emit()

    def set_unusable(self, error: MelaScreenError) -> None:
        """No model is in use from now on."""
        self.card, self.problem = None, str(error)
        self.changed.emit()
