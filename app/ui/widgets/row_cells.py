"""The cells of lists of results, and the delegate that paints them: advice, numbers, notes, decision, text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.core.domain.advice import Advice, advice_of, both_suspected, deciding
from app.core.domain.entry import Mark
from app.core.domain.results import Screening
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.focus_ring import is_by_keyboard
from app.ui.look.icons import draw_icon
from app.ui.look.panels import draw_check, panel
from app.ui.look.style import draw_thumbnail
from app.ui.look.tokens import EDGE, GRID, ICON, ROW, SMALL_RADIUS, TextStyle, font, scaled, tokens
from app.ui.services.warnings import ShortWarning, short_warning
from app.ui.services.wording import mark_words, percent, short_advice_words

CELL_ROLE = Qt.ItemDataRole.UserRole + 1
"""What `CellDelegate` paints."""
PICTURE, BEHIND_PICTURE = 44, 12
BAR, BAR_WIDTH = 6, 60
MARK_HEIGHT = 24


@dataclass(frozen=True)
class AdviceCell:
    """A thumbnail, then the advice over the file's name."""

    picture: QPixmap
    advice: Advice
    both: bool
    name: str


@dataclass(frozen=True)
class NumberCell:
    """A probability with its threshold; `decides`: the advice goes by it."""

    probability: float
    threshold: float | None
    decides: bool


@dataclass(frozen=True)
class NotesCell:
    notes: tuple[ShortWarning, ...]


@dataclass(frozen=True)
class MarkCell:
    mark: Mark | None


@dataclass(frozen=True)
class TextCell:
    """`number`: at the end of the cell, as numbers stand."""

    text: str
    quiet: bool = False
    number: bool = False
    strong: bool = False


@dataclass(frozen=True)
class TwoLineCell:
    """A name over a line about it, at the row's beginning."""

    name: str
    below: str


@dataclass(frozen=True)
class SymbolCell:
    """An advice's symbol and words."""

    advice: Advice
    words: str


@dataclass(frozen=True)
class CheckCell:
    """A check box that shows whether the row is chosen."""


Cell = AdviceCell | CheckCell | NumberCell | NotesCell | MarkCell | SymbolCell | TextCell | TwoLineCell


def advice_cell(screening: Screening, picture: QPixmap, name: str) -> AdviceCell:
    return AdviceCell(picture, advice_of(screening), both_suspected(screening), name)


def melanoma_cell(screening: Screening) -> NumberCell | None:
    """The probability of melanoma; `None` without an answer."""
    prediction = screening.answered
    if prediction is None:
        return None
    decides = not deciding(prediction).of_other_cancer
    return NumberCell(prediction.melanoma_probability, prediction.threshold, decides)


def other_cancer_cell(screening: Screening) -> NumberCell | None:
    """The probability of other skin cancers; `None` where there is none."""
    prediction = screening.answered
    if prediction is None or prediction.other_cancer_probability is None:
        return None
    number = deciding(prediction)
    return NumberCell(
        prediction.other_cancer_probability, prediction.other_cancer_threshold, decides=number.of_other_cancer
    )


def notes_cell(warnings: Sequence[str]) -> NotesCell:
    return NotesCell(tuple(map(short_warning, warnings)))


class CellDelegate(QStyledItemDelegate):
    """Paints the cell that a model gives under `CELL_ROLE`, on its row's ground."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, scaled(ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours, rect = tokens(), QRect(option.rect)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hot = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.fillRect(rect, colours.selected if selected else colours.hover if hot else colours.surface)
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), colours.line)
        cell = index.data(CELL_ROLE)
        painter.save()
        painter.setLayoutDirection(option.direction)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(cell, AdviceCell):
            draw_advice_cell(painter, rect, option.direction, cell)
        elif isinstance(cell, NumberCell):
            draw_number_cell(painter, rect, option.direction, cell, selected=selected)
        elif isinstance(cell, CheckCell):
            box = QRect(0, 0, ICON, ICON)
            box.moveCenter(rect.center())
            draw_check(painter, box, on=selected)
        elif isinstance(cell, NotesCell):
            _draw_notes(painter, rect, option.direction, cell)
        elif isinstance(cell, MarkCell) and cell.mark is not None:
            width = mark_width(cell.mark)
            box = QRect(rect.x() + GRID, rect.center().y() - MARK_HEIGHT // 2, width, MARK_HEIGHT)
            draw_mark(painter, QStyle.visualRect(option.direction, rect, box), cell.mark)
        elif isinstance(cell, TextCell):
            _draw_text(painter, rect.adjusted(GRID, 0, -GRID, 0), cell)
        elif isinstance(cell, SymbolCell):
            _draw_symbol(painter, rect, option.direction, cell)
        elif isinstance(cell, TwoLineCell):
            _draw_lines(painter, rect.adjusted(EDGE, 0, -GRID, 0), cell.name, cell.below)
        painter.restore()
        view = option.widget
        if isinstance(view, QAbstractItemView) and _has_focus(view, index.row()):
            _draw_focus(painter, option)


def symbol_from(column: int) -> int:
    """Where an advice's symbol stands in its column."""
    return _picture_from(is_first=column == 0) + PICTURE + BEHIND_PICTURE


def _picture_from(*, is_first: bool) -> int:
    return EDGE if is_first else 4


def draw_advice_cell(painter: QPainter, rect: QRect, direction: Qt.LayoutDirection, cell: AdviceCell) -> None:
    """Thumbnail, symbol, advice, and the file's name below it."""
    colours = tokens()

    def mirrored(box: QRect) -> QRect:
        return QStyle.visualRect(direction, rect, box)

    is_first = rect.x() <= 0 or direction == Qt.LayoutDirection.RightToLeft
    x, middle = rect.x() + _picture_from(is_first=is_first), rect.center().y()
    draw_thumbnail(painter, mirrored(QRect(x, middle - PICTURE // 2, PICTURE, PICTURE)), cell.picture, cover=True)
    x += PICTURE + BEHIND_PICTURE
    line, below = scaled(22), scaled(18)
    top = middle - (line + below) // 2
    draw_advice(painter, QRectF(mirrored(QRect(x, top + (line - ICON) // 2, ICON, ICON))), cell.advice)
    if cell.both:
        x += ICON + 2
        symbol = mirrored(QRect(x, top + (line - ICON) // 2, ICON, ICON))
        draw_advice(painter, QRectF(symbol), Advice.REFER_OTHER_CANCER)
    x += ICON + GRID
    align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    for style, colour, text, y, height, mode in (
        (TextStyle.BODY, colours.text, short_advice_words(cell.advice), top, line, Qt.TextElideMode.ElideRight),
        (TextStyle.CAPTION, colours.text2, cell.name, top + line, below, Qt.TextElideMode.ElideMiddle),
    ):
        box = mirrored(QRect(x, y, rect.right() - x, height))
        painter.setFont(font(style))
        painter.setPen(colour)
        painter.drawText(box, align, QFontMetrics(font(style)).elidedText(text, mode, box.width()))


def draw_number_cell(
    painter: QPainter, rect: QRect, direction: Qt.LayoutDirection, cell: NumberCell, *, selected: bool
) -> None:
    """A bar with the threshold's tick, and the number at the end, heavier where the advice goes by it."""
    colours = tokens()
    style = TextStyle.BODY_STRONG if cell.decides else TextStyle.BODY
    painter.setFont(font(style))
    painter.setPen(colours.text)
    area = rect.adjusted(GRID, 0, -GRID, 0)
    shown = percent(cell.probability)
    align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
    painter.drawText(area, align, shown)
    room = area.width() - QFontMetrics(font(style)).horizontalAdvance(shown) - GRID
    if room < BAR_WIDTH:
        return
    bar = QRect(area.right() + 1 - scaled(56) - BAR_WIDTH, area.center().y() - BAR // 2, BAR_WIDTH, BAR)
    if bar.x() < area.x():
        bar.moveLeft(area.x())
    bar = QStyle.visualRect(direction, rect, bar)
    panel(painter, bar, colours.track if selected else colours.sunken, None, radius=BAR / 2)
    filled = QRect(bar.x(), bar.y(), max(2, round(bar.width() * cell.probability)), BAR)
    panel(painter, filled, colours.bar, None, radius=min(BAR, filled.width()) / 2)
    if cell.threshold is not None:
        x = bar.x() + bar.width() * cell.threshold
        painter.fillRect(QRectF(x - 1, bar.y() - 4, 2, BAR + 8), colours.text)


def draw_mark(painter: QPainter, box: QRect, mark: Mark) -> None:
    """A decision: filled, with a heavy edge, or with a light one."""
    colours = tokens()
    refer = mark is Mark.REFER
    if refer:
        panel(painter, box, colours.text, None, radius=SMALL_RADIUS)
    elif mark is Mark.WATCH:
        panel(painter, box, colours.surface, colours.text, width=2, radius=SMALL_RADIUS)
    else:
        panel(painter, box, colours.surface, colours.control, radius=SMALL_RADIUS)
    painter.setFont(font(TextStyle.BODY_STRONG if refer else TextStyle.BODY))
    painter.setPen(colours.surface if refer else colours.text)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, mark_words(mark))


def mark_width(mark: Mark) -> int:
    style = TextStyle.BODY_STRONG if mark is Mark.REFER else TextStyle.BODY
    return QFontMetrics(font(style)).horizontalAdvance(mark_words(mark)) + 18


def _draw_notes(painter: QPainter, rect: QRect, direction: Qt.LayoutDirection, cell: NotesCell) -> None:
    x = rect.x() + GRID
    for note in cell.notes:
        if x + ICON > rect.right():
            return
        box = QRect(x, rect.center().y() - ICON // 2, ICON, ICON)
        draw_icon(painter, note.icon, QRectF(QStyle.visualRect(direction, rect, box)), tokens().text2)
        x += ICON + 4


def _draw_text(painter: QPainter, area: QRect, cell: TextCell) -> None:
    painter.setFont(font(TextStyle.BODY_STRONG if cell.strong else TextStyle.BODY))
    painter.setPen(QPen(tokens().text2 if cell.quiet else tokens().text))
    words = painter.fontMetrics().elidedText(cell.text, Qt.TextElideMode.ElideRight, area.width())
    side = Qt.AlignmentFlag.AlignRight if cell.number else Qt.AlignmentFlag.AlignLeft
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | side, words)


def _draw_symbol(painter: QPainter, rect: QRect, direction: Qt.LayoutDirection, cell: SymbolCell) -> None:
    box = QRect(rect.x() + GRID, rect.center().y() - ICON // 2, ICON, ICON)
    draw_advice(painter, QRectF(QStyle.visualRect(direction, rect, box)), cell.advice)
    words = QStyle.visualRect(direction, rect, rect.adjusted(2 * GRID + ICON, 0, -GRID, 0))
    _draw_text(painter, words, TextCell(cell.words))


def _draw_lines(painter: QPainter, area: QRect, name: str, below: str) -> None:
    """Draw a name and a line below it, or the name alone in the middle."""
    line, caption = scaled(22), scaled(18) if below else 0
    top = area.center().y() - (line + caption) // 2
    for style, colour, text, y, height in (
        (TextStyle.BODY_STRONG, tokens().text, name, top, line),
        (TextStyle.CAPTION, tokens().text2, below, top + line, caption),
    ):
        painter.setFont(font(style))
        painter.setPen(colour)
        words = QFontMetrics(font(style)).elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRect(area.x(), y, area.width(), height), align, words)


def _has_focus(view: QAbstractItemView, row: int) -> bool:
    return view.hasFocus() and is_by_keyboard(view) and view.currentIndex().row() == row


def _draw_focus(painter: QPainter, option: QStyleOptionViewItem) -> None:
    """A frame within the row, over all its cells; each cell draws its part."""
    row = QRect(0, option.rect.y(), option.widget.viewport().width(), option.rect.height())  # type: ignore[attr-defined]
    painter.save()
    painter.setClipRect(option.rect)
    panel(painter, row.adjusted(1, 1, -1, -2), None, tokens().accent, width=2)
    painter.restore()
