"""A list of folders that were assessed, each with its counts; one can be opened again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from app.core.domain.advice import Advice
from app.core.history.batches import Batch, FinishedBatch
from app.ui.look.advice_symbol import draw_advice
from app.ui.look.focus_ring import INSIDE, RING, draw_inner_ring
from app.ui.look.icons import draw_icon
from app.ui.look.panels import draw_pill, pill_width
from app.ui.look.style import clear, mirrored
from app.ui.look.tokens import EDGE, GRID, ICON, PILL, ROW, TextStyle, font, scaled, tokens
from app.ui.services.wording import pictures

SYMBOL = 14


@dataclass(frozen=True)
class FolderRow:
    """A folder as a row: its name, what is said below it, the counts of its advices to refer, or of what is new."""

    name: str
    below: str
    counts: tuple[tuple[Advice, int], ...] = ()
    icon: str = "folder-check"
    new: int = 0


class FolderList(QWidget):
    """Rows of finished folders; `opened` gives the batch of the one that was clicked."""

    opened = Signal(object)

    def __init__(self, *, with_counts: bool, most: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._with_counts, self._most = with_counts, most
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.rows: list[FolderButton] = []

    def show_folders(self, folders: Sequence[FinishedBatch], current: Batch | None = None) -> None:
        """Show folders, the one that is `current` as chosen."""
        clear(self._column)
        self.rows = []
        for folder in folders[: self._most]:
            button = FolderButton(self._row(folder))
            button.setCheckable(True)
            button.setChecked(current is not None and folder.batch.id == current.id)
            button.clicked.connect(lambda _, batch=folder.batch: self.opened.emit(batch))
            self._column.addWidget(button)
            self.rows.append(button)
        self.setVisible(bool(folders))

    def _row(self, folder: FinishedBatch) -> FolderRow:
        total = folder.batch.total
        if not self._with_counts:
            return FolderRow(name_of(folder.batch), pictures(total))
        decided = (
            self.tr("{0}, all decided").format(pictures(total))
            if folder.decided >= total
            else self.tr("{0}, {1} decided").format(pictures(total), folder.decided)
        )
        counts = ((Advice.REFER_MELANOMA, folder.melanomas), (Advice.REFER_OTHER_CANCER, folder.other_cancers))
        return FolderRow(name_of(folder.batch), decided, counts)


def name_of(batch: Batch) -> str:
    """A batch's name: the last parts of what was opened."""
    names = [short_name(root) for root in batch.roots[:3]]
    return ", ".join(names) + (" …" if len(batch.roots) > 3 else "")


def short_name(root: Path) -> str:
    """The last part of a path, or all of it where it has one only (a drive)."""
    return root.name or str(root)


class FolderButton(QAbstractButton):
    """A row of two lines with an icon, and counts at its end."""

    def __init__(self, row: FolderRow) -> None:
        super().__init__()
        self._row = row
        self.setText(row.name)
        counts = ", ".join(f"{count} {advice.value}" for advice, count in row.counts)
        self.setAccessibleName(", ".join(filter(None, (row.name, row.below, counts))))
        self.setToolTip(row.name)
        self.setProperty(RING, INSIDE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(200, scaled(ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours, row = QPainter(self), tokens(), self._row
        if self.isChecked() or self.underMouse():
            painter.fillRect(self.rect(), colours.selected if self.isChecked() else colours.hover)
        if row.counts:
            painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), colours.line)
        painter.setLayoutDirection(self.layoutDirection())
        chosen = self.isChecked()
        icon = mirrored(self, QRect(EDGE, (self.height() - ICON) // 2, ICON, ICON))
        draw_icon(painter, row.icon, QRectF(icon), colours.accent if chosen else colours.text2)
        end = self._draw_counts(painter)
        left = EDGE + ICON + GRID
        align = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        half = scaled(22)
        top = (self.height() - half - scaled(18)) // 2
        for style, colour, text, y, height in (
            (TextStyle.BODY_STRONG if chosen else TextStyle.BODY, colours.text, row.name, top, half),
            (TextStyle.CAPTION, colours.text2, row.below, top + half, scaled(18)),
        ):
            painter.setFont(font(style))
            painter.setPen(colour)
            shown = QFontMetrics(font(style)).elidedText(text, Qt.TextElideMode.ElideRight, end - left)
            painter.drawText(mirrored(self, QRect(left, y, end - left, height)), align, shown)
        draw_inner_ring(painter, self)

    def _draw_counts(self, painter: QPainter) -> int:
        """Draw the counts at the row's end; gives where the text before them has to end."""
        colours, end = tokens(), self.width() - EDGE
        if self._row.new:
            new = f"{self._row.new:,}"
            width, height = pill_width(new), scaled(PILL)
            draw_pill(painter, mirrored(self, QRect(end - width, (self.height() - height) // 2, width, height)), new)
            return end - width - GRID
        painter.setFont(font())
        painter.setPen(colours.text)
        for advice, count in reversed(self._row.counts):
            start, middle = end - 52, self.rect().center().y()
            draw_advice(painter, QRectF(mirrored(self, QRect(start, middle - SYMBOL // 2, SYMBOL, SYMBOL))), advice)
            words = mirrored(self, QRect(start + SYMBOL + 4, 0, 52 - SYMBOL - 4, self.height()))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, str(count))
            end -= 52
        return end - (GRID if self._row.counts else 0)
