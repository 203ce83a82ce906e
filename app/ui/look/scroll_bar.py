"""Scroll bars without arrows, which lie in the margin of what scrolls."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QPlainTextEdit, QStyle, QStyleOptionSlider, QWidget

from app.ui.look.panels import panel
from app.ui.look.tokens import tokens

EXTENT, HANDLE = 12, 8
"""Pixels across, of a scroll bar and of its handle."""
State, Sub = QStyle.StateFlag, QStyle.SubControl


def part_of_scroll_bar(option: QStyleOptionSlider, part: QStyle.SubControl) -> QRect:
    """A scroll bar without arrows: its handle, what lies before and behind it, and all of it."""
    upright = option.orientation == Qt.Orientation.Vertical
    length = option.rect.height() if upright else option.rect.width()
    span = option.maximum - option.minimum
    handle = length if span <= 0 else max(32, round(length * option.pageStep / (span + option.pageStep)))
    handle = min(handle, length)
    start = QStyle.sliderPositionFromValue(
        option.minimum, option.maximum, option.sliderPosition, length - handle, option.upsideDown
    )
    first, last = {
        Sub.SC_ScrollBarSlider: (start, start + handle),
        Sub.SC_ScrollBarSubPage: (0, start),
        Sub.SC_ScrollBarAddPage: (start + handle, length),
        Sub.SC_ScrollBarGroove: (0, length),
    }.get(part, (0, 0))
    if first == last:
        return QRect()
    if upright:
        return QRect(option.rect.x(), option.rect.y() + first, option.rect.width(), last - first)
    box = QRect(option.rect.x() + first, option.rect.y(), last - first, option.rect.height())
    return QStyle.visualRect(option.direction, option.rect, box)


def draw_scroll_bar(painter: QPainter, option: QStyleOptionSlider, handle: QRect) -> None:
    """Draw the handle alone, and none where all is to be seen."""
    colours = tokens()
    upright = option.orientation == Qt.Orientation.Vertical
    off = ((option.rect.width() if upright else option.rect.height()) - HANDLE) // 2
    box = handle.adjusted(off, 2, -off, -2) if upright else handle.adjusted(2, off, -2, -off)
    if option.maximum > option.minimum:
        held = option.state & State.State_Sunken or option.state & State.State_MouseOver
        painter.save()
        painter.setOpacity(1.0 if held else 0.7)
        panel(painter, box, colours.control, None, radius=HANDLE / 2)
        painter.restore()


def is_of_text(scroll_bar: QWidget | None) -> bool:
    """Whether a scroll bar is a text field's, whose words reach its edge."""
    place = scroll_bar.parentWidget() if scroll_bar is not None else None
    return place is not None and isinstance(place.parentWidget(), QPlainTextEdit)
