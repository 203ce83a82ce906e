"""The settings dialog: each setting with a sentence on what it does. A change takes effect at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from app.ui.services.settings_store import SettingsStore
from app.ui.settings.inputs import FolderInput, Input, NumberInput, ShareInput, SwitchInput, TextInput, TimeInput
from app.ui.settings.model_field import ModelField
from app.ui.settings.model_switch import ModelPresenter
from app.ui.widgets.style import GRID, label

WIDTH = 720
"""Pixels."""


@dataclass(frozen=True)
class Field:
    """A setting as the dialog shows it: its name in `Settings`, label, help, and kind, which makes its input."""

    name: str
    label: str
    kind: Callable[[Any], Input]
    help: str


class SettingsDialog(QDialog):
    """Shows the settings and updates them whenever an input was changed. The model is its presenter's matter."""

    def __init__(self, settings: SettingsStore, models: ModelPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = settings
        self.model = ModelField(models)
        self._inputs: dict[str, Input] = {}
        self._form = QGridLayout()  # a QFormLayout cuts texts that wrap
        self._form.setColumnStretch(1, 1)
        self._form.setVerticalSpacing(0)
        clinic, *others = self._fields()
        self._add_field(clinic)
        self._add_row(self.tr("Model"), self.model, self._help_on_model(models))
        for field in others:
            self._add_field(field)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.addLayout(self._form)
        layout.addStretch()
        layout.addWidget(buttons)
        self.resize(WIDTH, layout.totalHeightForWidth(WIDTH))
        self.finished.connect(self._on_changed)

    def input(self, name: str) -> Any:
        """The input of a setting, by its name in `Settings`."""
        return self._inputs[name]

    def _fields(self) -> tuple[Field, ...]:
        return (
            Field("clinic", self.tr("Clinic's name"), TextInput, self.tr("Printed at the top of reports.")),
            Field(
                "melanoma_share",
                self.tr("Share of melanomas"),
                partial(ShareInput, 50.0, self.tr("not set")),
                self.tr(
                    "Among the lesions that your clinic looks at. General screening has about 2 %, which is assumed"
                    " while nothing is set. Each result says what it means at this share."
                ),
            ),
            Field(
                "other_cancer_share",
                self.tr("Share of other skin cancers"),
                partial(ShareInput, 49.0, self.tr("not set")),
                self.tr("Basal and squamous cell carcinoma, actinic keratosis and Bowen's disease together."),
            ),
            Field(
                "keep_images",
                "",
                partial(SwitchInput, self.tr("Keep a copy of each picture")),
                self.tr(
                    "Pictures that get a result are copied into MelaScreen's own folder, so that the history can show "
                    "them when the file is gone. Otherwise only names and thumbnails are kept."
                ),
            ),
            Field(
                "consistency",
                "",
                partial(SwitchInput, self.tr("Also assess turned and cropped copies of pictures opened on their own")),
                self.tr(
                    "The result then always says how far the probability moves. Copies of pictures just below a "
                    "threshold are looked at in any case, so that borderline results are found."
                ),
            ),
            Field(
                "batch_augmentation",
                "",
                partial(SwitchInput, self.tr("In folders, too")),
                self.tr("A folder then takes up to three times as long."),
            ),
            Field(
                "backup_folder",
                self.tr("Backups go to"),
                partial(FolderInput, self.tr("none: no backups"), self.tr("Folder for backups")),
                self.tr("The whole history is written there once a day, while the program is open."),
            ),
            Field(
                "backup_time",
                self.tr("At"),
                TimeInput,
                self.tr("A backup that was missed is made at the next start."),
            ),
            Field(
                "backups_kept", self.tr("Backups kept"), partial(NumberInput, 1, 999), self.tr("The oldest go first.")
            ),
        )

    def _help_on_model(self, models: ModelPresenter) -> str:
        if models.is_given:
            return self.tr("The model in use was given on the command line.")
        return self.tr(
            "Applies from the next picture on. A model from a file (ZIP) is checked before it can be chosen."
        )

    def _add_field(self, field: Field) -> None:
        made = field.kind(getattr(self._settings.current, field.name))
        assert isinstance(made, QWidget)
        made.changed.connect(self._on_changed)
        self._inputs[field.name] = made
        self._add_row(field.label, made, field.help)

    def _add_row(self, title: str, field: QWidget, meaning: str) -> None:
        name = QLabel(title)
        name.setBuddy(field)
        row = self._form.rowCount()
        self._form.addWidget(name, row, 0)
        self._form.addWidget(field, row, 1)
        self._form.addWidget(label(meaning), row + 1, 1)
        self._form.setRowMinimumHeight(row + 2, GRID)

    def _on_changed(self) -> None:
        self._settings.update(**{name: given.value() for name, given in self._inputs.items()})
