from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.imaging.reference_image import reference_image
from training.data.examples import Example, load_source
from training.errors import DataError
from training.evaluation.abcd import Mask, Rgb, measure_examples, measure_split


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Drawn lesions, two of each class, with masks of half the images' size, and one image without a mask."""
    (tmp_path / "images").mkdir()
    (tmp_path / "masks").mkdir()
    lines = ["image,melanoma,split"]
    for number in range(5):
        rgb = reference_image(radius=50 + 5 * number)
        Image.fromarray(rgb).save(tmp_path / "images" / f"A{number}.png")
        if number < 4:
            mask = np.uint8(255) * (rgb[::2, ::2].mean(axis=2) < 140)
            Image.fromarray(mask).save(tmp_path / "masks" / f"A{number}_segmentation.png")
        lines.append(f"A{number},{number % 2},val")
    (tmp_path / "metadata.csv").write_text("\n".join(lines))
    return tmp_path


def test_lesions_are_measured_within_their_masks(data: Path) -> None:
    found = measure_split(data, "val")
    assert (found.images, found.melanomas, found.failed) == (4, 2, 0)
    diameter = next(result for result in found.results if result.name == "diameter_pixels")
    assert diameter.auroc.value == 0.75  # the radii grow with the number, the odd ones are melanomas


def test_a_mask_that_can_not_be_read_is_named(data: Path) -> None:
    (data / "masks" / "A2_segmentation.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="A2_segmentation"):
        measure_split(data, "val")


def test_lesions_without_a_mask_given_are_failed(data: Path) -> None:
    def outliner(example: Example, rgb: Rgb) -> Mask | None:
        return None if example.image == "A4" else rgb.mean(axis=2) < 140

    found = measure_examples(load_source(data), "val", outliner)
    assert (found.images, found.melanomas, found.failed) == (4, 2, 1)
    with pytest.raises(DataError, match="both classes"):
        measure_examples(
            load_source(data), "val", lambda example, rgb: outliner(example, rgb) if example.melanoma else None
        )
