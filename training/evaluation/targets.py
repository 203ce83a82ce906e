"""Targets of MelaScreen's model, and whether an evaluation meets them.

Only those that an evaluation measures; the others have commands of their own (see docs/experiments.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.core.domain.statistics import Interval
from training.evaluation.evaluate import Evaluation
from training.evaluation.printing import Table

AUROC = 0.94
AUROC_OF_EACH_SOURCE = 0.90
SPECIFICITY_AT_SCREENING = 0.70
CALIBRATION_ERROR = 0.03
BUNDLE_BYTES = 20_000_000


@dataclass(frozen=True)
class Target:
    """A figure wanted and one measured; it is met where the measured value, not its interval, reaches it."""

    name: str
    wanted: str
    measured: str
    met: bool


def targets(evaluation: Evaluation, *, bundle_bytes: int) -> Iterator[Target]:
    """The targets compared with an evaluation. They are meant for the model that ships, on its data's `test` split."""
    yield _at_least("AUROC", evaluation.auroc, AUROC)
    for group in evaluation.groups:
        if group.factor == "source" and group.auroc is not None:
            yield _at_least(f"AUROC, {group.value}", group.auroc, AUROC_OF_EACH_SOURCE)
    screening = evaluation.thresholds[0]
    yield _at_least(f"specificity at {screening.name}", screening.specificity, SPECIFICITY_AT_SCREENING)
    error = evaluation.expected_calibration_error
    yield Target("calibration error", f"at most {CALIBRATION_ERROR}", str(error), error.value <= CALIBRATION_ERROR)
    size = f"{bundle_bytes / 1e6:.1f} MB"
    yield Target("size of the bundle", f"at most {BUNDLE_BYTES / 1e6:.0f} MB", size, bundle_bytes <= BUNDLE_BYTES)


def _at_least(name: str, measured: Interval, wanted: float) -> Target:
    return Target(name, f"at least {wanted}", str(measured), measured.value >= wanted)


def table(targets: Iterable[Target]) -> Table:
    """A row a target."""
    rows = ((each.name, each.wanted, each.measured, "met" if each.met else "missed") for each in targets)
    return Table(("target", "wanted", "measured", ""), tuple(rows))
