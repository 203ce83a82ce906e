"""Rounded panels: the ground of buttons, inputs, check boxes, cards and counts."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyleOption

from app.ui.look.icons import draw_icon
from app.ui.look.tokens import PILL, RADIUS, SMALL_RADIUS, TextStyle, font, scaled, tokens

State = QStyle.StateFlag


def panel(
    painter: QPainter, rect: QRect, fill: QColor | None, edge: QColor | None, *, width: int = 1, radius: float = RADIUS
) -> None:
    """Draw a rounded panel, with or without fill and edge."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(edge, width) if edge is not None else Qt.PenStyle.NoPen)
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    half = width / 2 if edge is not None else 0.0
    painter.drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), radius, radius)
    painter.restore()


def draw_input(painter: QPainter, option: QStyleOption) -> None:
    """Draw an input's panel, whose edge shows the focus."""
    colours = tokens()
    if not option.state & State.State_Enabled:
        panel(painter, option.rect, colours.sunken, colours.line)
    elif option.state & State.State_HasFocus:
        panel(painter, option.rect, colours.surface, colours.accent, width=2)
    else:
        hot = option.state & State.State_MouseOver
        panel(painter, option.rect, colours.surface, colours.text2 if hot else colours.control)


def draw_check(painter: QPainter, box: QRect, *, on: bool, enabled: bool = True, hot: bool = False) -> None:
    """Draw a check box; `hot`: the mouse is over it."""
    colours = tokens()
    edge = (colours.accent if on else colours.control) if enabled else colours.line
    panel(painter, box, edge if on else colours.hover if hot else colours.surface, edge, radius=SMALL_RADIUS)
    if on:
        inner = QRectF(box).adjusted(2, 2, -2, -2)
        draw_icon(painter, "check", inner, colours.on_accent if enabled else colours.disabled)


def pill_width(text: str) -> int:
    """Of a pill with a count in it."""
    return max(scaled(PILL), QFontMetrics(font(TextStyle.CAPTION_STRONG)).horizontalAdvance(text) + 10)


def draw_pill(painter: QPainter, box: QRect, text: str) -> None:
    """Draw a count of what is new, on the accent."""
    panel(painter, box, tokens().accent, None, radius=box.height() / 2)
    painter.save()
    painter.setFont(font(TextStyle.CAPTION_STRONG))
    painter.setPen(tokens().on_accent)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    painter.restore()
