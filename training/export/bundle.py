"""Export of a trained run as a model bundle: LiteRT, calibrated, measured, with its card."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import msgspec
import numpy as np
from numpy.typing import NDArray

from app.core.domain.errors import BundleError
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import CARD_FILE, ModelBundle, load_bundle
from app.core.model.card import LOGITS, Calibration, LicenceFile, NetworkFile, write_card
from app.core.model.classifier import Classifier
from app.core.model.network import Network
from app.core.system.files import replace_folder
from training.data.examples import Example, described, of_split
from training.data.images import read_input
from training.errors import RecipeError
from training.evaluation.evaluate import evaluate, score
from training.export.card import data_sets, draft_card, measured_card, network_file, split_data
from training.export.formats import FORMATS
from training.export.gate import GateTraining
from training.export.parameters import fit_parameters
from training.networks import convert
from training.networks.classifier import Member, build, deployed
from training.networks.convert import CHECKED_IMAGES, as_litert
from training.recipe import LICENCE_FILE, Recipe, licence_of
from training.trainer.fit import trained
from training.trainer.run import Run

SCALING_IMAGES = 400
"""Images by which the activations of a network with integers are scaled."""


def export(recipe: Recipe, run: Run, bundle: Path, *, command: str) -> None:
    """Write the run's best network as a bundle, with its figures on `test` in the card.

    Calibration and threshold are taken from `val`, by the program's own path. `command` is what the
    card names as the way to make the bundle again. An older bundle stays until the new one is whole.
    The older bundle's network for outlines, which another training makes, is taken over where its weights have the same
    licence. Raises `ExportError`, `DataError` or `RecipeError`.
    """
    examples = run.prepared.load()
    before = _before(bundle)
    paths = split_data(recipe, run)
    data = described(paths)
    made = calibrated(recipe, trained(recipe, run), examples, data=data, command=command)
    if recipe.photographs:
        made = GateTraining.of(recipe, run, examples).added_to(made)
    if before is not None and before.card.licence == made.card.licence:
        card = msgspec.structs.replace(made.card, outline=before.card.outline)
        made = replace(made, card=card, outline=before.outline)
    _measure_and_write(made, of_split(examples, "test"), paths, bundle)


def recalibrate(recipe: Recipe, run: Run, bundle: Path, *, command: str) -> None:
    """Write a bundle anew around its own network: calibration, thresholds and limits on the recipe's images, its gate,
    its card's text and licence, and the figures on `test`. Where the recipe wants integers, the network becomes one.

    What the network was trained on and the network for outlines stay; so does the licence of its weights, if it has
    one, and its gate, where the recipe has no photographs. Raises `BundleError` for a bundle that can't
    be used, and as `export` does.
    """
    before = load_bundle(bundle)
    examples = run.prepared.load()
    paths = split_data(recipe, run)
    description, content = before.card.network, before.network
    as_before = msgspec.structs.replace(recipe, network=msgspec.structs.replace(recipe.network, side=description.side))
    if tuple(names[0] for names in recipe.network.diagnoses) != before.card.diagnoses:
        raise RecipeError(f"The recipe {recipe.name} has other diagnoses than the model in {bundle}.")
    train, val = (of_split(examples, split) for split in ("train", "val"))
    model = None
    if recipe.precision == "int8" and description.format != FORMATS["int8"]:
        if recipe.members or recipe.neutral_view:
            raise RecipeError(f"The recipe {recipe.name} has members or two views: only its own run has the weights.")
        weights = msgspec.structs.replace(as_before.network, weights=str(bundle / description.file))
        model = deployed([Member(build(weights), description.side)], description.side)
        description, content = _converted(as_before, model, train)
        before = replace(before, network=content)
    network = Network(content, description.outputs, side=description.side)
    fitted = fit_parameters(network, train, val, as_before, data=described(paths))
    if model is not None:
        _check_conversion(model, network, fitted.calibration, val, as_before)
    made_by = before.card.origin.command
    if not made_by.endswith(command):
        made_by = f"{made_by}; {command}"
    card = draft_card(recipe, description, before.card.data, fitted, command=made_by)
    kept = {name: getattr(before.card, name) for name in ("outline", "gate", "licence")}
    made = replace(before, card=msgspec.structs.replace(card, **kept), detector=fitted.detector_content)
    if before.card.licence is None:
        made = with_licence(made, recipe)
    if recipe.photographs:
        made = GateTraining.of(as_before, run, examples).added_to(made)
    _measure_and_write(made, of_split(examples, "test"), paths, bundle)


def _measure_and_write(made: ModelBundle, test: Sequence[Example], paths: Sequence[str], bundle: Path) -> None:
    """Write a bundle with its figures on `test` in the card."""
    classifier = Classifier(made)
    scored = score(classifier, test)
    measured = evaluate(scored, made.card, data=described(paths), split="test")
    drawn = classifier.predict(reference_image()).melanoma_probability
    write(replace(made, card=measured_card(made.card, measured, scored, drawn, bundle, paths)), bundle)


def calibrated(
    recipe: Recipe, members: Sequence[Member], examples: Sequence[Example], *, data: str, command: str
) -> ModelBundle:
    """The bundle of trained networks, with the parameters that are fitted on `train` and `val`, and no figures yet."""
    train, val = (of_split(examples, split) for split in ("train", "val"))
    model = deployed(members, recipe.network.side, neutral_view=recipe.neutral_view)
    described_network, content = _converted(recipe, model, train)
    network = Network(content, described_network.outputs, side=recipe.network.side)
    fitted = fit_parameters(network, train, val, recipe, data=data)
    _check_conversion(model, network, fitted.calibration, val, recipe)
    card = draft_card(recipe, described_network, data_sets(recipe, examples), fitted, command=command)
    return with_licence(ModelBundle(card, content, fitted.detector_content), recipe)


def with_licence(bundle: ModelBundle, recipe: Recipe) -> ModelBundle:
    """The bundle with the licence of its weights that the recipe names, if it names one."""
    licence = licence_of(recipe)
    if licence is None:
        return bundle
    name, text = licence
    described_file = LicenceFile(LICENCE_FILE, hashlib.sha256(text).hexdigest(), name)
    return replace(bundle, card=msgspec.structs.replace(bundle.card, licence=described_file), licence=text)


def write(bundle: ModelBundle, folder: Path) -> None:
    """Write a bundle into a folder, in place of what is there, once it is whole and the program can load it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=folder.parent) as place:
        new = Path(place) / "bundle"
        new.mkdir()
        for name, content in bundle.contents.items():
            (new / name).write_bytes(content)
        (new / CARD_FILE).write_bytes(write_card(bundle.card))
        Classifier(load_bundle(new))
        replace_folder(folder, new, prefix=".bundle-")


def _before(bundle: Path) -> ModelBundle | None:
    try:
        return load_bundle(bundle)
    except BundleError:  # none, or one of an older form
        return None


def _converted(recipe: Recipe, model: keras.Model, train: Sequence[Example]) -> tuple[NetworkFile, bytes]:
    """The network in the recipe's precision, and what the card says of it; integers are scaled by images of `train`."""
    images = _some_of(train, SCALING_IMAGES, recipe) if recipe.precision == "int8" else None
    content = as_litert(model, recipe.precision, images)
    return network_file(recipe, model, content, _output_shapes(model)), content


def _some_of(examples: Sequence[Example], count: int, recipe: Recipe) -> NDArray[np.uint8]:
    """Some of the examples' images as the network takes them, drawn by the recipe's seed."""
    chosen = np.random.default_rng(recipe.seed).permutation(len(examples))[:count]
    return np.stack([read_input(Path(examples[i].path), recipe.network.side) for i in chosen])


def _output_shapes(model: keras.Model) -> dict[str, tuple[int, ...]]:
    """The shape of each output for one image."""
    return {name: tuple(value.shape) for name, value in model(np.zeros((1, *model.input_shape[1:]), "float32")).items()}


def _check_conversion(
    model: keras.Model, network: Network, calibration: Calibration, examples: Sequence[Example], recipe: Recipe
) -> None:
    """Compares the probabilities that the program will show with those of the Keras model's logits."""

    def by_keras(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        return calibration.probabilities(model.predict_on_batch(images.astype("float32"))[LOGITS].astype(float))

    def by_litert(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        return calibration.probabilities(np.stack([network.logits(image) for image in images]))

    images = _some_of(examples, CHECKED_IMAGES, recipe)
    if recipe.precision == "int8":
        convert.check(by_keras, by_litert, images, limit=1.0, mean_limit=convert.MAX_MEAN_DIFFERENCE)
    else:
        convert.check(by_keras, by_litert, images)
