"""The row of filters over the history: chips that count, dates, decision, confirmation and a search."""

from __future__ import annotations

import datetime as dt

import pytest
from PySide6.QtCore import QDate, Qt
from pytestqt.qtbot import QtBot

from app.core.domain.advice import Advice
from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import Mark
from app.core.domain.results import Prediction
from app.core.history.query import Query
from app.core.history.repository import EntryRepository
from app.core.system.paths import UserData
from app.ui.history.history_filter import BETWEEN, HistoryFilter
from app.ui.history.history_model import Column
from app.ui.history.history_page import HistoryPage
from app.ui.look.tokens import Size
from app.ui.widgets.fields import Choice
from app.ui.widgets.row_cells import CELL_ROLE
from app.ui.window.main_window import MainWindow
from tests.factories import screening

PREDICTIONS = {
    "melanoma.jpg": Prediction(0.9, 0.2),
    "another.jpg": Prediction(0.8, 0.2),
    "carcinoma.jpg": Prediction(0.1, 0.2, other_cancer_probability=0.9, other_cancer_threshold=0.5),
    "below.jpg": Prediction(0.1, 0.2),
}
AGES = {"melanoma.jpg": 0, "another.jpg": 5, "carcinoma.jpg": 20, "below.jpg": 300}
"""Days since each was assessed: the newest first."""


def now() -> dt.datetime:
    """At noon, so that no day ends while a test runs."""
    return dt.datetime.now().astimezone().replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture
def page(window: MainWindow, qtbot: QtBot, user_data: UserData) -> HistoryPage:
    """Over four results, one of which is decided on and one confirmed."""
    history = EntryRepository(user_data.history)
    for name, prediction in PREDICTIONS.items():
        record = ClinicalRecord(diagnosis="melanoma") if name == "melanoma.jpg" else ClinicalRecord()
        when = now() - dt.timedelta(days=AGES[name])
        history.add(screening(name, prediction=prediction, screened_at=when), record)
    history.set_mark([3], Mark.REFER)
    window.go_to(window.history_page)
    qtbot.waitUntil(lambda: files(window.history_page) == list(PREDICTIONS))
    return window.history_page


def files(page: HistoryPage) -> list[str]:
    return [page.model.index(row, Column.ANSWER).data(CELL_ROLE).name for row in range(page.model.rowCount())]


def choose(box: Choice, value: object) -> None:
    """As a person does in a list."""
    box.setCurrentIndex(box.findData(value))
    box.activated.emit(box.currentIndex())


def counts(page: HistoryPage) -> dict[Advice, str]:
    return {advice: chip.text() for advice, chip in page.filter.chips.chips.items()}


def disabled(page: HistoryPage) -> list[Advice]:
    return [advice for advice, chip in page.filter.chips.chips.items() if not chip.isEnabled()]


COUNTS = {
    Advice.REFER_MELANOMA: "2",
    Advice.REFER_OTHER_CANCER: "1",
    Advice.BORDERLINE: "0",
    Advice.BELOW_THRESHOLD: "1",
    Advice.NOT_ASSESSED: "0",
}


def test_chips_count_each_kind_and_show_the_chosen_ones(page: HistoryPage, qtbot: QtBot) -> None:
    chips = page.filter.chips.chips
    assert counts(page) == COUNTS
    assert disabled(page) == [Advice.BORDERLINE, Advice.NOT_ASSESSED]
    qtbot.mouseClick(chips[Advice.REFER_OTHER_CANCER], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: files(page) == ["carcinoma.jpg"])
    qtbot.mouseClick(chips[Advice.REFER_MELANOMA], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: files(page) == ["melanoma.jpg", "another.jpg", "carcinoma.jpg"])
    assert counts(page) == COUNTS  # whatever is chosen of them
    assert page.status.text() == "3 results"
    for advice in (Advice.REFER_OTHER_CANCER, Advice.REFER_MELANOMA):
        qtbot.mouseClick(chips[advice], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: files(page) == list(PREDICTIONS))


def test_chips_count_what_the_other_filters_leave(page: HistoryPage, qtbot: QtBot) -> None:
    chip = page.filter.chips.chips[Advice.REFER_OTHER_CANCER]
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: files(page) == ["carcinoma.jpg"])
    qtbot.keyClicks(page.filter.text, "ANOTHER")
    qtbot.waitUntil(lambda: files(page) == [])
    assert page.status.text() == "No result matches the search."
    assert counts(page) == dict.fromkeys(Advice, "0") | {Advice.REFER_MELANOMA: "1"}
    assert chip.isEnabled()  # it can still be lifted
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: files(page) == ["another.jpg"])
    assert not chip.isEnabled()


def test_what_a_filter_shows_of_a_decision(page: HistoryPage, qtbot: QtBot) -> None:
    for value, shown in (
        (Mark.REFER, ["carcinoma.jpg"]),
        (Mark.CLEAR, []),
        ("", ["melanoma.jpg", "another.jpg", "below.jpg"]),
        (None, list(PREDICTIONS)),
    ):
        choose(page.filter.mark, value)
        qtbot.waitUntil(lambda: files(page) == shown)  # noqa: B023


def test_what_a_filter_shows_of_a_confirmation(page: HistoryPage, qtbot: QtBot) -> None:
    for value, shown in (
        (True, ["melanoma.jpg"]),
        (False, ["another.jpg", "carcinoma.jpg", "below.jpg"]),
        (None, list(PREDICTIONS)),
    ):
        choose(page.filter.confirmed, value)
        qtbot.waitUntil(lambda: files(page) == shown)  # noqa: B023


@pytest.mark.parametrize(("days", "count"), [(0, 1), (6, 2), (29, 3), (365, 4), (None, 4)])
def test_the_last_days(page: HistoryPage, qtbot: QtBot, days: int | None, count: int) -> None:
    choose(page.filter.dates, 0)
    qtbot.waitUntil(lambda: page.model.rowCount() == 1)
    choose(page.filter.dates, days)
    qtbot.waitUntil(lambda: files(page) == list(PREDICTIONS)[:count])
    assert not page.filter.since.isVisible()


def test_days_from_and_to_are_both_counted_in(page: HistoryPage, qtbot: QtBot) -> None:
    choose(page.filter.dates, BETWEEN)
    assert page.filter.since.isVisible()
    assert page.filter.until.isVisible()
    today = QDate.currentDate()
    page.filter.since.setDate(today.addDays(-20))
    page.filter.until.setDate(today.addDays(-5))
    qtbot.waitUntil(lambda: files(page) == ["another.jpg", "carcinoma.jpg"])
    page.filter.since.setDate(today.addDays(-19))
    qtbot.waitUntil(lambda: files(page) == ["another.jpg"])
    choose(page.filter.dates, None)
    qtbot.waitUntil(lambda: files(page) == list(PREDICTIONS))
    assert not page.filter.since.isVisible()


def test_all_fields_are_one_query(qtbot: QtBot) -> None:
    filters = HistoryFilter()
    qtbot.addWidget(filters)
    assert filters.query() == Query()
    filters.text.setText("  Zoë ")
    filters.show_counts(dict.fromkeys(Advice, 1))
    for advice in (Advice.BORDERLINE, Advice.REFER_MELANOMA):
        filters.chips.chips[advice].click()
    choose(filters.mark, Mark.WATCH)
    choose(filters.confirmed, False)
    choose(filters.dates, 6)
    assert filters.query() == Query(
        text="Zoë",
        advices=frozenset({Advice.BORDERLINE, Advice.REFER_MELANOMA}),
        mark=Mark.WATCH,
        confirmed=False,
        since=now().date() - dt.timedelta(days=6),
    )


def test_in_a_small_window_columns_give_way(page: HistoryPage) -> None:
    page.set_size_class(Size.SMALL)
    hidden = [column for column in Column if page.table.isColumnHidden(column)]
    assert hidden == [Column.OTHER_CANCER, Column.DIAGNOSIS]
    assert page.filter.confirmed.isHidden()
    page.set_size_class(Size.MEDIUM)
    assert not any(page.table.isColumnHidden(column) for column in Column)
    assert not page.filter.confirmed.isHidden()
