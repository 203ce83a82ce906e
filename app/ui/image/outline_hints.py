"""Hints on mouse and keys for drawing and correcting an outline."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication


def editing_hint() -> str:
    """The hint while an outline is corrected."""
    return QCoreApplication.translate(
        "OutlineEditor",
        "Drag a point; the line beside it follows (Shift: less). Double click on the line: another point. "
        "Right click on a point: remove it. Ctrl+Z: undo. Enter: keep. Escape: cancel. "
        "By keyboard: Tab chooses a point, arrow keys move it, Insert adds one, Delete removes it.",
    )


def drawing_hint() -> str:
    """The hint while a new outline is drawn."""
    return QCoreApplication.translate(
        "OutlineEditor", "Press beside the lesion, drag once around it and release. Escape: cancel."
    )
