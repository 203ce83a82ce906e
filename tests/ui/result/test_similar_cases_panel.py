from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.domain.clinical import ClinicalRecord
from app.core.domain.entry import SimilarCase
from app.core.history.repository import EntryRepository
from app.core.screening.service import ImageSource, ScreeningService
from app.core.system.paths import UserData
from app.ui.services.item import Item
from app.ui.window.main_window import MainWindow
from tests.ui.conftest import FakeModel
from tests.ui.robot import entries, explanation_of, judge, let_all_be_done


def embedding(*values: float) -> bytes:
    one = np.array(values, np.float64)
    return bytes((one / np.linalg.norm(one)).astype(np.float16).tobytes())


def test_similar_cases_are_shown_and_opened(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], fake: FakeModel, user_data: UserData
) -> None:
    for name, case in (("near.png", (1, 0.1)), ("far.png", (0.1, 1)), ("asked.png", (1, 0))):
        fake.changes = {"case": embedding(*case)}
        judge(window, qtbot, image_file(name, radius=40 + len(name)))
    history = EntryRepository(user_data.history)
    near, far, _ = entries(user_data)
    history.update_record(far, ClinicalRecord(diagnosis="melanoma"))
    history.update_record(near, ClinicalRecord(diagnosis="naevus", confirmed_by="histopathology"))
    more = explanation_of(window).similar_cases
    assert not more.content.isVisible()
    window.screen_page.panel.sections["why"].set_open(True)
    qtbot.mouseClick(more.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: more.cases.count() == 2)
    assert [more.cases.item(row).text() for row in range(2)] == ["naevus\n100 % alike", "melanoma\n10 % alike"]
    assert "histopathology" in more.cases.item(0).toolTip()

    window.activateWindow()
    more.cases.setFocus()
    more.cases.setCurrentRow(0)
    qtbot.keyClick(more.cases, Qt.Key.Key_Right)
    assert more.cases.currentRow() == 1  # and not to another picture
    assert window.screen_page.panel.file.text().startswith("asked.png")
    row = window.session.rowCount()
    qtbot.keyClick(more.cases, Qt.Key.Key_Return)
    assert window.session.rowCount() == row + 1
    assert window.screen_page.panel.file.text().startswith("far.png")
    assert window.session.item(window.screen_page.current_row).entry_id == far.id
    let_all_be_done(window, qtbot)
    assert [more.cases.item(place).text() for place in range(more.cases.count())] == ["naevus\n20 % alike"]


def test_it_says_so_where_there_is_no_similar_case(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file())
    more = explanation_of(window).similar_cases
    window.screen_page.panel.sections["why"].set_open(True)
    qtbot.mouseClick(more.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(more.cases_note.isVisible)
    assert "None yet. Only cases" in more.cases_note.text()
    assert not more.cases.isVisible()


def test_similar_cases_come_although_the_thumbnail_came_between(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On the page Folder an item gets its thumbnail while its cases are looked for."""
    judge(window, qtbot, image_file())
    (entry,) = entries(user_data)
    monkeypatch.setattr(ScreeningService, "similar_cases", lambda *_: [SimilarCase(entry, 0.5)])
    panel = window.folder_page.panel.explanation
    panel.similar_cases.button.setChecked(True)
    item = Item(ImageSource(entry.screening.path), replace(entry.screening, thumbnail=b""), entry_id=entry.id)
    panel.show_item(item)
    item.set_thumbnail(entry.screening.thumbnail)
    qtbot.waitUntil(lambda: panel.similar_cases.cases.count() == 1)
