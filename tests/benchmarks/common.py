"""Images and a model for benchmarks that are given none, and the network that they are compared with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from PIL import Image

from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import load_bundle
from app.core.system import paths
from tests.factories import write_bundle

if TYPE_CHECKING:
    import keras

SHARED = Path("../shared/dermoscopy")
"""The images that the figures in docs/benchmarks.md were measured with."""
THESIS_SIDE = 256
NOISE = 3
"""Standard deviation of what makes drawn images differ, in values of 0 to 255: none is rejected as blurred or noisy."""


def draw_images(folder: Path, count: int, *, size: tuple[int, int] = (256, 256)) -> list[Path]:
    """JPEGs of a lesion in `folder`, all different, the same on every machine; `size` is (width, height)."""
    folder.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(0)
    drawn = []
    for number in range(count):
        lesion = Image.fromarray(reference_image(radius=50 + 30 * number / count))
        pixels = np.asarray(lesion.resize(size, Image.Resampling.BICUBIC), np.float32)
        noisy = pixels + generator.normal(0, NOISE, pixels.shape)
        drawn.append(folder / f"{number:05}.jpg")
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(drawn[-1], quality=95)
    return drawn


def model_for_drawn_images(folder: Path) -> Path:
    """A copy of the shipped bundle that asks its gate and rejects nothing by it, as it would all drawn images."""
    bundle = load_bundle(paths.bundled_model())
    gate = bundle.card.gate and msgspec.structs.replace(bundle.card.gate, limit=0.0)
    return write_bundle(replace(bundle, card=msgspec.structs.replace(bundle.card, gate=gate)), folder / "model")


def files_and_model(data: Path, count: int, folder: Path, *, draw: int = 0) -> tuple[list[Path], Path]:
    """The first images of a data set and the model that ships; or, to `draw` so many or where there is no such set,
    drawn ones in `folder`, and a model that takes them."""
    if draw or not data.is_dir():
        return draw_images(folder / "images", draw or count), model_for_drawn_images(folder)
    return sorted((data / "images").iterdir())[:count], paths.bundled_model()


def thesis_network(*, quick: bool) -> keras.Model:
    """The Inception-ResNet-v2 of the master's thesis, with random weights, which cost the same time.

    A `quick` run takes a small network in its place: building the other one takes longer than all the rest.
    """
    from training.networks import classifier
    from training.recipe import load_recipe

    network = load_recipe("quick" if quick else "thesis").network
    return classifier.build(msgspec.structs.replace(network, weights="none"))
