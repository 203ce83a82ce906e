"""Screening of single images for a window: the model, loaded once, and the history that results go to."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.domain.entry import Annotation, Entry, SimilarCase
from app.core.domain.errors import BundleError
from app.core.domain.messages import Message
from app.core.domain.results import Explanation, ModelId, Screening
from app.core.history.image_store import ImageStore
from app.core.history.repository import EntryRepository
from app.core.imaging.decode import decode
from app.core.imaging.read import read_bytes, read_judged
from app.core.lesion.change import Quantities, quantities
from app.core.lesion.measure import LesionMeasurement, measure_lesion
from app.core.model.bundle import load_bundle
from app.core.model.card import Card
from app.core.model.classifier import Classifier
from app.core.model.segmentation import OutlineNetwork
from app.core.screening.options import DEFAULTS, ScreeningOptions
from app.core.screening.pipeline import Loaded, explain, load, screen_loaded
from app.core.system.log import Event

_log = logging.getLogger(__name__)

SIMILAR_CASES = 6
"""How many are shown beside a result."""


@dataclass(frozen=True)
class ImageSource:
    """An image to look at: a file, or content that has none (pasted), under the name `path`."""

    path: Path
    content: bytes | None = None

    def read(self) -> bytes:
        """The content. Raises `ImageError`."""
        return read_bytes(self.path) if self.content is None else self.content

    def read_judged(self, sha256: str) -> bytes:
        """The content that a result was computed from; see `app.core.imaging.read.read_judged`. Raises `ImageError`."""
        return read_judged(self.path, sha256) if self.content is None else self.content

    def load(self, model: ModelId) -> Loaded | Screening:
        """The content, or the result where it can't be read; see `app.core.screening.pipeline.load`."""
        return load(self.path, model) if self.content is None else Loaded.of(self.content, self.path)


class ScreeningService:
    """Owns the network, so it belongs to one thread; a batch has networks of its own (`batch_runner`)."""

    def __init__(self, model: Path, history: EntryRepository, images: ImageStore | None = None) -> None:
        """`images` is where copies are kept, if the options ask for it."""
        self._model = model
        self._history = history
        self._images = images
        self._classifier: Classifier | None = None
        self._outliner: OutlineNetwork | None = None

    def use(self, model: Path) -> Card:
        """Take another model from now on, and no other where that can't be used. Raises `BundleError` then."""
        self._model = model
        self._classifier = self._outliner = None
        return self.card()

    def card(self) -> Card:
        """The model's card. Raises `BundleError` where the model can't be used."""
        return self._loaded().card

    def screen(
        self, source: ImageSource, options: ScreeningOptions = DEFAULTS, *, force_prediction: bool = False
    ) -> Iterator[Screening | Entry]:
        """Give the result, then its entry, which the history may have had already (`EntryRepository.record_once`).

        `force_prediction` as in `classify_prepared`. A failed or refused one is given, not written.
        Raises `BundleError` before a result, `HistoryError` after it.
        """
        classifier = self._loaded()
        loaded = source.load(classifier.model_id)
        if isinstance(loaded, Screening):
            _log.info(Event.IMAGE_UNREADABLE, loaded.error)
            yield loaded
            return
        screening = screen_loaded(
            loaded, classifier, consistency=options.consistency, force_prediction=force_prediction
        )
        yield screening
        if screening.prediction is not None:
            keep = self._images if options.keep_images else None
            yield self._history.record_once(screening, loaded.content, keep=keep)

    def explain(self, content: bytes, name: Path) -> Explanation | None:
        """What moves the network in a file's image, whatever came of it; `None` where it can't be judged at all."""
        return explain(content, name, self._loaded())

    def measure_lesion(self, content: bytes, annotation: Annotation) -> LesionMeasurement:
        """Measure the lesion of a file's image, within the outline that was drawn or the one that is found.

        Raises `ImageError`, and `BundleError` where there is no outline and no network that finds one.
        """
        find = None
        if annotation.outline is None:
            self._loaded()
            if self._outliner is None:
                raise BundleError(Message("model-finds-no-outline"))
            find = self._outliner.find
        return measure_lesion(content, find, outline=annotation.outline, field_width=annotation.field_width)

    def quantities(self, content: bytes, annotation: Annotation) -> Quantities | None:
        """Quantities of the lesion in a file's image, for comparing two; `None` where no lesion is found.

        Raises `ImageError` or `BundleError`.
        """
        self._loaded()
        picture = decode(content)
        outline = annotation.outline if annotation.outline_by_hand else None
        find = self._outliner.find if self._outliner is not None else None
        return quantities(picture.rgb, find, outline, annotation.field_width or picture.field_width)

    def assess_again(self, content: bytes, path: Path) -> Screening:
        """The result of a file's content by the model in use, with its copies looked at; it is not recorded."""
        classifier = self._loaded()
        loaded = ImageSource(path, content).load(classifier.model_id)
        return loaded if isinstance(loaded, Screening) else screen_loaded(loaded, classifier, consistency=True)

    def similar_cases(self, screening: Screening) -> list[SimilarCase]:
        """See `EntryRepository.similar`."""
        return self._history.similar(screening, count=SIMILAR_CASES)

    def _loaded(self) -> Classifier:
        if self._classifier is None:
            bundle = load_bundle(self._model)
            self._classifier = Classifier(bundle)
            if bundle.outline is not None and bundle.card.outline is not None:
                self._outliner = OutlineNetwork(bundle.outline, side=bundle.card.outline.side)
        return self._classifier
