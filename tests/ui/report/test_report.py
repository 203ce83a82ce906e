from __future__ import annotations

import datetime as dt
import re
import threading
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt, qInstallMessageHandler
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication

from app.core.domain.advice import Advice
from app.core.domain.clinical import EMPTY_RECORD, ClinicalRecord
from app.core.domain.entry import Mark
from app.core.domain.messages import Message
from app.core.domain.results import Consistency, Explanation, ModelId, Prediction, Screening
from app.core.model.card import Card, read_card
from app.ui.look import tokens
from app.ui.paper.flow import Block, paginate
from app.ui.paper.page import HEIGHT, INNER, LEFT, WIDTH
from app.ui.paper.pdf import as_image, as_pdf
from app.ui.report.content import ReportItem, write_batch_report, write_image_report
from app.ui.report.folder_pages import folder_pages
from app.ui.report.image_pages import image_pages
from app.ui.result.probability_scale import position
from app.ui.services.warnings import short_warning
from app.ui.services.wording import accuracy_interval_text, day_text, percent, time_text
from tests.ui.report.pdf_text import page_texts, squeezed

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
    item |= {field: changed.pop(field) for field in [*item, "mark", "explanation", "frequency"] if field in changed}
    return ReportItem(replace(screening, **changed), **item)


def _image_text(item: ReportItem, card: Card | None) -> str:
    return " ".join(page_texts(as_pdf(image_pages(item, None, clinic=CLINIC, card=card, now=NOW), title="")))


def _batch_texts(items: list[ReportItem], card: Card | None) -> list[str]:
    """The text of each page."""
    pages = folder_pages(items, title="/pictures & <more>", clinic=CLINIC, card=card, now=NOW)
    return page_texts(as_pdf(pages, title=""))


def _batch_text(items: list[ReportItem], card: Card | None) -> str:
    return " ".join(_batch_texts(items, card))


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


# --- One image
def test_the_page_says_the_answer_how_sure_it_is_and_of_what(card: Card) -> None:
    record = ClinicalRecord("P <7>", "anterior torso", "first\nsecond", "melanoma", "2026-03-01", "histopathology")
    consistency = Consistency(0.8, 0.95, consistent=True)
    item = _item(card, record=record, warnings=("It is <small>. All of it.",), mark=Mark.WATCH, frequency="Of 100, 7.")
    found = replace(item.screening.prediction, consistency=consistency, diagnoses=(("MEL", 0.9), ("NV", 0.08)))
    item = replace(item, screening=replace(item.screening, prediction=found, captured_at=dt.datetime(2025, 1, 2, 3, 4)))
    text = _image_text(item, card)
    point = card.operating_point
    for expected in (
        *(CLINIC, time_text(NOW), "Melanoma suspected", "Refer for assessment"),
        *("90 %", f"Melanoma refer from {percent(point.threshold)}", "Other skin cancer refer from"),
        *("Of 100, 7.", "Stable: 80 % to 95 %", "Naevus 8.0 %", "Other skin cancers, sum 0.0 %"),
        accuracy_interval_text(point),
        *("lesion.png", "/pictures", "ab" * 32, str(card.model_id), "It is <small>. All of it."),
        *("P <7>", "anterior torso", "melanoma, histopathology, 2026-03-01", "first second"),
        *("Reader's decision Watch", "Date, signature", "Page 1 of 1"),
    ):
        assert expected in text, expected
    note = text.index("first second")
    assert text.index("P <7>") < text.index("Melanoma suspected") < text.index("refer from") < note < text.index("SHA")


def test_a_clear_answer_says_that_it_rules_nothing_out(card: Card) -> None:
    text = _image_text(_item(card, probability=card.operating_point.threshold / 4), card)
    assert "Below the referral threshold This does not rule out melanoma" in text
    assert f"Melanoma refer from {percent(card.operating_point.threshold)}" in text
    for absent in ("Reader's decision", "Note", "Confirmed diagnosis", "How to read it"):
        assert absent not in text


def test_the_number_that_decides_is_first(card: Card) -> None:
    other = Prediction(0.001, 0.5, other_cancer_probability=0.8, other_cancer_threshold=0.2)
    text = _image_text(_item(card, prediction=other), card)
    assert "Other skin cancer suspected Refer for assessment" in text
    assert text.index("Other skin cancer refer from 20 %") < text.index("Melanoma refer from 50 %")
    alone = _image_text(_item(card, prediction=Prediction(0.001, 0.5)), card)
    assert "Melanoma refer from 50 %" in alone
    assert "Other skin cancer refer" not in alone
    assert "Other skin cancers were not looked for." in alone


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


def test_a_failed_image_says_why(card: Card) -> None:
    text = _image_text(_item(card, probability=None), card)
    assert "Can't be assessed The file is <damaged>." in text
    assert "confidence intervals" not in text


def test_a_number_that_was_asked_for_stands_under_the_reason(card: Card) -> None:
    item = _item(card, forced=True, warnings=("Not a dermoscopy picture. Take one.",))
    text = _image_text(item, card)
    assert "Can't be assessed Not a dermoscopy picture. Take one. The network's raw score for melanoma is 0.90." in text
    assert "refer from" not in text


def test_known_warnings_are_short_and_unknown_ones_whole(card: Card) -> None:
    hair, unknown = Message("artifact-hair"), "Something odd. " + " ".join(f"odd{i}" for i in range(300)) + "."
    text = _image_text(_item(card, warnings=(hair, unknown)), card)
    assert short_warning(hair).words in text
    assert hair not in text
    assert unknown in re.sub(r" MelaScreen supports.*?lesion\.png ", " ", text)


@pytest.mark.parametrize("name", [*NAMES, "a\nb.png"])
def test_names_come_out_as_they_are(card: Card, name: str) -> None:
    for text in (
        _image_text(_item(card, name), card),
        _batch_text([_item(card, name)], card),
        _batch_text([_item(card, name, None)], card),
    ):
        for word in re.split(r"[\s.]+", name):  # the order of words is not that of drawing in all scripts
            assert squeezed(word) in squeezed(text)


def test_a_name_that_is_no_text_is_written_with_escapes(card: Card, tmp_path: Path) -> None:
    item = _item(card, "\udcff.png")
    assert r"\udcff.png" in _batch_text([item], card)
    write_image_report(tmp_path / "one.pdf", item, None, clinic="", card=card, now=NOW)
    write_batch_report(tmp_path / "all.pdf", [item], title="", clinic="", card=card, now=NOW)
    assert r"\udcff.png" in page_texts((tmp_path / "one.pdf").read_bytes())[0]


def test_one_image_is_one_page_with_its_picture_and_fonts(card: Card, lesion: np.ndarray, tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "Отчёт.pdf"
    write_image_report(target, _item(card, NAMES[2]), _picture(lesion), clinic=CLINIC, card=card, now=NOW)
    pdf = target.read_bytes()
    assert pdf.startswith(b"%PDF")
    assert _pages(pdf) == 1
    assert pdf.count(b"/Subtype /Image") == 1
    assert b"/FontFile" in pdf


def test_one_image_with_all_that_belongs_to_it_is_one_page(card: Card, lesion: np.ndarray) -> None:
    prediction = Prediction(
        *(0.9, card.operating_point.threshold, Consistency(0.8, 0.95, consistent=True), 0.5, 0.2),
        diagnoses=(("MEL", 0.9), ("NV", 0.08), ("BKL", 0.02)),
    )
    item = _item(
        *(card, "lesion.png"),
        prediction=prediction,
        record=ClinicalRecord("KD-20417", "posterior torso", "Darkened over two months, itches. " * 3),
        warnings=(Message("artifact-hair"), Message("artifact-ruler")),
        mark=Mark.REFER,
        explanation=Explanation(np.eye(7, dtype=np.float32) * 9),
        frequency="Melanoma is found in about 12 of 100 lesions like this where 2 % of all lesions are. " * 5,
    )
    pages = image_pages(item, _picture(lesion), clinic=CLINIC, card=card, now=NOW)
    assert len(pages) == 1
    pdf = as_pdf(pages, title="")
    assert pdf.count(b"/Subtype /Image") == 2  # the picture and the grey one under the heat map
    assert "not where a tumour is" in page_texts(pdf)[0]


def test_without_a_picture_the_thumbnail_is_shown(card: Card, jpeg: bytes, tmp_path: Path) -> None:
    for thumbnail, images in ((jpeg, 1), (b"", 0), (b"no jpeg", 0)):
        target = tmp_path / "one.pdf"
        write_image_report(target, _item(card, thumbnail=thumbnail), QImage(), clinic="", card=None, now=NOW)
        assert target.read_bytes().count(b"/Subtype /Image") == images


def test_a_long_note_is_whole_over_pages(card: Card, lesion: np.ndarray) -> None:
    words = [f"note{i}" for i in range(400)]
    note = " ".join(words)
    assert len(note) >= 3000
    item = _item(card, record=ClinicalRecord("KD-20417", note=note))
    pages = page_texts(as_pdf(image_pages(item, _picture(lesion), clinic=CLINIC, card=card, now=NOW), title=""))
    assert len(pages) == 2
    assert [re.findall(r"note\d+", page) != [] for page in pages] == [True, True]
    assert re.findall(r"note\d+", " ".join(pages)) == words
    for number, page in enumerate(pages, 1):
        assert page.endswith(f"It was not tested with patients. Page {number} of 2")
    assert "KD-20417 · lesion.png" in pages[1]
    assert "Date, signature" not in pages[0]
    assert "Date, signature" in pages[1]


# --- Many images
def test_the_readers_decision_and_both_suspicions_are_in_the_report_on_many(card: Card) -> None:
    other = {"other_cancer_probability": 0.8, "other_cancer_threshold": 0.2}
    both = Prediction(0.9, card.operating_point.threshold, **other)
    refused = _item(card, "refused.png", warnings=("Not a dermoscopy picture.",), forced=True, mark=Mark.REFER)
    items = [_item(card, "both.png", prediction=both, mark=Mark.WATCH), _item(card, "one.png"), refused]
    text = _batch_text(items, card)
    assert "Melanoma and other skin cancer: 1, counted as melanoma suspected" in text
    assert "3 pictures 2 melanoma suspected 0 other skin cancer suspected" in text
    assert "1 can't be assessed" in text
    assert "Decided 2 of 3: 1 Refer, 1 Watch" in text
    assert "Not decided 1, of them 1 with advice to refer" in text
    assert "both.png Watch" in text
    judged, failed = text.split("Can't be assessed 1 picture")
    assert "refused.png" not in judged
    assert "refused.png Not a dermoscopy picture. Refer" in failed
    assert "Melanoma and other" not in _batch_text(items[1:], card)


def test_the_most_suspicious_is_first_by_its_own_threshold_and_failed_ones_last(card: Card) -> None:
    low = _item(card, "low.png", 0.001)
    high = _item(card, "high.png", 0.7, repeated=True)
    strict = _item(card, "strict.png", prediction=Prediction(0.8, 0.75))
    borderline = _item(card, "border.png", prediction=Prediction(0.01, 0.75, borderline=True))
    failed = _item(card, "failed.png", None)
    text = _batch_text([failed, low, strict, borderline, high], card)
    expected = ("To be referred 2 pictures", "high.png", "strict.png", "Look again 1 picture", "border.png")
    expected += ("Below the threshold 1 to 1 of 1", "low.png", "Can't be assessed 1 picture", "failed.png")
    places = [text.index(each) for each in (*expected, "The file is <damaged>.")]
    assert places == sorted(places)
    head = text[: places[0]]
    for counted in (
        *("5 pictures", "2 melanoma suspected", "1 borderline: look again", "1 below the threshold"),
        *("1 can't be assessed", "Assessed before: 1", "/pictures & <more>", CLINIC),
        f"threshold for melanoma {percent(card.operating_point.threshold)}, 75 %",
    ):
        assert counted in head, counted
    assert f"high.png {day_text(NOW)}" in text
    assert f"Model {card.model_id}" in text


def test_pictures_of_several_folders_go_by_their_folders(card: Card) -> None:
    items = [_item(card, "a/same.png"), _item(card, "b/same.png", 0.001)]
    text = _batch_text(items, card)
    assert "a/same.png" in text
    assert "b/same.png" in text
    assert "Folder /pictures Model" in text


def test_the_legend_has_the_icons_in_use_and_no_others(card: Card) -> None:
    hair, ruler = Message("artifact-hair"), Message("artifact-ruler")
    text = _batch_text([_item(card, warnings=(hair,)), _item(card, "low.png", 0.001)], card)
    assert short_warning(hair).words in text
    assert short_warning(ruler).words not in text
    assert "Assessed before" not in text
    many = [hair, ruler, *map(Message, ("quality-dark", "quality-bright", "quality-blurred", "artifact-ink"))]
    text = _batch_text([_item(card, warnings=tuple(many), repeated=True)], card)
    for warning in many:
        assert short_warning(warning).words in text
    assert "Assessed before, on that day" in text


def test_nothing_to_report_is_a_report_too(card: Card, tmp_path: Path) -> None:
    target = tmp_path / "empty.pdf"
    write_batch_report(target, [], title="nothing", clinic="", card=card, now=NOW)
    assert _pages(target.read_bytes()) == 1


def test_twenty_four_others_are_on_a_page(card: Card) -> None:
    items = [_item(card, f"n{i:03}.png", 0.03 - i / 10000) for i in range(60)]
    items += [_item(card, f"s{i:03}.png", 0.9) for i in range(3)]
    pages = _batch_texts(items, card)
    assert [len(re.findall(r"n\d{3}\.png", page)) for page in pages if re.search(r"n\d{3}\.png", page)] == [24, 24, 12]
    assert re.findall(r"n\d{3}\.png", " ".join(pages)) == [f"n{i:03}.png" for i in range(60)]
    assert len(re.findall(r"s\d{3}\.png", pages[0])) == 3


def test_many_suspected_ones_go_on_over_pages(card: Card) -> None:
    items = [_item(card, f"n{i:03} {'long ' * (i % 7 * 4)}.png", 0.95 - i / 1000) for i in range(100)]
    items += [_item(card, f"f{i:03} {'long ' * (i % 5 * 9)}.png", None) for i in range(60)]
    pages = _batch_texts(items, card)
    text = " ".join(pages)
    assert re.findall(r"n\d{3}", text) == [f"n{i:03}" for i in range(100)]
    assert re.findall(r"f\d{3}", text) == [f"f{i:03}" for i in range(60)]
    assert text.count("The file is <damaged>.") == 60
    assert text.count("long") == sum(i % 7 * 4 for i in range(100)) + sum(i % 5 * 9 for i in range(60))
    for number, page in enumerate(pages, 1):
        assert page.endswith(f"It was not tested with patients. Page {number} of {len(pages)}")


def test_blocks_follow_one_another_and_none_is_cut() -> None:
    def nothing(*_: object) -> None: ...

    blocks = [Block(20.0 + i % 5 * 30, nothing, 8.0, with_next=i % 4 == 0) for i in range(100)]
    blocks[50] = replace(blocks[50], new_page=True)
    pages = paginate(blocks, 400.0, 500.0)
    assert [block for page in pages for _, block in page] == blocks
    for number, page in enumerate(pages):
        end = 0.0
        for place, (top, block) in enumerate(page):
            assert top == end + (block.gap if place else 0.0)
            end = top + block.height
        assert end <= (500.0 if number else 400.0)
        assert not page[-1][1].with_next
    assert blocks[50] in [page[0][1] for page in pages]
    assert len(pages) < 30  # they are filled


def test_many_images_on_a_plain_thread(card: Card, jpeg: bytes, lesion: np.ndarray, tmp_path: Path) -> None:
    warnings = (Message("artifact-hair"),)
    items = [_item(card, f"{i} {NAMES[i % 4]}", (i + 1) / 200, thumbnail=jpeg, warnings=warnings) for i in range(150)]
    items.append(_item(card, "failed.png", None))
    target = tmp_path / "all.pdf"
    mistakes: list[BaseException] = []
    explained = replace(items[0], explanation=Explanation(np.eye(7, dtype=np.float32) * 9), mark=Mark.CLEAR)

    def write() -> None:
        try:
            write_batch_report(target, items, title="all", clinic=CLINIC, card=card, now=NOW)
            write_image_report(tmp_path / "one.pdf", explained, _picture(lesion), clinic=CLINIC, card=card, now=NOW)
        except BaseException as mistake:  # noqa: BLE001 - for the assertion
            mistakes.append(mistake)

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert not mistakes
    pdf = target.read_bytes()
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Subtype /Image") == 150
    assert (tmp_path / "one.pdf").is_file()


# --- Paper
def test_paper_is_white_however_the_window_looks(qapp: QApplication, card: Card, lesion: np.ndarray) -> None:
    def pages() -> list[bytes]:
        item = _item(card, mark=Mark.WATCH, warnings=(Message("artifact-hair"),), thumbnail=b"")
        one = image_pages(item, _picture(lesion), clinic=CLINIC, card=card, now=NOW)
        return _drawn(as_pdf([*one, *folder_pages([item], title="", clinic="", card=card, now=NOW)], title=""))

    usual, before = qapp.palette(), pages()
    dark = QPalette()
    dark.setColor(QPalette.ColorRole.Text, QColor("white"))
    current = tokens.tokens()
    qapp.setPalette(dark)
    tokens.use(tokens.DARK)
    tokens.set_text_scale(1.5)
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    try:
        assert pages() == before
    finally:
        qapp.setPalette(usual)
        tokens.use(current)
        tokens.set_text_scale(1.0)
        qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    assert len(before) == 2


def test_a_page_can_be_seen_as_an_image(card: Card) -> None:
    """The band has the colour of its advice, from the left margin to the right one."""
    page, *_ = image_pages(_item(card), None, clinic="", card=card, now=NOW)
    image = as_image(page)
    assert (image.width(), image.height()) == (round(WIDTH), round(HEIGHT))
    fill = tokens.LIGHT.advice[Advice.REFER_MELANOMA].fill
    filled = [(x, y) for y in range(0, 300, 5) for x in range(0, image.width(), 5) if image.pixelColor(x, y) == fill]
    assert min(x for x, _ in filled) in range(57, 62)
    assert max(x for x, _ in filled) in range(round(WIDTH) - 62, round(WIDTH) - 57)
    assert image.pixelColor(5, 5) == tokens.PAPER


def test_a_scale_has_its_symbol_where_the_probability_stands(card: Card) -> None:
    colour = tokens.LIGHT.advice[Advice.BELOW_THRESHOLD].symbol
    for probability in (0.002, 0.01, 0.04, 0.3):
        item = _item(card, prediction=Prediction(probability, 0.5))
        page, *_ = image_pages(item, None, clinic="", card=None, now=NOW)
        image = as_image(page, scale=2.0)
        band = range(2 * 190, 2 * 340, 6)  # below the band, whose symbol has the colour too
        found = [x for x in range(image.width()) if any(image.pixelColor(x, y) == colour for y in band)]
        middle = (found[0] + found[-1] + 1) / 2 / 2
        assert middle == pytest.approx(LEFT + INNER * position(probability), abs=1.0)


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
