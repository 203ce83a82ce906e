"""A patient's lesions over time: a row a lesion, a column a visit, the newest visit at the end."""

from __future__ import annotations

import datetime as dt
import html
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.core.domain import times
from app.core.domain.advice import Advice, advice_of, deciding
from app.core.domain.entry import Entry
from app.core.domain.patient import Lesion
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.focus_ring import is_by_keyboard
from app.ui.look.panels import panel
from app.ui.look.style import draw_thumbnail
from app.ui.look.tokens import COLUMN_HEADS, EDGE, GRID, ICON, INLINE_ICON, TextStyle, font, scaled, tokens
from app.ui.patient.lesion_words import where_words
from app.ui.patients.presenter import PatientData, latest_advice, worst_first
from app.ui.services.wording import date_text, percent, short_advice_words

AnyIndex = QModelIndex | QPersistentModelIndex
PICTURE, VISIT, ROW = 52, 156, 64
"""Sides and widths in pixels: of a picture, of a visit's column, of a row."""
HEAD = 218
"""Width of the part that names the lesion."""


@dataclass(frozen=True)
class LesionRow:
    """A row: a lesion (`None`: the pictures without one) and its pictures by visit, the day's newest last."""

    lesion: Lesion | None
    advice: Advice | None
    pictures: dict[dt.date, tuple[Entry, ...]]


class LesionTableModel(QAbstractTableModel):
    """Rows by the advice of the latest picture, the most suspicious first; pictures without a lesion come last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[LesionRow] = []
        self.visits: list[dt.date] = []
        self._pixmaps: dict[int, QPixmap] = {}

    def show(self, data: PatientData | None) -> None:
        """Replace all."""
        self.beginResetModel()
        self._pixmaps.clear()
        self.visits = data.visits() if data is not None else []
        self.rows = []
        if data is not None:
            for each in worst_first(data.lesions):
                self.rows.append(LesionRow(each.lesion, latest_advice(each), _by_day(each.entries)))
            if data.loose:
                self.rows.append(LesionRow(None, None, _by_day(data.loose)))
        self.endResetModel()

    def entries(self, index: AnyIndex) -> tuple[Entry, ...]:
        """The pictures of a cell."""
        return self.rows[index.row()].pictures.get(self.visits[index.column()], ())

    def pixmap(self, entry: Entry) -> QPixmap:
        found = self._pixmaps.get(entry.id)
        if found is None:
            found = self._pixmaps[entry.id] = QPixmap()
            found.loadFromData(entry.screening.thumbnail)
        return found

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.visits)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Horizontal:
            day = self.visits[section]
            today = times.today()
            return self.tr("{0} · today").format(date_text(day)) if day == today else date_text(day)
        return self.name_of(self.rows[section])

    def name_of(self, row: LesionRow) -> str:
        """A row in words."""
        if row.lesion is None:
            return self.tr("Without a lesion")
        return self.tr("Lesion {0}, {1}").format(row.lesion.number, where_words(row.lesion))

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entries = self.entries(index)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if not entries:
                return self.tr("no picture")
            return ", ".join(
                f"{short_advice_words(advice_of(each.screening))} {_number(each)}".strip() for each in entries
            )
        if role == Qt.ItemDataRole.ToolTipRole and entries:
            return html.escape("\n".join(f"{each.screening.path.name} ({each.screening.model})" for each in entries))
        return None


class LesionTable(QTableView):
    """Shows the model; `entry_opened` gives the picture that was opened, `lesion_chosen` the row's lesion or -1."""

    entry_opened = Signal(object)
    lesion_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = LesionTableModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(_VisitDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(self.tr("Lesions over time"))
        head = _LesionHead(self)
        head.sectionClicked.connect(lambda row: self.setCurrentIndex(self.rows.index(row, len(self.rows.visits) - 1)))
        self.setVerticalHeader(head)
        across = self.horizontalHeader()
        across.setFixedHeight(scaled(COLUMN_HEADS))
        across.setDefaultSectionSize(scaled(VISIT))
        across.setHighlightSections(False)
        across.setStretchLastSection(True)
        self.setCornerButtonEnabled(False)
        self.doubleClicked.connect(lambda _: self.open_current())

    def show_data(self, data: PatientData | None) -> None:
        """Show a patient's lesions, the newest visit in view; the chosen lesion stays chosen."""
        lesion, column = self.chosen_lesion(), self.currentIndex().column()
        same_visits = data is not None and data.visits() == self.rows.visits
        self.rows.show(data)
        newest = len(self.rows.visits) - 1
        ids = [row.lesion.id if row.lesion else -1 for row in self.rows.rows]
        row = ids.index(lesion) if lesion in ids else 0
        if self.rows.rows and newest >= 0:
            self.setCurrentIndex(self.rows.index(row, column if same_visits and column >= 0 else newest))
            self.scrollTo(self.rows.index(row, newest))

    def choose(self, lesion_id: int) -> None:
        """Make a lesion's row the current one."""
        for number, row in enumerate(self.rows.rows):
            if row.lesion is not None and row.lesion.id == lesion_id and self.rows.visits:
                column = max(self.currentIndex().column(), 0)
                self.setCurrentIndex(self.rows.index(number, column))

    def chosen_row(self) -> LesionRow | None:
        index = self.currentIndex()
        return self.rows.rows[index.row()] if index.isValid() else None

    def chosen_lesion(self) -> int | None:
        """The id of the current row's lesion; `None` without one."""
        row = self.chosen_row()
        return row.lesion.id if row is not None and row.lesion is not None else None

    def open_current(self) -> None:
        """Open the current cell's newest picture."""
        entries = self.rows.entries(self.currentIndex()) if self.currentIndex().isValid() else ()
        if entries:
            self.entry_opened.emit(entries[-1])

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:  # type: ignore[override]
        super().currentChanged(current, previous)
        self.viewport().update()
        self.verticalHeader().viewport().update()
        if current.row() != previous.row():
            lesion = self.chosen_lesion()
            self.lesion_chosen.emit(-1 if lesion is None else lesion)


class _LesionHead(QHeaderView):
    """The part that names the lesions; it stays where it is while the visits scroll."""

    def __init__(self, table: LesionTable) -> None:
        super().__init__(Qt.Orientation.Vertical, table)
        self._table = table
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setDefaultSectionSize(scaled(ROW))
        self.setFixedWidth(scaled(HEAD))
        self.setSectionsClickable(True)
        self.setHighlightSections(False)

    def sizeHint(self) -> QSize:
        return QSize(scaled(HEAD), 100)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        below = self.viewport().rect().adjusted(0, self.length() - self.offset(), 0, 0)
        QPainter(self.viewport()).fillRect(below, tokens().surface)

    def paintSection(self, painter: QPainter, rect: QRect, number: int) -> None:
        colours, row = tokens(), self._table.rows.rows[number]
        is_current = self._table.currentIndex().row() == number
        painter.save()
        painter.fillRect(rect, colours.selected if is_current else colours.surface)
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), colours.line)
        painter.setLayoutDirection(self.layoutDirection())

        def mirrored(box: QRect) -> QRect:
            return QStyle.visualRect(self.layoutDirection(), rect, box)

        x, middle = rect.x() + EDGE, rect.center().y()
        if row.advice is not None:
            draw_advice(painter, QRectF(mirrored(QRect(x, middle - ICON // 2, ICON, ICON))), row.advice)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        x += ICON + 12
        painter.setPen(colours.text)
        if row.lesion is not None:
            painter.setFont(font(TextStyle.BODY_STRONG))
            painter.drawText(mirrored(QRect(x, rect.y(), 24, rect.height())), align, str(row.lesion.number))
        words = where_words(row.lesion) if row.lesion is not None else self._table.rows.name_of(row)
        x += 24 if row.lesion is not None else 0
        area = mirrored(QRect(x, rect.y(), rect.right() - x - GRID, rect.height()))
        quiet = row.lesion is None or row.lesion.place is None
        painter.setFont(font())
        painter.setPen(colours.text2 if quiet else colours.text)
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, align, shown)
        painter.restore()


class _VisitDelegate(QStyledItemDelegate):
    """Paints a visit's picture, symbol and number; a short line where there is none."""

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(scaled(VISIT), scaled(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        colours, rect, table = tokens(), QRect(option.rect), option.widget
        assert isinstance(table, LesionTable)
        is_current = table.currentIndex().row() == index.row()
        painter.fillRect(rect, colours.selected if is_current else colours.surface)
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), colours.line)
        painter.save()
        painter.setLayoutDirection(option.direction)
        entries = table.rows.entries(index)

        def mirrored(box: QRect) -> QRect:
            return QStyle.visualRect(option.direction, rect, box)

        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        middle = rect.center().y()
        if entries:
            entry, newest = entries[-1], index.column() == len(table.rows.visits) - 1
            x = rect.x() + 4
            draw_thumbnail(
                painter,
                mirrored(QRect(x, middle - PICTURE // 2, PICTURE, PICTURE)),
                table.rows.pixmap(entry),
                cover=True,
            )
            x += PICTURE + GRID
            symbol = mirrored(QRect(x, middle - INLINE_ICON // 2, INLINE_ICON, INLINE_ICON))
            draw_advice(painter, QRectF(symbol), advice_of(entry.screening))
            x += INLINE_ICON + GRID
            painter.setFont(font(TextStyle.BODY_STRONG if newest else TextStyle.BODY))
            painter.setPen(colours.text)
            words = _number(entry) + (f"  +{len(entries) - 1}" if len(entries) > 1 else "")
            painter.drawText(mirrored(QRect(x, rect.y(), rect.right() - x, rect.height())), align, words)
        else:
            painter.setPen(colours.text2)
            painter.drawText(mirrored(rect.adjusted(PICTURE // 2, 0, 0, 0)), align, "–")
        if index == table.currentIndex() and table.hasFocus() and is_by_keyboard(table):
            panel(painter, rect.adjusted(1, 1, -1, -2), None, colours.accent, width=2)
        painter.restore()


def _by_day(entries: tuple[Entry, ...]) -> dict[dt.date, tuple[Entry, ...]]:
    days: dict[dt.date, tuple[Entry, ...]] = {}
    for entry in entries:
        day = entry.screening.shown_at.date()
        days[day] = (*days.get(day, ()), entry)
    return days


def _number(entry: Entry) -> str:
    """The probability that the advice goes by; empty without an answer."""
    prediction = entry.screening.answered
    return percent(deciding(prediction).probability) if prediction is not None else ""
