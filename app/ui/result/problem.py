"""What stands in place of a result that there is none: what to do, and what can be asked for nevertheless."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.core.quality.findings import Finding, FindingKind
from app.ui.look.style import Line, clear, label
from app.ui.look.tokens import EDGE, GRID, TextStyle
from app.ui.services.wording import left_to_right
from app.ui.widgets.buttons import Button, Look


class ProblemPart(QWidget):
    """Shows what to do about a picture that can't be assessed, or about a model that can't be used."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details = ""
        self.head = label(self.tr("What to do"), TextStyle.BODY_STRONG)
        self.text = label()
        self.other = Button(self.tr("Open another picture…"), "folder-open")
        self.number = Button(self.tr("Show the number anyway"), look=Look.LINK)
        self.details = Button(self.tr("Copy details"), "copy", look=Look.LINK)
        for button in (self.number, self.details):
            button.set_padding(0)
        self.details.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._details))
        self.found = QWidget()
        self._rows = QGridLayout(self.found)
        self._rows.setContentsMargins(EDGE, 12, EDGE, 12)
        self._rows.setHorizontalSpacing(EDGE)
        self._rows.setVerticalSpacing(4)
        inner = QVBoxLayout()
        inner.setContentsMargins(EDGE, EDGE, EDGE, GRID)
        inner.setSpacing(4)
        for part in (self.head, self.text, self.other, self.number, self.details):
            inner.addWidget(part)
        inner.insertSpacing(2, GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(inner)
        column.addWidget(Line())
        column.addWidget(self.found)
        self._line = Line()
        column.addWidget(self._line)
        self.show_found(())

    def show_found(self, findings: Sequence[Finding]) -> None:
        """Show what was measured beside what is needed, what falls short in bold; nothing for nothing."""
        clear(self._rows)
        if findings:
            self._rows.addWidget(label(self.tr("What was found"), TextStyle.BODY_STRONG), 0, 0, 1, 3)
        for row, finding in enumerate(findings, start=1):
            name, value, needed = _texts(finding)
            style = TextStyle.BODY if finding.is_met else TextStyle.BODY_STRONG
            for column, each in enumerate((label(name), label(value, style), label(needed, quiet=True))):
                if column:
                    each.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._rows.addWidget(each, row, column)
        self.found.setVisible(bool(findings))
        self._line.setVisible(bool(findings))

    def show_problem(self, to_do: str, details: str, *, is_picture: bool, has_number: bool = False) -> None:
        """Show what to do; `details` is what is copied, `has_number` offers the number of a refused picture."""
        if details != self._details:
            self.show_found(())
        self._details = details
        nothing = self.tr("That there is no answer says nothing about the lesion.")
        self.text.setText(" ".join(filter(None, (to_do, nothing if is_picture else ""))))
        self.head.setVisible(bool(self.text.text()))
        self.text.setVisible(bool(self.text.text()))
        self.other.setVisible(is_picture)
        self.number.setVisible(has_number)
        self.show()


def _texts(finding: Finding) -> tuple[str, str, str]:
    """A measure's name, its value, and what is needed."""
    tr, kind = QCoreApplication.translate, finding.kind
    name = {
        FindingKind.SHARPNESS: tr("problem", "Sharpness"),
        FindingKind.BRIGHTNESS: tr("problem", "Brightness"),
        FindingKind.OVEREXPOSED: tr("problem", "Overexposed"),
        FindingKind.CONTRAST: tr("problem", "Contrast"),
    }[kind]
    values = (finding.value, finding.limit)
    if kind is FindingKind.SHARPNESS:
        value, limit = (f"{each:.2f}" for each in values)
    else:
        value, limit = (left_to_right(f"{100 * each:.0f} %") for each in values)
    needed = tr("problem", "{0} or less") if finding.is_most else tr("problem", "{0} or more")
    return name, value, needed.format(limit)
