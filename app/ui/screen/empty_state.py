"""The page for single images while nothing is open: where to drop a picture, what arrived, and folders that were
assessed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.domain.patient import FollowUp
from app.core.history.batches import FinishedBatch
from app.ui.arrivals.arrived_list import ArrivedList
from app.ui.look.icons import draw_icon
from app.ui.look.panels import panel
from app.ui.look.style import Line, column_of, label, paint_on, scrolled
from app.ui.look.tokens import EDGE, ICON, LARGE_RADIUS, PANEL, TOOL_ROW, Size, TextStyle, scaled, tokens
from app.ui.patient.due_list import DueList
from app.ui.widgets.buttons import Button, Look
from app.ui.widgets.drop_target import DropTarget
from app.ui.widgets.folder_list import FolderList

RECENT = 6
"""Folders that are listed."""


class EmptyState(QWidget):
    """Emits what was asked for: to open pictures or a folder, or a folder that was assessed before."""

    open_asked = Signal()
    folder_asked = Signal()
    batch_asked = Signal(object)
    patient_asked = Signal(str)

    def __init__(self, arrived: ArrivedList | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.arrived = arrived
        self.open_button = Button(self.tr("Open picture…"), "image", look=Look.PRIMARY)
        self.open_button.clicked.connect(self.open_asked)
        self.folder_button = Button(self.tr("Open folder…"), "folder-open")
        self.folder_button.clicked.connect(self.folder_asked)
        self.back = Button(self.tr("Back to the open pictures"), "image", look=Look.LINK)
        self.back.hide()
        self.target = DropTarget(
            self.tr("Drop a dermoscopy picture or a folder here"),
            self.tr("JPEG, PNG, TIFF, HEIC, WebP, DICOM, or a ZIP of them"),
            (self.open_button, self.folder_button),
            self.tr("or paste one with Ctrl+V"),
        )
        self.problem = _Card("circle-alert")
        self.problem.hide()
        self.disclaimer = _Card("stethoscope")
        self.disclaimer.show_text(
            self.tr(
                "MelaScreen supports a clinician's decision and makes none. An answer below the threshold does not rule"
                " out melanoma. Pictures stay on this computer."
            )
        )
        self.recent = FolderList(with_counts=True, most=RECENT)
        self.recent.opened.connect(self.batch_asked)
        self.due = DueList()
        self.due.patient_asked.connect(self.patient_asked)
        self.side = self._side()
        left = QVBoxLayout()
        left.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        left.setSpacing(EDGE)
        left.addWidget(self.back)
        left.addWidget(self.problem)
        left.addWidget(self.target, stretch=1)
        left.addWidget(self.disclaimer)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, stretch=1)
        row.addWidget(self.side)
        self.show_recent(())
        if arrived is not None:
            arrived.shown.connect(self._show_side)

    def show_recent(self, folders: Sequence[FinishedBatch]) -> None:
        """List folders; without any there is no list."""
        self.recent.show_folders(folders)
        self._recent_part.setVisible(bool(folders))
        self._show_side()

    def show_due(self, follow_ups: Sequence[FollowUp]) -> None:
        """List what is due; without any there is no list."""
        self.due.show_due(follow_ups)
        self._show_side()

    def _show_side(self) -> None:
        """Show the column at the side where it has a part to show."""
        self.side.setVisible(any(not part.isHidden() for part in self._parts))

    def show_problem(self, text: str) -> None:
        """Say why no picture can be assessed; empty where one can."""
        self.problem.show_text(text)
        self.problem.setVisible(bool(text))

    def set_size_class(self, size: Size) -> None:
        self.side.setFixedWidth(PANEL[size])

    def _side(self) -> QWidget:
        head = label(self.tr("Recent folders"), TextStyle.BODY_STRONG)
        head.setContentsMargins(EDGE, 0, EDGE, 0)
        head.setFixedHeight(scaled(TOOL_ROW))
        self._recent_part = column_of(head, Line(), self.recent, stretched=self.recent)
        self._parts = [part for part in (self.arrived, self._recent_part, self.due) if part is not None]
        body = QWidget()
        paint_on(body, QPalette.ColorRole.Base)
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(EDGE)
        for part in self._parts:
            inner.addWidget(part)
        inner.addStretch()
        side = QWidget()
        paint_on(side, QPalette.ColorRole.Base)
        row = QHBoxLayout(side)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(Line(Qt.Orientation.Vertical))
        row.addWidget(scrolled(body))
        return side


class _Card(QWidget):
    """A sentence with an icon in a card."""

    def __init__(self, icon: str) -> None:
        super().__init__()
        self._icon = icon
        self._label = label()
        row = QHBoxLayout(self)
        row.setContentsMargins(EDGE + ICON + 12, 12, EDGE, 12)
        row.addWidget(self._label)

    def show_text(self, text: str) -> None:
        self._label.setText(text)

    def text(self) -> str:
        return self._label.text()

    def minimumSizeHint(self) -> QSize:
        return QSize(200, scaled(48))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, colours = QPainter(self), tokens()
        panel(painter, self.rect(), colours.surface, colours.line, radius=LARGE_RADIUS)
        leading = self.layoutDirection() == Qt.LayoutDirection.LeftToRight
        x = EDGE if leading else self.width() - EDGE - ICON
        draw_icon(painter, self._icon, QRectF(x, (self.height() - ICON) / 2, ICON, ICON), colours.text2)
