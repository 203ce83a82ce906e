"""What the icons of the column of notes mean, as a tooltip of its head."""

from __future__ import annotations

import html

from PySide6.QtCore import QBuffer

from app.ui.look.icons import icon
from app.ui.look.tokens import ICON, tokens
from app.ui.services.warnings import legend


def legend_text() -> str:
    """A table in HTML: an icon and its words in each row."""
    rows = (
        f'<tr><td style="padding-right: 8px">{_image(name)}</td><td>{html.escape(words)}</td></tr>'
        for name, words in legend().items()
    )
    return f"<table>{''.join(rows)}</table>"


def _image(name: str) -> str:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    icon(name, tokens().text).pixmap(ICON, ICON).save(buffer, "PNG")
    return f'<img src="data:image/png;base64,{buffer.data().toBase64().toStdString()}">'
