"""Screens a chunk of a batch's items: what is known by its content is not asked again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from app.core.domain.entry import Entry
from app.core.domain.results import Screening
from app.core.history.batches import ItemResult, ResultCache
from app.core.imaging import archive
from app.core.model.classifier import Classifier
from app.core.screening.pipeline import Loaded, Prepared, classify_prepared, load, prepare

Item = tuple[int, Path]
"""Of a batch: its position and its file."""


class ChunkScreener:
    """Screens chunks of items; to be called from any thread, each of which has a classifier of its own."""

    def __init__(
        self,
        spare: list[Classifier],
        make_classifier: Callable[[], Classifier],
        known: ResultCache | None,
        consistency: bool,
        force_prediction: bool,
        with_content: bool,
    ) -> None:
        """`spare` are classifiers that were made already. `known` may be missing. `with_content`: a result brings the
        file's content."""
        self._spare = spare
        self._make_classifier = make_classifier
        self._known = known
        self._consistency = consistency
        self._force_prediction = force_prediction
        self._with_content = with_content
        self._own = threading.local()
        self._lock = threading.Lock()

    def __call__(self, items: Sequence[Item], contents: Mapping[int, bytes] | None = None) -> list[ItemResult]:
        """A result for each item; those that have to be computed come last. `contents` are those of files that were
        read already, by their items' positions."""
        classifier = self._classifier()
        results: list[ItemResult] = []
        to_screen: list[tuple[int, Loaded, Prepared]] = []
        for position, path in items:
            content = None if contents is None else contents.get(position)
            loaded = load(path, classifier.model_id) if content is None else Loaded.of(content, path)
            if isinstance(loaded, Screening):
                results.append(ItemResult(position, loaded))
            elif earlier := self._find_known(loaded.sha256):
                screening = replace(earlier.screening, path=path)
                results.append(ItemResult(position, screening, earlier, self._content(loaded)))
            else:
                to_screen.append((position, loaded, prepare(loaded, classifier)))
        screenings = classify_prepared(
            [prepared for *_, prepared in to_screen],
            classifier,
            consistency=self._consistency,
            force_prediction=self._force_prediction,
        )
        for (position, loaded, _), screening in zip(to_screen, screenings, strict=True):
            results.append(ItemResult(position, screening, content=self._content(loaded)))
        return results

    def _classifier(self) -> Classifier:
        """The calling thread's own."""
        if not hasattr(self._own, "classifier"):
            archive.keep_open()
            with self._lock:
                self._own.classifier = self._spare.pop() if self._spare else self._make_classifier()
        return self._own.classifier

    def _find_known(self, sha256: str) -> Entry | None:
        if self._known is None:
            return None
        with self._lock:
            return self._known.find(sha256)

    def _content(self, loaded: Loaded) -> bytes:
        return loaded.content if self._with_content else b""
