"""The bundle's card: parameters, figures and data."""

from __future__ import annotations

import datetime as dt
import hashlib
import shlex
import subprocess
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import keras
import msgspec
import numpy as np

from app.core.domain.results import CLASSES, MELANOMA
from app.core.domain.statistics import Interval
from app.core.model.card import SCHEMA, Card, DataSet, Figure, NetworkFile, Origin
from app.core.model.operating_point import OperatingPoint, OtherCancerPoint
from training.data.examples import Example, described, load_source, of_split, options_of
from training.evaluation.evaluate import ARGMAX, Evaluation, Scored
from training.export.formats import FORMATS
from training.export.operating_points import measured_other_cancer
from training.export.parameters import FittedParameters, described_split
from training.networks.convert import NETWORK_FILE
from training.recipe import Recipe, members_of
from training.trainer.run import Run


def network_file(
    recipe: Recipe, model: keras.Model, content: bytes, outputs: dict[str, tuple[int, ...]]
) -> NetworkFile:
    """What the card says of a network that was just converted."""
    backbones = [member.network.backbone for member in members_of(recipe)] or [recipe.network.backbone]
    return NetworkFile(
        file=NETWORK_FILE,
        sha256=hashlib.sha256(content).hexdigest(),
        format=FORMATS[recipe.precision],
        architecture=f"{' and '.join(backbones)}, {model.count_params():,} parameters",
        side=recipe.network.side,
        outputs=outputs,
    )


def draft_card(
    recipe: Recipe, network: NetworkFile, data: tuple[DataSet, ...], fitted: FittedParameters, *, command: str
) -> Card:
    """The card without figures, gate, outline and licence; `data` is what the network was trained on."""
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
        network=network,
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
        other_cancers=recipe.other_cancers if fitted.diagnoses else (),
        calibrated_shares=fitted.shares,
        data=data,
        figures=(),
        origin=Origin(command, recipe.name, recipe.seed, _commit(), _packages()),
    )


def measured_card(
    card: Card, measured: Evaluation, scored: Scored, drawn: float, bundle: Path, paths: Sequence[str]
) -> Card:
    """The card with its figures on `test`, those of the operating points among them.

    `drawn` is the probability of melanoma for the reference image.
    """
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
    on = described_split(scored.examples, measured.split, measured.data)
    points = tuple(
        msgspec.structs.replace(
            point,
            measured_on=on,
            sensitivity=measured.at(point.name).sensitivity.rounded(),
            specificity=measured.at(point.name).specificity.rounded(),
            other_cancer=point.other_cancer and _measured_other_cancer(point, point.other_cancer, scored, on),
        )
        for point in card.operating_points
    )
    return msgspec.structs.replace(card, operating_points=points, figures=figures, self_test_probability=drawn)


def _measured_other_cancer(
    point: OperatingPoint, other_cancer: OtherCancerPoint, scored: Scored, on: str
) -> OtherCancerPoint:
    """The threshold for other cancers with its figures; an image that is refused or can't be read is not referred."""
    predictions = [one.prediction if one.is_answer else None for one in scored.screenings]
    referred = np.array(
        [
            one is not None and bool(point.reaches(one.melanoma_probability, one.other_cancer_probability))
            for one in predictions
        ]
    )
    return measured_other_cancer(scored.examples, referred, other_cancer.threshold, other_cancer.chosen, on)


def split_data(recipe: Recipe, run: Run) -> tuple[str, ...]:
    """Where the splits stand for `evaluate`: in the data itself, or in the run that divided it."""
    if recipe.melanoma_share or recipe.sources or recipe.collections:
        return (str(run.prepared.table),)
    own = {example.image: example.split for example in load_source(*recipe.data_paths)}
    agree = all(own.get(example.image) == example.split for example in run.prepared.load())
    return recipe.data_paths if agree else (str(run.prepared.table),)


def data_sets(recipe: Recipe, examples: Sequence[Example]) -> tuple[DataSet, ...]:
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
