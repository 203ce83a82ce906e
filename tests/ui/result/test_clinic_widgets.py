from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core.domain.advice import Advice
from app.core.domain.clinical import SITES, ClinicalRecord
from app.core.domain.entry import Entry
from app.core.domain.results import ModelId, Prediction
from app.core.history.repository import EntryRepository
from app.core.model.bundle import load_bundle
from app.ui.history.lesion_timeline import LesionTimeline
from app.ui.history.own_cases_page import OwnCasesPage
from app.ui.history.own_cases_parts import DiagnosisTable
from app.ui.look.tokens import LIGHT
from app.ui.result.body_map import BodyMap
from app.ui.services.current_model import CurrentModel
from app.ui.services.workers import Workers
from tests.factories import screening

START = dt.datetime(2025, 1, 1, 12, tzinfo=dt.UTC)
OTHER_MODEL = ModelId("model", "2.0", "e" * 64)


def entry(day: int, probability: float, *, threshold: float = 0.2, **changes: object) -> Entry:
    fields = {"screened_at": START + dt.timedelta(days=day), "prediction": Prediction(probability, threshold)}
    return Entry(day + 1, screening(f"{day}.jpg", **(fields | changes)), lesion=1)


# --- Body map


@pytest.fixture
def body(qtbot: QtBot) -> BodyMap:
    widget = BodyMap()
    qtbot.addWidget(widget)
    widget.resize(240, 260)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.mark.parametrize("size", [(160, 170), (240, 260), (700, 300), (200, 600)])
def test_a_click_in_the_middle_of_a_region_selects_its_site(body: BodyMap, qtbot: QtBot, size: tuple[int, int]) -> None:
    body.resize(*size)
    selected: list[str] = []
    body.site_selected.connect(selected.append)
    regions = body.regions()
    for _, region in regions:
        middle = region.boundingRect().center()
        assert body.rect().contains(region.boundingRect().toAlignedRect())
        assert [other for other in regions if other[1].contains(middle)] == [(body.site_at(middle), region)]
        qtbot.mouseClick(body, Qt.MouseButton.LeftButton, pos=middle.toPoint())
    assert selected == [site for site, _ in regions]
    assert set(selected) == set(SITES)


def test_the_chest_is_in_front_and_the_head_above(body: BodyMap) -> None:
    middles = {site: region.boundingRect().center() for site, region in body.regions()}
    assert middles["anterior torso"].x() < 120 < middles["posterior torso"].x()
    assert middles["head/neck"].y() < middles["posterior torso"].y() < middles["palms/soles"].y()


def test_a_click_beside_the_body_selects_nothing(body: BodyMap, qtbot: QtBot) -> None:
    body.set_site("head/neck")
    with qtbot.assertNotEmitted(body.site_selected):
        for corner in (body.rect().topLeft(), body.rect().bottomRight(), body.rect().center()):
            qtbot.mouseClick(body, Qt.MouseButton.LeftButton, pos=corner)
        middle = body.regions()[-1][1].boundingRect().center().toPoint()
        qtbot.mouseClick(body, Qt.MouseButton.RightButton, pos=middle)
    assert body.site == "head/neck"


def test_arrow_keys_go_round_all_sites(body: BodyMap, qtbot: QtBot) -> None:
    selected: list[str] = []
    body.site_selected.connect(selected.append)
    for _ in range(len(SITES) + 1):
        qtbot.keyClick(body, Qt.Key.Key_Right)
    assert selected == [*SITES, SITES[0]]
    qtbot.keyClick(body, Qt.Key.Key_Left)
    assert body.site == SITES[-1]
    body.set_site("")
    qtbot.keyClick(body, Qt.Key.Key_Up)
    assert body.site == SITES[-1]


def test_a_site_is_shown_and_said(body: BodyMap, qtbot: QtBot) -> None:
    region = next(region for site, region in body.regions() if site == "anterior torso")
    before = pixel(body, region.boundingRect().center())
    with qtbot.assertNotEmitted(body.site_selected):
        body.set_site("anterior torso")
    assert "anterior torso" in body.accessibleName()
    assert pixel(body, region.boundingRect().center()) != before
    for unknown in ("tail", ""):
        body.set_site(unknown)
        assert body.site == ""
        assert "not noted" in body.accessibleName()
        assert pixel(body, region.boundingRect().center()) == before


def test_the_site_under_the_mouse_is_named_and_lit(body: BodyMap, qtbot: QtBot) -> None:
    middle = next(region for site, region in body.regions() if site == "lateral torso").boundingRect().center()
    before = pixel(body, middle)
    qtbot.mouseMove(body, middle.toPoint())
    assert body.toolTip() == "lateral torso"
    assert pixel(body, middle) != before
    qtbot.mouseMove(body, body.rect().topLeft())
    assert body.toolTip() == ""
    assert pixel(body, middle) == before


# --- Lesion view


@pytest.fixture
def lesion_view(qtbot: QtBot) -> LesionTimeline:
    widget = LesionTimeline()
    qtbot.addWidget(widget)
    widget.resize(700, 500)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def captions(view: LesionTimeline) -> list[str]:
    return [view.images.item(row).text() for row in range(view.images.count())]


def test_pictures_stand_in_the_order_of_their_dates(lesion_view: LesionTimeline) -> None:
    lesion_view.show_entries([entry(40, 0.31), entry(0, 0.05), entry(9, 0.2)])
    assert captions(lesion_view) == ["2025-01-01\n● 5.0 %", "2025-01-10\n▲ 20 %", "2025-02-10\n▲ 31 %"]
    lesion_view.show_entries([entry(1, 0.5)])
    assert captions(lesion_view) == ["2025-01-02\n▲ 50 %"]


def test_points_lie_at_their_dates_and_probabilities(lesion_view: LesionTimeline) -> None:
    lesion_view.show_entries([entry(0, 0.1), entry(30, 0.1), entry(40, 0.4)])
    first, second, third = lesion_view.plot.places()
    assert (second.x() - first.x()) / (third.x() - first.x()) == pytest.approx(0.75)
    assert first.y() == second.y() > third.y() >= 0
    colours = [pixel(lesion_view.plot, place) for place in (first, second, third)]
    clear, suspected = (LIGHT.advice[each].symbol for each in (Advice.BELOW_THRESHOLD, Advice.REFER_MELANOMA))
    assert colours == [clear, clear, suspected]


@pytest.mark.parametrize("probabilities", [[], [0.0], [1.0], [0.3, 0.3], [0.001] * 40])
def test_few_and_many_points_lie_within_the_plot(lesion_view: LesionTimeline, probabilities: list[float]) -> None:
    lesion_view.show_entries([entry(0, probability) for probability in probabilities])
    places = lesion_view.plot.places()
    assert len(places) == len(probabilities) == lesion_view.images.count()
    assert all(lesion_view.plot.rect().contains(place.toPoint()) for place in places)
    assert not lesion_view.grab().isNull()


def test_a_line_joins_what_one_model_gave(lesion_view: LesionTimeline) -> None:
    def between() -> QColor:
        """What is drawn halfway between two points, well away from the threshold and the lines of the scale."""
        first, second = lesion_view.plot.places()
        assert first.y() == second.y()
        return pixel(lesion_view.plot, (first + second) / 2)

    lesion_view.show_entries([entry(0, 0.13), entry(9, 0.13)])
    joined = between()
    lesion_view.show_entries([entry(0, 0.13), entry(9, 0.13, model=OTHER_MODEL)])
    assert between() != joined
    assert between() == lesion_view.palette().window().color()
    lesion_view.show_entries([entry(0, 0.13), replace(entry(9, 0.13), lesion=2)])
    assert between() != joined
    assert "not joined as one lesion" in lesion_view.note.text()


def test_what_is_not_comparable_is_said(lesion_view: LesionTimeline) -> None:
    lesion_view.show_entries([entry(0, 0.1), entry(9, 0.3)])
    assert lesion_view.note.isHidden()
    lesion_view.show_entries([entry(0, 0.1), entry(9, 0.3, threshold=0.4)])
    assert lesion_view.note.isVisible()
    assert "thresholds differ" in lesion_view.note.text()
    lesion_view.show_entries([entry(0, 0.1), entry(9, 0.3, model=OTHER_MODEL)])
    assert "different models" in lesion_view.note.text()


def test_a_caption_has_the_number_that_decides_and_none_for_what_is_refused(lesion_view: LesionTimeline) -> None:
    other = Prediction(0.1, 0.2, other_cancer_probability=0.8, other_cancer_threshold=0.5)
    entries = [entry(0, 0.3), entry(1, 0.0, prediction=other), entry(2, 0.9, forced=True, threshold=0.4)]
    lesion_view.show_entries(entries)
    captions = [lesion_view.images.item(row).text().splitlines()[1] for row in range(3)]
    assert captions == ["▲ 30 %", "◆ 80 %", "✕"]
    assert lesion_view.note.isHidden()  # a threshold that no answer was held against is no other threshold


def test_an_image_is_opened_by_keys_and_mouse(lesion_view: LesionTimeline, qtbot: QtBot) -> None:
    entries = [entry(day, 0.1) for day in (0, 5, 9)]
    lesion_view.show_entries(entries[::-1])
    opened: list[Entry] = []
    lesion_view.entry_opened.connect(opened.append)
    qtbot.keyClick(lesion_view.images, Qt.Key.Key_Return)
    qtbot.keyClick(lesion_view.images, Qt.Key.Key_Left)
    qtbot.keyClick(lesion_view.images, Qt.Key.Key_Return)
    middle = lesion_view.images.visualItemRect(lesion_view.images.item(0)).center()
    qtbot.mouseClick(lesion_view.images.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseDClick(lesion_view.images.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert opened == [entries[2], entries[1], entries[0]]


# --- Our cases

numbers = itertools.count()


@pytest.fixture
def history(tmp_path: Path) -> EntryRepository:
    return EntryRepository(tmp_path / "history.sqlite3")


@pytest.fixture
def page(qtbot: QtBot, history: EntryRepository) -> Iterator[OwnCasesPage]:
    workers = Workers()
    widget = OwnCasesPage(history, workers, CurrentModel())
    qtbot.addWidget(widget)
    widget.resize(1200, 700)
    widget.show()
    qtbot.waitExposed(widget)
    yield widget
    workers.close()


def confirm(history: EntryRepository, diagnosis: str, probability: float, count: int = 1, **changes: object) -> None:
    record = ClinicalRecord(diagnosis=diagnosis, confirmed_by="histopathology", confirmed_on="2026-02-03")
    for _ in range(count):
        number = next(numbers)
        history.add(screening(f"{diagnosis}.jpg", probability, sha256=f"{number:064x}", **changes), record)


def test_counts_and_intervals_stand_in_words(page: OwnCasesPage, history: EntryRepository, qtbot: QtBot) -> None:
    confirm(history, "melanoma", 0.5, 17)
    confirm(history, "melanoma", 0.1, 2)
    confirm(history, "basal cell carcinoma", 0.1)
    confirm(history, "nevus", 0.1, 5)
    confirm(history, "nevus", 0.4, 5)
    page.refresh()
    qtbot.waitUntil(lambda: "17 of 19 melanomas were told" in page.text())
    for words in (
        "89 %",
        "69 to 97 %",
        "5 of 10 benign lesions were told",
        "24 to 76 %",
    ):
        assert words in page.text()
    assert "Only 19 melanomas so far" in page.text()
    assert page.model.currentText() == "Computed with model 1.2, threshold for melanoma 20 %"
    (table,) = page.findChildren(DiagnosisTable)
    assert [(row.diagnosis, row.images, row.referred) for row in table.rows] == [
        ("melanoma", 19, 17),
        ("basal cell carcinoma", 1, 0),
        ("nevus", 10, 5),
    ]
    assert page.table.rowCount() == 3
    assert page.misses.isVisible()
    assert not page.table.isVisible()
    qtbot.mouseClick(page.show_misses, Qt.MouseButton.LeftButton)
    assert page.table.isVisible()


def test_the_models_own_test_stands_beside_its_cases(
    page: OwnCasesPage, history: EntryRepository, qtbot: QtBot, model: Path
) -> None:
    card = load_bundle(model).card
    confirm(history, "melanoma", 0.5, 3, model=card.model_id)
    confirm(history, "nevus", 0.1, 2, model=OTHER_MODEL)
    page.refresh()
    qtbot.waitUntil(lambda: page.model.count() == 2)
    page._current.set_card(card)
    figure = next(each for each in card.figures if each.metric == "not referred, melanoma" and each.split == "test")
    tested = f"dashed: {100 * (1 - figure.estimate.value):.0f} % in the model's test"
    for place in range(2):
        page.model.setCurrentIndex(place)
        page.model.activated.emit(place)
        assert (tested in page.text()) == page.model.currentText().startswith(f"Computed with {card.model_id}")


def test_each_model_stands_by_itself(page: OwnCasesPage, history: EntryRepository, qtbot: QtBot) -> None:
    confirm(history, "melanoma", 0.5, 3)
    confirm(history, "nevus", 0.1, 2, model=OTHER_MODEL)
    page.refresh()
    qtbot.waitUntil(lambda: page.model.count() == 2)
    assert page.model.currentText().startswith("Computed with model 2.0, threshold")
    assert "2 of 2 benign lesions were told" in page.text()
    assert "No melanoma confirmed yet" in page.text()
    page.model.setCurrentIndex(1)
    page.model.activated.emit(1)
    assert page.model.currentText().startswith("Computed with model 1.2, threshold")
    assert "3 of 3 melanomas were told" in page.text()
    assert "No other skin cancer confirmed yet" in page.text()
    assert "No benign lesion confirmed yet" in page.text()
    assert page.misses.isHidden()


def test_a_missed_melanoma_is_listed_and_opened(page: OwnCasesPage, history: EntryRepository, qtbot: QtBot) -> None:
    confirm(history, "melanoma", 0.01)
    confirm(history, "melanoma", 0.1)
    page.refresh()
    qtbot.waitUntil(lambda: page.table.rowCount() == 2)
    qtbot.mouseClick(page.show_misses, Qt.MouseButton.LeftButton)
    cells = [page.table.item(1, column).text() for column in range(page.table.columnCount())]
    assert cells == [
        "melanoma.jpg", "2 Jan 2026", "1.0 %", "20 %", "", "", "melanoma", "histopathology, 2026-02-03", "model 1.2",
    ]  # fmt: skip
    opened: list[Entry] = []
    page.entry_opened.connect(opened.append)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    place = page.table.visualItemRect(page.table.item(1, 1)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert opened == history.entries()


def test_without_a_confirmed_diagnosis_the_page_says_how_to_note_one(
    page: OwnCasesPage, history: EntryRepository, qtbot: QtBot
) -> None:
    history.add(screening())
    page.refresh()
    qtbot.waitUntil(lambda: "No diagnosis has been confirmed yet" in page.text())
    assert "Melanomas referred" not in page.text()
    assert page.misses.isHidden()
    confirm(history, "melanoma", 0.1)
    page.refresh()
    qtbot.waitUntil(lambda: "0 of 1 melanomas were told" in page.text())
    assert "No diagnosis" not in page.text()
    history.delete([each.id for each in history.entries()])
    page.refresh()
    qtbot.waitUntil(page.misses.isHidden)
    assert page.table.rowCount() == 0


def test_a_history_that_cannot_be_read_is_said(page: OwnCasesPage, history: EntryRepository, qtbot: QtBot) -> None:
    history.file.write_bytes(b"no database" * 1000)
    page.refresh()
    qtbot.waitUntil(page.status.isVisible)
    assert "history" in page.status.text()


def pixel(widget: QWidget, place: QPointF) -> QColor:
    image = widget.grab().toImage()
    return image.pixelColor((place * image.devicePixelRatio()).toPoint())
