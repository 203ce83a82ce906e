"""The line that offers an unfinished batch."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.history.batches import Batch
from app.ui.look.style import Line, label, paint_on
from app.ui.look.tokens import EDGE, GRID, TOOL
from app.ui.services.wording import time_text
from app.ui.widgets.buttons import Button
from app.ui.widgets.folder_list import short_name


class UnfinishedBatchOffer(QWidget):
    """Shows an unfinished batch with buttons to resume or discard it; hidden where there is none."""

    resume_asked = Signal(object)
    discard_asked = Signal(object)
    """With the batch that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._batch: Batch | None = None
        self.text = label()
        paint_on(self, QPalette.ColorRole.Base)
        self.resume = Button(self.tr("Go on"), "play", height=TOOL)
        self.resume.clicked.connect(lambda: self.resume_asked.emit(self._batch))
        self.discard = Button(self.tr("Discard"), "trash-2", height=TOOL)
        self.discard.clicked.connect(lambda: self.discard_asked.emit(self._batch))
        row = QHBoxLayout()
        row.setContentsMargins(EDGE, 4, EDGE, 4)
        row.setSpacing(GRID)
        row.addWidget(self.text, stretch=1)
        row.addWidget(self.resume)
        row.addWidget(self.discard)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(Line())

    def show_batch(self, batch: Batch | None) -> None:
        """Offer a batch, or none."""
        self._batch = batch
        self.setVisible(batch is not None)
        if batch is not None:
            text = self.tr("Not finished: {0}, {1} of {2} pictures done, begun at {3}.").format(
                ", ".join(short_name(root) for root in batch.roots[:3]),
                batch.done,
                batch.total,
                time_text(batch.begun_at),
            )
            self.text.setText(text)
