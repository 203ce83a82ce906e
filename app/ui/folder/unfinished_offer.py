"""The line that offers an unfinished batch."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.core.history.batches import Batch
from app.ui.services.wording import time_text, warning_text
from app.ui.widgets.style import label


class UnfinishedBatchOffer(QWidget):
    """Shows an unfinished batch with buttons to resume or discard it; hidden where there is none."""

    resume_asked = Signal(object)
    discard_asked = Signal(object)
    """With the batch that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._batch: Batch | None = None
        self.text = label()
        self.resume = QPushButton(self.tr("Go &on"))
        self.resume.clicked.connect(lambda: self.resume_asked.emit(self._batch))
        self.discard = QPushButton(self.tr("&Discard"))
        self.discard.clicked.connect(lambda: self.discard_asked.emit(self._batch))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, stretch=1)
        row.addWidget(self.resume)
        row.addWidget(self.discard)

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
            self.text.setText(warning_text(text))


def short_name(root: Path) -> str:
    """The last part of a path, or all of it where it has one only (a drive)."""
    return root.name or str(root)
