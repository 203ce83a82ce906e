"""The bundle's card: parameters, figures and data."""

from __future__ import annotations

import datetime as dt
import hashlib
import shlex
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import keras
import msgspec

from app.core.domain.results import CLASSES, MELANOMA
from app.core.domain.statistics import Interval
from app.core.model.card import (
    SCHEMA,
    Calibration,
    Card,
    ConsistencyLimit,
    DataSet,
    Figure,
    NetworkFile,
    OperatingPoint,
    Origin,
    OutOfDistributionFile,
)
from training.data.examples import Example, described, load_source, of_split, options_of
from training.evaluation.evaluate import ARGMAX, Evaluation
from training.networks.convert import NETWORK_FILE
from training.recipe import Recipe, members_of
from training.trainer.run import Run

OUT_OF_DISTRIBUTION_FILE = "familiarity.npz"


@dataclass(frozen=True)
class FittedParameters:
    """Parameters fitted to a network's outputs, by the program's own path."""

    calibration: Calibration
    operating_points: tuple[OperatingPoint, ...]
    diagnoses: Calibration | None
    consistency: ConsistencyLimit
    detector: OutOfDistributionFile | None
    detector_content: bytes | None


def _architecture(recipe: Recipe, model: keras.Model) -> str:
    backbones = [member.network.backbone for member in members_of(recipe)] or [recipe.network.backbone]
    return f"{' and '.join(backbones)}, {model.count_params():,} parameters"


def draft_card(
    recipe: Recipe,
    model: keras.Model,
    content: bytes,
    outputs: dict[str, tuple[int, ...]],
    fitted: FittedParameters,
    examples: Sequence[Example],
    *,
    command: str,
) -> Card:
    about = recipe.card
    return Card(
        schema=SCHEMA,
        name=about.name,
        version=about.version,
        created=dt.datetime.now(dt.UTC).date().isoformat(),
        description=recipe.description,
        intended_use=about.intended_use,
        not_for=about.not_for,
        factors=about.factors,
        data_lack=about.data_lack,
        ethics=about.ethics,
        limits=about.limits,
        network=NetworkFile(
            file=NETWORK_FILE,
            sha256=hashlib.sha256(content).hexdigest(),
            format=f"LiteRT, {'float16' if recipe.float16 else 'float32'} weights",
            architecture=_architecture(recipe, model),
            side=recipe.network.side,
            outputs=outputs,
        ),
        classes=CLASSES,
        melanoma_class=CLASSES[MELANOMA],
        diagnoses=tuple(names[0] for names in recipe.network.diagnoses),
        calibration=fitted.calibration,
        operating_points=fitted.operating_points,
        self_test_probability=0.0,  # measured with the finished card
        diagnosis_calibration=fitted.diagnoses,
        detector=fitted.detector,
        consistency=fitted.consistency,
        outline=None,
        data=_data_sets(recipe, examples),
        figures=(),
        origin=Origin(command, recipe.name, recipe.seed, _commit(), _packages()),
    )


def measured_card(card: Card, measured: Evaluation, drawn: float, bundle: Path, paths: Sequence[str]) -> Card:
    """The card with its figures on `test`, those of the operating points among them."""
    command = shlex.join(
        ["melascreen-train", "evaluate", "--bundle", str(bundle), *options_of(paths), "--split", measured.split]
    )
    whole = (measured.images, measured.melanomas)
    estimates: list[tuple[str, Interval, tuple[int, int]]] = [("AUROC", measured.auroc, whole)]
    estimates += [
        (f"AUROC, {group.factor} {group.value}", group.auroc, (group.images, group.melanomas))
        for group in measured.groups
        if group.auroc is not None
    ]
    estimates.append(("expected calibration error, 15 bins", measured.expected_calibration_error, whole))
    estimates.append(("accuracy of the more probable class", measured.at(ARGMAX).accuracy, whole))
    figures = tuple(
        Figure(name, value.rounded(), measured.data, measured.split, images, melanomas, command)
        for name, value, (images, melanomas) in estimates
    )
    points = tuple(
        msgspec.structs.replace(
            point,
            measured_on=described_split(measured.data, measured.split, *whole),
            sensitivity=measured.at(point.name).sensitivity.rounded(),
            specificity=measured.at(point.name).specificity.rounded(),
        )
        for point in card.operating_points
    )
    return msgspec.structs.replace(card, operating_points=points, figures=figures, self_test_probability=drawn)


def described_split(data: str, split: str, images: int, melanomas: int) -> str:
    return f"{data}, {split}, {images} images, {melanomas} melanomas"


def split_data(recipe: Recipe, run: Run) -> tuple[str, ...]:
    """Where the splits stand for `evaluate`: in the data itself, or in the run that divided it."""
    if recipe.melanoma_share or recipe.sources:
        return (str(run.prepared.table),)
    own = {example.image: example.split for example in load_source(*recipe.data_paths)}
    agree = all(own.get(example.image) == example.split for example in run.prepared.load())
    return recipe.data_paths if agree else (str(run.prepared.table),)


def _data_sets(recipe: Recipe, examples: Sequence[Example]) -> tuple[DataSet, ...]:
    """The sources of the images that the network was trained on, with what the recipe says of them."""
    known = {entry.source: entry for entry in recipe.card.data}
    train = of_split(examples, "train")
    sets = []
    for source in sorted({example.source for example in train}):
        of_source = [example for example in train if example.source == source]
        entry = known.get(source)
        sets.append(
            DataSet(
                name=source or described(recipe.data_paths),
                images=len(of_source),
                melanomas=sum(example.melanoma for example in of_source),
                licence=entry.licence if entry else "not stated",
                citation=entry.citation if entry else "not stated",
            )
        )
    return tuple(sets)


def _commit() -> str:
    """The checkout's commit, marked where it has changes of its own; `unknown` outside of one."""
    command = ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty"]
    here = Path(__file__).parent
    try:
        return subprocess.run(command, cwd=here, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _packages() -> dict[str, str]:
    names = ("tensorflow", "keras", "numpy", "pillow", "opencv-python-headless", "scikit-learn", "ai-edge-litert")
    return {name: metadata.version(name) for name in names}
