"""An entry that is open on the page for single images and on the page for folders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.domain.errors import HistoryError
from app.core.history.repository import EntryRepository
from app.core.system.paths import UserData
from app.ui.result.result_panel import ResultPanel
from app.ui.window.main_window import MainWindow
from tests.ui.robot import circle, draw_small, drop, entries, explanation_of, let_all_be_done, view


@pytest.fixture
def panels(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path, user_data: UserData
) -> tuple[ResultPanel, ResultPanel]:
    """The same entry's panel on either page, the page for single images in front."""
    image_file("mole.png", folder=tmp_path / "folder")
    drop(window, tmp_path / "folder")
    both = window.screen_page.panel, window.folder_page.panel
    qtbot.waitUntil(lambda: window.batch_session.done == 1)
    window.session.open_entry(entries(user_data)[0])
    for panel in both:
        panel.sections["record"].set_open(True)
        qtbot.waitUntil(panel.record.isEnabled)
    qtbot.waitUntil(view(window).has_image)
    qtbot.waitUntil(window.folder_page.image_pane.view.has_image)
    return both


def test_a_note_typed_on_one_page_is_shown_on_the_other(
    window: MainWindow, panels: tuple[ResultPanel, ResultPanel], user_data: UserData
) -> None:
    single, folder = panels
    QTest.keyClicks(single.record.note, "on the left")
    assert folder.record.record().note == "on the left"
    window.go_to(window.folder_page)
    folder.record.site.setFocus()
    QTest.keyClick(folder.record.site, Qt.Key.Key_Space)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(folder.record.site.view(), key)
    QTest.keyClicks(folder.record.note, "on the right, ")
    written = single.record.record()
    assert written == folder.record.record()
    assert written.note == "on the right, on the left"
    assert written.site
    window.close()
    assert entries(user_data)[0].record == written


@pytest.mark.usefixtures("outliner")
def test_an_outline_drawn_on_one_page_is_shown_on_the_other(
    window: MainWindow, qtbot: QtBot, panels: tuple[ResultPanel, ResultPanel], user_data: UserData
) -> None:
    single, folder = (panel.explanation.lesion for panel in panels)
    for lesion in (single, folder):
        lesion.box.setChecked(True)
        qtbot.waitUntil(lambda lesion=lesion: lesion.lesion is not None)
    draw_small(window, qtbot)
    drawn_outline = single.editor.outline
    assert drawn_outline is not None
    assert folder.editor.outline == drawn_outline
    for lesion in (single, folder):
        qtbot.waitUntil(lambda lesion=lesion: lesion.lesion is not None)
        assert lesion.lesion.outline is not None
        assert list(lesion.lesion.outline.points) == drawn_outline
    folder.set_scale((0.0, 0.0), (100.0, 0.0), 10.0)
    qtbot.waitUntil(lambda: single.lesion is not None and single.lesion.measures.diameter_mm is not None)
    qtbot.mouseClick(explanation_of(window).lesion.find_again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: folder.editor.outline == list(circle(0.27).points))
    let_all_be_done(window, qtbot)
    kept = entries(user_data)[0].annotation
    assert not kept.outline_by_hand
    assert kept.field_width == pytest.approx(25.6)


def test_what_can_not_be_saved_is_shown_on_both_pages_and_tried_again(
    window: MainWindow,
    qtbot: QtBot,
    panels: tuple[ResultPanel, ResultPanel],
    user_data: UserData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    single, folder = panels
    write = EntryRepository.update_record

    def fail(*_: object, **__: object) -> None:
        raise HistoryError("The disk is full.")

    monkeypatch.setattr(EntryRepository, "update_record", fail)
    QTest.keyClicks(folder.record.note, "not lost")
    qtbot.waitUntil(lambda: "disk is full" in window.notice.text())
    assert single.record.record().note == "not lost"
    assert entries(user_data)[0].record.note == ""
    monkeypatch.setattr(EntryRepository, "update_record", write)
    window.autosave.save_now()
    assert entries(user_data)[0].record.note == "not lost"
