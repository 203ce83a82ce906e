"""k-fold and leave-one-source-out cross-validation of a recipe.

The folds are made by lesion; a source left out stands for another clinic's cameras and patients. The `test` split
takes no part: the results may choose a recipe.
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
import tensorflow as tf

from app.core.domain.statistics import Interval
from app.core.system.files import write_atomically
from training import metrics
from training.data.examples import NOT_STATED, Example, check_splits, of_split
from training.data.splits import assign_splits
from training.errors import DataError
from training.recipe import Recipe
from training.trainer import fit
from training.trainer.input_pipeline import ImageDataset
from training.trainer.run import Run
from training.trainer.step import TrainStep

log = logging.getLogger(__name__)

MAIN_COLLECTION = "main"
"""The collection of a source's images that came from the source itself."""


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
    """Figures of a fold's model on the images left out."""

    name: str
    trained_on: int
    images: int
    melanomas: int
    auroc: Interval


@dataclass(frozen=True)
class CrossValidation:
    """All folds, and the mean of their AUROCs."""

    COLUMNS: ClassVar = ("fold", "images", "melanomas", "AUROC (95 % CI)")

    recipe: str
    folds: tuple[FoldResult, ...]
    mean_auroc: float

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """A row a fold, of `COLUMNS`."""
        return tuple((fold.name, str(fold.images), str(fold.melanomas), fold.auroc.text()) for fold in self.folds)


def folds_by_source(examples: Sequence[Example]) -> list[Fold]:
    """Each source that has both classes left out once; the others keep their `train` and `val`.

    Left out are all of the source's images, and every image that shares a group with one. Measured on are those of
    its collection `main`, where it has one. Raises `DataError` if there is one source only.
    """
    known = _without_test(examples)
    if len({example.source for example in known}) < 2:
        raise DataError("To leave out a source, images from two or more are needed (the column `source`).")
    sources = sorted({e.source for e in known if e.melanoma} & {e.source for e in known if not e.melanoma})
    return [Fold(source or NOT_STATED, _leave_out(source, known)) for source in sources]


def _leave_out(source: str, known: Sequence[Example]) -> tuple[Example, ...]:
    own = [example for example in known if example.source == source]
    groups = {example.group for example in own}
    measured = [example for example in own if example.collection == MAIN_COLLECTION] or own
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

    Measured by the Keras model on the prepared images. Raises as `fit.train` does.
    """
    for fold in folds:
        try:
            check_splits(fold.examples)
        except DataError as error:
            raise DataError(f"Without {fold.name}: {error}") from error
    results = tuple(_measure(recipe, run.part(fold.folder), fold) for fold in folds)
    return CrossValidation(recipe.name, results, float(np.mean([result.auroc.value for result in results])))


def _measure(recipe: Recipe, run: Run, fold: Fold) -> FoldResult:
    fit.train(recipe, run, fold.examples)
    left_out = of_split(fold.examples, "test")
    dataset = ImageDataset.load(left_out, run.prepared, recipe, side=recipe.network.side)
    given = [
        TrainStep(model, tf.distribute.get_strategy()).predict(dataset, batch_size=recipe.batch_size)
        for model in fit.trained(recipe, run)
    ]
    given = [np.clip(probabilities, 1e-12, 1 - 1e-12) for probabilities in given]
    scores = np.mean([np.log(probabilities) - np.log1p(-probabilities) for probabilities in given], axis=0)
    groups = np.array([example.group for example in left_out])
    result = FoldResult(
        name=fold.name,
        trained_on=len(of_split(fold.examples, "train")),
        images=len(left_out),
        melanomas=int(dataset.labels.sum()),
        auroc=metrics.auroc_estimate(dataset.labels, scores, groups),
    )
    log.info("%s: %d images, %d melanomas, AUROC %s", result.name, result.images, result.melanomas, result.auroc)
    return result


def write_report(result: CrossValidation, path: Path) -> None:
    """All figures as JSON."""
    write_atomically(path, msgspec.json.format(msgspec.json.encode(result)))
