"""The settings' line on the model: which one is in use, another one installed, an installed one removed."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QPushButton, QWidget

from app.core.model.library import BUNDLED
from app.ui.settings.model_switch import ModelPresenter


class ModelField(QWidget):
    """A list of models, the chosen one shown. What is picked is used at once."""

    def __init__(self, switch: ModelPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._switch = switch
        self.models = _Choices()
        self.models.setAccessibleName(self.tr("Model"))
        self.models.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.install = QPushButton(self.tr("&Install…"))
        self.remove = QPushButton(self.tr("R&emove"))
        self.remove.setMenu(QMenu(self.remove))
        for button in (self.install, self.remove):
            button.setAutoDefault(False)  # Enter in a field is no click here
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.models, stretch=1)
        row.addWidget(self.install)
        row.addWidget(self.remove)
        self.setFocusProxy(self.models)
        self.models.activated.connect(lambda row: switch.choose(self.models.itemData(row)))
        self.install.clicked.connect(switch.ask_for_install)
        switch.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        choices = self._switch.choices()
        menu = self.remove.menu()
        menu.clear()
        self.models.clear()
        for choice in choices:
            title = choice.title if choice.card else self.tr("⚠ {0}: damaged").format(choice.title)
            if choice.name == BUNDLED:
                title = str(choice.card.model_id) if choice.card else self.tr("⚠ damaged")
                title = self.tr("{0} (came with the program)").format(title)
            else:
                menu.addAction(title.replace("&", "&&"), partial(self._switch.remove, choice.name))
            self.models.addItem(title, choice.name)
        if self._switch.name not in [choice.name for choice in choices]:
            self.models.addItem(self.tr("⚠ {0}: is there no more").format(self._switch.name), self._switch.name)
        self.models.setCurrentIndex(self.models.findData(self._switch.name))
        self.models.setEnabled(not self._switch.is_given)
        self.remove.setEnabled(not menu.isEmpty())


class _Choices(QComboBox):
    """Not changed by a wheel that was meant to scroll: a model is no small matter."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()
