"""A large view of one image over the page, closed by the key that opened it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from app.core.history.image_store import ImageStore
from app.ui.image.image_pane import ImagePane
from app.ui.services.item import Item
from app.ui.services.workers import Workers

PART_OF_WINDOW = 0.95


class LargePreview(QDialog):
    """Shows an item's image as large as the window allows; Space and Escape close it."""

    def __init__(
        self, item: Item, workers: Workers, images: ImageStore, window: QWidget, header: QWidget | None = None
    ) -> None:
        """`header` stands over the image."""
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(item.source.path.name)
        self.image_pane = ImagePane("", workers, images)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        if header is not None:
            column.addWidget(header)
        column.addWidget(self.image_pane, stretch=1)
        self.resize(window.size() * PART_OF_WINDOW)
        self.image_pane.show_item(item)

    def done(self, result: int) -> None:
        """Close; an image that is still loading is not waited for."""
        self.image_pane.show_item(None)
        super().done(result)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.accept()
        else:
            super().keyPressEvent(event)
