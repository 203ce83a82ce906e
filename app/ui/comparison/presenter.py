"""What the comparison shows: both pictures, their alignment, quantities, and the answers by one model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app.core.domain.entry import Entry
from app.core.domain.errors import ImageError
from app.core.domain.results import Screening
from app.core.history.image_store import ImageStore
from app.core.history.lesions import LesionHistory
from app.core.imaging.decode import decode
from app.core.lesion.alignment import align
from app.core.lesion.change import Quantities
from app.core.lesion.similarity import Similarity
from app.core.screening.service import ScreeningService
from app.ui.image.image_view import to_qimage
from app.ui.services.item import Item, judged_content
from app.ui.services.notices import Notices
from app.ui.services.workers import Job, Priority, Workers

SIDE = 1600
"""Pixels that a JPEG's shorter side keeps at least: enough to zoom in on structures."""


@dataclass(frozen=True)
class Visit:
    """A picture with what was computed of it. `image` is the thumbnail where the file is gone (`is_whole`: it is not).

    `again` is the result by the model in use, `None` where it can't be computed; `again` is the entry's own result
    where that is by this model already.
    """

    entry: Entry
    image: QImage
    field_width: float | None
    is_whole: bool
    quantities: Quantities | None = None
    again: Screening | None = None


@dataclass(frozen=True)
class Pair:
    """Two visits and how they lie on each other; `alignment` is `None` where it was not found."""

    then: Visit
    now: Visit
    alignment: Similarity | None
    by_hand: bool = False


class ComparisonPresenter(QObject):
    """Loads and compares two pictures of a lesion off the GUI thread: first the pictures, then what is computed."""

    shown = Signal()
    """Other pictures are shown, or none (`pair`)."""
    computed = Signal()
    """Alignment, quantities and answers are there."""

    def __init__(
        self, service: ScreeningService, images: ImageStore, workers: Workers, notices: Notices, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._service = service
        self._images = images
        self._workers = workers
        self._notices = notices
        self._job: Job | None = None
        self.history: LesionHistory | None = None
        self.pair: Pair | None = None
        self.is_computing = False

    def open(self, history: LesionHistory, chosen: tuple[int, ...] = ()) -> None:
        """Compare a lesion's first picture with its latest one. It must have two or more.

        `chosen` are ids of entries to compare instead: two, or one, which is compared with the first or, where it is
        the first, with the latest.
        """
        self.history = history
        first, latest = history.entries[0], history.entries[-1]
        wanted = [entry for entry in history.entries if entry.id in chosen]
        if len(wanted) > 1:
            first, latest = wanted[0], wanted[-1]
        elif wanted and wanted[0].id != first.id:
            latest = wanted[0]
        self.compare(first, latest)

    def compare(self, then: Entry, now: Entry) -> None:
        """Compare two pictures; the earlier one is *then*."""
        if (then.screening.shown_at, then.id) > (now.screening.shown_at, now.id):
            then, now = now, then
        if self._job is not None:
            self._job.cancel()
        self.pair, self.is_computing = None, True
        self.shown.emit()
        self._job = self._workers.run(
            partial(self._work, then, now),
            on_item=self._on_pair,
            on_error=self._on_error,
            on_crash=self._on_crash,
            priority=Priority.HIGH,
        )

    def align_by_hand(self, alignment: Similarity) -> None:
        """Lay the pictures on each other as points that were clicked say."""
        if self.pair is not None:
            self.pair = Pair(self.pair.then, self.pair.now, alignment, by_hand=True)
            self.computed.emit()

    def forget(self) -> None:
        """Show nothing."""
        if self._job is not None:
            self._job.cancel()
        self.history, self.pair, self.is_computing = None, None, False
        self.shown.emit()

    def _work(self, then: Entry, now: Entry):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a generator of pairs
        """On the worker thread: the pictures at once, then with what is computed of them."""
        loaded = [self._load(entry) for entry in (then, now)]
        visits = [visit for visit, _, _ in loaded]
        yield Pair(visits[0], visits[1], None), False
        found = None
        if all(visit.is_whole for visit in visits):
            found = align(loaded[0][1], loaded[1][1])
        complete = [self._compute(visit, content) for visit, _, content in loaded]
        yield Pair(complete[0], complete[1], found.similarity if found is not None else None), True

    def _load(self, entry: Entry) -> tuple[Visit, np.ndarray, bytes]:
        """A visit with its picture, its pixels and its content; the thumbnail's where the picture is gone."""
        try:
            content, _ = judged_content(Item.of_entry(entry), self._images)
            picture = decode(content, at_least=SIDE)
            width = entry.annotation.field_width or picture.field_width
            return Visit(entry, to_qimage(picture.rgb), width, is_whole=True), picture.rgb, content
        except ImageError:
            image = QImage.fromData(entry.screening.thumbnail)
            return Visit(entry, image, entry.annotation.field_width, is_whole=False), np.zeros((1, 1, 3), np.uint8), b""

    def _compute(self, visit: Visit, content: bytes) -> Visit:
        if not visit.is_whole:
            return visit
        again: Screening | None = visit.entry.screening
        if visit.entry.screening.model != self._service.card().model_id:
            again = self._service.assess_again(content, visit.entry.screening.path)
        quantities = self._service.quantities(content, visit.entry.annotation)
        return Visit(visit.entry, visit.image, visit.field_width, True, quantities, again)

    def _on_pair(self, came: tuple[Pair, bool]) -> None:
        pair, is_complete = came
        self.pair = pair
        if is_complete:
            self.is_computing = False
            self.computed.emit()
        else:
            self.shown.emit()

    def _on_error(self, error: Exception) -> None:
        self._on_crash()
        self._notices.warn(error)

    def _on_crash(self) -> None:
        self.is_computing = False
        self.computed.emit()
