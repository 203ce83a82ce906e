"""A tiny labelled set, drawn by code: dark, lobed spots are melanomas, light, round ones are not."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.core.imaging.reference_image import reference_image

LESIONS = 60
RECIPE = """
name = "tiny"
description = "A network small enough for a test"
data = "unused"
batch_size = 8
balance = "class"
images_per_epoch = 32
seed = 7
weight_averaging = 0.5

[card]
name = "Tiny"
version = "0"
intended_use = "Tests."
not_for = ["Patients."]
factors = ["The drawing."]
data_lack = ["Everything real."]
ethics = ["None: nobody is drawn."]
limits = ["Knows nothing but drawings."]

[[card.data]]
source = "drawn"
licence = "MIT"
citation = "this test"

[network]
backbone = "efficientnet-lite0"
side = 64
weights = "imagenet"
diagnoses = [["MEL"], ["NV", "nevus"]]
dropout = 0.3

[augmentation]
flip = true
contrast = 0.1

[[phases]]
name = "frozen"
epochs = 2
trainable = "none"
learning_rate = { kind = "constant", initial = 1e-2 }

[[phases]]
name = "fine-tuned"
epochs = 1
trainable = 4
learning_rate = { kind = "cosine", initial = 1e-4 }
"""


def draw(melanoma: bool, random: np.random.Generator) -> Image.Image:
    image = reference_image(
        centre=(float(random.uniform(110, 146)), float(random.uniform(110, 146))), radius=float(random.uniform(50, 80))
    ).astype(float)
    if not melanoma:
        image = 255 - 0.4 * (255 - image)
    noise = random.normal(0, 12, image.shape)
    return Image.fromarray(np.clip(image + noise, 0, 255).astype(np.uint8))


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder a class, as in the thesis, with a damaged file among them."""
    root = tmp_path_factory.mktemp("folders")
    random = np.random.default_rng(1)
    for number in range(LESIONS):
        melanoma = number % 3 == 0
        path = root / ("Melanoma" if melanoma else "nevus") / f"{number:03}.jpg"
        path.parent.mkdir(exist_ok=True)
        draw(melanoma, random).resize((300, 280)).save(path, quality=95)
    (root / "nevus" / "damaged.jpg").write_bytes(b"\xff\xd8\xff\xe0 cut short")
    return root


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with two images a lesion, without splits."""
    root = tmp_path_factory.mktemp("table")
    (root / "images").mkdir()
    random = np.random.default_rng(2)
    with (root / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "melanoma", "lesion_id", "source", "diagnosis"])
        for number in range(2 * LESIONS):
            lesion = number // 2
            melanoma = lesion % 3 == 0
            draw(melanoma, random).save(root / "images" / f"I{number:03}.jpg", quality=95)
            writer.writerow([f"I{number:03}", int(melanoma), f"L{lesion}", "drawn", "MEL" if melanoma else "NV"])
    return root


@pytest.fixture(scope="session")
def recipe_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "tiny.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path
