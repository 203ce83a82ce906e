from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from app.core.domain.geometry import WHOLE
from app.core.imaging.preprocess import model_input, prepare, standard_image
from app.core.imaging.reference_image import reference_image


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


def test_a_heavy_frame_is_cut_away_before_the_resize() -> None:
    framed = np.zeros((700, 800, 3), np.uint8)
    framed[200:456, 300:556] = reference_image()
    prepared = prepare(framed)
    left, top, right, bottom = prepared.area.pixels(800, 700)
    assert np.array_equal(prepared.standard, standard_image(framed[top:bottom, left:right]))
    assert (left, top, right, bottom) == pytest.approx((300, 200, 556, 456), abs=8)
    bare = prepare(reference_image())
    assert bare.area == WHOLE
    assert np.array_equal(bare.standard, reference_image())
