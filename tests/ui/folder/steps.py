"""What a person does on the page for folders, and what they read off it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.domain.entry import Mark
from app.core.history.batches import Batch, BatchRow
from app.ui.folder.batch_session import State
from app.ui.folder.results_model import Column
from app.ui.folder.title_row import GRID_VIEW, LIST
from app.ui.widgets.row_cells import CELL_ROLE
from app.ui.window.main_window import MainWindow
from tests.ui.folder.conftest import FILES

KEYS = {Mark.REFER: Qt.Key.Key_1, Mark.WATCH: Qt.Key.Key_2, Mark.CLEAR: Qt.Key.Key_3}


def names(window: MainWindow) -> list[str]:
    """The files, as they are shown: where they lie within the folder."""
    model = window.folder_page.model
    return [model.index(row, Column.ANSWER).data(CELL_ROLE).name for row in range(model.rowCount())]


def within(folder: Path) -> list[str]:
    """The names of all files in a folder."""
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*.*"))


def is_done(window: MainWindow, count: int) -> bool:
    session = window.batch_session
    return session.state is State.DONE and session.done == count


def shows(window: MainWindow, batch: Batch) -> bool:
    """Whether a folder that was assessed before is shown, with its rows."""
    shown = window.batch_session.batch
    return shown is not None and shown.id == batch.id and is_done(window, window.folder_page.model.rowCount())


def open_assessed(window: MainWindow, qtbot: QtBot, batch: Batch) -> None:
    """Open a folder that was assessed before, from the list beside the folder."""
    window.go_to(window.folder_page)
    qtbot.waitUntil(lambda: batch.id in [folder.batch.id for folder in window.batch_session.finished])
    place = [folder.batch.id for folder in window.batch_session.finished].index(batch.id)
    qtbot.mouseClick(window.folder_page.sources.list.rows[place], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shows(window, batch))


def use_grid(window: MainWindow, qtbot: QtBot, *, on: bool = True) -> None:
    """Click the button for the list or the pictures."""
    button = window.folder_page.head.views.buttons[GRID_VIEW if on else LIST]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def go_to(window: MainWindow, name: str) -> None:
    """Make a file's row the current one."""
    window.folder_page.table.setCurrentIndex(window.folder_page.model.index(names(window).index(name), 0))


def current(window: MainWindow) -> str:
    """The current row's file."""
    row = window.folder_page.table.currentIndex().row()
    return names(window)[row] if row >= 0 else ""


def decide(window: MainWindow, qtbot: QtBot, mark: Mark) -> None:
    """By key, in the list or the pictures."""
    qtbot.keyClick(window.folder_page.view(), KEYS[mark])


def row_of(window: MainWindow, name: str) -> BatchRow:
    """A file's row, whatever the filter."""
    return window.folder_page.model.all_rows()[FILES.index(name)]


def decisions(window: MainWindow) -> dict[str, Mark]:
    """The decisions that the list shows, by file."""
    page = window.folder_page
    cells = {name: page.model.index(row, Column.MARK).data(CELL_ROLE) for row, name in enumerate(names(window))}
    return {name: cell.mark for name, cell in cells.items() if cell.mark is not None}
