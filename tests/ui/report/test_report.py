from __future__ import annotations

import datetime as dt
import itertools
import re
import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtGui import QColor, QImage, QPalette, QTextDocument, QTextTable
from PySide6.QtWidgets import QApplication

from app.core.domain.clinical import EMPTY_RECORD, ClinicalRecord
from app.core.domain.entry import Mark
from app.core.domain.results import ModelId, Prediction, Screening
from app.core.model.card import Card, read_card
from app.ui.report import pdf
from app.ui.report.content import ReportItem, batch_html, image_html, write_batch_report, write_image_report
from app.ui.report.images import scale_image
from app.ui.report.pdf import print_pdf
from app.ui.services.wording import accuracy_interval_text, percent

NOW = dt.datetime(2026, 3, 4, 17, 5, tzinfo=dt.UTC)
NAMES = ("lesion.png", "Родинка пациента.png", "شامة المريض.png", "a <b>b&amp; 'c'  d.png")
CLINIC = "Клиника <Nord> & Co"


@pytest.fixture
def card(model: Path) -> Card:
    return read_card((model / "card.json").read_bytes())


@pytest.fixture
def jpeg(lesion: np.ndarray, tmp_path: Path) -> bytes:
    file = tmp_path / "thumbnail.jpg"
    assert _picture(lesion).save(str(file))
    return file.read_bytes()


@pytest.fixture(autouse=True)
def qt_messages(qapp: QApplication) -> Iterator[list[str]]:
    """What Qt complains of, which must be nothing."""
    messages: list[str] = []
    qInstallMessageHandler(lambda _kind, _context, message: messages.append(message))
    yield messages
    qInstallMessageHandler(None)
    assert not messages


def _picture(rgb: np.ndarray) -> QImage:
    return QImage(rgb.tobytes(), rgb.shape[1], rgb.shape[0], QImage.Format.Format_RGB888).copy()


def _item(card: Card, name: str = "lesion.png", probability: float | None = 0.9, **changed: Any) -> ReportItem:
    threshold, other_threshold = card.operating_point.thresholds
    others = {"other_cancer_probability": 0.0, "other_cancer_threshold": other_threshold}
    prediction = None if probability is None else Prediction(probability, threshold, **others)
    error = "The file is <damaged>." if probability is None else None
    screening = Screening(Path("/pictures", name), card.model_id, NOW, "ab" * 32, prediction, error)
    item = {"record": EMPTY_RECORD, "thumbnail": b"", "repeated": False}
    item |= {field: changed.pop(field) for field in list(item) if field in changed}
    return ReportItem(replace(screening, **changed), **item)


def _image_text(item: ReportItem, card: Card | None) -> str:
    images = {"image": QImage()}
    if item.screening.prediction is not None:
        images["scale"] = scale_image(item.screening.prediction)
    return _plain(image_html(item, images, clinic=CLINIC, card=card, now=NOW))


def _batch_text(items: list[ReportItem], card: Card | None) -> str:
    images = {f"thumbnail{i}": QImage() for i in range(len(items))}
    return _plain(batch_html(items, images, title="/pictures & <more>", clinic=CLINIC, card=card, now=NOW))


def _plain(content: str) -> str:
    return pdf.lay_out(content, {}, 5000.0).toPlainText()


def _pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def _drawn(pdf: bytes) -> list[bytes]:
    """The drawing commands of the pages."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    unpacked = []
    for stream in streams:
        try:
            unpacked.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return [commands for commands in unpacked if b"\nBT" in commands]


def test_the_page_says_the_answer_how_sure_it_is_and_of_what(card: Card) -> None:
    record = ClinicalRecord("P <7>", "anterior torso", "first\nsecond", "melanoma", "2026-03-01", "histopathology")
    item = _item(card, record=record, warnings=("It is <small>.",))
    text = _image_text(item, card)
    point = card.operating_point
    for expected in (
        *(CLINIC, "▲ Melanoma suspected", "90 %", f"at or above its threshold of {percent(point.threshold)}"),
        accuracy_interval_text(point),
        *("lesion.png", "/pictures", "ab" * 32, "2026-03-04 17:05", str(card.model_id), "It is <small>."),
        *("P <7>", "anterior torso", "melanoma, histopathology, 2026-03-01", "first", "second"),
    ):
        assert expected in text, expected


def test_a_clear_answer_says_that_it_rules_nothing_out(card: Card) -> None:
    text = _image_text(_item(card, probability=card.operating_point.threshold / 4), card)
    assert "● Below the referral threshold. This does not rule out melanoma" in text
    assert f"below its threshold of {percent(card.operating_point.threshold)}" in text
    for absent in ("Warnings", "Patient", "Site", "Note", "Confirmed diagnosis"):
        assert absent not in text


def test_figures_stand_only_beside_results_of_their_model_and_threshold(card: Card) -> None:
    item = _item(card)
    other_model = replace(item.screening, model=ModelId("other", "1", "0" * 64))
    other_threshold = replace(item.screening, prediction=replace(item.screening.prediction, threshold=0.4321))
    without = replace(item.screening.prediction, other_cancer_probability=None, other_cancer_threshold=None)
    of_melanoma_alone = replace(item.screening, prediction=without)
    assert "confidence intervals" in _image_text(item, card)
    assert "confidence intervals" not in _image_text(item, None)
    for screening in (other_model, other_threshold, of_melanoma_alone):
        assert "confidence intervals" not in _image_text(replace(item, screening=screening), card)
        assert "confidence intervals" not in _batch_text([replace(item, screening=screening)], card)


def test_the_readers_decision_and_both_suspicions_are_in_the_report_on_many(card: Card) -> None:
    other = {"other_cancer_probability": 0.8, "other_cancer_threshold": 0.2}
    both = Prediction(0.9, card.operating_point.threshold, **other)
    refused = _item(card, "refused.png", warnings=("Not a dermoscopy picture.",), forced=True)
    items = [_item(card, "both.png", prediction=both), _item(card, "one.png"), replace(refused, mark=Mark.REFER)]
    text = _batch_text([replace(items[0], mark=Mark.WATCH), *items[1:]], card)
    assert "▲◆ Melanoma and other skin cancer\n1, included above as melanoma suspected" in text
    assert "▲◆ Melanoma suspected" in text
    assert "Watch" in text
    judged, failed = text.split("Can't be assessed")[-2:]
    assert "refused.png" not in judged
    assert "Not a dermoscopy picture." in failed
    assert "Refer" in failed
    assert "Reader's decision\nWatch" in _image_text(replace(items[0], mark=Mark.WATCH), card)
    assert "Reader's decision" not in _image_text(items[1], card)


def test_a_failed_image_says_why(card: Card) -> None:
    text = _image_text(_item(card, probability=None), card)
    assert "✕ Can't be assessed" in text
    assert "The file is <damaged>." in text
    assert "confidence intervals" not in text


@pytest.mark.parametrize("name", [*NAMES, "a\nb.png"])
def test_names_come_out_as_they_are(card: Card, name: str) -> None:
    assert name in _image_text(_item(card, name), card)
    assert name in _batch_text([_item(card, name)], card)
    assert name in _batch_text([_item(card, name, None)], card)


def test_a_name_that_is_no_text_is_written_with_escapes(card: Card, tmp_path: Path) -> None:
    item = _item(card, "\udcff.png")
    assert r"\xff.png" in _batch_text([item], card).replace(r"\udcff", r"\xff")
    write_image_report(tmp_path / "one.pdf", item, None, clinic="", card=card, now=NOW)
    write_batch_report(tmp_path / "all.pdf", [item], title="", clinic="", card=card, now=NOW)


def test_the_most_suspicious_is_first_by_its_own_threshold_and_failed_ones_last(card: Card) -> None:
    low = _item(card, "low.png", 0.001)
    high = _item(card, "high.png", 0.7, repeated=True)
    strict = _item(card, "strict.png", prediction=Prediction(0.8, 0.75))
    failed = _item(card, "failed.png", None)
    text = _batch_text([failed, low, strict, high], card)
    places = [
        text.index(name) for name in ("high.png", "strict.png", "low.png", "failed.png", "The file is <damaged>.")
    ]
    assert places == sorted(places)
    head = text[: text.index("melanoma suspected first")].split("\n")
    counted = dict(itertools.pairwise(head))
    assert counted["Pictures"] == "4"
    assert counted["▲ Melanoma suspected"] == "2"
    assert counted["● Below the referral threshold"] == "1"
    assert counted["✕ Can't be assessed"] == "1"
    assert counted["Of these assessed before"] == "1"
    assert counted["Model"] == str(card.model_id)
    assert counted["Threshold for melanoma"] == f"{percent(card.operating_point.threshold)}, 75 %"
    assert "/pictures & <more>" in head
    assert "Assessed before, 2026-03-04 17:05" in text


def test_nothing_to_report_is_a_report_too(card: Card, tmp_path: Path) -> None:
    target = tmp_path / "empty.pdf"
    write_batch_report(target, [], title="nothing", clinic="", card=card, now=NOW)
    assert _pages(target.read_bytes()) == 1


def test_one_image_is_one_page_with_its_picture_and_fonts(card: Card, lesion: np.ndarray, tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "Отчёт.pdf"
    write_image_report(target, _item(card, NAMES[2]), _picture(lesion), clinic=CLINIC, card=card, now=NOW)
    pdf = target.read_bytes()
    assert pdf.startswith(b"%PDF")
    assert _pages(pdf) == 1
    assert pdf.count(b"/Subtype /Image") == 2  # the picture and the scale
    assert b"/FontFile" in pdf


def test_without_a_picture_the_thumbnail_is_shown(card: Card, jpeg: bytes, tmp_path: Path) -> None:
    for thumbnail, images in ((jpeg, 2), (b"", 1), (b"no jpeg", 1)):
        target = tmp_path / "one.pdf"
        write_image_report(target, _item(card, thumbnail=thumbnail), QImage(), clinic="", card=None, now=NOW)
        assert target.read_bytes().count(b"/Subtype /Image") == images


def test_a_long_note_goes_on_to_another_page(card: Card, tmp_path: Path) -> None:
    target = tmp_path / "one.pdf"
    item = _item(card, record=ClinicalRecord(note="and so on " * 700))
    write_image_report(target, item, None, clinic="", card=card, now=NOW)
    assert _pages(target.read_bytes()) == 2


def test_pages_follow_one_another_and_cut_no_row(card: Card) -> None:
    items = [_item(card, f"{NAMES[i % 4]} {'long ' * (i % 7 * 9)}{i}", (i + 1) / 200) for i in range(120)]
    items += [_item(card, f"{NAMES[i % 4]} {'long ' * (i % 5 * 9)}{i}", None) for i in range(120)]
    images = {f"thumbnail{i}": QImage() for i in range(len(items))}
    content = batch_html(items, images, title="", clinic="", card=card, now=NOW)
    document = pdf.lay_out(content, images, 5100.0)
    pages = pdf.paginate(document, 5000.0)
    own = [slices[-1] for slices in pages]
    assert own[0][0] == 0.0
    assert own[-1][1] == document.size().height()
    assert all(before[1] == after[0] for before, after in itertools.pairwise(own))
    assert all(sum(bottom - top for top, bottom in slices) <= 5000.0 for slices in pages)
    assert all(slices[0][1] - slices[0][0] < 500 for slices in pages if len(slices) == 2)  # the head of the table again
    assert len([slices for slices in pages if len(slices) == 1]) <= 2  # the first, and perhaps a table's first
    cuts = [top for top, _ in own[1:]]
    cells = list(_cells(document))
    assert len(cells) > 120 * 6 + 120 * 2
    for top, bottom in cells:
        assert not [cut for cut in cuts if top < cut < bottom]


def _cells(document: QTextDocument) -> Iterator[tuple[float, float]]:
    """From where to where the text in the cells of tables goes."""
    layout = document.documentLayout()
    for table in document.rootFrame().childFrames():
        assert isinstance(table, QTextTable)
        for row, column in itertools.product(range(table.rows()), range(table.columns())):
            cell = table.cellAt(row, column)
            first, last = cell.firstCursorPosition().block(), cell.lastCursorPosition().block()
            yield layout.blockBoundingRect(first).top(), layout.blockBoundingRect(last).bottom()


def test_many_images_on_a_plain_thread(card: Card, jpeg: bytes, tmp_path: Path) -> None:
    items = [_item(card, f"{i} {NAMES[i % 4]}", (i + 1) / 200, thumbnail=jpeg) for i in range(150)]
    items.append(_item(card, "failed.png", None))
    target = tmp_path / "all.pdf"
    mistakes: list[BaseException] = []

    def write() -> None:
        try:
            write_batch_report(target, items, title="all", clinic=CLINIC, card=card, now=NOW)
            write_image_report(tmp_path / "one.pdf", items[0], None, clinic=CLINIC, card=card, now=NOW)
        except BaseException as mistake:  # noqa: BLE001 - for the assertion
            mistakes.append(mistake)

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert not mistakes
    pdf = target.read_bytes()
    assert pdf.startswith(b"%PDF")
    assert 8 <= _pages(pdf) <= 12
    assert pdf.count(b"/Subtype /Image") == 150
    assert (tmp_path / "one.pdf").is_file()


def test_paper_is_white_however_dark_the_screen_is(qapp: QApplication) -> None:
    usual = qapp.palette()
    light = _drawn(print_pdf("<p>text</p>", {}, title="", clinic=""))
    dark = QPalette()
    dark.setColor(QPalette.ColorRole.Text, QColor("white"))
    qapp.setPalette(dark)
    try:
        assert _drawn(print_pdf("<p>text</p>", {}, title="", clinic="")) == light != []
    finally:
        qapp.setPalette(usual)


def test_what_cannot_be_written_leaves_nothing_and_spoils_nothing(
    card: Card, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"kept")

    def refuse(*_: object) -> None:
        raise OSError("no space")

    def write(target: Path) -> None:
        with pytest.raises(OSError):  # noqa: PT011 - any of them
            write_batch_report(target, [_item(card)], title="", clinic="", card=card, now=NOW)
        with pytest.raises(OSError):  # noqa: PT011
            write_image_report(target, _item(card), None, clinic="", card=card, now=NOW)

    write(tmp_path)  # a folder
    write(tmp_path / "file" / "report.pdf")
    monkeypatch.setattr("app.core.system.files.os.fsync", refuse)
    write(tmp_path / "file")
    write(tmp_path / "report.pdf")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_bytes() == b"kept"
