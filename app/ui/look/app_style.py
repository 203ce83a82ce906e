"""The style of all controls: Fusion with flat, rounded panels; no style sheet."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QLineEdit,
    QPlainTextEdit,
    QProxyStyle,
    QStyle,
    QStyleHintReturn,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionComplex,
    QStyleOptionHeader,
    QStyleOptionSlider,
    QWidget,
)

from app.ui.look.focus_ring import ROOM
from app.ui.look.icons import draw_icon
from app.ui.look.panels import draw_check, draw_input, panel
from app.ui.look.scroll_bar import EXTENT, draw_scroll_bar, is_of_text, part_of_scroll_bar
from app.ui.look.tokens import CONTROL, ICON, INLINE_ICON, RADIUS, TextStyle, font, scaled, tokens

Primitive, Control, Complex = QStyle.PrimitiveElement, QStyle.ControlElement, QStyle.ComplexControl
State, Sub, Metric, Hint = QStyle.StateFlag, QStyle.SubControl, QStyle.PixelMetric, QStyle.StyleHint

SIGN = 14
"""Pixels across, of a sign beside a column's name."""
INDENT = "indent"
"""A head's property: `QPoint(section, pixels)` by which that section's words stand further in."""
METRICS = {
    Metric.PM_SmallIconSize: ICON,
    Metric.PM_ButtonIconSize: ICON,
    Metric.PM_ScrollBarExtent: EXTENT,
    Metric.PM_ScrollView_ScrollBarOverlap: EXTENT,  # it lies in the margin of what scrolls
    Metric.PM_FocusFrameHMargin: ROOM,
    Metric.PM_FocusFrameVMargin: ROOM,
    Metric.PM_IndicatorWidth: 18,
    Metric.PM_IndicatorHeight: 18,
    Metric.PM_CheckBoxLabelSpacing: 8,
    Metric.PM_SplitterWidth: 1,
    Metric.PM_SliderThickness: 18,
    Metric.PM_SliderLength: 14,
    Metric.PM_SliderControlThickness: 18,
    Metric.PM_MenuPanelWidth: 1,
}
HINTS = {
    Hint.SH_EtchDisabledText: 0,
    Hint.SH_DialogButtonBox_ButtonsHaveIcons: 0,
    Hint.SH_Widget_Animation_Duration: 0,
    Hint.SH_ItemView_ShowDecorationSelected: 1,
    Hint.SH_ComboBox_Popup: 0,
}
EDIT_FIELDS = {Complex.CC_ComboBox: Sub.SC_ComboBoxEditField, Complex.CC_SpinBox: Sub.SC_SpinBoxEditField}
"""What is within an input before its arrows."""
NOTHING = frozenset(
    {
        Primitive.PE_FrameFocusRect,
        Primitive.PE_FrameLineEdit,
        Primitive.PE_FrameButtonBevel,
        Primitive.PE_IndicatorHeaderArrow,
    }
)
"""Drawn elsewhere: the focus by `FocusRing`, an input's edge with its panel, a column's arrow beside its name."""


class AppStyle(QProxyStyle):
    """Draws in the colours of `tokens`. Buttons of our own (`Button`) draw themselves."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def drawPrimitive(
        self, element: QStyle.PrimitiveElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        colours = tokens()
        enabled = bool(option.state & State.State_Enabled)
        if element in NOTHING:
            return
        if element == Primitive.PE_PanelButtonCommand:
            self._draw_button(option, painter)
        elif element == Primitive.PE_PanelButtonTool:
            if option.state & (State.State_MouseOver | State.State_Sunken | State.State_On):
                panel(painter, option.rect, colours.hover, None)
        elif element == Primitive.PE_PanelLineEdit:
            if _is_own_input(widget):
                draw_input(painter, option)
        elif element == Primitive.PE_IndicatorCheckBox:
            draw_check(
                painter,
                option.rect,
                on=bool(option.state & State.State_On),
                enabled=enabled,
                hot=bool(option.state & State.State_MouseOver),
            )
        elif element in (Primitive.PE_PanelItemViewRow, Primitive.PE_PanelItemViewItem):
            if option.state & State.State_Selected:
                painter.fillRect(option.rect, colours.selected)
            elif option.state & State.State_MouseOver and enabled:
                painter.fillRect(option.rect, colours.hover)
        elif element == Primitive.PE_Frame and isinstance(widget, QPlainTextEdit):
            panel(painter, option.rect, None, colours.accent if widget.hasFocus() else colours.control)
        elif element == Primitive.PE_Frame and isinstance(widget, QAbstractScrollArea):
            panel(painter, option.rect, None, colours.line, radius=0)
        else:
            super().drawPrimitive(element, option, painter, widget)

    def drawControl(
        self, element: QStyle.ControlElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        colours = tokens()
        if element == Control.CE_FocusFrame:
            panel(painter, option.rect.adjusted(1, 1, -1, -1), None, colours.accent, width=2, radius=RADIUS + 3)
        elif element == Control.CE_Splitter:
            painter.fillRect(option.rect, colours.line)
        elif element == Control.CE_HeaderSection or element == Control.CE_HeaderEmptyArea:
            painter.fillRect(option.rect, colours.window)
            painter.fillRect(QRect(option.rect.x(), option.rect.bottom(), option.rect.width(), 1), colours.line)
        elif element == Control.CE_HeaderLabel and isinstance(option, QStyleOptionHeader):
            _draw_head(painter, option, widget)
        elif element == Control.CE_PushButtonLabel and isinstance(option, QStyleOptionButton):
            if option.features & QStyleOptionButton.ButtonFeature.DefaultButton:
                option.palette.setColor(QPalette.ColorRole.ButtonText, colours.on_accent)
            super().drawControl(element, option, painter, widget)
        elif element == Control.CE_ProgressBar:
            _draw_progress(painter, option)
        else:
            super().drawControl(element, option, painter, widget)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if control == Complex.CC_ComboBox:
            draw_input(painter, option)
            arrow = self.subControlRect(control, option, Sub.SC_ComboBoxArrow, widget)
            _draw_chevron(painter, arrow, "chevron-down", option)
        elif control == Complex.CC_SpinBox:
            draw_input(painter, option)
            for part, name in ((Sub.SC_SpinBoxUp, "chevron-up"), (Sub.SC_SpinBoxDown, "chevron-down")):
                _draw_chevron(painter, self.subControlRect(control, option, part, widget), name, option, side=12)
        elif control == Complex.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            draw_scroll_bar(painter, option, self.subControlRect(control, option, Sub.SC_ScrollBarSlider, widget))
        elif control == Complex.CC_Slider and isinstance(option, QStyleOptionSlider):
            _draw_slider(painter, option, self.subControlRect(control, option, Sub.SC_SliderHandle, widget))
        else:
            super().drawComplexControl(control, option, painter, widget)

    def subControlRect(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        part: QStyle.SubControl,
        widget: QWidget | None = None,
    ) -> QRect:
        if control == Complex.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            return part_of_scroll_bar(option, part)
        if part == EDIT_FIELDS.get(control):
            box = QRect(option.rect).adjusted(10, 1, -28, -1)
            return self.visualRect(option.direction, option.rect, box)
        if control == Complex.CC_ComboBox and part == Sub.SC_ComboBoxArrow:
            box = QRect(option.rect.right() - 27, option.rect.y(), INLINE_ICON + 8, option.rect.height())
            return self.visualRect(option.direction, option.rect, box)
        return super().subControlRect(control, option, part, widget)  # type: ignore[arg-type]

    def subElementRect(self, element: QStyle.SubElement, option: QStyleOption, widget: QWidget | None = None) -> QRect:
        made = super().subElementRect(element, option, widget)  # type: ignore[arg-type]
        if element == QStyle.SubElement.SE_LineEditContents and _is_own_input(widget):
            return made.adjusted(6, 0, -6, 0)
        return made

    def sizeFromContents(
        self, kind: QStyle.ContentsType, option: QStyleOption, size: QSize, widget: QWidget | None = None
    ) -> QSize:
        made = super().sizeFromContents(kind, option, size, widget)  # type: ignore[arg-type]
        kinds = QStyle.ContentsType
        if kind in (kinds.CT_PushButton, kinds.CT_ComboBox, kinds.CT_SpinBox, kinds.CT_LineEdit):
            wider = {kinds.CT_ComboBox: 18, kinds.CT_PushButton: 12, kinds.CT_LineEdit: 8}.get(kind, 0)
            return QSize(made.width() + wider, max(made.height(), scaled(CONTROL)))
        if kind == kinds.CT_MenuItem:
            return QSize(made.width() + 8, max(made.height(), 30) if size.height() > 6 else made.height())
        return made

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        if metric == Metric.PM_ScrollView_ScrollBarOverlap and is_of_text(widget):
            return 0
        fixed = METRICS.get(metric)
        return super().pixelMetric(metric, option, widget) if fixed is None else fixed

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        data: QStyleHintReturn | None = None,
    ) -> int:
        fixed = HINTS.get(hint)
        return super().styleHint(hint, option, widget, data) if fixed is None else fixed

    @staticmethod
    def _draw_button(option: QStyleOption, painter: QPainter) -> None:
        """A button of Qt's own, as dialogs have; the default one is filled."""
        colours = tokens()
        on, down, hot = (
            bool(option.state & flag) for flag in (State.State_On, State.State_Sunken, State.State_MouseOver)
        )
        default = isinstance(option, QStyleOptionButton) and bool(
            option.features & QStyleOptionButton.ButtonFeature.DefaultButton
        )
        if not option.state & State.State_Enabled:
            panel(painter, option.rect, colours.surface, colours.line)
        elif default:
            panel(painter, option.rect, colours.accent_hover if hot or down else colours.accent, None)
        else:
            fill = colours.selected if on else colours.sunken if down else colours.hover if hot else colours.surface
            panel(painter, option.rect, fill, colours.accent if on else colours.control)


def _is_own_input(widget: QWidget | None) -> bool:
    """Whether a line edit has a panel of its own; one within a spin box or a combo box has not."""
    return isinstance(widget, QLineEdit) and widget.hasFrame()


def _draw_head(painter: QPainter, option: QStyleOptionHeader, widget: QWidget | None) -> None:
    """A column's name in small type, with an arrow where the list is sorted by it."""
    colours = tokens()
    painter.save()
    painter.setFont(font(TextStyle.CAPTION))
    painter.setPen(colours.text2)
    arrow = option.sortIndicator != QStyleOptionHeader.SortIndicator.None_
    indent = widget.property(INDENT) if widget is not None else None
    first = indent.y() if isinstance(indent, QPoint) and indent.x() == option.section else 8
    has_sign = arrow or not option.icon.isNull()
    area = option.rect.adjusted(first, 0, -(SIGN + 6) if has_sign else -8, 0)
    words = painter.fontMetrics().elidedText(option.text, Qt.TextElideMode.ElideRight, area.width())
    right = bool(option.textAlignment & Qt.AlignmentFlag.AlignRight)
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft

    def mirrored(box: QRect) -> QRect:
        return QStyle.visualRect(option.direction, option.rect, box)

    painter.drawText(mirrored(area), Qt.AlignmentFlag.AlignVCenter | side, words)
    x = area.right() + 4 if right else area.left() + painter.fontMetrics().horizontalAdvance(words) + 4
    sign = mirrored(QRect(x, option.rect.center().y() - SIGN // 2, SIGN, SIGN))
    if arrow:
        name = "arrow-down" if option.sortIndicator == QStyleOptionHeader.SortIndicator.SortUp else "arrow-up"
        draw_icon(painter, name, QRectF(sign), colours.text2)
    elif not option.icon.isNull():
        option.icon.paint(painter, sign)
    painter.restore()


def _draw_progress(painter: QPainter, option: QStyleOption) -> None:
    colours = tokens()
    low, high, value = (getattr(option, name) for name in ("minimum", "maximum", "progress"))
    height = min(6, option.rect.height())
    groove = QRect(option.rect.x(), option.rect.center().y() - height // 2, option.rect.width(), height)
    panel(painter, groove, colours.sunken, None, radius=height / 2)
    if high > low:
        groove.setWidth(round(groove.width() * (value - low) / (high - low)))
        panel(painter, groove, colours.accent, None, radius=height / 2)


def _draw_chevron(painter: QPainter, area: QRect, name: str, option: QStyleOption, *, side: int = INLINE_ICON) -> None:
    colours = tokens()
    enabled = bool(option.state & State.State_Enabled)
    box = QRectF(0, 0, side, side)
    box.moveCenter(QPointF(area.center()) + QPointF(0.5, 0.5))
    draw_icon(painter, name, box, colours.text if enabled else colours.disabled)


def _draw_slider(painter: QPainter, option: QStyleOptionSlider, handle: QRect) -> None:
    colours = tokens()
    enabled = bool(option.state & State.State_Enabled)
    y = option.rect.center().y()
    middle = handle.center().x()
    done, rest = (colours.accent, colours.control) if enabled else (colours.line, colours.line)
    left, right = option.rect.left() + 1, option.rect.right() - 1
    first, second = (rest, done) if option.upsideDown else (done, rest)
    painter.fillRect(QRect(left, y - 1, middle - left, 2), first)
    painter.fillRect(QRect(middle, y - 1, right - middle, 2), second)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colours.accent if enabled else colours.disabled)
    painter.drawEllipse(QPointF(middle + 0.5, y), 7.0, 7.0)
    painter.restore()
