"""The first page: the picture, its answer beside it, and what else was opened below."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListView, QPushButton, QSplitter, QVBoxLayout, QWidget

from app.core.card import Card
from app.ui.image_view import ImageView, to_qimage
from app.ui.jobs import URGENT, Job, Jobs
from app.ui.result_panel import ResultPanel
from app.ui.session import Item, Preview, Session, load_preview, shows_result_of
from app.ui.style import GRID, label

PREVIEW_SIDE = 1600
"""Pixels that a JPEG's shorter side keeps at least in the window: enough to zoom in on structures."""


class ScreenPage(QWidget):
    """Shows the session's current item. The session does the screening, the jobs the decoding."""

    open_asked = Signal()
    folder_asked = Signal()

    def __init__(self, session: Session, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._jobs = jobs
        self._preview: Job | None = None
        self._shown_sha256: str | None = None

        self.view = ImageView(self.tr("Drop a dermoscopy image or a folder here"))
        self.notice = label()
        self.notice.hide()
        self.panel = ResultPanel()
        self.buttons = self._open_buttons()
        self.strip = self._filmstrip()

        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view, stretch=1)
        column.addWidget(self.notice)
        column.addWidget(self.buttons)
        column.addWidget(self.strip)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.panel)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setSizes([680, 340])
        self.splitter.setChildrenCollapsible(False)
        self.setFocusProxy(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)

        session.opened.connect(self.go_to)
        session.item_changed.connect(self._on_item_changed)
        session.nothing_found.connect(self._on_nothing_found)
        for key, step in (("Left", -1), ("Right", 1), ("Up", -1), ("Down", 1)):
            self._shortcut(key, partial(self._go, step))
        self._shortcut("Home", lambda: self.go_to(0))
        self._shortcut("End", lambda: self.go_to(self._session.rowCount() - 1))
        self._shortcut("0", self.view.fit)

    @property
    def current_row(self) -> int:
        """The row that is shown, -1 for none."""
        return self.strip.currentIndex().row()

    def set_card(self, card: Card) -> None:
        self.panel.set_card(card)
        self._show_answer()

    def go_to(self, row: int) -> None:
        """Show an item; a row that is not there is passed over."""
        if 0 <= row < self._session.rowCount():
            self.strip.setCurrentIndex(self._session.index(row))

    def show_problem(self, title: str, reason: str) -> None:
        """Stand an error that concerns no single picture where the answer would stand."""
        self.panel.show_item(None)
        self.panel.show_problem(title, reason)

    def _go(self, step: int) -> None:
        self.go_to(self.current_row + step)

    def _shortcut(self, key: str, call: object) -> None:
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(call)

    def _open_buttons(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(2 * GRID, 0, 2 * GRID, GRID)
        row.addStretch()
        for text, signal in ((self.tr("&Open image…"), self.open_asked), (self.tr("Open &folder…"), self.folder_asked)):
            button = QPushButton(text)
            button.clicked.connect(signal)
            row.addWidget(button)
        row.addStretch()
        return bar

    def _filmstrip(self) -> QListView:
        strip = QListView()
        strip.setModel(self._session)
        strip.setFlow(QListView.Flow.LeftToRight)
        strip.setViewMode(QListView.ViewMode.IconMode)
        strip.setWrapping(False)
        strip.setMovement(QListView.Movement.Static)
        strip.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        line = strip.fontMetrics().height()
        strip.setIconSize(QSize(4 * line, 4 * line))
        strip.setGridSize(QSize(8 * line, 6 * line))
        strip.setFixedHeight(8 * line)
        strip.setSpacing(0)
        strip.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        strip.setAccessibleName(self.tr("Opened images"))
        strip.selectionModel().currentChanged.connect(self._on_current_changed)
        strip.hide()
        return strip

    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._preview is not None:
            self._preview.cancel()
        self.view.show_image(None)
        self.view.set_hint("")
        self.notice.hide()
        self._show_answer()
        if not current.isValid():
            return
        self.strip.setVisible(self._session.rowCount() > 1)
        self._session.hasten(current.row())
        self._load_preview(self._session.item(current.row()))

    def _load_preview(self, item: Item) -> None:
        self._shown_sha256 = None
        self._preview = self._jobs.run(
            partial(load_preview, item, at_least=PREVIEW_SIDE),
            on_result=self._on_preview,
            on_error=partial(self._on_no_preview, item),
            priority=URGENT,
        )

    def _on_preview(self, preview: Preview) -> None:
        self._shown_sha256 = preview.sha256
        self.view.show_image(to_qimage(preview.picture.rgb))
        self._check_shown()

    def _check_shown(self) -> None:
        """A file that changed between the picture and the answer: what is shown must be what was judged."""
        item = self._session.item(self.current_row)
        if self._shown_sha256 is not None and not shows_result_of(item, self._shown_sha256):
            self.view.show_image(None)
            self._load_preview(item)

    def _on_no_preview(self, item: Item, error: Exception) -> None:
        """No picture: what there is of it in the history, and the reason where the answer does not say it."""
        if item.screening is not None and item.screening.thumbnail:
            self.view.show_image(QImage.fromData(item.screening.thumbnail))
            self.notice.setText(self.tr("⚠ This is the thumbnail of the picture that was judged. {0}").format(error))
            self.notice.show()
        else:
            self.view.set_hint(str(error))

    def _on_item_changed(self, row: int) -> None:
        if row == self.current_row:
            self._show_answer()
            self._check_shown()

    def _show_answer(self) -> None:
        row = self.current_row
        self.panel.show_item(self._session.item(row) if row >= 0 else None)

    def _on_nothing_found(self) -> None:
        self.show_problem(self.tr("Nothing to look at"), self.tr("There is no image in that folder."))
