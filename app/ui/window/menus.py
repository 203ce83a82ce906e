"""The window's corner: the model in use, the menu, and the button for the keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from app.ui.services.current_model import CurrentModel
from app.ui.widgets.style import GRID

Entry = tuple[str, Callable[[], object]]


class Corner(QWidget):
    """Names the model in use beside two buttons."""

    def __init__(self, current: CurrentModel, groups: Sequence[Sequence[Entry]], show_keys: Callable[[], None]) -> None:
        """`groups` are the menu's entries (text and call), with lines between the groups."""
        super().__init__()
        self._current = current
        self.model_label = QLabel()
        menu = QMenu(self)
        for number, group in enumerate(groups):
            if number:
                menu.addSeparator()
            for text, call in group:
                menu.addAction(text, call)
        settings_button = _button("⚙", self.tr("Settings and the whole history"))
        settings_button.setMenu(menu)
        settings_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        help_button = _button("?", self.tr("Keys"))
        help_button.clicked.connect(show_keys)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, GRID, 0)
        for widget in (self.model_label, settings_button, help_button):
            row.addWidget(widget)
        current.changed.connect(self._show_model)

    def _show_model(self) -> None:
        card = self._current.card
        self.model_label.setText(str(card.model_id) if card else self.tr("no model"))
        self.model_label.setToolTip(card.intended_use if card else "")


def _button(text: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAutoRaise(True)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button
