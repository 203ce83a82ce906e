"""The list of pictures that arrived and that nobody has seen yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.core.domain import times
from app.core.domain.advice import Advice, advice_of, both_suspected, deciding
from app.core.history.arrivals import Arrival
from app.ui.arrivals.items import names_of
from app.ui.arrivals.watched_folders import WatchedFolders
from app.ui.look.focus_ring import INSIDE, RING, draw_inner_ring
from app.ui.look.panels import draw_pill, pill_width
from app.ui.look.style import Line, clear, label, mirrored
from app.ui.look.tokens import EDGE, GRID, ICON, PILL, ROW, TOOL, TOOL_ROW, TextStyle, font, scaled, tokens
from app.ui.services.wording import left_to_right, percent, short_advice_words, time_text
from app.ui.widgets.buttons import Button, Look
from app.ui.widgets.row_cells import AdviceCell, draw_advice_cell, symbol_from


class ArrivedList(QWidget):
    """Shows what is new in the watched folders, the latest first; without anything new or waiting it is hidden."""

    shown = Signal()
    """It shows something else now, or is hidden or no longer."""

    def __init__(self, watched: WatchedFolders, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._watched = watched
        self.pill = _Pill()
        self.folder = label(quiet=True)
        self.folder.setWordWrap(False)
        self.more = label(style=TextStyle.CAPTION, quiet=True)
        self.more.setContentsMargins(EDGE, GRID, EDGE, GRID)
        self.assign = Button(self.tr("Assign to a patient…"), "user-round-plus", look=Look.LINK, height=TOOL)
        self.assign.set_padding(0)
        self.assign.clicked.connect(watched.ask_to_assign)
        self.open_all = Button(self.tr("Open all"), height=TOOL)
        self.open_all.clicked.connect(lambda: watched.open_all())
        self.rows: list[ArrivedRow] = []
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        self._foot = self._make_foot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._make_head())
        column.addWidget(Line())
        column.addLayout(self._column)
        column.addWidget(self.more)
        column.addWidget(self._foot)
        column.addWidget(Line())
        watched.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        watched = self._watched
        new, waiting = watched.new_count(), watched.waiting_count()
        clear(self._column)
        self.rows = [ArrivedRow(arrival) for arrival in watched.newest]
        for row in self.rows:
            row.clicked.connect(lambda _, arrival=row.arrival: watched.open_one(arrival))
            self._column.addWidget(row)
        self.pill.show_count(new)
        self.folder.setText(names_of(watched.folders()))
        left = new - len(self.rows)
        words = (
            self.tr("{0:,} more").format(left) if left > 0 else "",
            self.tr("{0:,} being assessed").format(waiting) if waiting else "",
        )
        self.more.setText(", ".join(filter(None, words)))
        self.more.setVisible(any(words))
        self._foot.setVisible(bool(new))
        self.setVisible(bool(new or waiting))
        self.shown.emit()

    def _make_head(self) -> QWidget:
        title = label(self.tr("Arrived"), TextStyle.BODY_STRONG)
        title.setWordWrap(False)
        head = QWidget()
        head.setFixedHeight(scaled(TOOL_ROW))
        row = QHBoxLayout(head)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.setSpacing(GRID)
        row.addWidget(title)
        row.addWidget(self.pill)
        row.addStretch()
        row.addWidget(self.folder)
        return head

    def _make_foot(self) -> QWidget:
        foot = QWidget()
        foot.setFixedHeight(scaled(ROW))
        row = QHBoxLayout(foot)
        row.setContentsMargins(EDGE, 0, EDGE, 0)
        row.addWidget(self.assign)
        row.addStretch()
        row.addWidget(self.open_all)
        return foot


class ArrivedRow(QAbstractButton):
    """An arrival: thumbnail, advice, file and time, and the number that the advice goes by."""

    def __init__(self, arrival: Arrival) -> None:
        super().__init__()
        self.arrival = arrival
        screening = arrival.entry.screening if arrival.entry is not None else None
        picture = QPixmap()
        if screening is not None:
            picture.loadFromData(screening.thumbnail)
        advice = advice_of(screening) if screening is not None else Advice.NOT_ASSESSED
        prediction = screening.answered if screening is not None else None
        below = f"{arrival.path.name}, {_when(arrival.arrived_at)}"
        self._cell = AdviceCell(picture, advice, screening is not None and both_suspected(screening), below)
        self.number = percent(deciding(prediction).probability) if prediction is not None else ""
        self.setText(arrival.path.name)
        self.setAccessibleName(", ".join(filter(None, (short_advice_words(advice), self.number, below))))
        self.setToolTip(arrival.failure or arrival.path.name)
        self.setProperty(RING, INSIDE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        return QSize(200, scaled(ROW))

    def words_room(self) -> int:
        """Pixels for the advice's words."""
        return self.width() - self._words_from() - EDGE - (self._number_room() if self._is_beside() else 0)

    def _words_from(self) -> int:
        return symbol_from(0) + ICON + GRID + (ICON + 2 if self._cell.both else 0)

    def _number_room(self) -> int:
        return QFontMetrics(font(self._number_style())).horizontalAdvance(self.number) + GRID

    def _number_style(self) -> TextStyle:
        return TextStyle.BODY_STRONG if self._cell.advice.refers else TextStyle.BODY

    def _is_beside(self) -> bool:
        """Whether the number has room beside the advice's words; else it stands below their end."""
        words = QFontMetrics(font()).horizontalAdvance(short_advice_words(self._cell.advice))
        return self._words_from() + words + self._number_room() + EDGE <= self.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        if self.underMouse():
            painter.fillRect(self.rect(), colours.hover)
        painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), colours.line)
        painter.setLayoutDirection(self.layoutDirection())
        number, area, cell = self._number_room(), self.rect().adjusted(0, 0, -EDGE, 0), self._cell
        place = QRect(area.right() + 1 - number, 0, number, self.height())
        if self._is_beside():
            area.adjust(0, 0, -number, 0)
        else:
            place.setTop(self.height() - scaled(TextStyle.BODY.value[1]) - 4)
            metrics, room = QFontMetrics(font(TextStyle.CAPTION)), area.width() - self._words_from() - number
            cell = replace(cell, name=metrics.elidedText(cell.name, Qt.TextElideMode.ElideMiddle, room))
        draw_advice_cell(painter, mirrored(self, area), self.layoutDirection(), cell)
        painter.setFont(font(self._number_style()))
        painter.setPen(colours.text)
        align = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(mirrored(self, place), align, self.number)
        draw_inner_ring(painter, self)


class _Pill(QWidget):
    """A count of what is new; nothing for none."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def show_count(self, count: int) -> None:
        self.count = count
        self.setFixedSize(QSize(pill_width(f"{count:,}"), scaled(PILL)))
        self.setVisible(bool(count))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw_pill(QPainter(self), self.rect(), f"{self.count:,}")


def _when(moment: dt.datetime) -> str:
    """The time of day of what came today, else the day too."""
    here = times.local(moment)
    return left_to_right(f"{here:%H:%M}") if here.date() == dt.datetime.now().date() else time_text(moment)
