from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.core.domain.results import ModelId
from app.core.history.repository import EntryRepository
from app.core.imaging.reference_image import reference_image
from app.core.screening.service import ScreeningService
from app.core.system.paths import UserData
from app.ui.window.main_window import MainWindow
from tests.ui.robot import answer, drop, entries, explanation_of, has_map, judge, let_all_be_done, press, reopen, view


# --- Heat map
def test_h_shows_and_hides_the_map_of_a_fresh_result(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], explained: list[Path]
) -> None:
    judge(window, qtbot, image_file())
    assert not view(window).is_layer_visible()
    press(window, qtbot, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: has_map(window))
    assert window.screen_page.panel.sections["why"].is_open
    assert explanation_of(window).saliency_map.legend.isVisible()
    press(window, qtbot, Qt.Key.Key_H)
    assert not view(window).is_layer_visible()
    assert not explanation_of(window).saliency_map.legend.isVisible()
    assert len(explained) == 1


def test_the_map_of_an_entry_is_computed_once_more_from_the_picture(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    explained: list[Path],
    user_data: UserData,
) -> None:
    path = image_file()
    judge(window, qtbot, path)
    press(window, qtbot, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: has_map(window))
    fresh = explanation_of(window).explanation
    explained.clear()
    window = reopen(window, open_window, qtbot, user_data)
    assert explanation_of(window).explanation is None
    assert explained == []  # nobody asked yet
    press(window, qtbot, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: has_map(window))
    again = explanation_of(window).explanation
    assert fresh is not None
    assert again is not None
    assert np.array_equal(again.saliency_map, fresh.saliency_map)
    assert again.area == fresh.area
    for _ in range(2):
        press(window, qtbot, Qt.Key.Key_H)
    assert has_map(window)
    assert explained == [path]


def test_the_map_is_gone_at_once_and_never_over_another_picture(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pictures have sizes of their own, and the areas of their maps go with them."""
    sizes = (256, 240, 224)
    paths = [tmp_path / f"{size}.png" for size in sizes]
    for path, size in zip(paths, sizes, strict=True):
        Image.fromarray(reference_image()[:size, :size]).save(path)
    judge(window, qtbot, *paths)
    press(window, qtbot, Qt.Key.Key_H)
    qtbot.waitUntil(lambda: has_map(window))
    page = window.screen_page
    seen: list[tuple[bool, int]] = []

    def check() -> None:
        """What would be painted now."""
        if view(window).has_layer():
            assert view(window).image_size()[0] == sizes[page.current_row]
            seen.append((True, page.current_row))
        else:
            seen.append((False, page.current_row))

    for row in (1, 2, 0, 2, 1, 0):
        page.go_to(row)
        assert not view(window).has_layer()
        for _ in range(row + 1):  # leave some of the pictures before they are there
            qtbot.wait(15)
            check()
    let_all_be_done(window, qtbot)
    check()
    assert seen[-1] == (True, 0)


def test_a_map_that_comes_late_is_not_laid_over_the_next_picture(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    user_data: UserData,
    tmp_path: Path,
) -> None:
    judge(window, qtbot, image_file())
    grey = tmp_path / "grey.png"
    Image.new("RGB", (256, 256), (120, 120, 120)).save(grey)
    window = reopen(window, open_window, qtbot, user_data)
    drop(window, grey)
    qtbot.waitUntil(lambda: answer(window).startswith("Can't be assessed"))
    begun, let_go = threading.Event(), threading.Event()
    explain = ScreeningService.explain

    def slow(self: ScreeningService, content: bytes, name: Path) -> object:
        begun.set()
        assert let_go.wait(20)
        return explain(self, content, name)

    monkeypatch.setattr(ScreeningService, "explain", slow)
    window.screen_page.go_to(0)
    qtbot.waitUntil(view(window).has_image)
    press(window, qtbot, Qt.Key.Key_H)
    qtbot.waitUntil(begun.is_set)
    window.screen_page.go_to(1)
    let_go.set()
    let_all_be_done(window, qtbot)
    assert view(window).has_image()
    assert not view(window).has_layer()
    assert explanation_of(window).explanation is None


def test_without_the_file_it_says_why_there_is_no_map(
    window: MainWindow,
    open_window: Callable[..., MainWindow],
    qtbot: QtBot,
    image_file: Callable[..., Path],
    user_data: UserData,
) -> None:
    path = image_file()
    judge(window, qtbot, path)
    path.unlink()
    window = reopen(window, open_window, qtbot, user_data)
    press(window, qtbot, Qt.Key.Key_H)
    saliency_map = explanation_of(window).saliency_map
    qtbot.waitUntil(saliency_map.reason.isVisible)
    assert "There is no file" in saliency_map.reason.text() or "no such file" in saliency_map.reason.text().lower()
    assert not saliency_map.legend.isVisible()
    assert not view(window).has_layer()
    judge(window, qtbot, image_file("other.png", radius=50))
    assert not saliency_map.reason.isVisible()
    qtbot.waitUntil(lambda: has_map(window))  # what was chosen stays chosen


def test_the_map_of_another_models_answer_is_not_made_up(
    window: MainWindow,
    qtbot: QtBot,
    image_file: Callable[..., Path],
    explained: list[Path],
    user_data: UserData,
) -> None:
    judge(window, qtbot, image_file())
    (entry,) = entries(user_data)
    old = replace(entry.screening, model=ModelId("Old net", "0.9", "ab" * 32))
    window.session.open_entry(EntryRepository(user_data.history).add(old))
    press(window, qtbot, Qt.Key.Key_H)
    saliency_map = explanation_of(window).saliency_map
    qtbot.waitUntil(saliency_map.reason.isVisible)
    assert "Old net 0.9" in saliency_map.reason.text()
    assert not view(window).has_layer()
    assert explained == []


def test_without_a_result_there_is_nothing_to_explain(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("broken.png", "too.png"):
        (tmp_path / name).write_bytes(b"no picture")
        drop(window, tmp_path / name)
        qtbot.waitUntil(lambda: answer(window).startswith("Can't be assessed"))
    window.screen_page.go_to(0)
    assert not window.screen_page.panel.sections["why"].isVisible()
    press(window, qtbot, Qt.Key.Key_H)
    press(window, qtbot, Qt.Key.Key_O)
    let_all_be_done(window, qtbot)
    assert not view(window).has_layer()
    assert not explanation_of(window).lesion.box.isChecked()


def test_arrow_keys_move_the_slider_and_not_the_pictures(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file("one.png"), image_file("two.png", radius=50))
    press(window, qtbot, Qt.Key.Key_H)
    slider = explanation_of(window).saliency_map.slider
    before = slider.value()
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert slider.value() == before + 1
    assert window.screen_page.current_row == 0
