"""Export of a trained run as a model bundle: LiteRT with float16 weights, calibrated, measured, with its card."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path

import keras
import msgspec
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.domain.errors import BundleError
from app.core.domain.results import MELANOMA
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import CARD_FILE, ModelBundle, load_bundle
from app.core.model.card import (
    DIAGNOSIS_LOGITS,
    EMBEDDING,
    INTERMEDIATE_FEATURES,
    LOGITS,
    Calibration,
    ConsistencyLimit,
    OutlineFile,
    OutOfDistributionFile,
    write_card,
)
from app.core.model.classifier import Classifier
from app.core.model.network import Network
from app.core.model.test_time_augmentation import AUGMENTED_VIEWS, augmented_views
from app.core.system.files import replace_folder
from training.data.examples import Example, described, of_split
from training.data.images import read_input
from training.evaluation.evaluate import evaluate, score
from training.export import out_of_distribution
from training.export.calibration import calibrate, diagnosis_calibration, operating_points
from training.export.card import (
    OUT_OF_DISTRIBUTION_FILE,
    FittedParameters,
    described_split,
    draft_card,
    measured_card,
    split_data,
)
from training.networks import convert
from training.networks.classifier import deployed
from training.networks.convert import CHECKED_IMAGES, NETWORK_FILE, as_litert
from training.recipe import Recipe
from training.trainer.fit import trained
from training.trainer.run import Run

CHUNK_SIZE = 8
"""Images that the network is asked about at once."""


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
    fitted = fit_parameters(network, of_split(examples, "train"), val, recipe, data=data)
    _check_conversion(model, network, fitted.calibration, val, recipe)
    bundle.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".bundle-", dir=bundle.parent) as folder:
        draft = draft_card(recipe, model, content, outputs, fitted, examples, command=command)
        draft = msgspec.structs.replace(draft, outline=outline and outline[0])
        test = of_split(examples, "test")
        classifier = Classifier(ModelBundle(draft, content, fitted.detector_content))
        measured = evaluate(score(classifier, test), draft, data=data, split="test")
        drawn = classifier.predict(reference_image()).melanoma_probability
        new = Path(folder) / "bundle"
        new.mkdir()
        (new / NETWORK_FILE).write_bytes(content)
        if fitted.detector_content is not None:
            (new / OUT_OF_DISTRIBUTION_FILE).write_bytes(fitted.detector_content)
        if outline is not None:
            (new / outline[0].file).write_bytes(outline[1])
        (new / CARD_FILE).write_bytes(write_card(measured_card(draft, measured, drawn, bundle, paths)))
        Classifier(load_bundle(new))
        replace_folder(bundle, new, prefix=".bundle-")


def _outline_before(bundle: Path) -> tuple[OutlineFile, bytes] | None:
    try:
        before = load_bundle(bundle)
    except BundleError:  # none, or one of an older form
        return None
    return None if before.card.outline is None or before.outline is None else (before.card.outline, before.outline)


def _output_shapes(model: keras.Model) -> dict[str, tuple[int, ...]]:
    """The shape of each output for one image."""
    return {name: tuple(value.shape) for name, value in model(np.zeros((1, *model.input_shape[1:]), "float32")).items()}


def _check_conversion(
    model: keras.Model, network: Network, calibration: Calibration, examples: Sequence[Example], recipe: Recipe
) -> None:
    """Compares the probabilities that the program will show with those of the Keras model's logits."""
    chosen = np.random.default_rng(recipe.seed).permutation(len(examples))[:CHECKED_IMAGES]

    def by_keras(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        return calibration.probabilities(model.predict_on_batch(images.astype("float32"))[LOGITS].astype(float))

    def by_litert(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        return calibration.probabilities(np.stack([network.logits(image) for image in images]))

    images = np.stack([read_input(Path(examples[i].path), recipe.network.side) for i in chosen])
    convert.check(by_keras, by_litert, images)


def fit_parameters(
    network: Network, train: Sequence[Example], val: Sequence[Example], recipe: Recipe, *, data: str
) -> FittedParameters:
    """Calibration, thresholds and limits from `val`, the out-of-distribution detector from `train`.

    The images are prepared as the program prepares them; `data` is what the card calls them.
    """
    labels = np.array([example.melanoma for example in val])
    fitted_on = described_split(data, "val", len(val), int(labels.sum()))
    side = recipe.network.side
    on_val = _outputs(network, val, side, names=(LOGITS, DIAGNOSIS_LOGITS, INTERMEDIATE_FEATURES))
    logits = on_val[LOGITS]
    margins = logits[:, MELANOMA] - logits[:, 1 - MELANOMA]
    calibration = calibrate(margins, labels, fitted_on=fitted_on)
    probabilities = calibration.probabilities(logits)[:, MELANOMA]
    turned = [_outputs(network, val, side, names=(LOGITS,), copy=copy)[LOGITS] for copy in range(AUGMENTED_VIEWS)]
    of_views = np.stack([margins, *(one[:, MELANOMA] - one[:, 1 - MELANOMA] for one in turned)], axis=1)
    limit = out_of_distribution.consistency_limit(of_views / calibration.temperature)
    chosen = f"{1 - out_of_distribution.INCONSISTENT_OF_VAL:.0%} of val keep to it; {fitted_on}"
    detector, content = None, None
    if INTERMEDIATE_FEATURES in on_val:
        on_train = _outputs(network, train, side, names=(INTERMEDIATE_FEATURES, EMBEDDING))
        known = out_of_distribution.fit_detector(
            on_train[INTERMEDIATE_FEATURES], on_train[EMBEDDING], [example.source for example in train]
        )
        content = known.write()
        distances = known.distances(on_val[INTERMEDIATE_FEATURES].astype(np.float32))
        detector = OutOfDistributionFile(
            file=OUT_OF_DISTRIBUTION_FILE,
            sha256=hashlib.sha256(content).hexdigest(),
            limit=round(out_of_distribution.distance_limit(distances, [example.source for example in val]), 6),
            chosen=f"beyond it {out_of_distribution.REFUSED_OF_VAL:.1%} of val at most, and"
            f" {out_of_distribution.REFUSED_OF_A_SOURCE:.1%} of any source; {fitted_on}",
        )
    return FittedParameters(
        calibration,
        operating_points(labels, probabilities, recipe, fitted_on=fitted_on),
        diagnosis_calibration(on_val.get(DIAGNOSIS_LOGITS), val, recipe, fitted_on=fitted_on),
        ConsistencyLimit(round(limit, 6), chosen),
        detector,
        content,
    )


def _outputs(
    network: Network, examples: Sequence[Example], side: int, *, names: Sequence[str], copy: int | None = None
) -> dict[str, NDArray[np.float64]]:
    """The network's outputs of these names, as far as it has them, for images or for one of their augmented views."""
    given: dict[str, list[NDArray[np.float32]]] = {name: [] for name in names if name in network.names}
    for start in tqdm(range(0, len(examples), CHUNK_SIZE), desc="fit", unit=f"{CHUNK_SIZE} images"):
        images = [read_input(Path(example.path), side) for example in examples[start : start + CHUNK_SIZE]]
        if copy is not None:
            images = [augmented_views(image)[copy] for image in images]
        outputs = network.outputs_of_several(np.stack(images))
        for name, values in given.items():
            values.append(outputs[name])
    return {name: np.concatenate(values).astype(float) for name, values in given.items()}
