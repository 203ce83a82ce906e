"""A trained run -> a model bundle: LiteRT with float16 weights, calibrated and measured, with its card."""

from __future__ import annotations

import datetime as dt
import hashlib
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import keras
import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from tqdm import tqdm

from app.core.domain.errors import BundleError
from app.core.domain.results import CLASSES, MELANOMA
from app.core.domain.statistics import Interval
from app.core.imaging.preprocess import network_picture
from app.core.imaging.reference_image import drawn_lesion
from app.core.model.bundle import CARD_FILE, ModelBundle, load_bundle
from app.core.model.card import (
    DIAGNOSIS_LOGITS,
    EMBEDDING,
    LOGITS,
    MIDDLE_FEATURES,
    SCHEMA,
    Calibration,
    Card,
    DataSet,
    FamiliarityFile,
    Figure,
    NetworkFile,
    OperatingPoint,
    Origin,
    OutlineFile,
    StabilityLimit,
    write_card,
)
from app.core.model.classifier import Classifier
from app.core.model.network import Network
from app.core.model.test_time_augmentation import COPIES, copies
from training import metrics, trust
from training.data.examples import Example, described, load_source, of_split, options_of
from training.data.pictures import read_picture
from training.errors import ExportError
from training.evaluation.evaluate import MORE_PROBABLE, Evaluation, evaluate, score
from training.networks.classifier import deployed
from training.networks.convert import CHECKED_IMAGES, MAX_DIFFERENCE, NETWORK_FILE, as_litert
from training.recipe import Recipe, members_of
from training.trainer.fit import trained
from training.trainer.run import Run

FAMILIARITY_FILE = "familiarity.npz"
TOGETHER = 8
"""Images that the network is asked about at once."""
SCREENING, BALANCED = "screening", "balanced"
"""The operating points' names."""


@dataclass(frozen=True)
class _Fitted:
    """What is fitted to a network's outputs, by the program's own path."""

    calibration: Calibration
    operating_points: tuple[OperatingPoint, ...]
    diagnoses: Calibration | None
    stability: StabilityLimit
    familiarity: FamiliarityFile | None
    familiarity_content: bytes | None


def export(recipe: Recipe, run: Run, bundle: Path, *, command: str) -> None:
    """Write the run's best network as a bundle, with its figures on `test` in the card.

    Calibration and threshold are taken from `val`, by the program's own path. `command` is what the
    card names as the way to make the bundle again. An older bundle stays until the new one is whole.
    The older bundle's network for outlines, which another training makes, is taken over. Raises `ExportError`,
    `DataError` or `RecipeError`.
    """
    examples = run.prepared.load()
    outline = _outline_before(bundle)
    val = of_split(examples, "val")
    paths = split_data(recipe, run)
    data = described(paths)
    model = deployed(trained(recipe, run), recipe.network.side)
    content = as_litert(model, float16=recipe.float16)
    outputs = _output_shapes(model)
    network = Network(content, outputs, side=recipe.network.side)
    fitted = _fit(network, of_split(examples, "train"), val, recipe, data=data)
    _check_conversion(model, network, fitted.calibration, val, recipe)
    bundle.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=bundle.parent) as folder:
        draft = _card(recipe, model, content, outputs, fitted, examples, command=command)
        draft = msgspec.structs.replace(draft, outline=outline and outline[0])
        test = of_split(examples, "test")
        classifier = Classifier(ModelBundle(draft, content, fitted.familiarity_content))
        measured = evaluate(score(classifier, test), draft, data=data, split="test")
        drawn = classifier.predict(drawn_lesion()).melanoma_probability
        new = Path(folder) / "bundle"
        new.mkdir()
        (new / NETWORK_FILE).write_bytes(content)
        if fitted.familiarity_content is not None:
            (new / FAMILIARITY_FILE).write_bytes(fitted.familiarity_content)
        if outline is not None:
            (new / outline[0].file).write_bytes(outline[1])
        (new / CARD_FILE).write_bytes(write_card(_measured_card(draft, measured, drawn, bundle, paths)))
        Classifier(load_bundle(new))
        _replace(bundle, new, Path(folder) / "old")


def _outline_before(bundle: Path) -> tuple[OutlineFile, bytes] | None:
    try:
        before = load_bundle(bundle)
    except BundleError:  # none, or one of an older form
        return None
    return None if before.card.outline is None or before.outline is None else (before.card.outline, before.outline)


def _architecture(recipe: Recipe, model: keras.Model) -> str:
    backbones = [member.network.backbone for member in members_of(recipe)] or [recipe.network.backbone]
    return f"{' and '.join(backbones)}, {model.count_params():,} parameters"


def _output_shapes(model: keras.Model) -> dict[str, tuple[int, ...]]:
    """The shape of each output for one picture."""
    return {name: tuple(value.shape) for name, value in model(np.zeros((1, *model.input_shape[1:]), "float32")).items()}


def _check_conversion(
    model: keras.Model, network: Network, calibration: Calibration, examples: Sequence[Example], recipe: Recipe
) -> None:
    """Hold the probabilities that the program will show against those of the Keras model's logits."""
    chosen = np.random.default_rng(recipe.seed).permutation(len(examples))[:CHECKED_IMAGES]
    pictures = [_picture(examples[i], recipe.network.side) for i in chosen]
    logits = model.predict_on_batch(np.stack(pictures).astype("float32"))[LOGITS]
    by_keras = calibration.probabilities(logits.astype(float))
    by_litert = calibration.probabilities(np.stack([network.logits(picture) for picture in pictures]))
    difference = float(np.abs(by_keras - by_litert).max())
    if not difference <= MAX_DIFFERENCE:
        raise ExportError(
            f"LiteRT and Keras differ by {difference:.4f} in probability on {len(pictures)} images; "
            f"at most {MAX_DIFFERENCE} is allowed."
        )


def _fit(network: Network, train: Sequence[Example], val: Sequence[Example], recipe: Recipe, *, data: str) -> _Fitted:
    """Calibration, thresholds and limits from `val`, what is familiar from `train` (see `training.trust`)."""
    labels = np.array([example.melanoma for example in val])
    fitted_on = _described(data, "val", len(val), int(labels.sum()))
    side = recipe.network.side
    on_val = _outputs(network, val, side, names=(LOGITS, DIAGNOSIS_LOGITS, MIDDLE_FEATURES))
    logits = on_val[LOGITS]
    margins = logits[:, MELANOMA] - logits[:, 1 - MELANOMA]
    calibration = _calibrate(margins, labels, fitted_on=fitted_on)
    probabilities = calibration.probabilities(logits)[:, MELANOMA]
    turned = [_outputs(network, val, side, names=(LOGITS,), copy=copy)[LOGITS] for copy in range(COPIES)]
    of_copies = np.stack([margins, *(one[:, MELANOMA] - one[:, 1 - MELANOMA] for one in turned)], axis=1)
    limit = trust.stability_limit(of_copies / calibration.temperature)
    chosen = f"{1 - trust.UNSTEADY_OF_VAL:.0%} of val keep to it; {fitted_on}"
    familiarity, content = None, None
    if MIDDLE_FEATURES in on_val:
        on_train = _outputs(network, train, side, names=(MIDDLE_FEATURES, EMBEDDING))
        known = trust.fit_familiarity(
            on_train[MIDDLE_FEATURES], on_train[EMBEDDING], [example.source for example in train]
        )
        content = known.write()
        distances = known.distances(on_val[MIDDLE_FEATURES].astype(np.float32))
        familiarity = FamiliarityFile(
            file=FAMILIARITY_FILE,
            sha256=hashlib.sha256(content).hexdigest(),
            limit=round(trust.familiarity_limit(distances, [example.source for example in val]), 6),
            chosen=f"beyond it {trust.REFUSED_OF_VAL:.1%} of val at most, and {trust.REFUSED_OF_A_SOURCE:.1%} of any"
            f" source; {fitted_on}",
        )
    return _Fitted(
        calibration,
        _operating_points(labels, probabilities, recipe, fitted_on=fitted_on),
        _diagnoses(on_val.get(DIAGNOSIS_LOGITS), val, recipe, fitted_on=fitted_on),
        StabilityLimit(round(limit, 6), chosen),
        familiarity,
        content,
    )


def _outputs(
    network: Network, examples: Sequence[Example], side: int, *, names: Sequence[str], copy: int | None = None
) -> dict[str, NDArray[np.float64]]:
    """The network's outputs of these names, as far as it has them, for images or for one of their turned copies."""
    given: dict[str, list[NDArray[np.float32]]] = {name: [] for name in names if name in network.names}
    for start in tqdm(range(0, len(examples), TOGETHER), desc="fit", unit=f"{TOGETHER} images"):
        pictures = [_picture(example, side) for example in examples[start : start + TOGETHER]]
        if copy is not None:
            pictures = [copies(picture)[copy] for picture in pictures]
        outputs = network.outputs_of_several(np.stack(pictures))
        for name, values in given.items():
            values.append(outputs[name])
    return {name: np.concatenate(values).astype(float) for name, values in given.items()}


def _calibrate(margins: NDArray[np.float64], labels: NDArray[np.int64], *, fitted_on: str) -> Calibration:
    """Temperature and bias by maximum likelihood."""
    found = LogisticRegression(C=np.inf).fit(margins[:, np.newaxis], labels)
    slope, intercept = float(found.coef_[0, 0]), float(found.intercept_[0])
    if slope <= 0:
        raise ExportError("On val, the network ranks melanomas below the others: it has learned nothing of use.")
    bias = [0.0] * len(CLASSES)
    bias[MELANOMA] = intercept
    return Calibration(temperature=1 / slope, bias=tuple(bias), fitted_on=fitted_on)


def _operating_points(
    labels: NDArray[np.int64], probabilities: NDArray[np.float64], recipe: Recipe, *, fitted_on: str
) -> tuple[OperatingPoint, ...]:
    def point(name: str, threshold: float, chosen: str) -> OperatingPoint:
        return OperatingPoint(
            name=name,
            threshold=threshold,
            chosen=f"{chosen} on val",
            measured_on=fitted_on,
            sensitivity=_rounded(metrics.sensitivity(labels, probabilities, threshold)),
            specificity=_rounded(metrics.specificity(labels, probabilities, threshold)),
        )

    wanted = recipe.screening_sensitivity
    screening = metrics.threshold_for_sensitivity(labels, probabilities, wanted)
    return (
        point(SCREENING, screening, f"{wanted:.0%} sensitivity"),
        point(BALANCED, metrics.balanced_threshold(labels, probabilities), "sensitivity equal to specificity"),
    )


def _diagnoses(
    logits: NDArray[np.float64] | None, val: Sequence[Example], recipe: Recipe, *, fitted_on: str
) -> Calibration | None:
    """From the images of `val` whose diagnosis is one of the recipe's."""
    if logits is None:
        return None
    index = {name: number for number, names in enumerate(recipe.network.diagnoses) for name in names}
    places = [place for place, example in enumerate(val) if example.diagnosis in index]
    return trust.calibrate_diagnoses(
        logits[places],
        np.array([index[val[place].diagnosis] for place in places]),
        [val[place].group for place in places],
        fitted_on=fitted_on,
    )


def _picture(example: Example, side: int) -> NDArray[np.uint8]:
    return network_picture(read_picture(Path(example.path)), side)


def _card(
    recipe: Recipe,
    model: keras.Model,
    content: bytes,
    outputs: dict[str, tuple[int, ...]],
    fitted: _Fitted,
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
        familiarity=fitted.familiarity,
        stability=fitted.stability,
        outline=None,
        data=_data_sets(recipe, examples),
        figures=(),
        origin=Origin(command, recipe.name, recipe.seed, _commit(), _packages()),
    )


def _measured_card(card: Card, measured: Evaluation, drawn: float, bundle: Path, paths: Sequence[str]) -> Card:
    """The card with its figures on `test`; the operating points say what they gave there."""
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
    estimates.append(("accuracy of the more probable class", measured.at(MORE_PROBABLE).accuracy, whole))
    figures = tuple(
        Figure(name, _rounded(value), measured.data, measured.split, images, melanomas, command)
        for name, value, (images, melanomas) in estimates
    )
    points = tuple(
        msgspec.structs.replace(
            point,
            measured_on=_described(measured.data, measured.split, *whole),
            sensitivity=_rounded(measured.at(point.name).sensitivity),
            specificity=_rounded(measured.at(point.name).specificity),
        )
        for point in card.operating_points
    )
    return msgspec.structs.replace(card, operating_points=points, figures=figures, self_test_probability=drawn)


def _described(data: str, split: str, images: int, melanomas: int) -> str:
    return f"{data}, {split}, {images} images, {melanomas} melanomas"


def split_data(recipe: Recipe, run: Run) -> tuple[str, ...]:
    """Where the splits stand for `evaluate`: in the data itself, or in the run that divided it."""
    if recipe.melanoma_share:
        return (str(run.prepared.table),)
    own = {example.image: example.split for example in load_source(*recipe.data_paths)}
    agree = all(own.get(example.image) == example.split for example in run.prepared.load())
    return recipe.data_paths if agree else (str(run.prepared.table),)


def _rounded(estimate: Interval) -> Interval:
    return Interval(*(round(value, 6) for value in (estimate.value, estimate.low, estimate.high)))


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


def _replace(bundle: Path, new: Path, old: Path) -> None:
    if bundle.exists():
        bundle.rename(old)
    try:
        new.rename(bundle)
    except OSError:
        if old.exists():
            old.rename(bundle)
        raise
    shutil.rmtree(old, ignore_errors=True)
