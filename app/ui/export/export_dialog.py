"""The dialog before an export: which formats, with or without names, where, and what will be written."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from app.core.exchange.package import Format, Options
from app.core.exchange.table import PLAIN, Dialect
from app.ui.export.summary import Subject, summary_text
from app.ui.look.style import label, scrolled
from app.ui.look.tokens import GRID, TextStyle, scaled
from app.ui.patient.dialog import FormDialog
from app.ui.widgets.buttons import Button

WIDTH, AROUND = 560, 170
"""Pixels: the dialog's width, and what its title and buttons take of its height."""
translate = QCoreApplication.translate


class ExportDialog(FormDialog):
    """Asks for the formats and the folder, and says what will be written while they are chosen."""

    def __init__(self, subject: Subject, folder: Path, parent: QWidget | None = None) -> None:
        content = QWidget()
        self._content = content
        self._subject = subject
        self.boxes = {chosen: QCheckBox(words) for chosen, words in format_words().items()}
        self.boxes[Format.DICOM].setChecked(True)
        self.named = QRadioButton(self.tr("With names: identifiers, dates and notes as they are"))
        self.plain = QRadioButton(self.tr("De-identified: pseudonyms, dates moved, no notes"))
        self.named.setChecked(True)
        self.for_spreadsheets = QCheckBox(self.tr("CSV for spreadsheets in this system's language"))
        self.folder = QLineEdit(str(folder))
        self.folder.setAccessibleName(self.tr("Folder"))
        self.choose = Button(self.tr("Choose…"))
        self.choose.clicked.connect(self._choose_folder)
        self.summary = label(quiet=True)
        self.summary.setAccessibleName(self.tr("What will be written"))
        super().__init__(self.tr("Export for other programs"), self.tr("Export"), scrolled(content), parent)
        self.setMinimumWidth(WIDTH)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 2 * GRID, 0)  # beside it the scroll bar
        column.setSpacing(GRID)
        for box in self.boxes.values():
            column.addWidget(box)
        column.addWidget(self.for_spreadsheets)
        column.addWidget(label(self.tr("Names"), TextStyle.BODY_STRONG))
        column.addWidget(self.named)
        column.addWidget(self.plain)
        column.addWidget(label(self.tr("Folder"), TextStyle.BODY_STRONG))
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.folder, stretch=1)
        row.addWidget(self.choose)
        column.addLayout(row)
        column.addWidget(label(self.tr("What will be written"), TextStyle.BODY_STRONG))
        column.addWidget(self.summary, stretch=1)
        for button in (*self.boxes.values(), self.named, self.for_spreadsheets):
            button.toggled.connect(self._show_summary)
        self._show_summary()

    def options(self) -> Options:
        """What was chosen."""
        formats = frozenset(chosen for chosen, box in self.boxes.items() if box.isChecked())
        return Options(
            formats, self.plain.isChecked(), of_this_language() if self.for_spreadsheets.isChecked() else PLAIN
        )

    def chosen_folder(self) -> Path:
        return Path(self.folder.text().strip())

    def problem(self) -> str:
        """What is missing before anything can be written."""
        if not self.options().formats:
            return self.tr("Choose at least one format.")
        if not self.folder.text().strip():
            return self.tr("Choose a folder.")
        if self.chosen_folder().exists() and not self.chosen_folder().is_dir():
            return self.tr("{0} is a file, not a folder.").format(self.chosen_folder())
        return ""

    def _show_summary(self) -> None:
        self.for_spreadsheets.setEnabled(self.boxes[Format.CSV].isChecked())
        self.summary.setText(summary_text(self._subject, self.options()))
        wanted = self._content.heightForWidth(self.width() - 8 * GRID) + scaled(AROUND)
        self.resize(self.width(), min(max(self.height(), wanted), self.screen().availableGeometry().height()))

    def _choose_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, self.tr("Export to"), self.folder.text())
        if folder:
            self.folder.setText(folder)


def format_words() -> dict[Format, str]:
    """What each format is called, and for whom it is."""
    return {
        Format.DICOM: translate("export", "DICOM, for archives and viewers"),
        Format.FHIR: translate("export", "FHIR R4 (JSON), for record systems"),
        Format.ISIC: translate("export", "Table and pictures for the ISIC archive, always de-identified"),
        Format.EXCEL: translate("export", "Table for Excel (.xlsx)"),
        Format.CSV: translate("export", "Table (.csv)"),
    }


def of_this_language() -> Dialect:
    """The form of CSV that spreadsheets expect where the decimal sign is this system's."""
    decimal = QLocale().decimalPoint()
    return Dialect(";" if decimal == "," else ",", decimal, byte_order_mark=True)
