"""Paired comparison of two bundles on the same labelled images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.core.domain.statistics import Interval
from app.core.model.card import Card
from training import metrics
from training.errors import DataError
from training.evaluation import printing
from training.evaluation.evaluate import Scored
from training.evaluation.printing import Table
from training.metrics import Places, Probabilities

FIRST, SECOND, NEITHER = "the first is better", "the second is better", "no difference shown"
"""The verdicts on two bundles."""


@dataclass(frozen=True)
class Difference:
    """A figure of the first bundle and of the second, and the first's lead over the second."""

    figure: str
    first: float
    second: float
    lead: Interval

    @property
    def verdict(self) -> str:
        """Whether the interval of the lead leaves out 0."""
        if self.lead.low > 0:
            return FIRST
        return SECOND if self.lead.high < 0 else NEITHER


@dataclass(frozen=True)
class Comparison:
    """Paired differences of two bundles on some images, each with a 95 % interval."""

    first: str
    second: str
    data: str
    split: str
    images: int
    melanomas: int
    differences: tuple[Difference, ...]

    def table(self, first: str, second: str, verdicts: Mapping[str, str] | None = None) -> Table:
        """A row a difference. The bundles are called `first` and `second`; `verdicts` says the verdicts otherwise."""
        said = verdicts or {}
        return Table(
            ("figure", first, second, "lead", "verdict"),
            tuple(
                (d.figure, f"{d.first:.4f}", f"{d.second:.4f}", str(d.lead), said.get(d.verdict, d.verdict))
                for d in self.differences
            ),
        )


def compare(first: Scored, second: Scored, cards: tuple[Card, Card], *, data: str, split: str) -> Comparison:
    """Compare two bundles' results for the same examples by the paired bootstrap.

    Sensitivity and specificity are taken at each bundle's own first operating point. Images that either could
    not read are left out. Raises `DataError` where the examples are not the same.
    """
    if first.examples != second.examples:
        raise DataError("The two bundles were not measured on the same images.")
    readable = {example.image for example, _ in first.classified()} & {
        example.image for example, _ in second.classified()
    }
    first, second = first.only(readable), second.only(readable)
    labels, groups = first.labels, first.groups
    ours, theirs = first.probabilities, second.probabilities
    thresholds = tuple(card.operating_point.threshold for card in cards)
    differences = (
        Difference(
            "AUROC",
            metrics.auroc(labels, ours),
            metrics.auroc(labels, theirs),
            metrics.auroc_difference(labels, groups, ours, theirs),
        ),
        _at_thresholds("sensitivity", 1, first, (ours, theirs), thresholds),
        _at_thresholds("specificity", 0, first, (ours, theirs), thresholds),
    )
    return Comparison(
        str(cards[0].model_id), str(cards[1].model_id), data, split, labels.size, int(labels.sum()), differences
    )


def _at_thresholds(
    figure: str,
    label: int,
    scored: Scored,
    scores: tuple[Probabilities, Probabilities],
    thresholds: tuple[float, ...],
) -> Difference:
    """The share of the images of a class that each bundle has on the right side of its threshold."""
    labels = scored.labels
    right = [(values >= threshold) == (labels == 1) for values, threshold in zip(scores, thresholds, strict=True)]

    def lead(melanomas: Places, others: Places) -> float:
        places = melanomas if label else others
        return float(right[0][places].mean() - right[1][places].mean())

    first, second = (float(each[labels == label].mean()) for each in right)
    return Difference(figure, first, second, metrics.bootstrap(labels, scored.groups, lead))


def as_text(comparison: Comparison) -> str:
    """For reading."""
    return (
        f"first:  {comparison.first}\n"
        f"second: {comparison.second}\n"
        f"on {comparison.data}, {comparison.split or 'all images'}: {comparison.images} images, "
        f"{comparison.melanomas} melanomas; paired bootstrap, {metrics.BOOTSTRAP_ROUNDS} rounds\n\n"
        f"{printing.as_text(comparison.table('first', 'second'))}\n"
    )
