"""What tests do to the window as a person would: drop, click, drag, type, wait; and what they read off it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.core.domain.entry import Annotation, Entry
from app.core.domain.outline import Outline
from app.core.history.repository import EntryRepository
from app.core.system.paths import UserData
from app.ui.image.image_view import ImageView
from app.ui.result.explanation import ExplanationPresenter
from app.ui.services.workers import Priority
from app.ui.window.main_window import MainWindow

YES, NO = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No


def circle(radius: float, x: float = 0.5, y: float = 0.47) -> Outline:
    turns = [2 * math.pi * i / 60 for i in range(60)]
    return Outline(tuple((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns))


def press(window: MainWindow, qtbot: QtBot, key: Qt.Key) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)  # a dialog may just have closed
    view(window).setFocus()
    qtbot.keyClick(view(window), key)


def judge(window: MainWindow, qtbot: QtBot, *files: Path) -> None:
    """Open files and wait until all are saved, the first with its picture."""
    drop(window, *files)
    opened = window.session
    qtbot.waitUntil(lambda: all(opened.item(row).entry_id is not None for row in range(opened.rowCount())))
    qtbot.waitUntil(view(window).has_image)


def entries(user_data: UserData) -> list[Entry]:
    """The oldest first."""
    return sorted(EntryRepository(user_data.history).entries(), key=lambda entry: entry.id)


def drawn(user_data: UserData, place: int = 0) -> Annotation:
    return entries(user_data)[place].annotation


def let_all_be_done(window: MainWindow, qtbot: QtBot) -> None:
    """Wait for all that was asked of the worker, and for what that asks for."""
    for _ in range(2):
        done: list[object] = []
        window.workers.run(lambda: None, on_result=done.append, priority=Priority.LOW)
        qtbot.waitUntil(lambda done=done: bool(done))


def has_map(window: MainWindow) -> bool:
    return view(window).has_layer() and view(window).is_layer_visible()


def see_measures(window: MainWindow, qtbot: QtBot) -> None:
    """By the key O, and wait for them."""
    press(window, qtbot, Qt.Key.Key_O)
    qtbot.waitUntil(explanation_of(window).lesion.measures.table.isVisible)


def drag(window: MainWindow, *points: tuple[float, float]) -> None:
    """Press at the first place of the picture (fractions), go to the others, and let go at the last."""
    target, (width, height) = view(window), view(window).image_size()
    places = [target.view_point(QPointF(x * width, y * height)).toPoint() for x, y in points]
    QTest.mousePress(target.viewport(), Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(target.viewport(), place)
    QTest.mouseRelease(target.viewport(), Qt.MouseButton.LeftButton, pos=places[-1])


def draw_small(window: MainWindow, qtbot: QtBot) -> None:
    """A new outline by hand, a third as wide as the one that is found."""
    qtbot.mouseClick(explanation_of(window).lesion.draw, Qt.MouseButton.LeftButton)
    drag(window, *circle(0.09).points)
    assert explanation_of(window).lesion.editor.is_editing
    qtbot.keyClick(view(window), Qt.Key.Key_Return)
    assert not explanation_of(window).lesion.editor.is_editing


def diameter(window: MainWindow) -> float:
    found = explanation_of(window).lesion.lesion
    assert found is not None
    assert found.measures is not None
    return found.measures.diameter_pixels


def files(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def drag_over(window: MainWindow, mime: QMimeData) -> bool:
    """Drag something over the window; whether it would take it."""
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, mime, buttons, keys)
    event.setAccepted(False)
    QGuiApplication.sendEvent(window, event)
    return event.isAccepted()


def drop(window: MainWindow, *paths: Path) -> None:
    mime = files(*paths)
    assert drag_over(window, mime)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QGuiApplication.sendEvent(window, QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, mime, buttons, keys))


def answer(window: MainWindow) -> str:
    """The band's words and what to do; empty where there is none, or the band is not seen."""
    band = window.screen_page.panel.band
    return ". ".join(filter(None, (band.words, band.action))) if band.isVisible() else ""


def is_saved(window: MainWindow) -> bool:
    saved = window.screen_page.panel.saved
    return saved.isVisible() and saved.text().startswith("Saved")


def model_in_use(window: MainWindow) -> str:
    """The model's name and version; *no model* where none can be used, empty before one is loaded."""
    current = window.current_model
    if current.card is not None:
        return str(current.card.model_id)
    return "no model" if current.problem else ""


def boxes(window: MainWindow) -> list[QMessageBox]:
    """The questions that are open."""
    return [box for box in window.findChildren(QMessageBox) if box.isVisible()]


def answer_box(window: MainWindow, qtbot: QtBot, button: QMessageBox.StandardButton) -> str:
    """Wait for a question and answer it; gives its text."""
    qtbot.waitUntil(lambda: len(boxes(window)) == 1)
    (box,) = boxes(window)
    text = box.text()
    qtbot.mouseClick(box.button(button), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: box not in boxes(window))
    return text


def explanation_of(window: MainWindow) -> ExplanationPresenter:
    return window.screen_page.panel.explanation


def view(window: MainWindow) -> ImageView:
    return window.screen_page.view


def reopen(window: MainWindow, open_window: Callable[..., MainWindow], qtbot: QtBot, user_data: UserData) -> MainWindow:
    """Close the window, and open another with the last entry of the history in it."""
    window.close()
    again = open_window()
    again.session.open_entry(entries(user_data)[-1])
    qtbot.waitUntil(view(again).has_image)
    return again
