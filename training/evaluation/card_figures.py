"""Figures for a bundle's card beside those of `evaluate`: rejections, warnings, consistency, saliency, outlines, ABCD.

Each function measures one of them and gives `Figure`s; `melascreen-train figures` prints them and puts them into cards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.model.card import Figure
from app.core.model.classifier import Classifier
from app.core.model.segmentation import OutlineNetwork
from app.core.screening.pipeline import screen_file
from training.data.examples import Example
from training.errors import DataError
from training.evaluation import artifact_rates, quality_rates
from training.evaluation.abcd import measure_examples
from training.evaluation.figures.by_group import by_group
from training.evaluation.figures.calibration import calibration
from training.evaluation.figures.diagnoses import diagnoses
from training.evaluation.figures.kinds import kinds
from training.evaluation.figures.patient import patient
from training.evaluation.figures.refusals import refusals
from training.evaluation.figures.task import Task, melanomas_among


def warnings(task: Task) -> Iterator[Figure]:
    """How often each kind of warning is given, and how often those on hair, ink and rulers are right.

    The latter on the images labelled by eye, as far as the data have them.
    """
    examples = task.examples
    melanomas = melanomas_among(examples)
    of_class = {example.image: example.melanoma for example in examples}
    for rate in quality_rates.rates(quality_rates.assess_examples(examples)):
        if rate.source == quality_rates.ALL:
            what = f"warned: {rate.kind}" if rate.kind else "warned of the picture's quality"
            yield task.figure(what, rate.warned, rate.images, melanomas)
    found = artifact_rates.find(examples)
    for share in artifact_rates.warned(examples, found):
        if share.source == artifact_rates.ALL:
            yield task.figure(f"warned: {share.artifact}", share.share, share.images, melanomas)
    everything = artifact_rates.labelled(task.split)
    labels = {image: there for image, there in everything.items() if image in found}  # the data may lack some of them
    for each in artifact_rates.rates(found, labels):
        having = sum(of_class[image] for image, there in labels.items() if each.artifact in there)
        without = sum(of_class[image] for image in labels) - having
        for what, rate_of, images, count in (
            ("false warnings", each.false_warnings, each.without, without),
            ("found", each.sensitivity, each.having, having),
        ):
            if rate_of is not None:
                yield task.figure(f"{what}, {each.artifact} (labelled by eye)", rate_of, images, count)


def consistency(task: Task) -> Iterator[Figure]:
    """Share of results that are consistent under test-time augmentation, and the error rates of both kinds."""
    classifier = Classifier(task.bundle)
    examples = task.examples
    judged = [
        (example.melanoma == 1, found)
        for example in tqdm(examples, desc="stability")
        if (found := screen_file(Path(example.path), classifier, consistency=True).prediction) is not None
        and found.consistency is not None
    ]
    if not judged:
        raise DataError("The model's card has no limit of stability.")
    melanomas = sum(truth for truth, _ in judged)
    consistent = [(truth, found) for truth, found in judged if found.consistency and found.consistency.consistent]
    unsteady = [(truth, found) for truth, found in judged if found.consistency and not found.consistency.consistent]
    are_steady = (found.consistency and found.consistency.consistent for _, found in judged)
    yield task.share("answers that are steady", are_steady, melanomas)
    yield task.share("answers that a copy turns over", (found.is_near_threshold for _, found in judged), melanomas)
    for name, chosen in (("steady", consistent), ("unsteady", unsteady)):
        if chosen:
            wrong = (truth != found.melanoma_suspected for truth, found in chosen)
            count = sum(truth for truth, _ in chosen)
            yield task.share(f"wrong at the screening threshold, of {name} answers", wrong, count)


def saliency(task: Task) -> Iterator[Figure]:
    """Saliency maps on the images with an outline: mass inside the lesion, effect of occlusion."""
    from training.data.masks import outlined
    from training.evaluation.saliency import evaluate_saliency

    data = task.outlined_data
    found = evaluate_saliency(task.bundle, outlined(data, task.split), data)
    for name, estimate in (
        ("heat map: share of its mass on the lesion", found.mass_inside),
        ("heat map: share that a map without sense would have there", found.area_inside),
        ("heat map: change of the logit, hottest tenth covered", found.hottest),
        ("heat map: change of the logit, a random tenth covered", found.random),
        ("heat map: images where the hottest tenth moves more", found.hottest_more),
    ):
        yield task.figure(name, estimate, found.images, found.melanomas)


def outline(task: Task) -> Iterator[Figure]:
    """Dice of the outlines found against the masks of the data."""
    from training.segmentation.measure import measure

    if task.bundle.outline is None or task.bundle.card.outline is None:
        raise DataError("The model finds no outlines.")
    found = measure(task.bundle.outline, task.outlined_data, task.split, side=task.bundle.card.outline.side)
    melanomas = melanomas_among(example for example in task.examples if example.image in set(found.images))
    yield task.figure("outline: Dice", found.mean(), len(found.dice), melanomas)
    yield task.share("outline: Dice below 0.7", (value < 0.7 for value in found.dice), melanomas)


def abcd(task: Task) -> Iterator[Figure]:
    """Univariate AUROC of each ABCD feature within the outlines that the program finds, on all images."""
    if task.bundle.outline is None or task.bundle.card.outline is None:
        raise DataError("The model finds no outlines.")
    network = OutlineNetwork(task.bundle.outline, side=task.bundle.card.outline.side)

    def mask(_: Example, rgb: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
        found = network.find(rgb)
        return found.mask(rgb.shape[1], rgb.shape[0]) if found else None

    found = measure_examples(task.examples, task.split, mask)
    for result in found.results:
        yield task.figure(f"AUROC by itself: {result.name}", result.auroc, found.images, found.melanomas)


KINDS: dict[str, Callable[[Task], Iterator[Figure]]] = {
    "refusals": refusals,
    "warnings": warnings,
    "stability": consistency,
    "why": saliency,
    "outline": outline,
    "abcd": abcd,
    "diagnoses": diagnoses,
    "groups": by_group,
    "kinds": kinds,
    "calibration": calibration,
    "patient": patient,
}


def merged(before: Sequence[Figure], new: Sequence[Figure]) -> tuple[Figure, ...]:
    """A card's figures with new ones in place of those by the same command."""
    commands = {figure.command for figure in new}
    return (*(figure for figure in before if figure.command not in commands), *new)
