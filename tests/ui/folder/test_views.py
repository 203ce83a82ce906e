"""A folder as a list and as pictures: two ways to see the same rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.domain.advice import Advice
from app.core.history.batches import Batch
from app.ui.folder.folder_page import FolderPage
from app.ui.folder.results_model import Column
from app.ui.image.large_preview import LargePreview
from app.ui.window.main_window import MainWindow
from tests.ui.folder.conftest import SUSPICIOUS
from tests.ui.folder.steps import current, go_to, names, open_assessed, use_grid


@pytest.fixture
def opened(assessed: Batch, window: MainWindow, qtbot: QtBot) -> MainWindow:
    open_assessed(window, qtbot, assessed)
    return window


@pytest.fixture
def page(opened: MainWindow) -> FolderPage:
    return opened.folder_page


def test_list_and_pictures_share_the_current_row(opened: MainWindow, page: FolderPage, qtbot: QtBot) -> None:
    go_to(opened, "carcinoma.jpg")
    use_grid(opened, qtbot)
    assert (page.grid.isVisible(), page.table.isVisible()) == (True, False)
    assert page.grid.currentIndex().row() == SUSPICIOUS.index("carcinoma.jpg")
    assert page.grid.hasFocus()
    qtbot.keyClick(page.grid, Qt.Key.Key_Right)
    assert current(opened) == "near.jpg"
    assert page.panel.band.advice is Advice.BORDERLINE
    use_grid(opened, qtbot, on=False)
    assert (page.grid.isVisible(), page.table.isVisible()) == (False, True)
    assert page.table.currentIndex().row() == SUSPICIOUS.index("near.jpg")
    assert page.table.hasFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert page.grid.currentIndex().row() == SUSPICIOUS.index("sub/below.jpg")


def test_a_row_that_was_clicked_anywhere_is_the_current_picture(
    opened: MainWindow, page: FolderPage, qtbot: QtBot
) -> None:
    place = page.table.visualRect(page.model.index(2, Column.NOTES)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert current(opened) == "carcinoma.jpg"
    use_grid(opened, qtbot)
    qtbot.keyClick(page.grid, Qt.Key.Key_Right)
    assert current(opened) == "near.jpg"
    qtbot.keyClick(page.grid, Qt.Key.Key_Left)
    assert current(opened) == "carcinoma.jpg"


def test_the_row_that_was_clicked_is_scrolled_to_among_the_pictures(
    opened: MainWindow, page: FolderPage, qtbot: QtBot
) -> None:
    row = page.model.row_at(0)
    opened.batch_session.reloaded.emit([replace(row, position=number) for number in range(300)])
    page.table.scrollToBottom()
    place = page.table.visualRect(page.model.index(290, Column.NOTES)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.table.currentIndex().row() == 290
    use_grid(opened, qtbot)
    qtbot.waitUntil(
        lambda: page.grid.viewport().rect().contains(page.grid.visualRect(page.model.index(290, 0)).center())
    )
    page.table.setCurrentIndex(page.model.index(0, Column.NOTES))
    page.grid.scrollTo(page.table.currentIndex())
    assert page.grid.verticalScrollBar().value() == 0


def test_a_filter_holds_in_both(opened: MainWindow, page: FolderPage, qtbot: QtBot) -> None:
    use_grid(opened, qtbot)
    page.filters.chips.chips[Advice.BELOW_THRESHOLD].click()
    assert page.grid.model().rowCount() == 2
    assert names(opened) == ["sub/below.jpg", "low.jpg"]
    assert page.grid.currentIndex().row() == 0


def test_space_shows_the_picture_in_large_from_the_pictures_too(
    opened: MainWindow, page: FolderPage, qtbot: QtBot
) -> None:
    use_grid(opened, qtbot)
    go_to(opened, "near.jpg")
    qtbot.keyClick(page.grid, Qt.Key.Key_Space)
    (preview,) = opened.findChildren(LargePreview)
    assert preview.windowTitle() == "near.jpg"
    qtbot.waitUntil(preview.isActiveWindow)
    with qtbot.waitSignal(preview.destroyed):
        qtbot.keyClick(preview, Qt.Key.Key_Space)


def test_the_way_to_show_a_folder_is_kept(
    open_window: Callable[..., MainWindow], assessed: Batch, qtbot: QtBot
) -> None:
    first = open_window()
    open_assessed(first, qtbot, assessed)
    page = first.folder_page
    assert (page.table.isVisible(), page.filters.slider.isVisible()) == (True, False)
    use_grid(first, qtbot)
    page.filters.slider.setValue(200)
    assert page.grid.side == 200
    first.close()
    second = open_window()
    open_assessed(second, qtbot, assessed)
    page = second.folder_page
    assert (page.grid.isVisible(), page.filters.slider.isVisible()) == (True, True)
    assert (page.grid.side, page.filters.slider.value()) == (200, 200)


def test_the_wheel_with_ctrl_changes_the_size_within_limits(opened: MainWindow, page: FolderPage, qtbot: QtBot) -> None:
    use_grid(opened, qtbot)

    def turn(steps: int, key: Qt.KeyboardModifier) -> None:
        at = QPointF(50, 50)
        event = QWheelEvent(
            at,
            QPointF(page.grid.viewport().mapToGlobal(at.toPoint())),
            QPoint(),
            QPoint(0, 120 * steps),
            Qt.MouseButton.NoButton,
            key,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(page.grid.viewport(), event)

    before = page.grid.side
    turn(1, Qt.KeyboardModifier.NoModifier)
    assert page.grid.side == before
    turn(1, Qt.KeyboardModifier.ControlModifier)
    assert before < page.grid.side == page.filters.slider.value() == opened.settings.current.grid_side
    for steps, limit in ((1, page.filters.slider.maximum()), (-1, page.filters.slider.minimum())):
        for _ in range(40):
            turn(steps, Qt.KeyboardModifier.ControlModifier)
        assert page.grid.side == limit


def test_in_a_small_window_the_list_is_alone(opened: MainWindow, page: FolderPage, qtbot: QtBot) -> None:
    parts = (page.sources, page.panel, page.head.folders, page.head.then)
    assert [part.isVisible() for part in parts] == [True, True, False, False]
    opened.resize(1000, 700)
    assert [part.isVisible() for part in parts] == [False, False, True, True]
    page.head.folders.menu().actions()[0].trigger()  # what the list of folders is otherwise for
    qtbot.waitUntil(lambda: names(opened) == list(SUSPICIOUS))
    opened.resize(1366, 768)
    assert [part.isVisible() for part in parts] == [True, True, False, False]
    use_grid(opened, qtbot)
    assert [part.isVisible() for part in parts] == [True, False, False, True]
