"""An input for each kind of setting: made with its value; `value()` gives it, `changed` is emitted for a new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QTime, Signal, SignalInstance
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTimeEdit,
    QWidget,
)


class Input(Protocol):
    """What the dialog needs of an input, which is also a widget."""

    @property
    def changed(self) -> SignalInstance: ...

    def value(self) -> Any: ...


class TextInput(QLineEdit):
    changed = Signal()

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.editingFinished.connect(self.changed)

    def value(self) -> str:
        return self.text().strip()


class SwitchInput(QCheckBox):
    changed = Signal()

    def __init__(self, text: str, value: bool) -> None:
        super().__init__(text)
        self.setChecked(value)
        self.toggled.connect(lambda _: self.changed.emit())

    def value(self) -> bool:
        return self.isChecked()


class FolderInput(QWidget):
    """A folder's path, typed or chosen; empty for none."""

    changed = Signal()

    def __init__(self, none: str, title: str, value: str) -> None:
        """`none` stands where there is no folder, `title` over the dialog to choose one."""
        super().__init__()
        self._title = title
        self.line = QLineEdit(value)
        self.line.setPlaceholderText(none)
        self.line.editingFinished.connect(self.changed)
        choose = QPushButton(self.tr("&Choose…"))
        choose.setAutoDefault(False)  # Enter in a field is no click here
        choose.clicked.connect(self._on_choose_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, stretch=1)
        row.addWidget(choose)

    def value(self) -> str:
        return self.line.text().strip()

    def _on_choose_clicked(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self._title, self.line.text())
        if folder:
            self.line.setText(str(Path(folder)))
            self.changed.emit()


class TimeInput(QTimeEdit):
    """A time of day, as HH:MM."""

    changed = Signal()

    def __init__(self, value: str) -> None:
        super().__init__(QTime.fromString(value, "HH:mm"))
        self.setDisplayFormat("HH:mm")
        self.setKeyboardTracking(False)  # half a time is no setting
        self.timeChanged.connect(lambda _: self.changed.emit())

    def value(self) -> str:
        return self.time().toString("HH:mm")


class NumberInput(QSpinBox):
    """A number within a range."""

    changed = Signal()

    def __init__(self, least: int, most: int, value: int) -> None:
        super().__init__()
        self.setRange(least, most)
        self.setValue(value)
        self.setKeyboardTracking(False)  # half a number is no setting
        self.valueChanged.connect(lambda _: self.changed.emit())


class ShareInput(QDoubleSpinBox):
    """A share in percent; 0 goes by the name `none`."""

    changed = Signal()

    def __init__(self, most: float, none: str, value: float) -> None:
        super().__init__()
        self.setRange(0.0, most)
        self.setDecimals(1)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setSuffix(" %")
        self.setSpecialValueText(none)
        self.setValue(value)
        self.setKeyboardTracking(False)  # half a number is no setting
        self.valueChanged.connect(lambda _: self.changed.emit())
