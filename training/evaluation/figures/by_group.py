"""AUROC, sensitivity and specificity by source, collection, skin tone and dark border."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.model.card import Figure
from app.core.model.classifier import Classifier
from training.evaluation.evaluate import score
from training.evaluation.figures.task import Task
from training.evaluation.groups import groups_of

FACTORS = ("source", "collection", "skin tone", "dark border")


def by_group(task: Task) -> Iterator[Figure]:
    """The figures of each group, at the operating point in use, images that are refused for their content included.

    There is none where the group has too few images for it (see `training.evaluation.groups`).
    """
    card = task.bundle.card
    scored = score(Classifier(task.bundle), task.examples)
    for group in groups_of(scored.results(), scored.probabilities, card.operating_point.threshold, factors=FACTORS):
        for name, estimate in (
            ("AUROC", group.auroc),
            ("sensitivity", group.sensitivity),
            ("specificity", group.specificity),
        ):
            if estimate is not None:
                metric = f"{name}, {group.factor} {group.value}"
                yield task.figure(metric, estimate, group.images, group.melanomas)
