"""What a window asks for, image by image: the model, loaded once, and the history that results go to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.batch import run_batch
from app.core.batches import Batch, Batches, BatchRow
from app.core.card import Card
from app.core.classifier import Classifier
from app.core.history import Entry, History
from app.core.imaging import read_bytes
from app.core.kept_images import KeptImages
from app.core.model_bundle import load_bundle
from app.core.screening import failed_screening, screen_bytes
from app.core.types import ImageError, Screening


@dataclass(frozen=True)
class Source:
    """An image to look at: a file, or content that has none (pasted), under the name `path`."""

    path: Path
    content: bytes | None = None

    def read(self) -> bytes:
        """The content. Raises `ImageError`."""
        return read_bytes(self.path) if self.content is None else self.content


class Screener:
    """Owns the network, so it belongs to one thread; a batch has networks of its own."""

    def __init__(self, model: Path, history: History) -> None:
        self._model = model
        self._history = history
        self.keep: KeptImages | None = None
        """Where the pictures that get a result are copied to, if they are to be kept."""
        self._classifier: Classifier | None = None

    def card(self) -> Card:
        """The model's card. Raises `BundleError` where the model can't be used."""
        return self._loaded().card

    def screen(self, source: Source) -> Iterator[Screening | Entry]:
        """Give the result, then the same as it stands in the history once it is written there.

        A failed one is given, not written. Raises `BundleError` before a result, `HistoryError` after it.
        """
        classifier = self._loaded()
        try:
            content = source.read()
        except ImageError as error:
            yield failed_screening(source.path, classifier, error)
            return
        screening = screen_bytes(content, source.path, classifier)
        yield screening
        if screening.prediction is not None:
            entry = self._history.add(screening)
            if self.keep is not None and screening.sha256 is not None:
                self.keep.keep(screening.sha256, content)
            yield entry

    def screen_batch(self, batch: Batch) -> Iterator[list[BatchRow]]:
        """Do what is pending of a batch, on all cores, apart from this screener's own network; see `run_batch`."""
        bundle = load_bundle(self._model)
        yield from run_batch(
            Batches(self._history.database), batch, lambda: Classifier(bundle, threads=1), keep=self.keep
        )

    def _loaded(self) -> Classifier:
        if self._classifier is None:
            self._classifier = Classifier(load_bundle(self._model))
        return self._classifier
