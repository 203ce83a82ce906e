"""Sensitivity and specificity on the clinic's own cases with a confirmed diagnosis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.core.domain.clinical import MELANOMA
from app.core.domain.entry import Entry
from app.core.domain.results import ModelId
from app.core.domain.statistics import Interval, proportion
from app.core.history.query import Query
from app.core.history.repository import EntryRepository

PAGE = 500
"""Entries read at a time."""


@dataclass(frozen=True)
class OwnCaseMetrics:
    """Counts of images with a confirmed diagnosis, with sensitivity and specificity.

    An image counts once, however often it was looked at; several images of a lesion count each. `lesions` is how
    many lesions the images show, as far as those of one were joined. `true_positives` of the `melanomas` were
    suspected, `true_negatives` of the `others` were not. A share without a single case is `None`. `misses` are the
    melanomas that were not suspected.
    """

    melanomas: int
    true_positives: int
    others: int
    true_negatives: int
    lesions: int
    sensitivity: Interval | None
    specificity: Interval | None
    misses: tuple[Entry, ...]

    @property
    def images(self) -> int:
        return self.melanomas + self.others

    @property
    def false_positives(self) -> int:
        return self.others - self.true_negatives


def performance(entries: Iterable[Entry]) -> OwnCaseMetrics:
    """Count entries with a confirmed diagnosis, all of one model and threshold.

    Of several entries of one image the first counts.
    """
    images: dict[str | None, Entry] = {}
    for entry in entries:
        images.setdefault(entry.screening.sha256, entry)
    melanomas = [entry for entry in images.values() if entry.record.diagnosis == MELANOMA]
    others = [entry for entry in images.values() if entry.record.diagnosis != MELANOMA]
    misses = tuple(entry for entry in melanomas if not entry.screening.melanoma_suspected)
    true_positives = len(melanomas) - len(misses)
    true_negatives = sum(not entry.screening.melanoma_suspected for entry in others)
    joined = {entry.lesion for entry in images.values() if entry.lesion is not None}
    return OwnCaseMetrics(
        melanomas=len(melanomas),
        true_positives=true_positives,
        others=len(others),
        true_negatives=true_negatives,
        lesions=len(joined) + sum(entry.lesion is None for entry in images.values()),
        sensitivity=proportion(true_positives, len(melanomas)) if melanomas else None,
        specificity=proportion(true_negatives, len(others)) if others else None,
        misses=misses,
    )


def own_case_metrics(history: EntryRepository) -> list[tuple[ModelId, float, OwnCaseMetrics]]:
    """Metrics for each model and threshold, the last used first.

    The newest entry of an image counts. Raises `HistoryError`.
    """
    groups: dict[tuple[ModelId, float], list[Entry]] = {}
    for entry in _confirmed(history):
        prediction = entry.screening.prediction
        if prediction is not None and entry.screening.is_answer:
            groups.setdefault((entry.screening.model, prediction.threshold), []).append(entry)
    return [(model, threshold, performance(entries)) for (model, threshold), entries in groups.items()]


def _confirmed(history: EntryRepository) -> Iterator[Entry]:
    """The entries with a confirmed diagnosis, newest first."""
    page = history.entries(Query(confirmed=True), limit=PAGE)
    while page:
        yield from page
        page = history.entries(Query(confirmed=True), limit=PAGE, after=page[-1])
