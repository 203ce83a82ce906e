"""What the program is made of: version, model, data folder, licences, and the text for support."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPlainTextEdit, QVBoxLayout, QWidget

from app.core.model.card import Card
from app.core.system import paths
from app.core.system.about import Licence, licence_text, licences
from app.core.system.paths import UserData
from app.core.system.version import version
from app.ui.help.data_folder import DataPlace
from app.ui.help.support import screen_text, support_text
from app.ui.look.style import paint_on
from app.ui.look.tokens import EDGE, GRID, TextStyle
from app.ui.services.current_model import CurrentModel
from app.ui.services.workers import Priority, Workers
from app.ui.widgets.buttons import Button
from app.ui.widgets.text_blocks import selectable


class AboutPanel(QWidget):
    """Shows the versions, the model in use, the data folder, and the licence of every part."""

    def __init__(self, data: UserData, current: CurrentModel, workers: Workers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        paint_on(self, QPalette.ColorRole.Base)
        self._data = data
        self._current = current
        self._workers = workers
        self._folder = paths.resources() / "licences"
        self._licences = licences(self._folder)
        self.version = selectable(f"MelaScreen {version()}", TextStyle.STRONG)
        self.model = selectable()
        self.place = DataPlace(data.folder)
        self.parts = QListWidget()
        self.parts.setAccessibleName(self.tr("Licences"))
        self.parts.addItems([_line(licence) for licence in self._licences])
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Text of the licence"))
        self.parts.currentRowChanged.connect(self._on_row_changed)
        self.copied = selectable(quiet=True)
        self.copy = Button(self.tr("Copy for a support request"), "copy")
        self.copy.clicked.connect(self._on_copy_clicked)
        self._lay_out()
        self.parts.setCurrentRow(0)
        current.changed.connect(self._show_model)
        self._show_model()

    def _lay_out(self) -> None:
        both = QHBoxLayout()
        both.setSpacing(GRID)
        both.addWidget(self.parts, stretch=2)
        both.addWidget(self.text, stretch=3)
        self.text.setVisible(any(licence.file for licence in self._licences))
        bottom = QHBoxLayout()
        bottom.setSpacing(EDGE)
        bottom.addWidget(self.copy)
        bottom.addWidget(self.copied, stretch=1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        layout.setSpacing(GRID)
        for part in (
            self.version,
            selectable(self.tr("It supports your decision and does not replace it.")),
            self.model,
            selectable(self.tr("Your data"), TextStyle.BODY_STRONG),
            self.place,
            selectable(self.tr("Parts and their licences"), TextStyle.BODY_STRONG),
        ):
            layout.addWidget(part)
        layout.addLayout(both, stretch=1)
        layout.addLayout(bottom)

    def _show_model(self) -> None:
        card = self._current.card
        model = self.tr("Model: {0}, of {1}").format(card.model_id, card.created) if card else self.tr("No model")
        self.model.setText("\n".join([model, *(_about_model(card) if card else ())]))

    def _on_row_changed(self, row: int) -> None:
        if row >= 0:
            self.text.setPlainText(licence_text(self._folder, self._licences[row]))

    def _on_copy_clicked(self) -> None:
        work: Callable[[], str] = partial(support_text, self._data, self._current.card, screen_text(self.screen()))
        self._workers.run(work, on_result=self._on_gathered, priority=Priority.HIGH)

    def _on_gathered(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.setText(self.tr("Copied. It contains no patient data, file names or pictures."))


def _about_model(card: Card) -> Iterator[str]:
    """What to know of a model beside its name."""
    if card.licence is not None:
        text = QCoreApplication.translate("AboutPanel", "Licence of the model's weights: {0}")
        yield text.format(card.licence.name)
        if "NC" in card.licence.name:
            yield QCoreApplication.translate(
                "AboutPanel",
                "These weights may not be used primarily for commercial advantage or payment. A clinic that charges its"
                " patients should ask its lawyer.",
            )
    if card.gate is None:
        yield QCoreApplication.translate(
            "AboutPanel",
            "This model can't tell whether a picture was taken through a dermatoscope: it refuses those that are unlike"
            " the pictures of its training.",
        )

    if card.operating_point.other_cancer is None:
        yield QCoreApplication.translate(
            "AboutPanel",
            "This model does not recognise other skin cancers and never says that one is suspected.",
        )
    if card.operating_point.near is None:
        yield QCoreApplication.translate(
            "AboutPanel",
            "This model never reports borderline results.",
        )


def _line(licence: Licence) -> str:
    return f"{licence.name} {licence.version}".strip() + (f": {licence.licence}" if licence.licence else "")
