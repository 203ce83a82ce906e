"""k-fold and leave-one-source-out cross-validation of a recipe.

The folds are made by lesion; a source left out stands for another clinic's cameras and patients. Each fold's network
becomes a bundle, and the images left out are screened with it as the program does. The `test` split takes no part: the
results may choose a recipe.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import msgspec
import numpy as np

from app.core.domain.statistics import Interval
from app.core.model.bundle import ModelBundle, load_bundle
from app.core.model.classifier import Classifier
from app.core.system.files import write_atomically
from training import metrics
from training.data.examples import NOT_STATED, Example, check_splits, described, main_or_all, of_split
from training.data.splits import assign_splits
from training.errors import DataError
from training.evaluation.evaluate import Scored, score
from training.export.bundle import calibrated, write
from training.export.gate import GateTraining
from training.recipe import Recipe
from training.trainer import fit
from training.trainer.run import Run

log = logging.getLogger(__name__)

RESULT_FILE = "result.json"


@dataclass(frozen=True)
class Fold:
    """A division of the images: `test` are those that this fold leaves out, `train` and `val` make the model."""

    name: str
    examples: tuple[Example, ...]

    @property
    def folder(self) -> str:
        """A folder that no other division of the images has."""
        division = "\n".join(f"{example.image} {example.split}" for example in self.examples)
        return f"folds/{hashlib.sha256(division.encode()).hexdigest()[:12]}"


@dataclass(frozen=True)
class FoldResult:
    """Figures of a fold's model on the images left out.

    `auroc` is over all that could be judged, those refused by the gate too. `refused` is the share that gets no answer:
    refused for its quality or as no dermoscopy, or not readable.
    """

    name: str
    trained_on: int
    images: int
    melanomas: int
    auroc: Interval
    refused: Interval


@dataclass(frozen=True)
class CrossValidation:
    """All folds, and the mean of their AUROCs."""

    COLUMNS: ClassVar = ("fold", "images", "melanomas", "AUROC (95 % CI)", "refused (95 % CI)")

    recipe: str
    folds: tuple[FoldResult, ...]
    mean_auroc: float

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """A row a fold, of `COLUMNS`."""
        return tuple(
            (fold.name, str(fold.images), str(fold.melanomas), fold.auroc.text(), fold.refused.percent())
            for fold in self.folds
        )


def folds_by_source(examples: Sequence[Example], only: Sequence[str] = ()) -> list[Fold]:
    """Each source that has both classes left out once, or `only` some; the others keep their `train` and `val`.

    Left out are all of the source's images, and every image that shares a group with one. Measured on are those of
    its collection `main`, where it has one. Raises `DataError` if there is one source only, or one asked for can't be
    left out.
    """
    known = _without_test(examples)
    if len({example.source for example in known}) < 2:
        raise DataError("To leave out a source, images from two or more are needed (the column `source`).")
    sources = sorted({e.source for e in known if e.melanoma} & {e.source for e in known if not e.melanoma})
    for name in only:
        if name not in sources:
            raise DataError(f"{name} can't be left out: the sources with both classes are {', '.join(sources)}.")
    return [Fold(source or NOT_STATED, _leave_out(source, known)) for source in only or sources]


def _leave_out(source: str, known: Sequence[Example]) -> tuple[Example, ...]:
    own = [example for example in known if example.source == source]
    groups = {example.group for example in own}
    measured = main_or_all(own)
    others = [example for example in known if example.group not in groups]
    return (*(replace(example, split="test") for example in measured), *others)


def folds_by_lesion(examples: Sequence[Example], count: int, *, seed: int) -> list[Fold]:
    """`count` folds, lesions kept together, stratified by source and class.

    Each fold is left out once; the next one is then `val`, the others `train`.
    """
    if count < 3:
        raise DataError("Cross-validation needs three folds or more: one left out, one for `val`, the rest to learn.")
    known = _without_test(examples)
    place = assign_splits(known, (1 / count,) * count, seed=seed)

    def split_in(fold: int, example: Example) -> str:
        return {0: "test", 1: "val"}.get((place[example.group] - fold) % count, "train")

    return [
        Fold(f"fold-{fold + 1}", tuple(replace(e, split=split_in(fold, e)) for e in known)) for fold in range(count)
    ]


def _without_test(examples: Sequence[Example]) -> list[Example]:
    return [example for example in examples if example.split != "test"]


def cross_validate(recipe: Recipe, run: Run, folds: Sequence[Fold]) -> CrossValidation:
    """Train and measure every fold, each in a folder of its own within the run's; folds that are done are kept.

    A fold's folder holds its bundle too, to measure other things with. Raises as `fit.train` and `export` do.
    """
    for fold in folds:
        try:
            check_splits(fold.examples)
        except DataError as error:
            raise DataError(f"Without {fold.name}: {error}") from error
    results = tuple(_result(recipe, run.part(fold.folder), fold) for fold in folds)
    return CrossValidation(recipe.name, results, float(np.mean([result.auroc.value for result in results])))


def _result(recipe: Recipe, run: Run, fold: Fold) -> FoldResult:
    """The fold's result, read where it was measured before."""
    file = run.folder / RESULT_FILE
    run.note_settings("photographs.json", recipe.photographs, differing="other photographs")
    if file.is_file():
        return msgspec.json.decode(file.read_bytes(), type=FoldResult)
    fit.train(recipe, run, fold.examples)
    left_out = of_split(fold.examples, "test")
    bundle = run.folder / "bundle"
    command = f"melascreen-train cross-validate --recipe {recipe.name}, without {fold.name}"
    data = described(recipe.data_paths)
    examples = fold.examples
    made = calibrated(_for_its_val(recipe, fold), fit.trained(recipe, run), examples, data=data, command=command)
    write(_with_gate(made, recipe, run, fold), bundle)
    result = _measured(fold, score(Classifier(load_bundle(bundle)), left_out))
    write_atomically(file, msgspec.json.format(msgspec.json.encode(result)))
    log.info("%s: AUROC %s, refused %s", result.name, result.auroc, result.refused.percent())
    return result


def _with_gate(made: ModelBundle, recipe: Recipe, run: Run, fold: Fold) -> ModelBundle:
    """The bundle with a gate that has seen nothing of the source left out either."""
    if not recipe.photographs:
        return made
    examples = [example for example in fold.examples if example.split != "test"]
    without = {example.source for example in fold.examples} - {example.source for example in examples}
    return GateTraining.of(recipe, run, examples, without=sorted(without)).added_to(made)


def _for_its_val(recipe: Recipe, fold: Fold) -> Recipe:
    """The recipe without what it calibrates by and the fold's `val` does not have; nothing is rounded to save bytes."""
    there = {example.source for example in of_split(fold.examples, "val") if example.is_main}
    kept = tuple(names for names in recipe.calibration_sources if there.intersection(names))
    return msgspec.structs.replace(recipe, calibration_sources=kept, precision="float32")


def _measured(fold: Fold, scored: Scored) -> FoldResult:
    refused = sum(not screening.is_answer for screening in scored.screenings)
    return FoldResult(
        name=fold.name,
        trained_on=len(of_split(fold.examples, "train")),
        images=len(scored.examples),
        melanomas=sum(example.melanoma for example in scored.examples),
        auroc=metrics.auroc_estimate(scored.labels, scored.probabilities, scored.groups),
        refused=metrics.proportion(refused, len(scored.examples)),
    )


def write_report(result: CrossValidation, path: Path) -> None:
    """All figures as JSON."""
    write_atomically(path, msgspec.json.format(msgspec.json.encode(result)))
