"""Figures for a bundle's card beside those of `evaluate`: rejections, warnings, consistency, saliency, outlines, ABCD.

Each function measures one of them and gives `Figure`s; `melascreen-train figures` prints them and puts them into cards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.domain.results import Rejection, Screening
from app.core.domain.statistics import Interval
from app.core.imaging.find import SUFFIXES
from app.core.model.bundle import ModelBundle
from app.core.model.card import DIAGNOSIS_LOGITS, Figure
from app.core.model.classifier import Classifier
from app.core.model.network import Network
from app.core.model.segmentation import OutlineNetwork
from app.core.screening.pipeline import screen_file
from training.data.examples import Example, load_source, of_split
from training.data.images import read_input
from training.errors import DataError
from training.evaluation import artifact_rates, quality_rates
from training.evaluation.abcd import measure_split
from training.metrics import calibration_error_estimate, proportion


@dataclass(frozen=True)
class Task:
    """A bundle, the images to measure it on, and the command that the figures name.

    `negatives` are patterns of files that are not dermoscopy images; `apart` are more of them, counted separately.
    """

    bundle: ModelBundle
    data: Path
    split: str
    command: str
    negatives: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    @property
    def examples(self) -> list[Example]:
        return of_split(load_source(self.data), self.split)

    def figure(self, metric: str, estimate: Interval, images: int, melanomas: int = 0, *, data: str = "") -> Figure:
        """A figure on the task's split, or on other `data`."""
        split = "" if data else self.split
        return Figure(metric, estimate.rounded(), data or str(self.data), split, images, melanomas, self.command)

    def share(self, metric: str, chosen: Iterable[object], melanomas: int = 0, *, data: str = "") -> Figure:
        """The share of what is true in `chosen`."""
        each = [bool(one) for one in chosen]
        return self.figure(metric, proportion(sum(each), len(each)), len(each), melanomas, data=data)


def refusals(task: Task) -> Iterator[Figure]:
    """Shares of rejected images: of the split, by reason and by source, and of the negatives."""
    classifier = Classifier(task.bundle)
    examples = task.examples
    found = [screen_file(Path(example.path), classifier) for example in tqdm(examples, desc="refusals")]
    melanomas = _melanomas(examples)
    yield task.share("refused, of dermoscopy images", (one.prediction is None for one in found), melanomas)
    for refusal in Rejection:
        yield task.share(f"refused for {_reason(refusal)}", (one.refusal is refusal for one in found), melanomas)
    for source, count, chosen in _by_source(examples, found):
        yield task.share(f"refused, source {source}", (one.prediction is None for one in chosen), count)
    everything: list[Screening] = []
    for pattern in (*task.negatives, *task.apart):
        negatives = [screen_file(file, classifier) for file in tqdm(image_files(pattern), desc=pattern)]
        everything += negatives if pattern in task.negatives else []
        yield task.share("caught, of other pictures", (one.prediction is None for one in negatives), data=pattern)
    if len(task.negatives) > 1:
        caught = (one.prediction is None for one in everything)
        yield task.share("caught, of all other pictures", caught, data=", ".join(task.negatives))


def _reason(refusal: Rejection) -> str:
    return "their quality" if refusal is Rejection.QUALITY else "not looking like dermoscopy"


def image_files(pattern: str) -> list[Path]:
    """The images that a pattern names, or that lie in the folder that it names."""
    paths = [Path(path) for path in sorted(glob(pattern))]  # noqa: PTH207 - a pattern may be absolute
    found = [
        file
        for path in paths
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if file.suffix.lower() in SUFFIXES
    ]
    if not found:
        raise DataError(f"{pattern}: there is no image.")
    return found


def _melanomas(examples: Iterable[Example]) -> int:
    return sum(example.melanoma for example in examples)


def _by_source(examples: Sequence[Example], found: Sequence[Screening]) -> Iterator[tuple[str, int, list[Screening]]]:
    """Each source, its melanomas and its results."""
    for source in sorted({example.source for example in examples if example.source}):
        pairs = [pair for pair in zip(examples, found, strict=True) if pair[0].source == source]
        yield source, _melanomas(example for example, _ in pairs), [one for _, one in pairs]


def warnings(task: Task) -> Iterator[Figure]:
    """How often each kind of warning is given, and how often those on hair, ink and rulers are right."""
    examples = task.examples
    melanomas = _melanomas(examples)
    of_class = {example.image: example.melanoma for example in examples}
    for rate in quality_rates.rates(quality_rates.assess_examples(examples)):
        if rate.source == quality_rates.ALL:
            what = f"warned: {rate.kind}" if rate.kind else "warned of the picture's quality"
            yield task.figure(what, rate.warned, rate.images, melanomas)
    found = artifact_rates.find(examples)
    for share in artifact_rates.warned(examples, found):
        if share.source == artifact_rates.ALL:
            yield task.figure(f"warned: {share.artifact}", share.share, share.images, melanomas)
    labels = artifact_rates.labelled(task.split)
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

    found = evaluate_saliency(task.bundle, outlined(task.data, task.split), task.data)
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
    found = measure(task.bundle.outline, task.data, task.split, side=task.bundle.card.outline.side)
    melanomas = _melanomas(example for example in task.examples if example.image in set(found.images))
    yield task.figure("outline: Dice", found.mean(), len(found.dice), melanomas)
    yield task.share("outline: Dice below 0.7", (value < 0.7 for value in found.dice), melanomas)


def abcd(task: Task) -> Iterator[Figure]:
    """Univariate AUROC of each ABCD feature within the outlines that the program finds, on all images."""
    if task.bundle.outline is None or task.bundle.card.outline is None:
        raise DataError("The model finds no outlines.")
    network = OutlineNetwork(task.bundle.outline, side=task.bundle.card.outline.side)

    def mask(rgb: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
        found = network.find(rgb)
        return found.mask(rgb.shape[1], rgb.shape[0]) if found else None

    found = measure_split(task.data, task.split, outliner=mask)
    for result in found.results:
        yield task.figure(f"AUROC by itself: {result.name}", result.auroc, found.images, found.melanomas)


def diagnoses(task: Task) -> Iterator[Figure]:
    """Accuracy and calibration error of the probabilities of the diagnoses."""
    card = task.bundle.card
    if card.diagnosis_calibration is None:
        raise DataError("The model's card has no calibration of diagnoses.")
    network = Network(task.bundle.network, card.network.outputs, side=card.network.side)
    index_of = {name: index for index, name in enumerate(card.diagnoses)}
    chosen = [(index_of[example.diagnosis], example) for example in task.examples if example.diagnosis in index_of]
    logits = np.stack(
        [
            network.outputs(read_input(Path(example.path), card.network.side))[DIAGNOSIS_LOGITS]
            for _, example in tqdm(chosen, desc="diagnoses")
        ]
    )
    probabilities = card.diagnosis_calibration.probabilities(logits.astype(float))
    truth = np.array([index for index, _ in chosen])
    melanomas = _melanomas(example for _, example in chosen)
    yield task.share("the most probable diagnosis is right", probabilities.argmax(axis=1) == truth, melanomas)
    groups = np.array([example.group for _, example in chosen])
    for index, name in enumerate(card.diagnoses):
        labels = (truth == index).astype(np.int64)
        errors = calibration_error_estimate(labels, probabilities[:, index], groups)
        yield task.figure(f"calibration error of {name}, 15 bins", errors, len(chosen), melanomas)


KINDS: dict[str, Callable[[Task], Iterator[Figure]]] = {
    "refusals": refusals,
    "warnings": warnings,
    "stability": consistency,
    "why": saliency,
    "outline": outline,
    "abcd": abcd,
    "diagnoses": diagnoses,
}


def merged(before: Sequence[Figure], new: Sequence[Figure]) -> tuple[Figure, ...]:
    """A card's figures with new ones in place of those by the same command."""
    commands = {figure.command for figure in new}
    return (*(figure for figure in before if figure.command not in commands), *new)
