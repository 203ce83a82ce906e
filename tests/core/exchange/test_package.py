"""Exports into a folder."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.patient import Patient
from app.core.exchange.case import Case, Rendered
from app.core.exchange.identity import Identities
from app.core.exchange.package import Format, Options, Package, Summary
from app.core.exchange.table import Dialect
from tests.core.exchange.conftest import IDENTIFIER, SECRETS, jpeg

ALL = frozenset(Format)


@pytest.fixture
def export(tmp_path: Path, identities: Identities, rendered: Rendered) -> Callable[..., Summary]:
    """Exports cases into `tmp_path / "out"`: `export(cases, Options(…))`."""

    def run(cases: list[Case], options: Options) -> Summary:
        package = Package(tmp_path / "out", options, identities, lambda case: rendered)
        for case in cases:
            package.add(case)
        return package.finish()

    return run


def files(folder: Path) -> dict[str, str]:
    """The checksums of all files in a folder, by their paths in it."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_every_format_has_its_place(export: Callable[..., Summary], case: Case, tmp_path: Path) -> None:
    summary = export([case], Options(ALL))
    names = list(files(tmp_path / "out"))
    archived = [name for name in names if name.startswith("isic/images/")]
    assert len(archived) == 1
    assert [name for name in names if name not in archived] == [
        "dicom/IMG_20260501-capture.dcm",
        "dicom/IMG_20260501-measurements.dcm",
        "dicom/IMG_20260501-outline.dcm",
        "dicom/IMG_20260501-picture.dcm",
        "dicom/IMG_20260501-report.dcm",
        "fhir/IMG_20260501.json",
        "isic/metadata.csv",
        "melascreen.csv",
        "melascreen.xlsx",
    ]
    assert (summary.pictures, summary.files, summary.failed) == (1, len(names), [])


def test_a_second_export_adds_nothing(export: Callable[..., Summary], case: Case, tmp_path: Path) -> None:
    export([case], Options(ALL))
    before = files(tmp_path / "out")
    export([case], Options(ALL))
    assert files(tmp_path / "out") == before


def test_no_file_of_another_content_is_replaced(export: Callable[..., Summary], case: Case, tmp_path: Path) -> None:
    export([case], Options(frozenset({Format.CSV})))
    before = files(tmp_path / "out")
    export([replace(case, record=replace(case.record, note="seen again"))], Options(frozenset({Format.CSV})))
    after = files(tmp_path / "out")
    assert after.keys() == {"melascreen.csv", "melascreen (2).csv"}
    assert after["melascreen.csv"] == before["melascreen.csv"]


def test_without_names_no_file_names_anybody(
    export: Callable[..., Summary], make_case: Callable[..., Case], tmp_path: Path
) -> None:
    export([make_case(), make_case(jpeg(), name="IMG_20260501 Maria.jpg")], Options(ALL, deidentified=True))
    for path in sorted((tmp_path / "out").rglob("*")):
        assert [secret for secret in SECRETS if secret in str(path.relative_to(tmp_path)).encode()] == []
        if path.is_file():
            content = path.read_bytes()
            if path.suffix == ".xlsx":
                with ZipFile(path) as book:
                    content = b"".join(map(book.read, book.namelist()))
            assert [secret for secret in SECRETS if secret in content] == [], path


def test_a_picture_that_can_not_be_read_is_named_with_the_reason(
    export: Callable[..., Summary], make_case: Callable[..., Case], tmp_path: Path
) -> None:
    broken = make_case(b"\xff\xd8\xff\xe0 broken", name="broken.jpg")
    summary = export([make_case(), broken], Options(frozenset({Format.DICOM, Format.CSV})))
    assert summary.pictures == 1
    ((path, reason),) = summary.failed
    assert path == "/photos/broken.jpg"
    assert reason
    assert "broken.jpg" in (tmp_path / "out" / "not-exported.csv").read_text()
    table = (tmp_path / "out" / "melascreen.csv").read_text()
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [Path(row["path"]).name for row in rows] == ["IMG_20260501.jpg", "broken.jpg"]


def test_without_names_a_picture_that_can_not_be_read_has_its_place(
    export: Callable[..., Summary], make_case: Callable[..., Case], tmp_path: Path
) -> None:
    broken = make_case(b"\xff\xd8\xff\xe0 broken", name="Maria.jpg")
    export([make_case(), broken], Options(frozenset({Format.DICOM, Format.CSV}), deidentified=True))
    table = (tmp_path / "out" / "not-exported.csv").read_text()
    assert "picture 2," in table
    assert "Maria" not in table


def test_a_spreadsheet_takes_text_for_text_and_numbers_for_numbers(
    export: Callable[..., Summary], make_case: Callable[..., Case], tmp_path: Path
) -> None:
    formula = '=HYPERLINK("http://example.org")'
    case = make_case(record=ClinicalRecord(formula), patient=Patient(formula))
    export([case], Options(frozenset({Format.EXCEL, Format.CSV}), dialect=Dialect(";", ",", byte_order_mark=True)))
    sheet = openpyxl.load_workbook(tmp_path / "out" / "melascreen.xlsx").active
    cells = {head.value: cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (cells["patient"].value, cells["patient"].data_type) == (formula, "s")
    assert (cells["melanoma_probability"].value, cells["melanoma_probability"].data_type) == (0.42, "n")
    content = (tmp_path / "out" / "melascreen.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    assert row["melanoma_probability"] == "0,42"
    assert row["patient"] == "'" + formula


def test_a_table_needs_no_picture(export: Callable[..., Summary], case: Case, tmp_path: Path) -> None:
    bare = replace(case, content=b"")
    for deidentified in (False, True):
        assert export([bare], Options(frozenset({Format.CSV}), deidentified)).failed == []
    names = files(tmp_path / "out")
    assert names.keys() == {"melascreen.csv", "melascreen (2).csv"}
    assert IDENTIFIER not in (tmp_path / "out" / "melascreen (2).csv").read_text()
