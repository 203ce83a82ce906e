"""The dialog in which a patient's details are entered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.core.domain import times
from app.core.domain.patient import SKIN_TYPES, Patient, Risk, Sex, birth_year_of
from app.ui.look.tokens import GRID
from app.ui.patient.dialog import FormDialog
from app.ui.widgets.fields import Choice
from app.ui.widgets.patient_words import risk_words, sex_words


class PatientDialog(FormDialog):
    """Edits a patient; all but the identifier is optional. `patient` gives what was entered."""

    def __init__(
        self,
        patient: Patient | None,
        title: str,
        verb: str,
        is_taken: Callable[[str], bool],
        parent: QWidget | None = None,
    ) -> None:
        """`patient` is `None` for a new one. `is_taken` tells whether another patient has an identifier."""
        self._before = patient.identifier if patient is not None else ""
        self._is_taken = is_taken
        self._today = times.today()
        content = QWidget()
        self.identifier = QLineEdit()
        self.born = QLineEdit()
        self.sex, self.skin_type = Choice(), Choice()
        self.risks: dict[Risk, QCheckBox] = {}
        self.note = QPlainTextEdit()
        super().__init__(title, verb, content, parent)
        self._lay_out(content)
        if patient is not None:
            self._show(patient)
        self.identifier.setFocus()

    def patient(self) -> Patient:
        """What was entered. `ValueError` for a year that is none."""
        return Patient(
            self.identifier.text().strip(),
            birth_year_of(self.born.text(), self._today),
            Sex(self.sex.currentData()) if self.sex.currentData() else None,
            self.skin_type.currentData(),
            frozenset(risk for risk, box in self.risks.items() if box.isChecked()),
            self.note.toPlainText().strip(),
        )

    def problem(self) -> str:
        identifier = self.identifier.text().strip()
        if not identifier:
            return self.tr("A number or pseudonym is needed.")
        if identifier != self._before and self._is_taken(identifier):
            return self.tr("There is a patient {0} already. Two can be merged on a patient's page (⋯).").format(
                identifier
            )
        try:
            birth_year_of(self.born.text(), self._today)
        except ValueError:
            return self.tr("Born: enter a year such as 1961, or an age such as 65.")
        return ""

    def _show(self, patient: Patient) -> None:
        self.identifier.setText(patient.identifier)
        self.born.setText("" if patient.birth_year is None else str(patient.birth_year))
        self.sex.setCurrentIndex(max(0, self.sex.findData(patient.sex.value if patient.sex else None)))
        self.skin_type.setCurrentIndex(max(0, self.skin_type.findData(patient.skin_type)))
        for risk, box in self.risks.items():
            box.setChecked(risk in patient.risks)
        self.note.setPlainText(patient.note)

    def _lay_out(self, content: QWidget) -> None:
        self.identifier.setPlaceholderText(self.tr("a number or pseudonym"))
        self.born.setPlaceholderText(self.tr("year, or age"))
        for sex in (None, *Sex):
            self.sex.addItem(sex_words(sex) or "–", sex.value if sex else None)
        self.skin_type.addItem("–", None)
        for number, name in enumerate(SKIN_TYPES, start=1):
            self.skin_type.addItem(name, number)
        self.skin_type.setToolTip(self.tr("By Fitzpatrick, from I (always burns) to VI (never burns)"))
        self.note.setTabChangesFocus(True)
        self.note.setFixedHeight(4 * self.note.fontMetrics().height())
        form = QFormLayout(content)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(GRID)
        boxes = QWidget()
        column = QVBoxLayout(boxes)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for risk in Risk:
            self.risks[risk] = QCheckBox(risk_words(risk))
            column.addWidget(self.risks[risk])
        for text, field in (
            (self.tr("Patient"), self.identifier),
            (self.tr("Born"), self.born),
            (self.tr("Sex"), self.sex),
            (self.tr("Skin type"), self.skin_type),
            (self.tr("Risk"), boxes),
            (self.tr("Note"), self.note),
        ):
            field.setAccessibleName(text)
            form.addRow(text, field)
