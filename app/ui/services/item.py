"""An opened image with its result, as several pages show it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Self

from app.core.domain.entry import Entry
from app.core.domain.errors import ImageError
from app.core.domain.results import Screening
from app.core.history.image_store import ImageStore
from app.core.imaging.decode import decode
from app.core.imaging.formats.picture import DecodedImage
from app.core.screening.service import ImageSource
from app.ui.services.workers import Job


@dataclass(eq=False)
class Item:
    """An opened image and what is known of it. `saving_error` says why a result is not in the history."""

    source: ImageSource
    screening: Screening | None = None
    entry_id: int | None = None
    saving_error: str = ""
    from_history: bool = False
    job: Job | None = None
    error: str = ""
    """Why there is no result at all: no fault of the image's (a model that can't be used)."""
    patient: str = ""
    """Identifier of the patient who was open when the image was; the result is noted there once it is recorded."""

    @classmethod
    def of_entry(cls, entry: Entry) -> Self:
        """The item of a result in the history, with nothing to compute."""
        return cls(ImageSource(entry.screening.path), entry.screening, entry_id=entry.id, from_history=True)

    def set_thumbnail(self, jpeg: bytes) -> None:
        """What stands in for the picture where its file is gone."""
        if self.screening is not None:
            self.screening = replace(self.screening, thumbnail=jpeg)

    @property
    def is_waiting(self) -> bool:
        return self.screening is None and not self.error


@dataclass(frozen=True)
class Preview:
    """An image to show and the SHA-256 (hex) of the content that it was decoded from."""

    image: DecodedImage
    sha256: str


def load_preview(item: Item, images: ImageStore, *, at_least: int) -> Preview:
    """The image to show for an item, on the worker thread; see `decode` for `at_least`. Raises `ImageError`."""
    content, sha256 = judged_content(item, images)
    return Preview(decode(content, at_least=at_least), sha256)


def judged_content(item: Item, images: ImageStore) -> tuple[bytes, str]:
    """An item's content and its SHA-256 (hex), on the worker thread.

    Beside a result it is the content that the result was computed from: the file's, or the copy that was kept.
    Raises `ImageError`.
    """
    screening = item.screening
    judged = (screening and screening.sha256) or ""
    try:
        if screening is not None and screening.prediction is not None:
            return item.source.read_judged(judged), judged
        content = item.source.read()
        return content, hashlib.sha256(content).hexdigest()
    except ImageError:
        kept = images.content(judged) if judged else None
        if kept is None:
            raise
        return kept, judged


def shows_result_of(item: Item, sha256: str) -> bool:
    """Whether content with that checksum may stand beside what is known of the item."""
    screening = item.screening
    return screening is None or screening.prediction is None or screening.sha256 == sha256
