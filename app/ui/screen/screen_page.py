"""The page for single images: the image, its result beside it, and the other opened images below."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListView, QPushButton, QSplitter, QVBoxLayout, QWidget

from app.core.domain.entry import Mark
from app.ui.image.image_pane import ImagePane
from app.ui.result.result_panel import ResultPanel
from app.ui.screen.session import OpenedImagesModel
from app.ui.services.current_model import CurrentModel
from app.ui.widgets.style import GRID


class ScreenPage(QWidget):
    """Shows the session's current item: `image_pane` its image, `panel` its result. The session does the screening."""

    open_asked = Signal()
    folder_asked = Signal()

    def __init__(
        self,
        session: OpenedImagesModel,
        current: CurrentModel,
        image_pane: ImagePane,
        panel: ResultPanel,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._current = current
        self.image_pane = image_pane
        self.view = image_pane.view
        self.panel = panel
        self.buttons = self._open_buttons()
        self.strip = self._filmstrip()

        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.image_pane, stretch=1)
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

        current.changed.connect(self.show_model)
        session.opened.connect(self.go_to)
        session.item_changed.connect(self._on_item_changed)

    @property
    def current_row(self) -> int:
        """The row that is shown, -1 for none."""
        return self.strip.currentIndex().row()

    def go_to(self, row: int) -> None:
        """Show an item; a row that does not exist is ignored."""
        if 0 <= row < self._session.rowCount():
            self.strip.setCurrentIndex(self._session.index(row))

    def show_problem(self, title: str, reason: str) -> None:
        """Show an error that concerns no single image in place of a result."""
        self.panel.show_item(None)
        self.panel.show_problem(title, reason)

    def show_model(self) -> None:
        """Show the answer again beside the figures of the model in use, or why there is none."""
        if self._current.card is not None:
            self._show_answer()
        else:
            self.show_problem(self.tr("No model: no picture can be assessed"), self._current.problem)

    def choose(self, mark: Mark) -> None:
        """Give the shown item's entry a mark, or take it back."""
        self.panel.record.choose_by_key(mark)

    def go_to_last(self) -> None:
        """Show the item that was opened last."""
        self.go_to(self._session.rowCount() - 1)

    def step(self, step: int) -> None:
        """Show the item that many rows on."""
        self.go_to(self.current_row + step)

    def _open_buttons(self) -> QWidget:
        bar = QWidget()
        row = QHBoxLayout(bar)
        row.setContentsMargins(2 * GRID, 0, 2 * GRID, GRID)
        row.addStretch()
        for text, signal in (
            (self.tr("&Open picture…"), self.open_asked),
            (self.tr("Open &folder…"), self.folder_asked),
        ):
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
        strip.setAccessibleName(self.tr("Opened pictures"))
        strip.selectionModel().currentChanged.connect(self._on_current_changed)
        strip.hide()
        return strip

    def _on_current_changed(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self._show_answer()
        if not current.isValid():
            self.image_pane.show_item(None)
            return
        self.strip.setVisible(self._session.rowCount() > 1)
        self._session.prioritize(current.row())
        self.image_pane.show_item(self._session.item(current.row()))

    def _on_item_changed(self, row: int) -> None:
        if row == self.current_row:
            self._show_answer()
            self.image_pane.check()

    def _show_answer(self) -> None:
        row = self.current_row
        self.panel.show_item(self._session.item(row) if row >= 0 else None)
