from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from app.core.model.bundle import ModelBundle
from app.core.model.classifier import Classifier, ModelOutput
from app.core.model.gate import DERMOSCOPY, KINDS
from tests.factories import bare
from training.data.examples import Example
from training.data.photographs import Photograph, load_photographs
from training.data.prepare import Prepared, prepare
from training.errors import DataError, RecipeError
from training.export.gate import HIGHEST_LIMIT, REFUSED_OF_VAL, GateTraining, gate_limit, left_out
from training.gate.features import GateFeatures, features
from training.gate.fit import GateData, Settings, calibrate, fit, train_features
from training.gate.images import CLOSE_UP, OTHER, GateImages, drawn_images, drawn_to_teach, photograph_images
from training.negatives import catalogue
from training.recipe import Recipe, load_recipe
from training.trainer.run import Run

SETTINGS = Settings(parts=2, images_per_part=96, batch_size=16, epochs=10)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Red images of two sources as dermoscopy."""
    folder = tmp_path_factory.mktemp("dermoscopy")
    random = np.random.default_rng(0)
    examples = []
    for number in range(60):
        pixels = np.clip(random.normal((200, 60, 60), 20, (80, 100, 3)), 0, 255).astype(np.uint8)
        path = folder / f"D{number}.png"
        Image.fromarray(pixels).save(path)
        split = "val" if number % 3 == 0 else "train"
        source = "large" if number < 50 else "small"
        examples.append(Example(f"D{number}", str(path), number % 2, f"D{number}", source=source, split=split))
    place = Prepared(folder / "prepared")
    assert not prepare(examples, place)
    return place


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> list[Photograph]:
    """Blue photographs of skin and green ones of other things, and one too small to be read."""
    folder = tmp_path_factory.mktemp("photographs")
    (folder / "images").mkdir()
    random = np.random.default_rng(1)
    rows = ["image,kind,source,split"]
    for number in range(60):
        split = "val" if number % 5 == 0 else "train"
        kind, colour = ("lesion", (60, 60, 200)) if number % 2 else ("other", (60, 200, 60))
        size = (10, 10) if number == 0 else (90, 70)
        pixels = np.clip(random.normal(colour, 20, (*size, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / "images" / f"P{number}.png")
        rows.append(f"P{number},{kind},clinic,{split}")
    (folder / "metadata.csv").write_text("\n".join(rows) + "\n")
    return load_photographs(folder)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.export.gate.SETTINGS", SETTINGS)


def images(*groups: tuple[int, str, int]) -> GateImages:
    """So many images of each kind and source."""
    kinds = np.concatenate([np.full(count, kind) for kind, _, count in groups])
    sources = np.concatenate([np.full(count, source) for _, source, count in groups])
    return GateImages(np.zeros((len(kinds), 8, 8, 3), np.uint8), kinds, sources)


def test_kinds_have_their_shares_and_sources_grow_with_the_root_of_their_images() -> None:
    some = images((DERMOSCOPY, "a", 900), (DERMOSCOPY, "b", 100), (CLOSE_UP, "c", 50), (OTHER, "d", 5))
    places = some.draws(1000, (0.5, 0.3, 0.2), np.random.default_rng(0))
    counts = {source: int((some.sources[places] == source).sum()) for source in "abcd"}
    assert counts == {"a": 375, "b": 125, "c": 300, "d": 200}
    assert len(set(places[some.sources[places] == "a"].tolist())) == 375  # none twice while there are others
    assert not np.array_equal(places, some.draws(1000, (0.5, 0.3, 0.2), np.random.default_rng(1)))


def test_what_can_not_be_read_is_left_out(photographs: list[Photograph]) -> None:
    found = photograph_images(photographs, 32)
    assert len(found.kinds) == len(photographs) - 1
    assert set(found.kinds.tolist()) == {CLOSE_UP, OTHER}
    with pytest.raises(DataError, match="no photograph"):
        photograph_images(photographs[:1], 32)


def test_half_of_the_drawn_images_are_left_to_test_with() -> None:
    names = {*catalogue.drawn_names(), *catalogue.clinical_names()}
    taught = drawn_to_teach()
    assert set(taught) < names
    assert 0.4 < len(taught) / len(names) < 0.6
    assert len(drawn_images(16).kinds) == len(taught)


@pytest.fixture(scope="module")
def bundle(model: Path) -> ModelBundle:
    return bare(model)


@pytest.fixture(scope="module")
def data(prepared: Prepared, photographs: list[Photograph], bundle: ModelBundle) -> GateData:
    return GateData.load(prepared.load(), prepared, photographs, bundle.card.network.side)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gate")


@pytest.fixture(scope="module")
def known(data: GateData, bundle: ModelBundle, folder: Path) -> GateFeatures:
    return train_features(SETTINGS, data, bundle, folder)


class TestTraining:
    def test_it_learns_the_kinds(self, known: GateFeatures, data: GateData, bundle: ModelBundle) -> None:
        gate = fit(SETTINGS, known)
        of_val = features(bundle, data.val)
        found = gate.logits(of_val.values.astype(np.float32)).argmax(axis=1)
        assert (found == of_val.kinds).mean() > 0.9

    def test_a_killed_training_goes_on(
        self, known: GateFeatures, data: GateData, bundle: ModelBundle, folder: Path, tmp_path: Path
    ) -> None:
        first, second = sorted(folder.iterdir())
        shutil.copy(first, tmp_path)
        before = (tmp_path / first.name).stat()
        again = train_features(SETTINGS, data, bundle, tmp_path)
        assert (tmp_path / first.name).stat() == before
        assert np.array_equal(again.values, known.values)
        assert (tmp_path / second.name).is_file()


def test_the_calibration_finds_the_frequencies_where_kinds_count_the_same() -> None:
    random = np.random.default_rng(0)
    kinds = random.choice(3, 3000, p=[0.8, 0.15, 0.05])
    found = calibrate(random.normal(0, 1, (3000, 3)), kinds)
    given = found.probabilities(random.normal(0, 1, (3000, 3))).mean(axis=0)
    assert given == pytest.approx([1 / 3] * 3, abs=0.03)
    assert len(found.bias) == len(KINDS)


class TestLimit:
    def test_each_source_counts_the_same(self) -> None:
        probabilities = np.concatenate([np.linspace(0.1, 0.2, 1000), np.linspace(0.05, 0.15, 200)])
        sources = ["large"] * 1000 + ["small"] * 200
        limit = gate_limit(probabilities, sources)
        refused = [(probabilities[np.array(sources) == name] < limit).mean() for name in ("large", "small")]
        assert 0 < np.mean(refused) <= REFUSED_OF_VAL

    def test_it_is_not_too_high_where_all_are_sure(self) -> None:
        assert gate_limit(np.full(100, 0.999), ["a"] * 100) == HIGHEST_LIMIT


def recipe_with(photographs: list[Photograph]) -> Recipe:
    return msgspec.structs.replace(load_recipe("quick"), photographs=(str(photographs[0].path.parent.parent),))


def test_the_gate_of_a_bundle_is_asked_in_the_program(
    prepared: Prepared, photographs: list[Photograph], bundle: ModelBundle, tmp_path: Path, settings: None
) -> None:
    run, examples = Run(tmp_path, prepared), prepared.load()
    gated = GateTraining.of(recipe_with(photographs), run, examples).added_to(bundle)
    assert gated.card.gate is not None
    assert gated.card.gate.sha256 == hashlib.sha256(gated.gate or b"").hexdigest()
    classifier = Classifier(gated)
    found = {}
    for kind, path in (("red", examples[0].path), ("green", photographs[2].path)):
        (answer,) = classifier.answer([classifier.network_input(np.asarray(Image.open(path)))])
        assert isinstance(answer, ModelOutput)
        found[kind] = answer.dermoscopy_probability
    assert found["green"] < gated.card.gate.limit <= found["red"]
    (folder,) = (tmp_path / "gate").iterdir()
    GateTraining.of(recipe_with(photographs), run, examples[1:]).added_to(bundle)
    assert len(list((tmp_path / "gate").iterdir())) == 2  # other images, other features
    assert len(list(folder.iterdir())) == SETTINGS.parts
    with pytest.raises(RecipeError, match="names no photographs"):
        GateTraining.of(load_recipe("quick"), run, examples)


def test_a_source_left_out_takes_no_part_and_is_measured(
    prepared: Prepared,
    photographs: list[Photograph],
    bundle: ModelBundle,
    tmp_path: Path,
    settings: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recipe, run, examples = recipe_with(photographs), Run(tmp_path, prepared), prepared.load()
    taught: list[set[str]] = []
    load = GateData.load

    def noted(given: list[Example], *others: object) -> GateData:
        taught.append({example.source for example in given})
        return load(given, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(GateData, "load", noted)
    (found,) = left_out(recipe, run, examples, ["small"], bundle)
    assert taught == [{"large"}]
    assert (found.kind, found.source, found.images) == ("dermoscopy", "small", 10)
    assert len(list((tmp_path / "gate-without-small").glob("*/features-*.npz"))) == SETTINGS.parts
    with pytest.raises(DataError, match="no source nowhere"):
        left_out(recipe, run, examples, ["nowhere"], bundle)
