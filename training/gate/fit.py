"""Training of the gate: two dense layers on features of the network, which stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import msgspec
import numpy as np
from keras import layers
from numpy.typing import NDArray

from app.core.model.bundle import ModelBundle
from app.core.model.card import Calibration
from app.core.model.gate import KINDS, Gate
from training.data.examples import Example, of_split
from training.data.photographs import Photograph
from training.data.prepare import Prepared
from training.gate.features import GateFeatures, changed_features, features
from training.gate.images import GateImages, dermoscopy_images, drawn_images, photograph_images
from training.softmax_fit import fit_softmax

_WARM_UP = 0.05
"""Of the steps, over which the learning rate rises; then it falls to 0 as a cosine."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the gate is trained.

    `parts` times, `images_per_part` images are drawn and changed anew; `shares` are those of the `KINDS` among them.
    The `units` of the hidden layer then learn from their features, `epochs` times over all.
    """

    parts: int = 16
    images_per_part: int = 8192
    shares: tuple[float, ...] = (0.5, 0.32, 0.18)
    units: int = 64
    epochs: int = 6
    batch_size: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    label_smoothing: float = 0.02
    dropout: float = 0.3
    seed: int = 1337


@dataclass(frozen=True)
class GateData:
    """The images of `train` and of `val`, as the network takes them."""

    train: GateImages
    val: GateImages

    @classmethod
    def load(
        cls, examples: Sequence[Example], prepared: Prepared, photographs: Sequence[Photograph], side: int
    ) -> GateData:
        """Prepared dermoscopy images and photographs by their splits; the drawn images belong to `train`."""
        train, val = (_of_split(examples, prepared, photographs, side, split) for split in ("train", "val"))
        return cls(GateImages.joined([*train, drawn_images(side)]), GateImages.joined(val))


def _of_split(
    examples: Sequence[Example], prepared: Prepared, photographs: Sequence[Photograph], side: int, split: str
) -> list[GateImages]:
    own = [one for one in photographs if one.split == split]
    return [dermoscopy_images(prepared, of_split(examples, split), side), photograph_images(own, side)]


def train_features(settings: Settings, data: GateData, bundle: ModelBundle, folder: Path) -> GateFeatures:
    """The features that the gate learns from. Parts that are in the folder already are read; a kill costs one part."""
    parts = []
    for part in range(settings.parts):
        file = folder / f"features-{part:03d}.npz"
        if not file.is_file():
            random = np.random.default_rng((settings.seed, part))
            places = data.train.draws(settings.images_per_part, settings.shares, random)
            changed_features(bundle, data.train, places, (settings.seed, part)).write(file)
        parts.append(GateFeatures.read(file))
    return GateFeatures.joined(parts)


def fit(settings: Settings, known: GateFeatures) -> Gate:
    """The gate that tells the kinds of these features apart."""
    keras.utils.set_random_seed(settings.seed)
    roots = np.sqrt(np.maximum(known.values.astype(np.float32), 0))
    mean, scale = roots.mean(axis=0), roots.std(axis=0) + 1e-3
    inputs = keras.Input((roots.shape[1],))
    x = layers.Dense(settings.units, activation="relu", name="hidden")(inputs)
    x = layers.Dropout(settings.dropout)(x)
    model = keras.Model(inputs, layers.Dense(len(KINDS), name="output")(x))
    steps = settings.epochs * -(-len(roots) // settings.batch_size)
    warm_up = max(1, round(_WARM_UP * steps))
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 20,
        max(1, steps - warm_up),
        warmup_target=settings.learning_rate,
        warmup_steps=warm_up,
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=settings.weight_decay)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing)
    model.compile(optimizer, loss=loss)
    truth = np.eye(len(KINDS), dtype=np.float32)[known.kinds]
    model.fit((roots - mean) / scale, truth, settings.batch_size, settings.epochs, verbose=0)
    (hidden, hidden_bias), (output, output_bias) = (
        model.get_layer(name).get_weights() for name in ("hidden", "output")
    )
    return Gate(hidden / scale[:, np.newaxis], hidden_bias - mean / scale @ hidden, output, output_bias)


def calibration_of(gate: Gate, data: GateData, bundle: ModelBundle) -> Calibration:
    """The calibration of the gate's logits on `val`, where the kinds count the same."""
    known = features(bundle, data.val)
    return calibrate(gate.logits(known.values.astype(np.float32)), known.kinds)


def calibrate(logits: NDArray[np.float64], kinds: NDArray[np.int64]) -> Calibration:
    """The calibration of logits (n, kinds) by the true kinds (n,), which count the same."""
    temperature, bias = fit_softmax(logits, kinds, 1 / np.bincount(kinds, minlength=len(KINDS))[kinds])
    return Calibration(temperature, tuple(bias.tolist()), f"val, {len(kinds)} images, each kind counting the same")
