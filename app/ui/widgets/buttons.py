"""Buttons in the looks that the program has: plain, primary, quiet, link, segment, chip."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QPushButton, QSizePolicy, QWidget

from app.core.domain.advice import Advice
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.icons import draw_icon
from app.ui.look.tokens import (
    CHIP,
    CONTROL,
    GRID,
    ICON,
    INLINE_ICON,
    RADIUS,
    TOOL,
    TextStyle,
    font,
    scaled,
    tokens,
)

KEY_GAP = 6
"""Between a button's words and its key."""


class Look(Enum):
    PLAIN, PRIMARY, QUIET, LINK, SEGMENT, CHIP = (auto() for _ in range(6))


class Button(QPushButton):
    """A button with an icon or an advice's symbol before its words and, where there is room, its key behind them."""

    def __init__(
        self,
        text: str = "",
        icon: str = "",
        *,
        look: Look = Look.PLAIN,
        key: str = "",
        advice: Advice | None = None,
        height: int = CONTROL,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.look = look
        self._icon = icon
        self._key = key
        self._advice = advice
        self._height = CHIP if look is Look.CHIP else height
        self._compact = False
        self._padding = 12 if look in (Look.CHIP, Look.PRIMARY) or height == TOOL else 14
        self.corners = (True, True)
        """Whether the leading and the trailing corners are round, of a segment."""
        self.setFont(font(TextStyle.BODY_STRONG if look is Look.PRIMARY else TextStyle.BODY))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def name(self, text: str) -> None:
        """Name a button that has an icon alone, for screen readers and under the mouse."""
        self.setAccessibleName(text)
        self.setToolTip(text)

    def set_icon(self, name: str) -> None:
        self._icon = name
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Show no key and, where there is an icon, no words: these are the tooltip then."""
        self._compact = compact
        if self._icon and self.text() and not self.toolTip():
            self.setToolTip(_plain(self.text()))
        if not self.accessibleName():
            self.setAccessibleName(_plain(self.text()))
        self.updateGeometry()
        self.update()

    def set_key(self, key: str) -> None:
        """Show another key, or a chip's count, behind the words."""
        self._key = key
        self.updateGeometry()
        self.update()

    def set_padding(self, padding: int) -> None:
        self._padding = padding
        self.updateGeometry()

    def words(self) -> str:
        """What is shown of its text."""
        return "" if self._compact and self._icon else _plain(self.text())

    def key(self) -> str:
        """The key that is shown."""
        return "" if self._compact else self._key

    def sizeHint(self) -> QSize:
        words, key = self.words(), self.key()
        height = scaled(self._height)
        if not words and not key and self._advice is None:
            return QSize(height, height)
        return QSize(self._width(words, key) + 2 * self._padding, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _width(self, words: str, key: str) -> int:
        """Of what is shown between the paddings."""
        parts = []
        if self._icon or self._advice is not None:
            parts.append(INLINE_ICON if self._advice is not None else ICON)
        if words:
            parts.append(QFontMetrics(self.font()).horizontalAdvance(words) + 1)
        width = sum(parts) + GRID * (len(parts) - 1)
        if key:
            width += KEY_GAP + QFontMetrics(self._key_font()).horizontalAdvance(key)
        return width

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        fill, edge, text = self._colours()
        path = self._shape()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(edge, 1) if edge is not None else Qt.PenStyle.NoPen)
        if fill is not None:
            painter.setBrush(fill)
        painter.drawPath(path)
        self._draw_content(painter, text)

    def _draw_content(self, painter: QPainter, text: QColor) -> None:
        words, key = self.words(), self.key()
        x, area = (self.width() - self._width(words, key)) // 2, self.rect()

        def place(width: int, height: int) -> QRect:
            box = QRect(x, (self.height() - height) // 2, width, height)
            return self.style().visualRect(self.layoutDirection(), area, box)

        if self._advice is not None:
            painter.setOpacity(1.0 if self.isEnabled() else 0.45)
            draw_advice(painter, QRectF(place(INLINE_ICON, INLINE_ICON)), self._advice)
            painter.setOpacity(1.0)
            x += INLINE_ICON + GRID
        elif self._icon:
            painter.setLayoutDirection(self.layoutDirection())
            draw_icon(painter, self._icon, QRectF(place(ICON, ICON)), text)
            x += ICON + GRID
        painter.setPen(text)
        if words:
            painter.setFont(self.font())
            width = QFontMetrics(self.font()).horizontalAdvance(words) + 1
            painter.drawText(place(width, self.height()), Qt.AlignmentFlag.AlignCenter, words)
            x += width + KEY_GAP
        if key:
            painter.setFont(self._key_font())
            if text == tokens().text:
                painter.setPen(tokens().text2)
            width = painter.fontMetrics().horizontalAdvance(key)
            painter.drawText(place(width, self.height()), Qt.AlignmentFlag.AlignCenter, key)

    def _key_font(self) -> QFont:
        return font(TextStyle.BODY if self.look is Look.CHIP else TextStyle.CAPTION)

    def _shape(self) -> QPainterPath:
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        path = QPainterPath()
        if self.look is not Look.SEGMENT or all(self.corners):
            radius = area.height() / 2 if self.look is Look.CHIP else RADIUS
            path.addRoundedRect(area, radius, radius)
            return path
        leading, trailing = (
            self.corners if self.layoutDirection() == Qt.LayoutDirection.LeftToRight else (self.corners[::-1])
        )
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addRoundedRect(area, RADIUS, RADIUS)
        for round_, left in ((leading, True), (trailing, False)):
            if not round_:
                half = QRectF(area)
                half.setWidth(area.width() / 2)
                if not left:
                    half.moveRight(area.right())
                path.addRect(half)
        return path.simplified()

    def _colours(self) -> tuple[QColor | None, QColor | None, QColor]:
        """Fill, edge and text; `None` for no fill or no edge."""
        colours = tokens()
        down, hot, on = self.isDown(), self.underMouse() and self.isEnabled(), self.isChecked()
        if self.look is Look.PRIMARY:
            if not self.isEnabled():
                return colours.sunken, colours.sunken, colours.disabled
            filled = colours.accent_hover if down or hot else colours.accent
            return filled, filled, colours.on_accent
        bare = self.look in (Look.QUIET, Look.LINK)
        text = colours.accent if self.look is Look.LINK or (on and self.look is not Look.CHIP) else colours.text
        if not self.isEnabled():
            return None if bare else colours.surface, None if bare else colours.line, colours.disabled
        fill = colours.selected if on else colours.sunken if down else colours.hover if hot else None
        if fill is None and not bare:
            fill = colours.surface
        return fill, None if bare else (colours.accent if on else colours.control), text


class Segments(QWidget):
    """Buttons side by side with shared edges; `group` has them with their places as numbers."""

    def __init__(self, buttons: Sequence[Button], *, exclusive: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons = list(buttons)
        self.group = QButtonGroup(self)
        self.group.setExclusive(exclusive)
        self._stretched = False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        for number, button in enumerate(self.buttons):
            button.setCheckable(True)
            button.corners = (number == 0, number == len(self.buttons) - 1)
            button.setParent(self)
            button.toggled.connect(lambda on, button=button: button.raise_() if on else None)
            self.group.addButton(button, number)

    def stretch(self) -> None:
        """Let the buttons share the width."""
        self._stretched = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        hints = [button.sizeHint() for button in self.buttons]
        return QSize(sum(hint.width() for hint in hints) - len(hints) + 1, max(hint.height() for hint in hints))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a button's size has changed
            self.updateGeometry()
            self._place()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        """Put the buttons side by side; neighbours share a pixel for their edges."""
        x, spare = 0, self.width() - self.sizeHint().width()
        for number, button in enumerate(self.buttons):
            width = button.sizeHint().width()
            if self._stretched:
                width += spare * (number + 1) // len(self.buttons) - spare * number // len(self.buttons)
            box = QRect(x, 0, width, self.height())
            button.setGeometry(self.style().visualRect(self.layoutDirection(), self.rect(), box))
            x += width - 1


class Switch(QCheckBox):
    """A check box in the shape of a switch; its name stands elsewhere."""

    WIDTH, HEIGHT, KNOB = 40, 22, 14

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self.WIDTH, self.HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, painter = tokens(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        edge = (colours.accent if on else colours.control) if self.isEnabled() else colours.line
        painter.setPen(QPen(edge, 1))
        painter.setBrush(edge if on else colours.hover if self.underMouse() else colours.surface)
        painter.drawRoundedRect(QRectF(0.5, 0.5, self.WIDTH - 1, self.HEIGHT - 1), 10.5, 10.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.on_accent if on else edge)
        at_end = on == (self.layoutDirection() == Qt.LayoutDirection.LeftToRight)
        x = self.WIDTH - 4 - self.KNOB / 2 if at_end else 4 + self.KNOB / 2
        painter.drawEllipse(QPointF(x, self.HEIGHT / 2), self.KNOB / 2, self.KNOB / 2)


def _plain(text: str) -> str:
    """A button's text without the sign of its key."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")
