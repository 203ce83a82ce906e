from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.core.imaging.preprocess import model_input, standard_image


def test_standard_picture_is_the_thesis_resize() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (300, 401, 3), dtype=np.uint8)
    expected = np.asarray(Image.fromarray(rgb).resize((256, 256), Image.Resampling.LANCZOS))
    assert np.array_equal(standard_image(rgb), expected)


def test_a_prepared_picture_is_taken_as_it_is(lesion: np.ndarray) -> None:
    assert np.array_equal(standard_image(lesion), lesion)
    assert np.array_equal(model_input(lesion, 256), lesion)


def test_every_size_goes_by_way_of_the_standard_one(lesion: np.ndarray) -> None:
    large = np.asarray(Image.fromarray(lesion).resize((900, 700)))
    assert model_input(large, 224).shape == (224, 224, 3)
    assert np.array_equal(model_input(large, 224), model_input(standard_image(large), 224))


@pytest.mark.parametrize("wrong", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 4), np.uint8), np.zeros((9, 9, 3))])
def test_anything_but_8_bit_rgb_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(ValueError, match="8-bit RGB"):
        standard_image(wrong)
