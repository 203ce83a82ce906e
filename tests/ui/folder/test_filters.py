"""The chips over a folder's results: they count, and they filter."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.domain.advice import Advice
from app.core.domain.entry import Mark
from app.core.history.batches import Batch
from app.ui.folder.filter_bar import FilterBar
from app.ui.window.main_window import MainWindow
from tests.ui.folder.conftest import BROKEN, REFUSED, SUSPICIOUS
from tests.ui.folder.steps import current, decide, decisions, go_to, names, open_assessed

COUNTS = {
    Advice.REFER_MELANOMA: "2",
    Advice.REFER_OTHER_CANCER: "1",
    Advice.BORDERLINE: "1",
    Advice.BELOW_THRESHOLD: "2",
    Advice.NOT_ASSESSED: "2",
}


@pytest.fixture
def opened(assessed: Batch, window: MainWindow, qtbot: QtBot) -> MainWindow:
    open_assessed(window, qtbot, assessed)
    return window


@pytest.fixture
def filters(opened: MainWindow) -> FilterBar:
    return opened.folder_page.filters


def press(qtbot: QtBot, filters: FilterBar, *advices: Advice) -> None:
    for advice in advices:
        qtbot.mouseClick(filters.chips.chips[advice], Qt.MouseButton.LeftButton)


def counts(filters: FilterBar) -> dict[Advice, str]:
    return {advice: chip.text() for advice, chip in filters.chips.chips.items()}


def test_each_kind_is_counted_whatever_is_shown(filters: FilterBar, qtbot: QtBot) -> None:
    assert counts(filters) == COUNTS
    assert (filters.both.text(), filters.both.isVisible()) == ("▲◆ 1", True)
    assert filters.not_decided.accessibleName() == f"Not decided: {len(SUSPICIOUS) - 1}"  # one can't be
    assert filters.chips.chips[Advice.BORDERLINE].accessibleName() == "Borderline: 1"
    press(qtbot, filters, Advice.BORDERLINE)
    assert counts(filters) == COUNTS


@pytest.mark.parametrize(
    ("advices", "shown"),
    [
        ((Advice.REFER_MELANOMA,), ["both.jpg", "melanoma.jpg"]),
        ((Advice.REFER_OTHER_CANCER,), ["carcinoma.jpg"]),
        ((Advice.BORDERLINE,), ["near.jpg"]),
        ((Advice.BELOW_THRESHOLD,), ["sub/below.jpg", "low.jpg"]),
        ((Advice.NOT_ASSESSED,), [REFUSED, BROKEN]),
        ((Advice.BORDERLINE, Advice.REFER_MELANOMA), ["both.jpg", "melanoma.jpg", "near.jpg"]),
        (tuple(Advice), list(SUSPICIOUS)),
        ((Advice.BORDERLINE, Advice.BORDERLINE), list(SUSPICIOUS)),  # again takes it back
    ],
)
def test_chips_show_their_kinds(
    opened: MainWindow, filters: FilterBar, qtbot: QtBot, advices: tuple[Advice, ...], shown: list[str]
) -> None:
    press(qtbot, filters, *advices)
    assert names(opened) == shown


def test_both_suspicions_are_a_kind_of_their_own(opened: MainWindow, filters: FilterBar, qtbot: QtBot) -> None:
    qtbot.mouseClick(filters.both, Qt.MouseButton.LeftButton)
    assert names(opened) == ["both.jpg"]
    press(qtbot, filters, Advice.BORDERLINE)
    assert names(opened) == ["both.jpg", "near.jpg"]


def test_not_decided_is_asked_for_beside_a_kind(opened: MainWindow, filters: FilterBar, qtbot: QtBot) -> None:
    go_to(opened, "melanoma.jpg")
    decide(opened, qtbot, Mark.REFER)
    qtbot.waitUntil(lambda: decisions(opened) == {"melanoma.jpg": Mark.REFER})
    assert filters.not_decided.key() == f"{len(SUSPICIOUS) - 2}"
    qtbot.mouseClick(filters.not_decided, Qt.MouseButton.LeftButton)
    assert names(opened) == [name for name in SUSPICIOUS if name not in ("melanoma.jpg", BROKEN)]
    press(qtbot, filters, Advice.REFER_MELANOMA, Advice.NOT_ASSESSED)
    assert names(opened) == ["both.jpg", REFUSED]


def test_a_search_goes_with_the_chips(opened: MainWindow, filters: FilterBar, qtbot: QtBot) -> None:
    qtbot.keyClicks(filters.search, "SUB")
    assert names(opened) == ["sub/below.jpg"]
    press(qtbot, filters, Advice.REFER_MELANOMA)
    assert names(opened) == []
    assert opened.folder_page.nothing.isVisible()
    filters.search.clear()
    assert names(opened) == ["both.jpg", "melanoma.jpg"]
    assert not opened.folder_page.nothing.isVisible()


def test_the_row_that_is_looked_at_stays_where_it_passes(opened: MainWindow, filters: FilterBar, qtbot: QtBot) -> None:
    go_to(opened, "near.jpg")
    press(qtbot, filters, Advice.BORDERLINE, Advice.REFER_MELANOMA)
    assert current(opened) == "near.jpg"
    press(qtbot, filters, Advice.BORDERLINE)
    assert current(opened) == "both.jpg"
    assert opened.folder_page.panel.band.advice is Advice.REFER_MELANOMA


def test_a_kind_of_which_there_is_none_cannot_be_asked_for(opened: MainWindow, filters: FilterBar) -> None:
    assert all(chip.isEnabled() for chip in filters.chips.chips.values())
    rows = opened.folder_page.model.all_rows()
    kept = [row for row in rows if row.screening.path.name not in ("both.jpg", "near.jpg")]
    opened.batch_session.reloaded.emit(kept)  # as after entries were deleted
    assert counts(filters) == COUNTS | {Advice.REFER_MELANOMA: "1", Advice.BORDERLINE: "0"}
    assert [advice for advice, chip in filters.chips.chips.items() if not chip.isEnabled()] == [Advice.BORDERLINE]
    assert not filters.both.isVisible()


def test_a_chip_that_is_down_can_be_lifted_though_there_is_none_any_more(
    opened: MainWindow, filters: FilterBar, qtbot: QtBot
) -> None:
    press(qtbot, filters, Advice.BORDERLINE)
    kept = [row for row in opened.folder_page.model.all_rows() if row.screening.path.name != "near.jpg"]
    opened.batch_session.reloaded.emit(kept)
    assert names(opened) == []
    assert opened.folder_page.nothing.isVisible()
    press(qtbot, filters, Advice.BORDERLINE)
    assert len(names(opened)) == len(SUSPICIOUS) - 1
    assert not filters.chips.chips[Advice.BORDERLINE].isEnabled()
