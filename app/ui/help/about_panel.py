"""The About dialog: version, model, data folder, licences, and the text for support."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from app.core.model.card import Card
from app.core.system import paths
from app.core.system.about import Licence, licence_text, licences
from app.core.system.paths import UserData
from app.core.system.version import version
from app.ui.help.data_folder import DataPlace
from app.ui.help.support import screen_text, support_text
from app.ui.services.workers import Priority, Workers
from app.ui.widgets.style import GRID
from app.ui.widgets.text_blocks import selectable


class AboutDialog(QDialog):
    """`card` is that of the model in use, `None` for none."""

    def __init__(self, data: UserData, card: Card | None, workers: Workers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About MelaScreen"))
        self._data = data
        self._card = card
        self._workers = workers
        self._folder = paths.resources() / "licences"
        self._licences = licences(self._folder)
        model = self.tr("Model: {0}, of {1}").format(card.model_id, card.created) if card else self.tr("No model")
        self.version = selectable(f"MelaScreen {version()}", size=1.6, bold=True)
        self.model = selectable("\n".join([model, *(_about_model(card) if card else ())]))
        self.place = DataPlace(data.folder)
        self.parts = QListWidget()
        self.parts.setAccessibleName(self.tr("Licences"))
        self.parts.addItems([_line(licence) for licence in self._licences])
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setAccessibleName(self.tr("Text of the licence"))
        self.parts.currentRowChanged.connect(self._on_row_changed)
        both = QSplitter()
        both.addWidget(self.parts)
        both.addWidget(self.text)
        both.setSizes([260, 440])
        both.setChildrenCollapsible(False)
        self.text.setVisible(any(licence.file for licence in self._licences))
        self.copied = selectable()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy = buttons.addButton(self.tr("&Copy for a support request"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy.clicked.connect(self._on_copy_clicked)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.version)
        layout.addWidget(selectable(self.tr("It supports your decision and does not replace it.")))
        layout.addWidget(self.model)
        layout.addWidget(selectable(self.tr("Your data")))
        layout.addWidget(self.place)
        layout.addWidget(selectable(self.tr("Parts and their licences")))
        layout.addWidget(both, stretch=1)
        layout.addWidget(self.copied)
        layout.addWidget(buttons)
        self.resize(720, 560)
        self.parts.setCurrentRow(0)

    def _on_row_changed(self, row: int) -> None:
        if row >= 0:
            self.text.setPlainText(licence_text(self._folder, self._licences[row]))

    def _on_copy_clicked(self) -> None:
        work: Callable[[], str] = partial(support_text, self._data, self._card, screen_text(self.screen()))
        self._workers.run(work, on_result=self._on_gathered, priority=Priority.HIGH)

    def _on_gathered(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.copied.setText(self.tr("Copied. It contains no patient data, file names or pictures."))


def _about_model(card: Card) -> Iterator[str]:
    """What to know of a model beside its name."""
    if card.licence is not None:
        text = QCoreApplication.translate("AboutDialog", "Licence of the model's weights: {0}")
        yield text.format(card.licence.name)
        if "NC" in card.licence.name:
            yield QCoreApplication.translate(
                "AboutDialog",
                "These weights may not be used primarily for commercial advantage or payment. A clinic that charges its"
                " patients should ask its lawyer.",
            )
    if card.gate is None:
        yield QCoreApplication.translate(
            "AboutDialog",
            "This model can't tell whether a picture was taken through a dermatoscope: it refuses those that are unlike"
            " the pictures of its training.",
        )

    if card.operating_point.other_cancer is None:
        yield QCoreApplication.translate(
            "AboutDialog",
            "This model does not recognise other skin cancers and never says that one is suspected.",
        )
    if card.operating_point.near is None:
        yield QCoreApplication.translate(
            "AboutDialog",
            "This model never reports borderline results.",
        )


def _line(licence: Licence) -> str:
    return f"{licence.name} {licence.version}".strip() + (f": {licence.licence}" if licence.licence else "")
