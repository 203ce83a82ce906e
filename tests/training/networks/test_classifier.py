from __future__ import annotations

import pickle
from pathlib import Path

import keras
import msgspec
import numpy as np
import pytest
import tensorflow as tf

from training.errors import RecipeError, WeightsError
from training.networks import classifier
from training.networks.efficientnet_lite import OFFSET, SCALE, backbone, load_imagenet
from training.networks.pretrained import find_weights_file, read_torch_file
from training.recipe import LearningRate, Network, Phase, load_recipe

FEATURES = Path(__file__).parent / "efficientnet_lite0_features.npy"


def fixed_picture(side: int) -> np.ndarray:
    y, x, c = np.meshgrid(np.arange(side), np.arange(side), np.arange(3), indexing="ij")
    return (127.5 + 127.5 * np.sin(x / 7 + c) * np.cos(y / 11 - c)).astype(np.float32)


def trainable(model: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def test_thesis_to_the_letter() -> None:
    recipe = load_recipe("thesis")
    model = classifier.build(msgspec.structs.replace(recipe.network, weights="none"))
    frozen, tuned = recipe.phases
    classifier.set_trainable(model, frozen)
    assert model.count_params() == 57_961_378
    assert trainable(model) == 3_624_642
    assert recipe.network.side == 256
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    assert [layer.units for layer in dense] == [1024, 1024, 512, 512, 256, 256, 64, 2]
    assert model.get_layer("dropout").rate == 0.3
    rescaled = keras.Model(model.input, model.get_layer("rescaling").output)
    ends = np.array([0.0, 255.0], np.float32)[:, None, None, None] * np.ones((2, 256, 256, 3), np.float32)
    assert np.unique(rescaled.predict_on_batch(ends)).tolist() == [-1, 1]

    classifier.set_trainable(model, tuned)
    layers = model.get_layer("backbone").layers
    others = [layer for layer in layers if not isinstance(layer, keras.layers.BatchNormalization)]
    assert [layer for layer in layers if layer.trainable] == others[-30:]

    assert (recipe.batch_size, recipe.seed) == (64, 1337)
    assert (frozen.epochs, tuned.epochs) == (200, 40)
    rate = frozen.learning_rate
    assert (rate.kind, rate.initial, rate.decay_steps, rate.decay_rate, rate.staircase) == (
        "exponential", 1e-3, 100_000, 0.96, True,
    )  # fmt: skip
    assert (tuned.learning_rate.kind, tuned.learning_rate.initial) == ("constant", 1e-4)


@pytest.mark.parametrize("folded", [False, True])
def test_efficientnet_lite0_gives_what_the_torch_package_gives(folded: bool) -> None:
    """Expected: `extract_features` of efficientnet-lite-pytorch 0.1.0, averaged, on the same image."""
    model = backbone("efficientnet-lite0", folded=folded)
    load_imagenet(model)
    features = model.predict_on_batch((fixed_picture(224)[np.newaxis] - OFFSET) / SCALE)[0].mean(axis=(0, 1))
    assert np.abs(features - np.load(FEATURES)).max() < 1e-4


def test_a_folded_backbone_learns_as_one_with_frozen_batch_normalisation() -> None:
    """The same kernels, and the same gradients of all of them."""
    image = (fixed_picture(64)[np.newaxis] - OFFSET) / SCALE
    gradients = []
    for folded in (False, True):
        model = backbone("efficientnet-lite0", folded=folded)
        load_imagenet(model)
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.trainable = False
        with tf.GradientTape() as tape:
            features = model(image, training=True)
            loss = tf.reduce_mean(tf.square(features))
        gradients.append([value.numpy() for value in tape.gradient(loss, model.trainable_variables)])
    assert len(gradients[0]) == 49
    for plain, folded_ in zip(*gradients, strict=True):
        assert np.abs(folded_ - plain).max() <= 1e-3 * np.abs(plain).max()


def test_depthwise_kernels_stay_where_the_phase_says_so() -> None:
    model = classifier.build(Network("efficientnet-lite0", 64))
    rate = LearningRate("constant", 1e-3)
    classifier.set_trainable(model, Phase(name="some", epochs=1, trainable=49, depthwise=False, learning_rate=rate))
    names = [layer.name for layer in model.get_layer("backbone").layers if layer.trainable]
    assert {name for name in names if name.startswith("block3")} == {"block3_expand", "block3_project"}
    assert not [name for name in names if "depthwise" in name]
    assert not {name.split("_")[0] for name in names} & {"stem", "block0", "block1"}
    classifier.set_trainable(model, Phase(name="all", epochs=1, trainable="all", learning_rate=rate))
    assert all(layer.trainable for layer in model.get_layer("backbone").layers)


@pytest.mark.parametrize(("name", "millions"), [("efficientnet-lite1", 5.4), ("efficientnet-lite2", 6.1)])
def test_larger_variants_have_the_published_size(name: str, millions: float) -> None:
    top = 1281 * 1000  # ImageNet's dense layer, which a backbone does not have
    assert round((trainable(backbone(name)) + top) / 1e6, 1) == millions


@pytest.mark.parametrize("name", ["efficientnet-lite0", "inception-resnet-v2"])
def test_weights_from_a_local_file(name: str, tmp_path: Path) -> None:
    donor = classifier.build(Network(name, 64, "none")).get_layer("backbone")
    donor.save_weights(tmp_path / "donor.weights.h5")
    taker = classifier.build(Network(name, 64, str(tmp_path / "donor.weights.h5"))).get_layer("backbone")
    for given, taken in zip(donor.get_weights(), taker.get_weights(), strict=True):
        assert np.array_equal(given, taken)


def test_weights_package_that_is_not_installed() -> None:
    with pytest.raises(WeightsError, match="efficientnet-lite9-pytorch-model"):
        find_weights_file("efficientnet_lite9_pytorch_model")


def test_weights_file_of_the_newer_format(tmp_path: Path) -> None:
    path = tmp_path / "new.pth"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(WeightsError, match="newer format"):
        read_torch_file(path)


def test_weights_file_that_would_run_code(tmp_path: Path) -> None:
    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(print, protocol=2))
    with pytest.raises(WeightsError, match="not allowed"):
        read_torch_file(path)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("epochs = 2", "epochs = 0"), "epochs"),
        (('name = "fine-tuned"', 'name = "frozen"'), "same name"),
        (("flip = true", "flap = true"), "flap"),
        (('backbone = "efficientnet-lite0"', 'backbone = "vgg"'), "vgg"),
        (("seed = 7", "seed = "), "toml|Invalid"),
    ],
)
def test_recipe_that_is_wrong(recipe_file: Path, tmp_path: Path, change: tuple[str, str], word: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(recipe_file.read_text().replace(*change))
    with pytest.raises(RecipeError, match=word):
        load_recipe(str(path))


def test_recipe_that_is_not_there() -> None:
    with pytest.raises(RecipeError, match=r"ours: broad, .*lite0-5, .*thesis"):
        load_recipe("nonsense")
