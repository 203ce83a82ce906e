"""A view with an image, and the tools that lie over it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from pytestqt.qtbot import QtBot

from app.core.imaging.reference_image import reference_image
from app.ui.image.image_view import ImageView, to_qimage
from app.ui.image.measuring_line import MeasuringLine
from app.ui.image.outline_editor import OutlineEditor
from app.ui.image.outline_gestures import OutlineGestures
from tests.ui.image.pointer import (
    HEIGHT,
    Outline,
)


@pytest.fixture
def view(qtbot: QtBot) -> ImageView:
    widget = ImageView("drop a picture here")
    qtbot.addWidget(widget)
    widget.resize(520, 420)
    widget.show()
    qtbot.waitExposed(widget)
    widget.show_image(to_qimage(reference_image()[:HEIGHT]))
    return widget


# --- Outline
class Told:
    """What an editor has told."""

    def __init__(self, editor: OutlineEditor) -> None:
        self.edited: list[Outline] = []
        self.editing: list[bool] = []
        self.refused: list[str] = []
        editor.edited.connect(self.edited.append)
        editor.editing_changed.connect(self.editing.append)
        editor.refused.connect(self.refused.append)


@pytest.fixture
def editor(view: ImageView) -> OutlineEditor:
    made = OutlineEditor(view)
    OutlineGestures(made)
    return made


@pytest.fixture
def notified(editor: OutlineEditor) -> Told:
    return Told(editor)


# --- Measuring line
@pytest.fixture
def ruler(view: ImageView) -> MeasuringLine:
    return MeasuringLine(view)


@pytest.fixture
def page(view: ImageView, qtbot: QtBot) -> Iterator[list[str]]:
    """Shortcuts of a page about the view, and which of them were taken."""
    taken: list[str] = []
    for key in ("Left", "Home", "Esc", "Return", "Del", "H", "Ctrl+Z"):
        shortcut = QShortcut(QKeySequence(key), view)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda key=key: taken.append(key))
    view.activateWindow()
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    return taken
