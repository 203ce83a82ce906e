"""Networks that vote although they take images of different sizes."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from PIL import Image

from app.core.model.card import DIAGNOSIS_LOGITS, EMBEDDING, INTERMEDIATE_FEATURES, LOGITS
from app.core.model.network import Network as LiteRTNetwork
from training.networks.classifier import Member, build, deployed
from training.networks.convert import as_litert
from training.networks.shrink import Shrink
from training.recipe import Network

SIDE, SMALLER = 96, 64


@pytest.fixture
def image() -> np.ndarray:
    small = np.random.default_rng(5).integers(0, 256, (12, 12, 3), np.uint8)
    return np.asarray(Image.fromarray(small).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def test_the_layer_resizes_as_the_preparation_does(image: np.ndarray) -> None:
    resized = np.asarray(Shrink(SMALLER)(image[np.newaxis].astype(np.float32)))[0]
    expected = np.asarray(Image.fromarray(image).resize((SMALLER, SMALLER), Image.Resampling.LANCZOS))
    difference = np.abs(resized - expected)
    assert difference.max() < 1.2  # Pillow rounds after each direction
    assert difference.mean() < 0.35


@pytest.mark.parametrize("neutral_view", [False, True])
def test_a_member_with_smaller_images_votes_with_the_others(image: np.ndarray, neutral_view: bool) -> None:
    keras.utils.set_random_seed(3)
    diagnoses = (("MEL",), ("NV",))
    large = Member(build(Network("efficientnet-lite0", SIDE, weights="none", diagnoses=diagnoses)), SIDE)
    small = Member(build(Network("efficientnet-lite2", SMALLER, weights="none", diagnoses=diagnoses)), SMALLER)
    whole = image[np.newaxis].astype(np.float32)
    alone = [deployed([one], SIDE, neutral_view=neutral_view)(whole) for one in (large, small)]
    together = deployed([large, small], SIDE, neutral_view=neutral_view)
    given = {name: np.asarray(value) for name, value in together(whole).items()}
    for name in (LOGITS, DIAGNOSIS_LOGITS):
        assert given[name] == pytest.approx(np.mean([one[name] for one in alone], axis=0), abs=1e-4)
    for name in (EMBEDDING, INTERMEDIATE_FEATURES):
        assert given[name] == pytest.approx(np.concatenate([one[name] for one in alone], axis=1), abs=1e-4)
    converted = LiteRTNetwork(as_litert(together), {name: value.shape for name, value in given.items()}, side=SIDE)
    assert converted.outputs(image)[LOGITS] == pytest.approx(given[LOGITS][0], abs=1e-3)
