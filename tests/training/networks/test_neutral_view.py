"""The second look under neutral light: the training's change of the image, and what of the outputs is averaged."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from app.core.model.card import DIAGNOSIS_LOGITS, EMBEDDING, INTERMEDIATE_FEATURES, LOGITS
from app.core.model.network import Network as LiteRTNetwork
from training.data.augment import grey_world
from training.networks.classifier import Member, build, deployed
from training.networks.convert import as_litert
from training.networks.neutral_light import NeutralLight
from training.recipe import Network

SIDE = 64


def tinted(seed: int) -> np.ndarray:
    image = np.random.default_rng(seed).integers(20, 180, (SIDE, SIDE, 3)).astype(np.float32)
    return (image * [1.3, 0.9, 0.7]).astype(np.uint8)


def test_the_layer_changes_an_image_as_the_training_does() -> None:
    images = np.stack([tinted(seed) for seed in range(3)])
    changed = np.asarray(NeutralLight()(images.astype(np.float32)))
    expected = np.stack([grey_world(image) for image in images])
    assert np.abs(changed - expected).max() <= 0.51  # the training rounds
    assert np.abs(expected.astype(float) - images).mean() > 5


def test_of_both_views_logits_and_diagnoses_are_averaged_and_features_are_of_the_image_as_it_is() -> None:
    keras.utils.set_random_seed(3)
    network = Network("efficientnet-lite0", SIDE, weights="none", diagnoses=(("MEL",), ("NV",)))
    members = [Member(build(network), SIDE) for _ in range(2)]
    image = tinted(1)
    plain = deployed(members, SIDE)
    both = deployed(members, SIDE, neutral_view=True)
    as_it_is = plain(image[np.newaxis].astype(np.float32))
    neutral = plain(np.asarray(NeutralLight()(image[np.newaxis].astype(np.float32))))
    given = both(image[np.newaxis].astype(np.float32))
    assert set(given) == set(as_it_is)
    for name in (LOGITS, DIAGNOSIS_LOGITS):
        mean = (np.asarray(as_it_is[name]) + np.asarray(neutral[name])) / 2
        assert np.asarray(given[name]) == pytest.approx(mean, abs=1e-4)
    for name in (EMBEDDING, INTERMEDIATE_FEATURES):
        assert np.asarray(given[name]) == pytest.approx(np.asarray(as_it_is[name]), abs=1e-5)
    shapes = {name: tuple(value.shape) for name, value in given.items()}
    converted = LiteRTNetwork(as_litert(both), shapes, side=SIDE)
    assert converted.outputs(image)[LOGITS] == pytest.approx(np.asarray(given[LOGITS])[0], abs=1e-3)
