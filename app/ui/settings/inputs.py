"""An input for each kind of setting: made with its value; `value()` gives it, `changed` is emitted for a new one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import Qt, QTime, Signal, SignalInstance
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QSpinBox,
    QTimeEdit,
    QWidget,
)

from app.ui.widgets.buttons import Button, Look, Segments, Switch
from app.ui.widgets.fields import Choice, ignore_wheel


class Input(Protocol):
    """What the page needs of an input, which is also a widget."""

    @property
    def changed(self) -> SignalInstance: ...

    def value(self) -> Any: ...

    def set_value(self, value: Any) -> None:
        """Show a value; `changed` is not emitted."""


class TextInput(QLineEdit):
    changed = Signal()

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.editingFinished.connect(self.changed)

    def value(self) -> str:
        return self.text().strip()

    def set_value(self, value: str) -> None:
        self.setText(value)


class SwitchInput(QWidget):
    """A switch at the end of its row."""

    changed = Signal()

    def __init__(self, value: bool) -> None:
        super().__init__()
        self.switch = Switch()
        self.switch.setChecked(value)
        self.switch.toggled.connect(lambda _: self.changed.emit())
        self.setFocusProxy(self.switch)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch()
        row.addWidget(self.switch)

    def setAccessibleName(self, name: str) -> None:
        self.switch.setAccessibleName(name)

    def setChecked(self, on: bool) -> None:
        self.switch.setChecked(on)

    def value(self) -> bool:
        return self.switch.isChecked()

    def set_value(self, value: bool) -> None:
        self.switch.blockSignals(True)
        self.switch.setChecked(value)
        self.switch.blockSignals(False)


class SegmentInput(QWidget):
    """One of a few values, side by side."""

    changed = Signal()

    def __init__(self, choices: Sequence[tuple[str, str]], value: str) -> None:
        """`choices` are values with their names."""
        super().__init__()
        self._values = [each for each, _ in choices]
        self.segments = Segments([Button(name, look=Look.SEGMENT) for _, name in choices])
        self.segments.stretch()
        self.set_value(value)
        self.segments.group.idClicked.connect(lambda _: self.changed.emit())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.segments)

    def value(self) -> str:
        return self._values[self.segments.group.checkedId()]

    def set_value(self, value: str) -> None:
        self.segments.buttons[self._values.index(value)].setChecked(True)


class ChoiceInput(Choice):
    """One of several values, in a list that opens."""

    changed = Signal()

    def __init__(self, choices: Sequence[tuple[str, str]], value: str) -> None:
        """`choices` are values with their names."""
        super().__init__()
        for each, name in choices:
            self.addItem(name, each)
        self.set_value(value)
        self.activated.connect(lambda _: self.changed.emit())

    def value(self) -> str:
        return str(self.currentData())

    def set_value(self, value: str) -> None:
        self.setCurrentIndex(self.findData(value))


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
        choose = Button(self.tr("Choose…"), "folder-open")
        choose.set_compact(True)
        choose.clicked.connect(self._on_choose_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, stretch=1)
        row.addWidget(choose)
        self.setFocusProxy(self.line)

    def setAccessibleName(self, name: str) -> None:
        self.line.setAccessibleName(name)

    def value(self) -> str:
        return self.line.text().strip()

    def set_value(self, value: str) -> None:
        self.line.setText(value)

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
        ignore_wheel(self, unless_focused=True)
        self.timeChanged.connect(lambda _: self.changed.emit())

    def value(self) -> str:
        return self.time().toString("HH:mm")

    def set_value(self, value: str) -> None:
        self.blockSignals(True)
        self.setTime(QTime.fromString(value, "HH:mm"))
        self.blockSignals(False)


class NumberInput(QSpinBox):
    """A number within a range."""

    changed = Signal()

    def __init__(self, least: int, most: int, value: int) -> None:
        super().__init__()
        self.setRange(least, most)
        self.setValue(value)
        self.setKeyboardTracking(False)  # half a number is no setting
        ignore_wheel(self, unless_focused=True)
        self.valueChanged.connect(lambda _: self.changed.emit())

    def value(self) -> int:
        return super().value()

    def set_value(self, value: int) -> None:
        self.blockSignals(True)
        self.setValue(value)
        self.blockSignals(False)


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
        self.setAlignment(Qt.AlignmentFlag.AlignLeft)
        ignore_wheel(self, unless_focused=True)
        self.valueChanged.connect(lambda _: self.changed.emit())

    def set_value(self, value: float) -> None:
        self.blockSignals(True)
        self.setValue(value)
        self.blockSignals(False)
