"""The folded part below a result: similar cases of the clinic's own."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.core.domain.entry import SimilarCase
from app.ui.look.style import label, thumbnail_icon
from app.ui.look.tokens import GRID, TOOL, TextStyle
from app.ui.services.wording import diagnosis_words
from app.ui.widgets.buttons import Button, Look


class SimilarCasesPanel(QWidget):
    """`opened` is emitted when it is unfolded, to fill it; `case_opened` gives a similar case's entry."""

    opened = Signal()
    case_opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = Button(self.tr("Similar cases of your own"), "chevron-right", look=Look.QUIET, height=TOOL)
        self.button.setCheckable(True)
        self.button.set_padding(0)
        self.cases_title = label(self.tr("The most similar of your confirmed cases"), TextStyle.BODY_STRONG)
        self.cases_note = label()
        self.cases = QListWidget()
        self.cases.setViewMode(QListWidget.ViewMode.IconMode)
        self.cases.setMovement(QListWidget.Movement.Static)
        self.cases.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.cases.setWordWrap(True)
        self.cases.setAccessibleName(self.tr("Similar cases"))
        line = self.fontMetrics().height()
        self.cases.setIconSize(QSize(4 * line, 4 * line))
        self.cases.setGridSize(QSize(7 * line, 8 * line))
        self.cases.setFixedHeight(17 * line)
        self.cases.itemActivated.connect(lambda item: self.case_opened.emit(item.data(Qt.ItemDataRole.UserRole)))
        self.content = QWidget()
        below = QVBoxLayout(self.content)
        below.setContentsMargins(0, 0, 0, 0)
        for widget in (self.cases_title, self.cases_note, self.cases):
            below.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addWidget(self.button)
        column.addWidget(self.content)
        self.button.toggled.connect(self._on_toggled)
        self._on_toggled(False)

    @property
    def is_open(self) -> bool:
        return self.button.isChecked()

    def show_cases(self, cases: Sequence[SimilarCase] | None) -> None:
        """Show the most similar confirmed cases, the most similar first; `None`: not known yet."""
        self.cases.clear()
        for case in cases or ():
            record = case.entry.record
            item = QListWidgetItem(
                thumbnail_icon(case.entry.screening.thumbnail),
                self.tr("{0}\n{1:.0f} % alike").format(diagnosis_words(record.diagnosis), 100 * case.similarity),
            )
            item.setData(Qt.ItemDataRole.UserRole, case.entry)
            item.setToolTip(
                self.tr("{0}, confirmed by {1}").format(diagnosis_words(record.diagnosis), record.confirmed_by or "–")
            )
            self.cases.addItem(item)
        self.cases.setVisible(bool(cases))
        if cases is None:
            text = ""
        elif cases:
            text = self.tr(
                "Similarity as the network sees it (100 %: the same picture). Lesions that look alike may still differ."
            )
        else:
            text = self.tr(
                "None yet. Only cases with a confirmed diagnosis that the same model has assessed are compared."
            )
        _set(self.cases_note, text)

    def _on_toggled(self, on: bool) -> None:
        self.button.set_icon("chevron-down" if on else "chevron-right")
        self.content.setVisible(on)
        if on:
            self.opened.emit()


def _set(part: QLabel, text: str) -> None:
    part.setText(text)
    part.setVisible(bool(text))
