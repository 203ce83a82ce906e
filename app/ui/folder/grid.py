"""A folder's pictures as a grid: each whole, its symbol and number below it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.domain.advice import advice_of, deciding
from app.core.history.batches import BatchRow
from app.ui.folder.results_model import PIXMAP_ROLE, ROW_ROLE, ResultsModel
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.icons import draw_icon
from app.ui.look.style import draw_thumbnail
from app.ui.look.tokens import (
    EDGE,
    GRID,
    ICON,
    SMALL_RADIUS,
    TextStyle,
    font,
    scaled,
    tokens,
)
from app.ui.services.warnings import short_warning
from app.ui.services.wording import percent
from app.ui.widgets.row_cells import MARK_HEIGHT, draw_mark, mark_width

SMALLEST, LARGEST = 120, 320
CAPTION = 34
SYMBOL = 16
STEP = 16


class ResultsGrid(QListView):
    """Shows a folder's rows; Ctrl with the wheel changes the pictures' size, which `side_changed` tells."""

    side_changed = Signal(int)

    def __init__(self, model: ResultsModel, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.side = side
        self._wanted: QPersistentModelIndex | None = None
        self.setModel(model)
        self.setItemDelegate(_Cell(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setViewportMargins(EDGE - 4, GRID, 0, 0)
        self.setAccessibleName(self.tr("Results as pictures"))
        self._place()

    def set_side(self, side: int) -> None:
        side = min(max(side, SMALLEST), LARGEST)
        if side != self.side:
            self.side = side
            self._place()
            self.side_changed.emit(side)

    def scrollTo(
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QListView.ScrollHint = QListView.ScrollHint.EnsureVisible,
    ) -> None:
        """Scroll to a row's picture, whatever the column; to one that is not laid out yet as soon as it is."""
        picture = index.sibling(index.row(), 0)
        self._wanted = None if self.visualRect(picture).isValid() else QPersistentModelIndex(picture)
        super().scrollTo(picture, hint)

    def updateGeometries(self) -> None:
        super().updateGeometries()
        wanted, self._wanted = self._wanted, None
        if wanted is not None and wanted.isValid():
            self.scrollTo(wanted)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.set_side(self.side + (STEP if event.angleDelta().y() > 0 else -STEP))
            event.accept()
        else:
            super().wheelEvent(event)

    def _place(self) -> None:
        self.setGridSize(QSize(self.side + GRID, self.side + scaled(CAPTION) + GRID))
        self.verticalScrollBar().setSingleStep(self.side // 2)


class _Cell(QStyledItemDelegate):
    def __init__(self, grid: ResultsGrid) -> None:
        super().__init__(grid)
        self._grid = grid

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return self._grid.gridSize()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row: BatchRow = index.data(ROW_ROLE)
        colours, side = tokens(), self._grid.side
        cell = QRect(option.rect.x() + 4, option.rect.y() + 4, side, side + scaled(CAPTION))
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected or option.state & QStyle.StateFlag.State_MouseOver:
            ground = cell.adjusted(-3, -3, 3, 3)
            painter.setPen(QPen(colours.accent, 3) if selected else Qt.PenStyle.NoPen)
            painter.setBrush(colours.selected if selected else colours.hover)
            painter.drawRoundedRect(QRectF(ground).adjusted(1.5, 1.5, -1.5, -1.5), SMALL_RADIUS, SMALL_RADIUS)
        draw_thumbnail(painter, QRect(cell.topLeft(), QSize(side, side)), index.data(PIXMAP_ROLE), cover=False)
        painter.setLayoutDirection(option.direction)
        below = QRect(cell.x(), cell.y() + side, side, scaled(CAPTION))
        self._draw_caption(painter, below, option.direction, row)
        painter.restore()

    @staticmethod
    def _draw_caption(painter: QPainter, area: QRect, direction: Qt.LayoutDirection, row: BatchRow) -> None:
        """Symbol, number, as many notes as there is room for, and the decision at the end."""
        colours, screening = tokens(), row.screening

        def place(x: int, width: int, height: int) -> QRect:
            return QStyle.visualRect(direction, area, QRect(x, area.center().y() - height // 2, width, height))

        x, end = area.x() + 1, area.right()
        if row.mark is not None:
            width = mark_width(row.mark)
            draw_mark(painter, place(end - width + 1, width, MARK_HEIGHT), row.mark)
            end -= width + 4
        draw_advice(painter, QRectF(place(x, SYMBOL, SYMBOL)), advice_of(screening))
        x += SYMBOL + 4
        prediction = screening.answered
        if prediction is not None:
            shown = percent(deciding(prediction).probability)
            bold = font(TextStyle.BODY_STRONG)
            width = QFontMetrics(bold).horizontalAdvance(shown) + 1
            painter.setFont(bold)
            painter.setPen(colours.text)
            align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
            painter.drawText(place(x, width, area.height()), align, shown)
            x += width + 4
        for text in screening.warnings:
            if x + ICON > end:
                return
            draw_icon(painter, short_warning(text).icon, QRectF(place(x, ICON, ICON)), colours.text2)
            x += ICON + 2
