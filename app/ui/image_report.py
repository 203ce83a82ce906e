"""One image's report as PDF: asked for, then written off the GUI thread."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from app.core.card import Card
from app.core.clinical import NOTHING_NOTED
from app.core.history import History
from app.core.kept_images import KeptImages
from app.core.types import ImageError, Screening
from app.ui import writing
from app.ui.image_view import to_qimage
from app.ui.jobs import Jobs
from app.ui.session import Item, load_preview

PICTURE_SIDE = 1000
"""Pixels that a JPEG's shorter side keeps at least on the page."""


class ImageReports(QObject):
    """`told` says in words how it ended."""

    told = Signal(str)

    def __init__(
        self, history: History, jobs: Jobs, images: KeptImages, clinic: Callable[[], str], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._history = history
        self._jobs = jobs
        self._images = images
        self._clinic = clinic
        self._window = parent
        self._card: Card | None = None

    def set_card(self, card: Card) -> None:
        self._card = card

    def ask(self, item: Item) -> None:
        """Ask for a file and write the report of an item that has a result."""
        if item.screening is None:
            return
        name = f"{item.source.path.stem}.pdf"
        file, _ = QFileDialog.getSaveFileName(self._window, self.tr("Save the report"), name, "PDF (*.pdf)")
        if file:
            work = partial(self._write, Path(file), item, item.screening)
            writing.write(work, Path(file), jobs=self._jobs, tell=self.told.emit)

    def _write(self, file: Path, item: Item, screening: Screening) -> None:
        """On the worker thread."""
        from app.ui.report import ReportItem, write_image_report  # here, not above: it would slow down every start

        entry = self._history.by_id([item.entry_id]).get(item.entry_id) if item.entry_id is not None else None
        picture: QImage | None = None
        with contextlib.suppress(ImageError):  # the thumbnail stands in for it
            picture = to_qimage(load_preview(item, self._images, at_least=PICTURE_SIDE).picture.rgb)
        noted = entry.record if entry else NOTHING_NOTED
        thumbnail = entry.screening.thumbnail if entry else screening.thumbnail
        write_image_report(
            file,
            ReportItem(screening, noted, thumbnail),
            picture,
            clinic=self._clinic(),
            card=self._card,
            now=dt.datetime.now().astimezone(),
        )
