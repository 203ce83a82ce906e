"""The settings' input for the model: choose, install, remove."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.core.model.library import BUNDLED
from app.ui.services.wording import warning_text
from app.ui.settings.model_switch import ModelPresenter
from app.ui.widgets.buttons import Button
from app.ui.widgets.fields import Choice


class ModelField(QWidget):
    """Lists the installed models and shows the chosen one. A model that is chosen is used at once."""

    def __init__(self, presenter: ModelPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.models = Choice()
        self.models.setAccessibleName(self.tr("Model"))
        self.models.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.install = Button(self.tr("Install…"), "plus")
        self.remove = Button(self.tr("Remove…"), "trash-2")
        self.remove.setMenu(QMenu(self.remove))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.install)
        row.addWidget(self.remove)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.models)
        column.addLayout(row)
        self.setFocusProxy(self.models)
        self.models.activated.connect(lambda row: presenter.choose(self.models.itemData(row)))
        self.install.clicked.connect(presenter.ask_for_install)
        presenter.changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        choices = self._presenter.choices()
        menu = self.remove.menu()
        menu.clear()
        self.models.clear()
        for choice in choices:
            title = choice.title if choice.card else warning_text(self.tr("{0}: damaged").format(choice.title))
            if choice.name == BUNDLED:
                title = str(choice.card.model_id) if choice.card else warning_text(self.tr("damaged"))
                title = self.tr("{0} (came with the program)").format(title)
            else:
                menu.addAction(title.replace("&", "&&"), partial(self._presenter.remove, choice.name))
            self.models.addItem(title, choice.name)
        if self._presenter.name not in [choice.name for choice in choices]:
            gone = self.tr("{0}: not installed any more").format(self._presenter.name)
            self.models.addItem(warning_text(gone), self._presenter.name)
        self.models.setCurrentIndex(self.models.findData(self._presenter.name))
        self.models.setEnabled(not self._presenter.is_given)
        self.remove.setEnabled(not menu.isEmpty())
