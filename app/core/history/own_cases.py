"""Whether the program suspected a cancer in the clinic's own cases with a confirmed diagnosis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.core.domain.advice import Advice, advice_of
from app.core.domain.clinical import DIAGNOSES, MELANOMA, OTHER_CANCERS
from app.core.domain.entry import Entry
from app.core.domain.results import ModelId
from app.core.domain.statistics import Interval, proportion
from app.core.history.query import Query
from app.core.history.repository import EntryRepository

PAGE = 500
"""Entries read at a time."""


@dataclass(frozen=True)
class Share:
    """How many images of a kind of lesion got the right advice; the share is `None` without images."""

    images: int
    right: int

    @property
    def interval(self) -> Interval | None:
        return proportion(self.right, self.images) if self.images else None


@dataclass(frozen=True)
class OwnCaseMetrics:
    """Counts of images with a confirmed diagnosis: which cancers were suspected, which benign lesions were not.

    An image counts once, however often it was looked at; several images of a lesion count each. `lesions` is how
    many lesions the images show, as far as those of one were joined. `misses` are the cancers that were not suspected;
    a borderline is no suspicion.
    """

    melanomas: Share
    other_cancers: Share
    benign: Share
    lesions: int
    misses: tuple[Entry, ...]
    told: Mapping[str, Mapping[Advice, int]]
    """Numbers of images by confirmed diagnosis and the advice that they got; diagnoses without any are left out."""

    @property
    def images(self) -> int:
        return self.melanomas.images + self.other_cancers.images + self.benign.images


def performance(entries: Iterable[Entry]) -> OwnCaseMetrics:
    """Count entries with a confirmed diagnosis, all of one model and threshold.

    Of several entries of one image the first counts.
    """
    images: dict[str | None, Entry] = {}
    for entry in entries:
        images.setdefault(entry.screening.sha256, entry)
    melanomas, other_cancers, benign = _by_kind(images.values())
    joined = {entry.lesion for entry in images.values() if entry.lesion is not None}
    return OwnCaseMetrics(
        melanomas=Share(len(melanomas), sum(map(_is_suspected, melanomas))),
        other_cancers=Share(len(other_cancers), sum(map(_is_suspected, other_cancers))),
        benign=Share(len(benign), sum(not _is_suspected(entry) for entry in benign)),
        lesions=len(joined) + sum(entry.lesion is None for entry in images.values()),
        misses=tuple(entry for entry in (*melanomas, *other_cancers) if not _is_suspected(entry)),
        told=_told(images.values()),
    )


def _by_kind(entries: Iterable[Entry]) -> tuple[list[Entry], list[Entry], list[Entry]]:
    """Melanomas, other cancers, and what is benign, by the confirmed diagnosis."""
    every = list(entries)
    melanomas = [entry for entry in every if entry.record.diagnosis == MELANOMA]
    other_cancers = [entry for entry in every if entry.record.diagnosis in OTHER_CANCERS]
    benign = [entry for entry in every if entry.record.diagnosis not in (MELANOMA, *OTHER_CANCERS)]
    return melanomas, other_cancers, benign


def _told(entries: Iterable[Entry]) -> dict[str, Counter[Advice]]:
    found: dict[str, Counter[Advice]] = {}
    for entry in entries:
        found.setdefault(entry.record.diagnosis, Counter())[advice_of(entry.screening)] += 1
    known = [diagnosis for diagnosis in DIAGNOSES if diagnosis in found]
    return {diagnosis: found[diagnosis] for diagnosis in (*known, *sorted(found.keys() - set(DIAGNOSES)))}


def _is_suspected(entry: Entry) -> bool:
    return advice_of(entry.screening).refers


def own_case_metrics(history: EntryRepository) -> list[tuple[ModelId, float, OwnCaseMetrics]]:
    """Metrics for each model and threshold, the last used first.

    The newest entry of an image counts. Raises `HistoryError`.
    """
    groups: dict[tuple[ModelId, float], list[Entry]] = {}
    for entry in _confirmed(history):
        prediction = entry.screening.answered
        if prediction is not None:
            groups.setdefault((entry.screening.model, prediction.threshold), []).append(entry)
    return [(model, threshold, performance(entries)) for (model, threshold), entries in groups.items()]


def _confirmed(history: EntryRepository) -> Iterator[Entry]:
    """The entries with a confirmed diagnosis, newest first."""
    page = history.entries(Query(confirmed=True), limit=PAGE)
    while page:
        yield from page
        page = history.entries(Query(confirmed=True), limit=PAGE, after=page[-1])
