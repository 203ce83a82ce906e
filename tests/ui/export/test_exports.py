"""Exports from the window: what is asked, what is said before, and what is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PySide6.QtCore import QLocale, Qt
from pytestqt.qtbot import QtBot

from app.core.domain.clinical import ClinicalRecord
from app.core.exchange.package import Format, Options
from app.core.exchange.table import Dialect
from app.core.history.repository import EntryRepository
from app.core.system.paths import UserData
from app.ui.export.export_dialog import ExportDialog, of_this_language
from app.ui.export.summary import Subject, summary_text
from app.ui.services.item import Item
from app.ui.window.main_window import MainWindow
from tests.ui.report.pdf_text import page_texts
from tests.ui.robot import entries, judge, see_measures


def dialog_of(window: MainWindow, qtbot: QtBot) -> ExportDialog:
    qtbot.waitUntil(lambda: any(dialog.isVisible() for dialog in window.findChildren(ExportDialog)))
    return next(dialog for dialog in window.findChildren(ExportDialog) if dialog.isVisible())


def choose(dialog: ExportDialog, folder: Path, *formats: Format) -> None:
    for chosen, box in dialog.boxes.items():
        box.setChecked(chosen in formats)
    dialog.folder.setText(str(folder))


def export(window: MainWindow, qtbot: QtBot, dialog: ExportDialog) -> str:
    """Press *Export*, wait, and give what the notice says."""
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.notice.text().startswith("Exported to"))
    return window.notice.text()


def note_patient(patient: str, user_data: UserData) -> None:
    """Note the patient of all results."""
    history = EntryRepository(user_data.history)
    for entry in entries(user_data):
        history.update_record(entry, ClinicalRecord(patient))


def checksums(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.rglob("*")) if path.is_file()
    }


@pytest.mark.usefixtures("outliner")
def test_a_picture_is_exported_from_the_page_and_the_same_again(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path, user_data: UserData
) -> None:
    judge(window, qtbot, image_file("lesion.jpg"))
    see_measures(window, qtbot)
    note_patient("A-17", user_data)
    qtbot.waitUntil(lambda: entries(user_data)[0].annotation.outline is not None)
    for _ in range(2):
        qtbot.mouseClick(window.screen_page.panel.export, Qt.MouseButton.LeftButton)
        dialog = dialog_of(window, qtbot)
        choose(dialog, tmp_path / "out", *Format)
        assert "With the names of: A-17" in dialog.summary.text()
        text = export(window, qtbot, dialog)
        assert text == f"Exported to {tmp_path / 'out'}: 1 picture."
        written = checksums(tmp_path / "out")
        window.notice.close_shown()
    assert checksums(tmp_path / "out") == written
    assert {"lesion-picture.dcm", "lesion-capture.dcm", "lesion-report.dcm", "lesion.json"} <= written.keys()
    assert "lesion-measurements.dcm" in written
    assert "lesion-outline.dcm" in written
    capture = pydicom.dcmread(tmp_path / "out" / "dicom" / "lesion-capture.dcm")
    assert capture.PatientID == "A-17"
    assert np.ptp(capture.pixel_array[-20:]) > 100  # words on a dark band
    report = pydicom.dcmread(tmp_path / "out" / "dicom" / "lesion-report.dcm")
    assert report.EncapsulatedDocument.startswith(b"%PDF-1.")


def test_without_names_the_drawn_report_names_nobody(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path, user_data: UserData
) -> None:
    judge(window, qtbot, image_file("Maria.jpg"))
    note_patient("Maria Ivanova", user_data)
    qtbot.mouseClick(window.screen_page.panel.export, Qt.MouseButton.LeftButton)
    dialog = dialog_of(window, qtbot)
    choose(dialog, tmp_path / "out", Format.DICOM)
    dialog.plain.setChecked(True)
    assert "Maria" not in dialog.summary.text()
    assert "burnt into a picture stays" in dialog.summary.text()
    export(window, qtbot, dialog)
    (file,) = (tmp_path / "out" / "dicom").glob("*-report.dcm")
    text = " ".join(page_texts(pydicom.dcmread(file).EncapsulatedDocument))
    assert "Maria" not in text
    assert "P-" in text


def test_a_file_that_is_gone_is_told_of(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path, user_data: UserData
) -> None:
    there, gone = image_file("there.jpg", radius=50), image_file("gone.jpg")
    judge(window, qtbot, there, gone)
    gone.unlink()
    window.exports.ask([Item.of_entry(entry) for entry in entries(user_data)])
    dialog = dialog_of(window, qtbot)
    choose(dialog, tmp_path / "out", Format.DICOM)
    text = export(window, qtbot, dialog)
    assert "1 picture. Not exported: 1; not-exported.csv says why." in text
    assert "gone.jpg" in (tmp_path / "out" / "not-exported.csv").read_text()


def test_a_folder_that_can_not_be_written_has_a_reason(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path
) -> None:
    judge(window, qtbot, image_file())
    (tmp_path / "file").touch()
    qtbot.mouseClick(window.screen_page.panel.export, Qt.MouseButton.LeftButton)
    dialog = dialog_of(window, qtbot)
    choose(dialog, tmp_path / "file", Format.CSV)
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    assert dialog.isVisible()
    assert dialog.message.text().endswith("file is a file, not a folder.")
    choose(dialog, tmp_path / "file" / "within", Format.CSV)
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "within can't be written" in window.notice.text())


def test_nothing_is_exported_without_a_format(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path
) -> None:
    judge(window, qtbot, image_file())
    qtbot.mouseClick(window.screen_page.panel.export, Qt.MouseButton.LeftButton)
    dialog = dialog_of(window, qtbot)
    choose(dialog, tmp_path / "out")
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    assert dialog.message.text() == "Choose at least one format."
    assert not (tmp_path / "out").exists()


def test_all_pictures_of_a_patient_are_exported(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path, user_data: UserData
) -> None:
    judge(window, qtbot, image_file("a.jpg", radius=40), image_file("b.jpg", radius=50))
    note_patient("A-17", user_data)
    window.exports.ask_for_patient("A-17")
    dialog = dialog_of(window, qtbot)
    assert "2 pictures" in dialog.summary.text()
    choose(dialog, tmp_path / "out", Format.ISIC)
    export(window, qtbot, dialog)
    assert len(list((tmp_path / "out" / "isic" / "images").iterdir())) == 2


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            Options(frozenset({Format.CSV})),
            ["melascreen.csv: 12 pictures", "With the names of: a, b, c, d, e and 2 more"],
        ),
        (Options(frozenset({Format.ISIC})), ["isic: 12 pictures and metadata.csv, de-identified", "No names."]),
        (Options(frozenset({Format.DICOM}), deidentified=True), ["dicom: 12 pictures, for each", "No names."]),
        (Options(frozenset()), [""]),
    ],
)
def test_it_is_said_before_what_will_be_written(options: Options, expected: list[str]) -> None:
    lines = summary_text(Subject(12, list("abcdefg")), options).splitlines() or [""]
    assert len(lines) == len(expected)
    for line, beginning in zip(lines, expected, strict=True):
        assert line.startswith(beginning)


def test_tables_for_spreadsheets_have_the_signs_of_the_language() -> None:
    before = QLocale()
    try:
        QLocale.setDefault(QLocale(QLocale.Language.German))
        assert of_this_language() == Dialect(";", ",", byte_order_mark=True)
        QLocale.setDefault(QLocale(QLocale.Language.English))
        assert of_this_language() == Dialect(",", ".", byte_order_mark=True)
    finally:
        QLocale.setDefault(before)
