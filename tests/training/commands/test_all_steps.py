"""The whole way, on drawn images: prepare, split, train, evaluate, export, and the program loads it."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace
from scipy.special import softmax

from app.__main__ import main as melascreen
from app.core.imaging.preprocess import model_input
from app.core.model.bundle import load_bundle
from app.core.model.card import write_card
from app.core.model.classifier import Classifier
from app.core.model.network import Network
from training.__main__ import main as melascreen_train
from training.data.images import read_image
from training.errors import ExportError, RecipeError, WeightsError
from training.export import bundle as export_bundle
from training.networks.classifier import build, load_averaged
from training.recipe import load_recipe
from training.trainer import fit
from training.trainer.run import Run


@pytest.fixture(scope="session")
def trained(table: Path, recipe_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run from `melascreen-train all`, with its bundle in `bundle/`."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    arguments = ["all", "--recipe", str(recipe_file), "--data", str(table), "--run", str(folder)]
    assert melascreen_train(arguments) == 0
    return folder


def test_all_leaves_everything_behind(trained: Path) -> None:
    epochs = Run(trained).epochs()
    assert [(epoch.phase, epoch.epoch) for epoch in epochs] == [("frozen", 0), ("frozen", 1), ("fine-tuned", 0)]
    for picture in ("curves", "training-images", "augmented"):
        assert (trained / f"{picture}.png").stat().st_size > 5_000
    for split in ("val", "test"):
        names = {file.name for file in (trained / "evaluation" / split).iterdir()}
        assert names == {"figures.json", "predictions.csv", "report.html"}


def test_the_program_loads_the_bundle_and_classifies_with_it(trained: Path, table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    bundle = str(trained / "bundle")
    arguments = ["classify", str(table / "images"), "--csv", str(out), "--model", bundle, "--no-history"]
    assert melascreen(arguments) == 0
    with out.open(newline="") as file:
        found = {Path(row["path"]).stem: float(row["melanoma_probability"]) for row in csv.DictReader(file)}
    with (table / "metadata.csv").open(newline="") as file:
        labels = {row["image"]: row["melanoma"] == "1" for row in csv.DictReader(file)}
    melanomas = np.mean([found[image] for image in labels if labels[image]])
    others = np.mean([found[image] for image in labels if not labels[image]])
    assert melanomas > others + 0.2  # the drawings differ plainly; it has learned something


def test_card_says_what_evaluate_measures(trained: Path, table: Path, tmp_path: Path) -> None:
    card = load_bundle(trained / "bundle").card
    prepared = trained / "prepared" / "table.csv"
    for split in ("val", "test"):
        arguments = ["evaluate", "--bundle", str(trained / "bundle"), "--data", str(prepared), "--split", split]
        assert melascreen_train([*arguments, "--output", str(tmp_path / split)]) == 0
    test = json.loads((tmp_path / "test" / "figures.json").read_text())
    assert card.figures[0].metric == "AUROC"
    assert card.figures[0].estimate.value == pytest.approx(test["auroc"]["value"], abs=1e-6)
    assert [point.name for point in card.operating_points] == ["screening", "balanced"]
    for point, measured in zip(card.operating_points, test["thresholds"], strict=False):
        assert (point.name, point.threshold) == (measured["name"], measured["threshold"])
        assert point.sensitivity.value == pytest.approx(measured["sensitivity"]["value"], abs=1e-6)
        assert point.specificity.value == pytest.approx(measured["specificity"]["value"], abs=1e-6)
    # chosen on val: the thresholds give there what they are for
    val = json.loads((tmp_path / "val" / "figures.json").read_text())
    screening, balanced, _ = val["thresholds"]
    assert screening["sensitivity"]["value"] >= 0.95
    melanomas, others = val["melanomas"], val["images"] - val["melanomas"]
    difference = balanced["sensitivity"]["value"] - balanced["specificity"]["value"]
    assert abs(difference) <= max(1 / melanomas, 1 / others) + 1e-9
    assert [(entry.name, entry.licence) for entry in card.data] == [("drawn", "MIT")]
    assert card.origin.seed == 7
    assert card.origin.packages["tensorflow"]


def test_recalibrating_keeps_the_network_and_fits_all_else(
    trained: Path, recipe_file: Path, table: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    shutil.copytree(trained / "bundle", bundle)
    before = load_bundle(bundle)
    wrong = msgspec.structs.replace(before.card.calibration, temperature=77.0)
    (bundle / "card.json").write_bytes(write_card(msgspec.structs.replace(before.card, calibration=wrong)))
    recipe = tmp_path / "again.toml"
    recipe.write_text(f'name = "again"\nbase = "{recipe_file.as_posix()}"\n\n[card]\nversion = "2"\n')
    run = tmp_path / "run"
    shutil.copytree(trained / "prepared", run / "prepared")
    step = ["--recipe", str(recipe), "--data", str(table), "--run", str(run), "--bundle", str(bundle)]
    assert melascreen_train(["recalibrate", *step]) == 0
    after = load_bundle(bundle)
    assert after.network == before.network
    assert after.card.version == "2"
    assert after.card.calibration.temperature == pytest.approx(before.card.calibration.temperature, rel=1e-3)
    assert after.card.data == before.card.data
    assert after.card.figures[0].estimate == before.card.figures[0].estimate
    assert "melascreen-train recalibrate" in after.card.origin.command
    assert before.card.origin.command in after.card.origin.command


def test_evaluate_on_any_folder(trained: Path, folders: Path, tmp_path: Path) -> None:
    arguments = ["evaluate", "--bundle", str(trained / "bundle"), "--data", str(folders), "--output", str(tmp_path)]
    assert melascreen_train(arguments) == 0
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert (figures["images"], figures["melanomas"], figures["failed"]) == (60, 20, 1)
    confusion = figures["thresholds"][0]["confusion"]
    assert [sum(row) for row in confusion] == [40, 20]
    with (tmp_path / "predictions.csv").open(newline="") as file:
        assert sum(row["status"] == "failed" for row in csv.DictReader(file)) == 1


def test_members_vote_in_one_network(trained: Path, recipe_file: Path, table: Path, tmp_path: Path) -> None:
    """Trained each by itself, exported together: the logits are the mean of what the members give alone."""
    members = []
    for seed in (1, 2):
        members.append(tmp_path / f"member{seed}.toml")
        members[-1].write_text(f'name = "member{seed}"\nbase = "{recipe_file.as_posix()}"\nseed = {seed}\n')
    listed = ", ".join(f'"{path.as_posix()}"' for path in members)
    recipe = tmp_path / "voters.toml"
    recipe.write_text(f'name = "voters"\nbase = "{recipe_file.as_posix()}"\nphases = []\nmembers = [{listed}]\n')
    run, bundle = tmp_path / "run", tmp_path / "bundle"
    shutil.copytree(trained / "prepared", run / "prepared")
    step = ["--recipe", str(recipe), "--data", str(table), "--run", str(run)]
    assert melascreen_train(["train", *step]) == 0
    assert melascreen_train(["export", *step, "--bundle", str(bundle)]) == 0
    card = load_bundle(bundle).card
    assert card.network.outputs["embedding"] == (1, 2 * 1280)
    voters = Network(load_bundle(bundle).network, card.network.outputs, side=64)
    alone = [load_averaged(Run(run / "members" / f"member{seed}").best("auroc")).get_layer("logits") for seed in (1, 2)]
    picture = np.random.default_rng(5).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    given = voters.outputs(picture)
    first, second = given["embedding"][:1280], given["embedding"][1280:]
    expected = np.mean(
        [half @ layer.kernel.numpy() + layer.bias.numpy() for half, layer in zip((first, second), alone, strict=True)],
        axis=0,
    )
    assert given["logits"] == pytest.approx(expected, abs=0.02)


def test_training_taken_up_again_is_as_if_never_stopped(
    trained: Path, recipe_file: Path, table: Path, tmp_path: Path
) -> None:
    """A run cut back to its first epoch, with a half-written checkpoint, ends where the other did."""
    run = Run(tmp_path / "again")
    shutil.copytree(trained / "prepared", run.folder / "prepared")
    recipe = replace(load_recipe(str(recipe_file)), data=str(table))
    whole = Run(trained).epochs()
    data = ["--data", str(table)]
    process = subprocess.Popen(
        [sys.executable, "-m", "training", "train", "--recipe", str(recipe_file), "--run", str(run.folder), *data],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not run.epochs() and process.poll() is None:
        time.sleep(0.02)
    process.kill()
    process.wait()
    done = len(run.epochs())
    assert 0 < done < len(whole)
    (run.checkpoints / "fine-tuned-000.keras").write_bytes(b"cut short")
    fit.train(recipe, run, run.prepared.load())
    again = run.epochs()
    assert [(e.phase, e.epoch) for e in again] == [(e.phase, e.epoch) for e in whole]
    for one, other in zip(again, whole, strict=True):
        assert one.val_loss == pytest.approx(other.val_loss, rel=1e-3)
    assert len(list(run.checkpoints.iterdir())) <= 2


def test_a_trained_run_is_not_divided_anew(trained: Path, recipe_file: Path, table: Path) -> None:
    before = (trained / "prepared" / "table.csv").read_bytes()
    assert melascreen_train(["split", "--recipe", str(recipe_file), "--data", str(table), "--run", str(trained)]) == 1
    assert (trained / "prepared" / "table.csv").read_bytes() == before


def test_a_run_is_not_gone_on_with_by_another_recipe(trained: Path, recipe_file: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed.toml"
    changed.write_text(recipe_file.read_text().replace("contrast = 0.1", "contrast = 0.2"))
    with pytest.raises(RecipeError, match="another recipe"):
        fit.train(load_recipe(str(changed)), Run(trained), Run(trained).prepared.load())


def test_a_run_is_not_gone_on_with_by_other_data(
    trained: Path, recipe_file: Path, folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for step in ("all", "prepare", "export"):
        arguments = [step, "--recipe", str(recipe_file), "--data", str(folders), "--run", str(trained)]
        assert melascreen_train(arguments) == 1
        assert "other data" in capsys.readouterr().err


def test_a_missing_original_is_named(
    trained: Path, recipe_file: Path, table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = shutil.copytree(trained, tmp_path / "run")
    file = run / "prepared" / "table.csv"
    file.write_text(file.read_text().replace(str(table / "images"), str(tmp_path / "moved")))
    arguments = ["export", "--recipe", str(recipe_file), "--data", str(table), "--run", str(run)]
    assert melascreen_train(arguments) == 1
    assert str(tmp_path / "moved") in capsys.readouterr().err


def test_a_conversion_that_went_wrong_gives_no_bundle(
    trained: Path, recipe_file: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that gives something else than Keras is refused, and the bundle that was there stays."""
    bundle = tmp_path / "bundle"
    shutil.copytree(trained / "bundle", bundle)
    before = {file.name: file.read_bytes() for file in bundle.iterdir()}
    logits = export_bundle.Network.logits
    off = np.array([0, 100])
    monkeypatch.setattr(export_bundle.Network, "logits", lambda self, image: logits(self, image) + off)
    recipe = replace(load_recipe(str(recipe_file)), data=str(table))
    with pytest.raises(ExportError, match="differ"):
        export_bundle.export(recipe, Run(trained), bundle, command="none")
    assert {file.name: file.read_bytes() for file in bundle.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


def test_errors_are_told_in_words(tmp_path: Path, recipe_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nowhere, run = ["--data", str(tmp_path / "nowhere")], ["--run", str(tmp_path / "run")]
    assert melascreen_train(["prepare", "--recipe", str(recipe_file), *nowhere, *run]) == 1
    assert melascreen_train(["train", "--recipe", str(recipe_file), *nowhere, *run]) == 1
    assert melascreen_train(["export", "--recipe", "nonsense", *run]) == 1
    notified = capsys.readouterr().err.splitlines()
    assert [word in line for word, line in zip(("nowhere", "prepare", "nonsense"), notified, strict=True)] == [True] * 3


def test_exported_network_is_small_and_whole(trained: Path) -> None:
    size = (trained / "bundle" / "network.tflite").stat().st_size
    assert 6_000_000 < size < 8_000_000
    assert Classifier(load_bundle(trained / "bundle")).card.network.side == 64


def test_weights_may_be_exported_whole(trained: Path, recipe_file: Path, table: Path, tmp_path: Path) -> None:
    recipe = replace(load_recipe(str(recipe_file)), data=str(table), precision="float32")
    export_bundle.export(recipe, Run(trained), tmp_path / "bundle", command="none")
    halved, whole = load_bundle(trained / "bundle"), load_bundle(tmp_path / "bundle")
    assert whole.card.network.format == "LiteRT, float32 weights"
    assert len(whole.network) == pytest.approx(2 * len(halved.network), rel=0.05)


def test_a_bundle_gets_integers(
    trained: Path, recipe_file: Path, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By `recalibrate`, from the float weights that it has; what has integers already keeps its network."""
    monkeypatch.setattr(export_bundle, "SCALING_IMAGES", 40)
    recipe = tmp_path / "integers.toml"
    recipe.write_text(f'name = "tiny"\nbase = "{recipe_file.as_posix()}"\nprecision = "int8"\n')
    bundle = shutil.copytree(trained / "bundle", tmp_path / "bundle")
    shutil.copytree(trained / "prepared", tmp_path / "run" / "prepared")
    step = ["recalibrate", "--recipe", str(recipe), "--data", str(table), "--run", str(tmp_path / "run")]
    assert melascreen_train([*step, "--bundle", str(bundle)]) == 0
    floats, integers = load_bundle(trained / "bundle"), load_bundle(bundle)
    assert len(integers.network) < 0.7 * len(floats.network)
    assert integers.card.network.format == "LiteRT, weights and activations of 8 bits"
    margins = []
    for one in (floats, integers):
        network = Network(one.network, one.card.network.outputs, side=64)
        pictures = [model_input(read_image(path), 64) for path in sorted((table / "images").iterdir())[:40]]
        margins.append([float(np.diff(network.logits(picture))[0]) for picture in pictures])
    assert np.corrcoef(margins)[0, 1] > 0.98
    assert melascreen_train([*step, "--bundle", str(bundle)]) == 0
    assert load_bundle(bundle).network == integers.network


def test_an_exported_network_is_trained_further(trained: Path, recipe_file: Path, tmp_path: Path) -> None:
    network = msgspec.structs.replace(
        load_recipe(str(recipe_file)).network, weights=str(trained / "bundle" / "network.tflite")
    )
    bundle = load_bundle(trained / "bundle")
    pictures = np.random.default_rng(3).integers(0, 256, (2, 64, 64, 3), np.uint8)
    given = build(network)(pictures.astype(np.float32))["melanoma"]
    logits = Network(bundle.network, bundle.card.network.outputs, side=64).outputs_of_several(pictures)["logits"]
    assert np.asarray(given) == pytest.approx(softmax(logits, axis=1), abs=1e-4)
    for wrong in (msgspec.structs.replace(network, diagnoses=(("MEL",), ("NV",), ("BCC",))),
                  msgspec.structs.replace(network, weights=str(tmp_path / "none.tflite"))):  # fmt: skip
        with pytest.raises(WeightsError, match=r"\.tflite|another network"):
            build(wrong)


def test_one_pass_gives_all_that_the_card_names(trained: Path) -> None:
    bundle = load_bundle(trained / "bundle")
    card = bundle.card
    assert card.network.outputs == {
        "logits": (1, 2), "embedding": (1, 1280), "middle_features": (1, 1392), "diagnosis_logits": (1, 2),
    }  # fmt: skip
    assert card.diagnoses == ("MEL", "NV")
    network = Network(bundle.network, card.network.outputs, side=64)
    rng = np.random.default_rng(5)
    for picture in rng.integers(0, 256, (3, 64, 64, 3), dtype=np.uint8):
        given = network.outputs(picture)
        assert {name: (1, *value.shape) for name, value in given.items()} == card.network.outputs
        assert np.array_equal(network.logits(picture), given["logits"].astype(float))
