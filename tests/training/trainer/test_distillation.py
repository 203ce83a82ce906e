"""Teachers made of one dense layer over a picture's mean colour, and a student that learns what they say."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from msgspec.structs import replace as changed

from app.core.model.bundle import ModelBundle
from app.core.model.card import DIAGNOSIS_LOGITS, LOGITS
from tests.factories import bare, write_bundle
from training.__main__ import main as melascreen_train
from training.errors import RecipeError
from training.networks.classifier import DIAGNOSIS_OUTPUT, MELANOMA_OUTPUT
from training.networks.convert import as_litert
from training.recipe import Recipe, load_recipe
from training.trainer.distillation import Teachers
from training.trainer.input_pipeline import ImageDataset
from training.trainer.run import Run

SIDE = 32
TAUGHT = """
[[phases]]
name = "taught"
epochs = 2
trainable = "none"
learning_rate = { kind = "constant", initial = 3e-2 }
taught = 1.0
"""


def teacher(model: Path, slope: float) -> ModelBundle:
    """A bundle that says the more melanoma, the brighter a picture is than 160, or the darker where `slope` < 0."""
    inputs = keras.Input((SIDE, SIDE, 3), name="image")
    pooled = keras.layers.GlobalAveragePooling2D()(inputs)
    outputs, shapes = {}, {}
    for name, sign in ((LOGITS, 1), (DIAGNOSIS_LOGITS, -1)):
        dense = keras.layers.Dense(2, name=name)
        outputs[name] = dense(pooled)
        weights = sign * slope * np.tile([-1.0, 1.0], (3, 1)) / 3
        dense.set_weights([weights, -160 * weights.sum(axis=0)])
        shapes[name] = (1, 2)
    content = as_litert(keras.Model(inputs, outputs))
    bundle = bare(model)
    network = changed(bundle.card.network, sha256=hashlib.sha256(content).hexdigest(), side=SIDE, outputs=shapes)
    return replace(bundle, card=changed(bundle.card, network=network, diagnoses=("MEL", "NV")), network=content)


@pytest.fixture
def recipe(recipe_file: Path, tmp_path: Path) -> Recipe:
    path = tmp_path / "taught.toml"
    path.write_text(recipe_file.read_text() + TAUGHT)
    return load_recipe(str(path))


@pytest.fixture
def run(recipe: Recipe, table: Path, tmp_path: Path) -> Run:
    """A run with prepared images."""
    folder = tmp_path / "run"
    for step in ("prepare", "split"):
        arguments = [step, "--recipe", str(tmp_path / "taught.toml"), "--data", str(table), "--run", str(folder)]
        assert melascreen_train(arguments) == 0
    return Run(folder)


def test_a_share_of_the_targets_is_the_mean_answer(shipped_model: Path, recipe: Recipe, run: Run) -> None:
    examples = run.prepared.load()[:10]
    examples[3] = replace(examples[3], diagnosis="of another kind")
    images = ImageDataset.load(examples, run.prepared, recipe, side=64)
    sure, unsure = teacher(shipped_model, 1.0), teacher(shipped_model, 0.0)
    softened = Teachers((sure, unsure)).softened(images, 0.75, run)

    pictures = ImageDataset.load(examples, run.prepared, recipe, side=SIDE).images_at(np.arange(10))
    brightness = pictures.mean(axis=(1, 2, 3))
    melanoma = (1 / (1 + np.exp(-2 * (brightness - 160))) + 0.5) / 2
    assert 0.2 < melanoma.min() < 0.3 < 0.7 < melanoma.max() < 0.8  # drawn images of both kinds
    labels = images.labels
    assert softened.targets[MELANOMA_OUTPUT][:, 1] == pytest.approx(0.25 * labels + 0.75 * melanoma, abs=1e-4)
    assert softened.targets[MELANOMA_OUTPUT].sum(axis=1) == pytest.approx(np.ones(10), abs=1e-5)
    sums = softened.targets[DIAGNOSIS_OUTPUT].sum(axis=1)
    assert sums == pytest.approx([1, 1, 1, 0.75, *[1] * 6], abs=1e-5)
    unknown = softened.targets[DIAGNOSIS_OUTPUT][3]
    assert unknown == pytest.approx([0.75 * melanoma[3], 0.75 * (1 - melanoma[3])], abs=1e-4)


def test_without_a_share_nothing_is_asked(recipe: Recipe, run: Run) -> None:
    images = ImageDataset.load(run.prepared.load()[:4], run.prepared, recipe, side=64)
    assert Teachers().softened(images, 0.0, run) is images


def test_answers_are_of_the_teachers_that_the_run_was_begun_with(shipped_model: Path, recipe: Recipe, run: Run) -> None:
    images = ImageDataset.load(run.prepared.load()[:4], run.prepared, recipe, side=64)
    first = teacher(shipped_model, 1.0)
    given = Teachers((first,)).softened(images, 0.5, run).targets[MELANOMA_OUTPUT]
    again = Teachers((replace(first, network=b"is not asked again"),)).softened(images, 0.5, run)
    assert np.array_equal(again.targets[MELANOMA_OUTPUT], given)
    with pytest.raises(RecipeError, match="other teachers"):
        Teachers((teacher(shipped_model, 2.0),)).softened(images, 0.5, run)


def test_a_recipe_that_is_taught_needs_teachers_with_its_diagnoses(shipped_model: Path, recipe: Recipe) -> None:
    with pytest.raises(RecipeError, match="--teacher"):
        Teachers().check(recipe)
    one = teacher(shipped_model, 1.0)
    Teachers((one,)).check(recipe)
    other = replace(one, card=changed(one.card, diagnoses=("NV", "MEL")))
    with pytest.raises(RecipeError, match="other diagnoses"):
        Teachers((other,)).check(recipe)


def test_a_student_learns_what_its_teacher_says_against_the_labels(
    shipped_model: Path, recipe: Recipe, run: Run, table: Path, tmp_path: Path
) -> None:
    """Drawn melanomas are dark; the teacher calls what is bright a melanoma."""
    bundle = write_bundle(teacher(shipped_model, 0.1), tmp_path / "teacher")
    arguments = ["train", "--recipe", str(tmp_path / "taught.toml"), "--data", str(table), "--run", str(run.folder)]
    assert melascreen_train([*arguments, "--teacher", str(bundle)]) == 0
    by_phase = {epoch.phase: epoch.val_auroc for epoch in run.epochs()}
    assert by_phase["fine-tuned"] > 0.8
    assert by_phase["taught"] < 0.2
