"""What an export will write, in words, before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from app.core.exchange.package import Format, Options
from app.ui.services.wording import pictures

NAMED = 5
"""Patients that are named at most; of others the number is given."""
translate = QCoreApplication.translate


@dataclass(frozen=True)
class Subject:
    """What is to be exported: how many pictures, and the identifiers of the patients that they are of."""

    pictures: int
    patients: Sequence[str] = ()


def summary_text(subject: Subject, options: Options) -> str:
    """The files of each chosen format, and whose names go out, a line each."""
    files = {
        Format.DICOM: translate(
            "export",
            "dicom: {0}, for each up to 5 files: the picture unchanged, the answer as a picture, the report, the"
            " outline, the measurements",
        ),
        Format.FHIR: translate("export", "fhir: {0}, for each a file with the report and the probabilities"),
        Format.ISIC: translate("export", "isic: {0} and metadata.csv, de-identified"),
        Format.EXCEL: translate("export", "melascreen.xlsx: {0}, a row each"),
        Format.CSV: translate("export", "melascreen.csv: {0}, a row each"),
    }
    lines = [text.format(pictures(subject.pictures)) for chosen, text in files.items() if chosen in options.formats]
    return "\n".join([*lines, *_names(subject, options)]) if lines else ""


def _names(subject: Subject, options: Options) -> list[str]:
    """Whose names go out, and what stays in pictures."""
    if options.is_without_names:
        return [translate("export", "No names. What is burnt into a picture stays: look at each before it leaves.")]
    if not subject.patients:
        return [translate("export", "No patient is noted; file names and notes go out as they are.")]
    named = ", ".join(subject.patients[:NAMED])
    more = len(subject.patients) - NAMED
    if more > 0:
        named = translate("export", "{0} and {1} more").format(named, more)
    return [translate("export", "With the names of: {0}").format(named)]
