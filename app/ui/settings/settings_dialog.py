"""The settings: each with a sentence on what it does. They take effect at once."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtCore import QTime, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTimeEdit,
    QVBoxLayout,
    QWidget,
)

from app.core.system.settings import Settings
from app.ui.settings.model_field import ModelField
from app.ui.settings.model_switch import ModelPresenter
from app.ui.widgets.style import GRID, label

WIDTH = 720
"""Pixels."""


class SettingsDialog(QDialog):
    """Shows settings; `changed` with new ones whenever a field was changed. The model is its switch's matter."""

    changed = Signal(object)

    def __init__(self, settings: Settings, models: ModelPresenter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = settings
        self.clinic = QLineEdit(settings.clinic)
        self.model = ModelField(models)
        self.keep_images = QCheckBox(self.tr("Keep a copy of each image"))
        self.keep_images.setChecked(settings.keep_images)
        self.consistency = QCheckBox(self.tr("Check whether an answer is steady"))
        self.consistency.setChecked(settings.consistency)
        self.batch_augmentation = QCheckBox(self.tr("In folders, too"))
        self.batch_augmentation.setChecked(settings.batch_augmentation)
        self.backup_folder = QLineEdit(settings.backup_folder)
        self.backup_folder.setPlaceholderText(self.tr("none: no backups"))
        choose = QPushButton(self.tr("&Choose…"))
        choose.setAutoDefault(False)  # Enter in a field is no click here
        choose.clicked.connect(self._on_choose_clicked)
        self.backup_time = QTimeEdit(QTime.fromString(settings.backup_time, "HH:mm"))
        self.backup_time.setDisplayFormat("HH:mm")
        self.backups_kept = QSpinBox()
        self.backups_kept.setRange(1, 999)
        self.backups_kept.setValue(settings.backups_kept)
        for numbers in (self.backup_time, self.backups_kept):
            numbers.setKeyboardTracking(False)  # half a number is no setting

        folder = QWidget()
        row = QHBoxLayout(folder)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.backup_folder, stretch=1)
        row.addWidget(choose)
        form = QGridLayout()  # a QFormLayout cuts texts that wrap
        form.setColumnStretch(1, 1)
        form.setVerticalSpacing(0)
        for text, field, meaning in (
            (self.tr("Clinic's name"), self.clinic, self.tr("Stands at the head of reports.")),
            (
                self.tr("Model"),
                self.model,
                self.tr("Used for the next image. One from a file (ZIP) is checked before it can be chosen.")
                if not models.is_given
                else self.tr("In use is the one that was named when the program was started."),
            ),
            (
                "",
                self.keep_images,
                self.tr(
                    "Images that get a result are copied into MelaScreen's own folder, so that the history can show "
                    "them when the file is gone. Otherwise only their names and small pictures are kept."
                ),
            ),
            (
                "",
                self.consistency,
                self.tr(
                    "The picture is looked at twice more, turned and cropped a little, and the answer says how far the "
                    "probability moves."
                ),
            ),
            ("", self.batch_augmentation, self.tr("A folder then takes about three times as long.")),
            (
                self.tr("Backups go to"),
                folder,
                self.tr("The whole history is written there once a day, while the program is open."),
            ),
            (self.tr("At"), self.backup_time, self.tr("A backup that was missed is made at the next start.")),
            (self.tr("Backups kept"), self.backups_kept, self.tr("The oldest go first.")),
        ):
            name = QLabel(text)
            name.setBuddy(field)
            row_number = form.rowCount()
            form.addWidget(name, row_number, 0)
            form.addWidget(field, row_number, 1)
            form.addWidget(label(meaning), row_number + 1, 1)
            form.setRowMinimumHeight(row_number + 2, GRID)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.accept)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addStretch()
        layout.addWidget(buttons)
        self.resize(WIDTH, layout.totalHeightForWidth(WIDTH))
        self.clinic.editingFinished.connect(self._on_changed)
        self.backup_folder.editingFinished.connect(self._on_changed)
        for box in (self.keep_images, self.consistency, self.batch_augmentation):
            box.toggled.connect(self._on_changed)
        self.backup_time.timeChanged.connect(self._on_changed)
        self.backups_kept.valueChanged.connect(self._on_changed)
        self.finished.connect(self._on_changed)

    def _on_choose_clicked(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Folder for backups"), self.backup_folder.text())
        if folder:
            self.backup_folder.setText(str(Path(folder)))
            self._on_changed()

    def _on_changed(self) -> None:
        settings = msgspec.structs.replace(
            self._settings,
            clinic=self.clinic.text().strip(),
            keep_images=self.keep_images.isChecked(),
            consistency=self.consistency.isChecked(),
            batch_augmentation=self.batch_augmentation.isChecked(),
            backup_folder=self.backup_folder.text().strip(),
            backup_time=self.backup_time.time().toString("HH:mm"),
            backups_kept=self.backups_kept.value(),
        )
        if settings != self._settings:
            self._settings = settings
            self.changed.emit(settings)
