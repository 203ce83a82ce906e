"""The report on a patient: what is written on its pages, and how it is asked for."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from app.core.domain.body import Place, View
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Entry, Mark
from app.core.domain.patient import FollowUp, Lesion, Patient, Risk, Sex
from app.core.domain.results import ModelId, Prediction
from app.core.history.follow_ups import FollowUpRepository
from app.core.history.image_store import ImageStore
from app.core.history.lesions import LesionHistory, LesionRepository
from app.core.history.repository import EntryRepository
from app.core.model.card import Card, read_card
from app.core.system.paths import UserData
from app.ui.paper.pdf import as_pdf
from app.ui.patient_report.content import write_patient_report
from app.ui.patient_report.findings import Findings
from app.ui.patient_report.patient_pages import patient_pages
from app.ui.patient_report.patient_reports import PatientReports
from app.ui.services.wording import accuracy_interval_text
from app.ui.window.main_window import MainWindow
from tests.factories import THUMBNAIL, screening
from tests.ui.report.pdf_text import page_texts
from tests.ui.robot import entries, judge, let_all_be_done

NOW = dt.datetime(2026, 12, 3, 14, 36).astimezone()
KD = Patient(
    "KD-20417", 1961, Sex.MALE, 2, frozenset({Risk.FAMILY_MELANOMA}), "Works outdoors.\nTwo naevi removed in 2019."
)
PLACE = Place(View.BACK, 0.4, 0.25)
LIMITS = "An answer below the threshold does not rule out melanoma. It was not tested with patients."
DIFFER = "Different models gave these answers: their probabilities can't be compared."
OLD = ModelId("MelaScreen Lite", "7", "cd" * 32)


@pytest.fixture(autouse=True)
def qt_messages(qapp: QApplication) -> Iterator[None]:
    """Qt complains of nothing."""
    messages: list[str] = []
    qInstallMessageHandler(lambda _kind, _context, message: messages.append(message))
    yield
    qInstallMessageHandler(None)
    assert not messages


@pytest.fixture
def card(model: Path) -> Card:
    return read_card((model / "card.json").read_bytes())


def entry(number: int, day: dt.date, probability: float | None = 0.02, **changed: object) -> Entry:
    """An entry of a picture that was taken on a day; with the fields of an entry and of a screening changed."""
    of_entry = {name: changed.pop(name) for name in ("record", "mark") if name in changed}
    found = screening(
        f"{number}.jpg",
        captured_at=dt.datetime.combine(day, dt.time(9)),
        thumbnail=THUMBNAIL,
        prediction=None if probability is None else Prediction(probability, 0.05, None, 0.03, 0.2),
        error="It is dark." if probability is None else None,
    )
    return Entry(number, replace(found, **changed), **of_entry)  # type: ignore[arg-type]


def texts(findings: Findings, card: Card | None = None) -> list[str]:
    """The text of each page."""
    return page_texts(as_pdf(patient_pages(findings, clinic="Clinic <Nord> & Co", card=card, now=NOW), title=""))


def followed() -> LesionHistory:
    """A lesion that was seen four times, by two models."""
    return LesionHistory(
        Lesion(30, KD.identifier, 1, PLACE),
        (
            entry(1, dt.date(2025, 6, 3), mark=Mark.WATCH, model=OLD),
            entry(2, dt.date(2025, 12, 9), mark=Mark.CLEAR),
            entry(3, dt.date(2026, 6, 2), 0.03),
            entry(
                4,
                dt.date(2026, 12, 3),
                0.52,
                mark=Mark.REFER,
                record=ClinicalRecord(
                    diagnosis="melanoma", confirmed_by="histopathology", confirmed_on="2026-12-20", patient="KD-20417"
                ),
            ),
        ),
    )


def test_the_patient_stands_at_the_top_with_what_is_known() -> None:
    (text,) = texts(Findings(KD, [], [], []))
    assert "Clinic <Nord> & Co" in text
    assert "3 Dec 2026, 14:36" in text
    assert "KD-20417 Male · born 1961 (65) · skin type II" in text
    assert "Risk Melanoma in the family" in text
    assert "Works outdoors. Two naevi removed in 2019." in text
    assert "There is no picture yet." in text
    assert LIMITS in text
    assert "Page 1 of 1" in text


def test_what_is_not_known_is_left_out() -> None:
    (text,) = texts(Findings(Patient("A"), [], [], []))
    assert not any(word in text for word in ("born", "Risk", "Note", "To be seen again", "Models", "Pictures without"))


def test_a_lesion_is_shown_from_its_first_picture_to_its_latest() -> None:
    (text,) = texts(Findings(KD, [followed()], [], []))
    for words in (
        "Lesion 1 upper back, left",
        "First picture 3 Jun 2025",
        "Latest picture 3 Dec 2026",
        "Melanoma 52 %, refer from 5.0 %",
        "3 Jun 2025 Below the threshold MelaScreen Lite 7",
        "9 Dec 2025 Below the threshold",
        "2 Jun 2026 Below the threshold",
        "3 Dec 2026 Melanoma suspected",
        "Confirmed: melanoma, histopathology, 2026-12-20",
    ):
        assert words in text.replace(" Watch", "").replace(" Clear", "").replace(" Refer ", " "), words
    assert [text.count(word) for word in ("Watch", "Clear", "Refer ")] == [1, 1, 1]


def test_answers_of_different_models_are_said_not_to_be_comparable() -> None:
    lesion = followed()
    (text,) = texts(Findings(KD, [lesion], [], []))
    assert text.count(DIFFER) == 2  # at the lesion, and where the models are named
    alike = replace(lesion, entries=lesion.entries[1:])
    (text,) = texts(Findings(KD, [alike], [], []))
    assert DIFFER not in text
    elsewhere = entry(9, dt.date(2026, 1, 1), model=OLD)
    (text,) = texts(Findings(KD, [alike], [elsewhere], []))
    assert text.count(DIFFER) == 1


def test_a_picture_that_stands_alone_has_its_words_beside_it() -> None:
    lesion = LesionHistory(
        Lesion(1, "A", 2), (entry(1, dt.date(2026, 1, 1), record=ClinicalRecord(site="palms/soles")),)
    )
    (text,) = texts(Findings(Patient("A"), [lesion], [], []))
    assert "Lesion 2 palms/soles" in text
    assert "Only picture 1 Jan 2026 (small copy: the file was not found)" in text
    assert "First picture" not in text


def test_the_kept_picture_is_shown_in_place_of_the_thumbnail(lesion: np.ndarray) -> None:
    image = QImage(lesion.tobytes(), 256, 256, QImage.Format.Format_RGB888).copy()
    only = LesionHistory(Lesion(1, "A", 1), (entry(1, dt.date(2026, 1, 1)),))
    shown = patient_pages(Findings(Patient("A"), [only], [], [], {1: image}), clinic="", card=None, now=NOW)
    assert "small copy" not in page_texts(as_pdf(shown, title=""))[0]


def test_a_picture_of_which_nothing_is_left_is_a_grey_place() -> None:
    gone = [entry(number, dt.date(2026, number, 1), thumbnail=b"") for number in (1, 2)]
    for shown in (gone[:1], gone):
        (text,) = texts(Findings(Patient("A"), [LesionHistory(Lesion(1, "A", 1), tuple(shown))], [], []))
        assert "1 Jan 2026 (the file was not found)" in text


def test_a_lesion_without_a_picture_says_so() -> None:
    (text,) = texts(Findings(Patient("A"), [LesionHistory(Lesion(1, "A", 1, PLACE), ())], [], []))
    assert "Lesion 1 upper back, left There is no picture yet." in text


def test_pictures_without_a_lesion_and_without_an_answer_are_listed() -> None:
    refused = entry(2, dt.date(2026, 2, 1), None, thumbnail=b"")
    other = entry(3, dt.date(2026, 3, 1), prediction=Prediction(0.01, 0.05, None, 0.3, 0.2))
    border = entry(4, dt.date(2026, 4, 1), prediction=Prediction(0.01, 0.05, None, 0.19, 0.2, borderline=True))
    (text,) = texts(Findings(KD, [], [refused, other, border], []))
    assert "Pictures without a lesion 3 pictures" in text
    assert "1 Feb 2026 Can't be assessed" in text
    assert "1 Mar 2026 Other skin cancer suspected" in text
    assert "1 Apr 2026 Borderline" in text


def test_open_follow_ups_stand_by_their_days() -> None:
    follow_ups = [
        FollowUp(1, KD.identifier, dt.date(2027, 3, 3), "after excision", lesion=30),
        FollowUp(2, KD.identifier, dt.date(2026, 11, 3)),
        FollowUp(3, KD.identifier, dt.date(2026, 10, 3), "long done", done_on=dt.date(2026, 10, 4)),
        FollowUp(4, KD.identifier, dt.date(2027, 4, 4), "of a lesion that is gone", lesion=99),
    ]
    (text,) = texts(Findings(KD, [followed()], [], follow_ups))
    assert (
        "To be seen again 3 Nov 2026 All of the skin (overdue) 3 Mar 2027 Lesion 1, upper back, left: after excision"
        " 4 Apr 2027 All of the skin: of a lesion that is gone" in text
    )
    assert "long done" not in text


def test_the_cards_model_has_its_accuracy(card: Card) -> None:
    threshold, other = card.operating_point.thresholds
    known = entry(
        1, dt.date(2026, 1, 1), model=card.model_id, prediction=Prediction(0.01, threshold, None, 0.01, other)
    )
    point = card.point_of(known.screening)
    assert point is not None
    assert accuracy_interval_text(point)[:60] in texts(Findings(KD, [], [known], []), card)[0]
    unknown = replace(known, screening=replace(known.screening, model=OLD))
    assert "Accuracy" not in texts(Findings(KD, [], [unknown], []), card)[0]


def test_a_long_report_has_the_head_and_the_limits_on_every_page() -> None:
    lesions = [
        replace(followed(), lesion=Lesion(number, KD.identifier, number, PLACE), entries=followed().entries * 4)
        for number in range(1, 8)
    ]
    long = replace(KD, identifier="Nº 1 " * 60, note="A long note. " * 200)
    pages = texts(Findings(long, lesions, [entry(n, dt.date(2026, 1, 1)) for n in range(40)], []))
    assert len(pages) > 5
    for number, text in enumerate(pages, 1):
        assert LIMITS in text
        assert f"Page {number} of {len(pages)}" in text
        assert "Clinic <Nord> & Co" in text
    whole = " ".join(pages)
    assert [whole.count(f"Lesion {number} ") for number in range(1, 8)] == [1] * 7
    for text in pages:  # a heading is never the last on its page
        assert not text.partition("MelaScreen supports")[0].rstrip().endswith("upper back, left")


def test_it_is_written_on_any_thread(tmp_path: Path) -> None:
    file = tmp_path / "one.pdf"

    def write() -> None:
        write_patient_report(file, KD, [followed()], [], [], pictures={}, clinic="", card=None, now=NOW)

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()
    assert file.read_bytes().startswith(b"%PDF")


@pytest.fixture
def reports(window: MainWindow, user_data: UserData) -> PatientReports:
    images = ImageStore(user_data.images)
    history = EntryRepository(user_data.history, images)
    return PatientReports(
        history, images, window.current_model, window.settings, window.notices, window.workers, window
    )


def asked_for(monkeypatch: pytest.MonkeyPatch, file: Path | str) -> list[str]:
    """The dialog is answered with a file; gives the names that it offered."""
    offered: list[str] = []

    def answer(_parent: object, _title: str, name: str, _filters: str) -> tuple[str, str]:
        offered.append(name)
        return str(file), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    return offered


def test_it_is_gathered_from_the_history(
    window: MainWindow,
    reports: PatientReports,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window.patient.open(Patient("KD/20417", 1961))
    judge(window, qtbot, *(image_file(f"{radius}.png", radius=radius) for radius in (40, 45, 50, 55)))
    let_all_be_done(window, qtbot)
    history = EntryRepository(user_data.history)
    lesions = LesionRepository(history.database)
    lesion = lesions.add("KD/20417", PLACE)
    lesions.assign([each.id for each in entries(user_data)[:3]], lesion)
    FollowUpRepository(history.database).add("KD/20417", dt.date(2099, 1, 1), "again", lesion=lesion.id)
    (tmp_path / "40.png").unlink()
    written: list[dict[str, object]] = []

    def note(*arguments: object, **named: object) -> None:
        written.append(named | {"arguments": arguments})
        write_patient_report(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("app.ui.patient_report.content.write_patient_report", note)
    file = tmp_path / "one.pdf"
    offered = asked_for(monkeypatch, file)
    reports.ask("KD/20417")
    qtbot.waitUntil(file.exists)
    assert offered == ["KD-20417.pdf"]
    (text,) = page_texts(file.read_bytes())
    for words in (
        "KD/20417 born 1961",
        "Lesion 1 upper back, left",
        "Pictures without a lesion 1 picture",
        "1 Jan 2099",
    ):
        assert words in text
    first, latest = (each.id for each in (entries(user_data)[0], entries(user_data)[2]))
    pictures = written[0]["pictures"]
    assert isinstance(pictures, dict)
    assert pictures.keys() == {latest}
    assert first not in pictures
    let_all_be_done(window, qtbot)


def test_a_patient_who_is_gone_is_a_notice(
    window: MainWindow,
    reports: PatientReports,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    posted: list[str] = []
    window.notices.posted.connect(lambda notice: posted.append(notice.text))
    asked_for(monkeypatch, tmp_path / "one.pdf")
    reports.ask("gone")
    qtbot.waitUntil(lambda: bool(posted))
    assert "There is no patient gone any more." in posted
    assert not (tmp_path / "one.pdf").exists()


def test_nothing_is_written_where_no_file_is_chosen(
    reports: PatientReports, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = asked_for(monkeypatch, "")
    reports.ask("A")
    assert offered == ["A.pdf"]
