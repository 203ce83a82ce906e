"""Framed images through the fitting of an export and through the program: the network gets the same input."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from app.core.domain.geometry import WHOLE
from app.core.imaging.decode import decode
from app.core.imaging.preprocess import model_input, prepare
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import ModelBundle, load_bundle
from app.core.model.card import DIAGNOSIS_LOGITS, LOGITS
from app.core.model.classifier import Classifier
from app.core.model.network import Network
from app.core.screening.pipeline import screen_file
from tests.factories import bare
from training.data.examples import Example
from training.evaluation import artifact_rates, card_figures, saliency
from training.evaluation.figures.task import Task
from training.export.bundle import fit_parameters
from training.recipe import load_recipe

COUNT = 8  # one of each diagnosis
DIAGNOSES = ("MEL", "NV", "BCC", "AKIEC", "SCC", "BKL", "DF", "VASC")


class RecordingNetwork:
    """Gives logits by the brightness of each input, and keeps the inputs."""

    names = (LOGITS,)

    def __init__(self) -> None:
        self.inputs: list[np.ndarray] = []

    def outputs_of_several(self, images: np.ndarray) -> dict[str, np.ndarray]:
        self.inputs += list(images)
        margins = (128 - images.mean(axis=(1, 2, 3))) / 20
        return {LOGITS: np.stack([-margins, margins], axis=1).astype(np.float32)}


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    """Lesions in a black frame that takes more than half of each image, also one of the network's own size."""
    folder = tmp_path_factory.mktemp("framed")
    lines = ["image,melanoma,split,diagnosis"]
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    examples = []
    for number in range(COUNT):
        side, lit = (256, 130) if number == 0 else (700, 300)
        rgb = np.zeros((side, side + 20 * number, 3), np.uint8)
        lesion = Image.fromarray(reference_image(centre=(110 + 4 * number, 128), radius=40 + 5 * number))
        rgb[20 : 20 + lit, 40 : 40 + lit] = np.asarray(lesion.resize((lit, lit))) + np.uint8(number)
        path = folder / "images" / f"F{number}.jpg"
        Image.fromarray(rgb).save(path, quality=95)
        mask = np.zeros(rgb.shape[:2], np.uint8)
        mask[20 : 20 + lit, 40 : 40 + lit] = 255
        Image.fromarray(mask).save(folder / "masks" / f"F{number}_segmentation.png")
        lines.append(f"F{number},{number % 2},test,{DIAGNOSES[number]}")
        examples.append(Example(f"F{number}", str(path), number % 2, f"F{number}", split="test"))
        assert prepare(decode(path.read_bytes()).rgb).area != WHOLE
    (folder / "metadata.csv").write_text("\n".join(lines))
    return examples


@pytest.fixture(scope="module")
def bundle(model: Path) -> ModelBundle:
    return bare(model)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The inputs of every network, in order."""
    inputs: list[np.ndarray] = []
    ask = Network.outputs_of_several

    def noted(self: Network, images: np.ndarray) -> dict[str, np.ndarray]:
        inputs.extend(images)
        return ask(self, images)

    monkeypatch.setattr(Network, "outputs_of_several", noted)
    return inputs


@pytest.fixture
def by_the_program(framed: list[Example], bundle: ModelBundle, seen: list[np.ndarray]) -> list[np.ndarray]:
    classifier = Classifier(bundle)
    for example in framed:
        assert screen_file(Path(example.path), classifier).prediction is not None
    inputs = list(seen)
    seen.clear()
    assert len(inputs) == COUNT
    return inputs


def test_the_export_fits_on_what_the_program_gives_the_network(
    framed: list[Example], bundle: ModelBundle, by_the_program: list[np.ndarray]
) -> None:
    network, recipe = RecordingNetwork(), load_recipe("single")
    side = bundle.card.network.side
    recipe = msgspec.structs.replace(recipe, network=msgspec.structs.replace(recipe.network, side=side))
    fit_parameters(network, framed, framed, recipe, data="framed")  # type: ignore[arg-type]
    assert np.array_equal(network.inputs[:COUNT], by_the_program)


def test_predict_is_the_program(framed: list[Example], bundle: ModelBundle) -> None:
    classifier = Classifier(bundle)
    for example in framed:
        path = Path(example.path)
        assert classifier.predict(decode(path.read_bytes()).rgb) == screen_file(path, classifier).prediction


def test_saliency_is_measured_on_what_the_program_gives_the_network(
    framed: list[Example], bundle: ModelBundle, by_the_program: list[np.ndarray], seen: list[np.ndarray]
) -> None:
    """Each image is followed by its covered copies. The mask is cut as the image: here it takes all of it."""
    found = saliency.evaluate_saliency(bundle, framed, Path(framed[0].path).parent.parent)
    assert len(seen) % COUNT == 0
    assert np.array_equal(seen[:: len(seen) // COUNT], by_the_program)
    assert found.area_inside.value > 0.97


def test_diagnoses_are_measured_on_what_the_program_gives_the_network(
    framed: list[Example], model: Path, by_the_program: list[np.ndarray], seen: list[np.ndarray]
) -> None:
    whole = load_bundle(model)
    if whole.card.diagnosis_calibration is None or DIAGNOSIS_LOGITS not in whole.card.network.outputs:
        pytest.skip("This model has no diagnoses.")
    data = Path(framed[0].path).parent.parent
    list(card_figures.diagnoses(Task(whole, (data,), "test", "a command")))
    assert np.array_equal(seen, by_the_program)


def test_artifacts_are_looked_for_in_what_the_program_looks_at(
    framed: list[Example], monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[np.ndarray] = []
    monkeypatch.setattr(artifact_rates, "find_artifacts", lambda standard: looked_at.append(standard) or [])
    artifact_rates.find(framed)
    expected = [prepare(decode(Path(example.path).read_bytes()).rgb).standard for example in framed]
    assert np.array_equal(looked_at, expected)


def test_a_standard_image_stays_what_it_is_at_the_networks_side(framed: list[Example], bundle: ModelBundle) -> None:
    standard = prepare(decode(Path(framed[0].path).read_bytes()).rgb).standard
    assert standard.shape == (256, 256, 3)
    side = bundle.card.network.side
    assert np.array_equal(Classifier(bundle).network_input(standard), model_input(standard, side))
