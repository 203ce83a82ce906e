"""Shares of rejected images: of dermoscopy images, by reason and source, and of negatives, by kind and source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from tqdm import tqdm

from app.core.domain.results import Rejection, Screening
from app.core.model.card import Figure
from app.core.model.classifier import Classifier
from app.core.screening.pipeline import screen_file
from training.data.examples import Example
from training.evaluation.figures.negatives import Negatives, read_negatives
from training.evaluation.figures.task import Task, melanomas_among

REASONS = {
    "their quality": {Rejection.QUALITY},
    "not looking like dermoscopy": {reason for reason in Rejection if reason.is_of_content},
}
CAUGHT = "caught, of other pictures"


def refusals(task: Task) -> Iterator[Figure]:
    """Shares of rejected images: of the split, by reason and by source, and of the negatives."""
    given = {pattern: read_negatives(pattern, task.split) for pattern in (*task.negatives, *task.apart)}
    classifier = Classifier(task.bundle)
    examples = task.examples
    found = [screen_file(Path(example.path), classifier) for example in tqdm(examples, desc="refusals")]
    melanomas = melanomas_among(examples)
    yield task.share("refused, of dermoscopy images", map(_is_refused, found), melanomas)
    for reason, rejections in REASONS.items():
        yield task.share(f"refused for {reason}", (one.refusal in rejections for one in found), melanomas)
    if task.bundle.card.gate is not None:  # or such images are refused, and counted above
        unlike = (one.is_out_of_distribution and one.is_answer for one in found)
        yield task.share("warned of being unlike the training's images", unlike, melanomas)
    for source, count, chosen in _by_source(examples, found):
        yield task.share(f"refused, source {source}", map(_is_refused, chosen), count)
    everything: list[bool] = []
    for pattern, negatives in given.items():
        refused = [_is_refused(screen_file(one.path, classifier)) for one in tqdm(negatives.images, desc=pattern)]
        everything += refused if pattern in task.negatives else []
        yield from _caught(task, pattern, negatives, refused)
    if len(task.negatives) > 1:
        yield task.share("caught, of all other pictures", everything, data=", ".join(task.negatives))


def _is_refused(screening: Screening) -> bool:
    return screening.prediction is None


def _caught(task: Task, pattern: str, negatives: Negatives, refused: Sequence[bool]) -> Iterator[Figure]:
    """The share of all that a pattern names, and of each kind and source that its table knows."""
    yield task.share(CAUGHT, refused, data=pattern, split=negatives.split)
    for factor, values in (
        ("kind", [one.kind for one in negatives.images]),
        ("source", [one.source for one in negatives.images]),
    ):
        for value in sorted(set(values) - {""}):
            chosen = [caught for caught, own in zip(refused, values, strict=True) if own == value]
            yield task.share(f"{CAUGHT}, {factor} {value}", chosen, data=pattern, split=negatives.split)


def _by_source(examples: Sequence[Example], found: Sequence[Screening]) -> Iterator[tuple[str, int, list[Screening]]]:
    """Each source, its melanomas and its results."""
    for source in sorted({example.source for example in examples if example.source}):
        pairs = [pair for pair in zip(examples, found, strict=True) if pair[0].source == source]
        yield source, melanomas_among(example for example, _ in pairs), [one for _, one in pairs]
