"""The text of a support request: program, system, end of the log; no patients, no names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication, QScreen

from app.core.model.card import Card
from app.core.system.about import versions
from app.core.system.log import LINE, without_names
from app.core.system.paths import DATA_VARIABLE, UserData
from app.core.system.version import version

LOG_LINES = 60
"""Lines of the log's end."""
_LOG_BYTES = 100_000


def screen_text(screen: QScreen) -> str:
    """A screen's size and scale. On the GUI thread."""
    size = screen.size()
    scale = screen.devicePixelRatio()
    return f"{size.width()}×{size.height()} at {scale:.2f}, {QGuiApplication.platformName()}"


def support_text(data: UserData, card: Card | None, screen: str) -> str:
    """The text to copy, in English whatever the window's language. `screen` is what `screen_text` gave.

    The data folder itself is not named (its path may hold a name), nor anything in it.
    """
    model = f"{card.model_id}, {card.created}, SHA-256 {card.network.sha256[:8]}" if card else "none in use"
    lines = [f"MelaScreen: {version()}", f"Model: {model}"]
    lines += [f"{name}: {value}" for name, value in versions().items()]
    lines += [f"Qt: {qVersion()}", f"Screen: {screen}", f"Data: {_place(data)}, {_room(data.folder)}"]
    return "\n".join([*lines, "", "The log's end:", *(log_lines(data.log) or ["(nothing)"])]) + "\n"


def log_lines(file: Path) -> list[str]:
    """The last lines of the log, of those that it writes itself; a line of another form may say anything."""
    try:
        with file.open("rb") as log:
            log.seek(max(0, os.fstat(log.fileno()).st_size - _LOG_BYTES))
            text = log.read().decode("utf-8", errors="replace")
    except OSError:
        return []
    lines = []
    for line in text.splitlines()[-LOG_LINES:]:
        match = LINE.fullmatch(line)
        if match is None:
            lines.append("(left out)")
        elif match["text"] is None:
            lines.append(line)
        else:
            lines.append(line[: match.start("text")] + without_names(match["text"]))
    return lines


def _place(data: UserData) -> str:
    if os.environ.get(DATA_VARIABLE):
        return f"where {DATA_VARIABLE} says"
    return "beside the program (portable)" if data.portable else "in the usual folder"


def _room(folder: Path) -> str:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        free = f"{shutil.disk_usage(folder).free / 1e9:,.1f} GB free"
    except OSError:
        free = "free space unknown"
    return free if os.access(folder, os.W_OK) else f"{free}, read-only"
