"""The opened pictures in a row, each with its symbol and its number."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.domain.advice import Advice, advice_of, deciding
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.panels import panel
from app.ui.look.style import draw_thumbnail
from app.ui.look.tokens import FILM_CELL, GRID, TextStyle, font, scaled, tokens
from app.ui.screen.session import ITEM_ROLE, OpenedImagesModel
from app.ui.services.item import Item
from app.ui.services.wording import percent

PICTURE = QSize(64, 42)
SYMBOL = 12


class FilmStrip(QListView):
    """Shows the opened pictures; the page takes its current one."""

    def __init__(self, session: OpenedImagesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModel(session)
        self.setItemDelegate(_Cell(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedHeight(scaled(FILM_CELL))
        self.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName(self.tr("Opened pictures"))


class _Cell(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(scaled(FILM_CELL) + 4, scaled(FILM_CELL))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        item = index.data(ITEM_ROLE)
        colours = tokens()
        cell = QRect(option.rect.x(), option.rect.y(), scaled(FILM_CELL), option.rect.height())
        if option.state & QStyle.StateFlag.State_Selected:
            panel(painter, cell, colours.selected, colours.accent, width=2)
        elif option.state & QStyle.StateFlag.State_MouseOver:
            panel(painter, cell, colours.hover, None)
        picture = QRect(cell.center().x() - PICTURE.width() // 2 + 1, cell.y() + 6, PICTURE.width(), PICTURE.height())
        icon = index.data(Qt.ItemDataRole.DecorationRole)
        draw_thumbnail(painter, picture, icon if isinstance(icon, QPixmap) else QPixmap(), cover=True)
        self._draw_caption(painter, QRect(cell.x(), picture.bottom() + 4, cell.width(), 18), index.row() + 1, item)

    @staticmethod
    def _draw_caption(painter: QPainter, area: QRect, number: int, item: Item) -> None:
        """Number, symbol and probability, centred."""
        colours, small = tokens(), font(TextStyle.CAPTION)
        metrics = QFontMetrics(small)
        screening = item.screening
        advice = advice_of(screening) if screening is not None else Advice.NOT_ASSESSED if item.error else None
        prediction = screening.answered if screening is not None else None
        shown = percent(deciding(prediction).probability) if prediction is not None else "…" if advice is None else ""
        place, gap = str(number), 5
        widths = [
            metrics.horizontalAdvance(place),
            SYMBOL if advice is not None else 0,
            metrics.horizontalAdvance(shown),
        ]
        total = sum(widths) + gap * (sum(map(bool, widths)) - 1)
        x = area.center().x() - total // 2
        painter.setFont(small)
        vertical = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(QPen(colours.text2))
        painter.drawText(QRect(x, area.y(), widths[0] + 1, area.height()), vertical, place)
        x += widths[0] + gap
        if advice is not None:
            draw_advice(painter, QRectF(x, area.center().y() - SYMBOL / 2 + 0.5, SYMBOL, SYMBOL), advice)
            x += SYMBOL + gap
        painter.setPen(colours.text)
        painter.drawText(QRect(x, area.y(), widths[2] + GRID, area.height()), vertical, shown)
