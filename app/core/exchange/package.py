"""Exports of cases: writes the chosen formats into a folder, a picture after the other.

FOLDER/dicom/PICTURE-KIND.dcm
FOLDER/isic/metadata.csv and FOLDER/isic/images/
FOLDER/fhir/PICTURE.json
FOLDER/melascreen.csv, FOLDER/melascreen.xlsx
FOLDER/not-exported.csv, where a picture could not be read
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from app.core.domain.errors import ImageError
from app.core.exchange import fhir, isic
from app.core.exchange.case import Case, Rendered
from app.core.exchange.copies import free_name
from app.core.exchange.identity import Identities
from app.core.exchange.table import MARKED_COLUMNS, PLAIN, Dialect, csv_bytes, marked_row
from app.core.system.files import write_atomically

RECORD_COLUMNS = ("patient", "lesion", "site", "note", "diagnosis", "confirmed_on", "confirmed_by")
"""What is noted of a picture."""
TABLE_COLUMNS = (*MARKED_COLUMNS, *RECORD_COLUMNS)


class Format(StrEnum):
    """What can be exported."""

    DICOM = "dicom"
    ISIC = "isic"
    FHIR = "fhir"
    EXCEL = "excel"
    CSV = "csv"

    @property
    def needs_drawing(self) -> bool:
        """Whether the report is a part of it."""
        return self in (Format.DICOM, Format.FHIR)


@dataclass(frozen=True)
class Options:
    """What is exported, and how. ISIC's form is always de-identified."""

    formats: frozenset[Format]
    deidentified: bool = False
    dialect: Dialect = PLAIN

    @property
    def is_without_names(self) -> bool:
        """Whether nothing that is written names anybody."""
        return self.deidentified or self.formats == {Format.ISIC}


@dataclass
class Summary:
    """What an export has written so far, and the pictures that it could not: their paths, or their places where no name
    goes out, and the reasons."""

    pictures: int = 0
    files: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)


class Package:
    """An export into a folder. No file of another content is replaced: a name that is taken gets a number."""

    def __init__(
        self, folder: Path, options: Options, identities: Identities, draw: Callable[[Case], Rendered]
    ) -> None:
        """`draw` draws the report of a case."""
        self._folder = folder
        self._options = options
        self._identities = identities
        self._draw = draw
        self._rows: list[Case] = []
        self._archived: list[Case] = []
        self.summary = Summary()

    def add(self, case: Case) -> None:
        """Export a picture; one that can't be read has failed. Raises `OSError` where a file can't be written."""
        formats = self._options.formats
        try:
            if Format.ISIC in formats or self._options.deidentified:
                plain = self._identities.deidentified(case)
                if Format.ISIC in formats:
                    self._add_archived(plain)
                if self._options.deidentified:
                    case = plain
            if any(chosen.needs_drawing for chosen in formats):
                self._add_drawn(case)
        except ImageError as error:
            self.fail(case, str(error))
            return
        self._rows.append(replace(case, content=b""))
        self.summary.pictures += 1

    def fail(self, case: Case, reason: str) -> None:
        """Note that a picture can't be exported; where names go out, it has a row in the tables all the same."""
        number = self.summary.pictures + len(self.summary.failed) + 1
        names = not self._options.is_without_names
        if names:
            self._rows.append(replace(case, content=b""))
        self.summary.failed.append((str(case.screening.path) if names else f"picture {number}", reason))

    def finish(self) -> Summary:
        """Write the tables. Raises `OSError`."""
        formats, dialect = self._options.formats, self._options.dialect
        if self._archived:
            self._write("isic/metadata.csv", isic.metadata_table(self._archived))
        if Format.CSV in formats:
            self._write("melascreen.csv", csv_bytes(TABLE_COLUMNS, map(_row, self._rows), dialect=dialect))
        if Format.EXCEL in formats:
            from app.core.exchange.spreadsheet import workbook  # here, not above: it would slow down every start

            self._write("melascreen.xlsx", workbook(TABLE_COLUMNS, map(_row, self._rows), title="MelaScreen"))
        if self.summary.failed:
            failed = ({"path": path, "reason": reason} for path, reason in self.summary.failed)
            self._write("not-exported.csv", csv_bytes(("path", "reason"), failed, dialect=dialect))
        return self.summary

    def _add_archived(self, case: Case) -> None:
        self._write(f"isic/images/{case.screening.path.name}", case.content)
        self._archived.append(replace(case, content=b""))

    def _add_drawn(self, case: Case) -> None:
        rendered = self._draw(case)
        if Format.DICOM in self._options.formats:
            from app.core.exchange.dicom.case_objects import objects_of  # the same

            for name, content in objects_of(case, rendered, self._identities):
                self._write(f"dicom/{case.name}-{name}.dcm", content)
        if Format.FHIR in self._options.formats:
            self._write(f"fhir/{case.name}.json", fhir.bundle(case, rendered, self._identities))

    def _write(self, name: str, content: bytes) -> None:
        """Write a file, unless it is there with this content already."""
        target = free_name(self._folder, name, content)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, content)
        self.summary.files += 1


def _row(case: Case) -> dict[str, object]:
    record = {name: getattr(case.record, name, None) or None for name in RECORD_COLUMNS}
    record["lesion"] = case.lesion.number if case.lesion else None
    row = marked_row(case.screening, case.mark) | record
    return {name: str(value) if isinstance(value, StrEnum) else value for name, value in row.items()}
