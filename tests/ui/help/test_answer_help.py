from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.ui.help.help_page import Section
from app.ui.window.main_window import MainWindow
from tests.ui.robot import judge, press


def test_the_help_opens_at_the_answer_and_by_key(
    window: MainWindow, qtbot: QtBot, image_file: Callable[..., Path]
) -> None:
    judge(window, qtbot, image_file())
    press(window, qtbot, Qt.Key.Key_F1)
    assert window.current_page() is window.help_page
    page = window.help_page
    qtbot.waitUntil(page.isVisible)
    page.show_section(Section.PICTURE)
    qtbot.waitUntil(lambda: page.top_section() is Section.PICTURE)
    window.go_to(window.screen_page)
    (meaning,) = [each for each in window.screen_page.tools.menu.actions() if "mean" in each.text()]
    meaning.trigger()
    assert window.current_page() is window.help_page
    qtbot.waitUntil(lambda: page.top_section() is Section.ANSWER)
    assert page.isVisible()
