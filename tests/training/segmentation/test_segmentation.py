"""The outline's network on a few drawn lesions: every step once; how well it learns is measured on real images."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from app.core.domain.geometry import WHOLE
from app.core.imaging.preprocess import prepare
from app.core.imaging.reference_image import reference_image
from app.core.model.segmentation import OutlineNetwork
from training.data import masks
from training.data.images import read_image
from training.errors import DataError, RecipeError
from training.networks import efficientnet_lite
from training.segmentation import fit, measure, network
from training.segmentation.fit import OutlineRun
from training.segmentation.measure import Measured
from training.segmentation.network import Settings
from training.trainer import losses

TINY = Settings(side=64, epochs=2, images_per_epoch=6, batch_size=3, weights="none")
SPLITS = ("train",) * 6 + ("val",) * 2 + ("test",) * 2


@pytest.fixture(scope="module", autouse=True)
def small_encoder() -> Iterator[None]:
    """One block a stage, and few channels: TensorFlow takes its time over each layer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(efficientnet_lite.VARIANTS, "efficientnet-lite0", efficientnet_lite.Variant(0.25, 0.25, ""))
        yield


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten drawn lesions with their masks, one of them (L5) in a heavy black frame, and one without a mask."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    rows = ["image,melanoma,lesion_id,split"]
    for index, split in enumerate((*SPLITS, "train")):
        picture = reference_image(centre=(90 + 8 * index, 150 - 5 * index), radius=40 + 4 * index)
        inside = picture.mean(axis=2) < 140
        if index == 5:
            picture, inside = np.pad(picture[::2, ::2], ((64, 64), (64, 64), (0, 0))), np.pad(inside[::2, ::2], 64)
        Image.fromarray(picture).save(folder / "images" / f"L{index}.jpg", quality=95)
        if index < len(SPLITS):
            mask = Image.fromarray(np.uint8(255) * inside)
            mask.save(folder / "masks" / f"L{index}_segmentation.png")
        rows.append(f"L{index},{index % 2},lesion{index // 2},{split}")
    (folder / "metadata.csv").write_text("\n".join(rows))
    return folder


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> OutlineRun:
    """A training that was cut off in its second epoch, and taken up again."""
    run = OutlineRun(tmp_path_factory.mktemp("run"))
    own = fit.mean_dice
    calls = []

    def cut_off(*given) -> float:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return own(*given)

    tf.config.run_functions_eagerly(True)  # for two steps an epoch, a graph is not worth its making
    try:
        with warnings.catch_warnings(action="ignore"):  # TensorFlow says that tf.data goes on making graphs
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(fit, "mean_dice", cut_off)
                with pytest.raises(KeyboardInterrupt):
                    fit.train(TINY, data, run)
            assert [epoch.epoch for epoch in run.epochs()] == [0]
            fit.train(TINY, data, run)
    finally:
        tf.config.run_functions_eagerly(False)
    return run


@pytest.fixture(scope="module")
def content(run: OutlineRun) -> bytes:
    return fit.export(run)


def test_a_training_goes_on_where_it_was_cut_off(run: OutlineRun) -> None:
    epochs = run.epochs()
    assert [epoch.epoch for epoch in epochs] == [0, 1]
    best = max(epochs, key=lambda epoch: epoch.val_dice)
    kept = {path.name for path in run.checkpoints.iterdir()}
    assert kept == {"001.keras", f"{best.epoch:03d}.keras"}


def test_a_framed_image_is_learned_whole_as_its_mask_is(run: OutlineRun, data: Path) -> None:
    """The program looks for the outline on the whole image too."""
    framed = data / "images" / "L5.jpg"
    assert prepare(read_image(framed)).area != WHOLE
    assert run.prepared.folder.joinpath("images", "L5.jpg").read_bytes() == framed.read_bytes()


def test_a_finished_training_does_nothing(run: OutlineRun, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "mean_dice", None)
    fit.train(TINY, data, run)
    assert len(run.epochs()) == 2


def test_other_settings_need_another_folder(run: OutlineRun, data: Path) -> None:
    with pytest.raises(RecipeError, match="other settings"):
        fit.train(Settings(side=64, epochs=3, weights="none"), data, run)


def test_an_untrained_run_gives_no_network(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no epoch"):
        fit.export(OutlineRun(tmp_path))


def test_the_exported_network_gives_what_keras_gives(run: OutlineRun, content: bytes) -> None:
    picture = reference_image()[::4, ::4]
    (logits,) = fit.trained(run).predict_on_batch(picture[np.newaxis].astype(np.float32))
    expected = 1 / (1 + np.exp(-logits[..., 0]))
    given = OutlineNetwork(content, side=TINY.side).probabilities(picture)
    assert given.shape == (32, 32)
    assert np.abs(given - expected).max() < 0.02


def test_measuring_gives_each_image_its_dice(data: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def map_of_darkness(self: OutlineNetwork, picture: np.ndarray) -> np.ndarray:
        dark = np.where(picture.mean(axis=2) < 140, 1.0, 0.0)
        return dark.reshape(32, 2, 32, 2).mean(axis=(1, 3)) * (dark[40:, :].sum() < 600)

    monkeypatch.setattr(OutlineNetwork, "probabilities", map_of_darkness)
    measured = measure.measure(content, data, "test", side=TINY.side)
    assert measured.images == ("L8", "L9")
    assert measured.groups.tolist() == ["lesion4", "lesion4"]
    assert measured.dice == pytest.approx([1.0, 1.0], abs=0.03)
    monkeypatch.setattr(OutlineNetwork, "find", lambda self, rgb: None)
    assert measure.measure(content, data, "test", side=TINY.side).dice.tolist() == [0.0, 0.0]


def test_the_mean_comes_with_an_interval_over_lesions() -> None:
    values = np.random.default_rng(0).uniform(0.8, 1.0, 400)
    alone = Measured((), np.arange(400).astype(str), values).mean()
    twins = Measured((), (np.arange(400) // 2).astype(str), np.repeat(values[:200], 2)).mean()
    assert alone.value == pytest.approx(values.mean())
    assert alone.high - alone.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert twins.high - twins.low == pytest.approx(2 * 1.96 * values[:200].std() / 200**0.5, rel=0.1)


def test_images_without_mask_are_passed_over_and_a_damaged_one_named(data: Path, tmp_path: Path) -> None:
    assert [example.image for example in masks.outlined(data, "train")] == [f"L{i}" for i in range(6)]
    copy = tmp_path / "copy"
    shutil.copytree(data, copy)
    (copy / "masks" / "L3_segmentation.png").write_bytes(b"no picture")
    example = masks.outlined(copy, "train")[3]
    with pytest.raises(DataError, match="L3_segmentation"):
        masks.read_mask(copy, example)


def test_no_masks_at_all_are_an_error(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("masks"))
    with pytest.raises(DataError, match="has a mask"):
        fit.train(TINY, copy, OutlineRun(tmp_path / "run"))


def test_dice() -> None:
    one, other = np.zeros((2, 10), bool), np.zeros((2, 10), bool)
    assert measure.dice(one, other) == 1.0
    one[0, :4], other[0, 2:8] = True, True
    assert measure.dice(one, other) == pytest.approx(2 * 2 / (4 + 6))
    assert measure.dice(one, np.zeros_like(one)) == 0.0


def test_picture_and_mask_go_the_same_way() -> None:
    picture = reference_image(centre=(160, 100), radius=45)[::4, ::4]
    mask = np.uint8(255) * (picture.mean(axis=2, keepdims=True) < 140)
    pictures, masks = np.repeat(picture[np.newaxis], 24, axis=0), np.repeat(mask[np.newaxis], 24, axis=0)
    random = np.random.default_rng(5)
    changed, wanted = fit.changed(pictures, masks, random)
    assert (changed.shape, changed.dtype) == (pictures.shape, np.uint8)
    assert (wanted.shape, wanted.dtype) == ((24, 32, 32, 1), np.float32)
    assert wanted.min() >= 0
    assert wanted.max() <= 1
    assert len(np.unique(changed.reshape(24, -1), axis=0)) == 24
    small = changed.astype(float).mean(axis=3).reshape(24, 32, 2, 32, 2).mean(axis=(2, 4))
    darker = [
        one[(within[..., 0] < 0.1) & (one > 12)].mean() - one[within[..., 0] > 0.9].mean()
        for one, within in zip(small, wanted, strict=True)
        if (within > 0.9).any()
    ]
    assert len(darker) > 20
    assert min(darker) > 20  # whatever the colours and the frame, the lesion is darker than the lit skin


def test_the_mask_becomes_the_share_of_lesion_at_each_place() -> None:
    mask = np.zeros((1, 32, 32, 1), np.uint8)
    mask[0, 0, 0], mask[0, :2, 2:4] = 255, 255
    wanted = masks.wanted(mask)
    assert wanted[0, 0, :3, 0].tolist() == [0.25, 1.0, 0.0]
    assert wanted.sum() == 1.25


def test_the_loss_is_least_where_the_map_is_right() -> None:
    wanted = np.zeros((1, 8, 8, 1), np.float32)
    wanted[0, :4] = 1
    right, wrong, unsure = (
        losses.overlap_loss(wanted, x).numpy() for x in (20 * wanted - 10, 10 - 20 * wanted, 0 * wanted)
    )
    assert right.shape == (1,)
    assert right[0] < 0.001 < unsure[0] < wrong[0]
    assert unsure[0] == pytest.approx(np.log(2) + 1 - 33 / 65, abs=0.01)


def test_a_side_that_the_network_can_not_halve_four_times_is_refused() -> None:
    with pytest.raises(RecipeError, match="multiple of 16"):
        network.build(Settings(side=120, weights="none"))
    assert network.build(TINY).output_shape == (None, 32, 32, 1)
