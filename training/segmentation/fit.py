"""Training of the outline network: a small network that marks the lesion's pixels, on outlines drawn by people.

The encoder is EfficientNet-Lite0 with ImageNet weights, cut where its features are a sixteenth of the image's
side; a light decoder of separable convolutions brings them back to half of it (after the U-Net, Ronneberger et al.,
arXiv:1505.04597). Data: a table as for the classifier (see `training.data.examples`) with
`masks/<image>_segmentation.png` beside it, 0 or 255; images without one are passed over. The masks of HAM10000 came
with Tschandl et al., Nature Medicine 26, 1229 (2020).
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import layers
from numpy.typing import NDArray
from PIL import Image

from app.core.imaging.preprocess import model_input
from app.core.model.segmentation import LOGITS, STRIDE, OutlineNetwork
from training.data.augment import augment
from training.data.examples import Example, of_split
from training.data.images import load_images, read_image
from training.data.masks import load_mask, outlined, wanted
from training.data.prepare import Prepared, prepare
from training.errors import DataError, TrainingError
from training.networks.classifier import load_averaged
from training.networks.convert import as_litert, check
from training.recipe import Augmentation
from training.segmentation.measure import dice
from training.segmentation.network import Settings, build
from training.trainer.losses import overlap_loss
from training.trainer.run import RunFolder

log = logging.getLogger(__name__)

MONITOR = "dice"
"""The figure on `val` by which the best weights are kept."""
GEOMETRIC = Augmentation(flip=True, rotation=0.5, translation=0.1, zoom=0.25, stretch=0.3)
"""Of image and mask alike. The stretch stands for cameras of another aspect ratio: every image is made square."""
PHOTOMETRIC = Augmentation(contrast=0.3, brightness=0.3, saturation=0.4, hue=0.05, white_balance=0.15, sharpness=0.5)
"""Of the image alone: wider than the classifier's, since the outline does not depend on the colour."""
VIGNETTE = Augmentation(frame=0.2)
"""Of both: what lies in the black is not lesion."""
_CHECKED_IMAGES = 16
_MAX_DIFFERENCE = 0.02
"""Of a pixel's probability, between Keras and LiteRT with weights of half the precision."""


@dataclass(frozen=True)
class MaskedImages:
    """Images (n, side, side, 3) and masks (n, side, side, 1), 0..255."""

    images: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class Epoch:
    """An epoch of the outline network. `val_dice` is the mean over `val` of the map's Dice, at its own size."""

    epoch: int
    seconds: float
    train_loss: float
    val_dice: float

    @property
    def phase(self) -> str:
        return ""

    @property
    def checkpoint(self) -> str:
        return checkpoint_name(self.epoch)

    def score(self, monitor: str) -> float:
        return float(getattr(self, f"val_{monitor}"))


@dataclass(frozen=True)
class OutlineRun(RunFolder[Epoch]):
    """The folder of an outline network's training."""

    epoch_type = Epoch

    @property
    def prepared(self) -> Prepared:
        return Prepared(self.folder / "prepared")


def checkpoint_name(epoch: int) -> str:
    """The file that holds the outline network's model and optimizer after an epoch."""
    return f"{epoch:03d}.keras"


def train(settings: Settings, data: Path, run: OutlineRun) -> None:
    """Train the epochs that the run's log does not list yet.

    A kill loses only the epoch under way. Raises `RecipeError`, `DataError`, `WeightsError` or
    `TrainingError`.
    """
    run.note_settings("settings.json", settings, differing="other settings")
    examples = {split: outlined(data, split) for split in ("train", "val")}
    for split, found in examples.items():
        if not found:
            raise DataError(f"{data}: no image of the split {split} has a mask.")
    sets = _load(settings, data, run, examples)
    model = _model(settings, run, steps=-(-settings.images_per_epoch // settings.batch_size) * settings.epochs)
    for epoch in range(len(run.epochs()), settings.epochs):
        start = time.monotonic()
        history = model.fit(_batches(sets["train"], settings, epoch=epoch), shuffle=False, verbose=0)
        loss = float(history.history["loss"][0])
        path = run.new_checkpoint(checkpoint_name(epoch))
        model.save(path)
        val_dice = mean_dice(load_averaged(path), sets["val"], settings)
        if not np.isfinite(loss):
            raise TrainingError(f"The training came to nothing: its loss is {loss}. Try a lower rate.")
        row = Epoch(epoch, round(time.monotonic() - start, 1), loss, val_dice)
        run.add_epoch(row, MONITOR)
        log.info("%d/%d: loss %.4f, val Dice %.4f, %.0f s", epoch + 1, settings.epochs, loss, val_dice, row.seconds)


def trained(run: OutlineRun) -> keras.Model:
    """The epoch with the highest Dice on `val`, with its averaged weights. Raises `RecipeError` before the first."""
    return load_averaged(run.best(MONITOR))


def export(run: OutlineRun) -> bytes:
    """The best network as a LiteRT file with weights of 16 bits, checked against Keras on images of `val`.

    Raises `RecipeError` or `ExportError`.
    """
    model = trained(run)
    side = model.input_shape[1]
    inputs = keras.Input((side, side, 3), name="image")
    named = keras.Model(inputs, {LOGITS: layers.Reshape(model.output_shape[1:3])(model(inputs))}, name="outline")
    content = as_litert(named, "float16")
    network = OutlineNetwork(content, side=side)
    examples = of_split(run.prepared.load(), "val")
    chosen = np.random.default_rng(0).permutation(len(examples))[:_CHECKED_IMAGES]

    def by_keras(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.asarray(1 / (1 + np.exp(-named.predict_on_batch(images.astype(np.float32))[LOGITS])))

    def by_litert(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.stack([network.probabilities(image) for image in images])

    images = np.stack([model_input(read_image(run.prepared.image(examples[i])), side) for i in chosen])
    check(by_keras, by_litert, images, limit=_MAX_DIFFERENCE)
    return content


def _load(
    settings: Settings, data: Path, run: OutlineRun, examples: dict[str, list[Example]]
) -> dict[str, MaskedImages]:
    """The whole images as the program gives them to the network, and the masks at the same size."""
    if not run.prepared.table.is_file():
        prepare([example for found in examples.values() for example in found], run.prepared, whole=True)
    images = load_images(run.prepared, side=settings.side)
    known = run.prepared.load()
    cache = run.folder / f"masks-{settings.side}.npy"
    if not cache.is_file() or np.load(cache, mmap_mode="r").shape[0] != len(known):
        size = (settings.side, settings.side)
        masks = [np.asarray(load_mask(data, example).resize(size, Image.Resampling.BOX)) for example in known]
        np.save(cache, np.stack(masks)[..., np.newaxis])
    masks = np.load(cache)
    splits = np.array([example.split for example in known])
    return {split: MaskedImages(images, masks, np.flatnonzero(splits == split)) for split in examples}


def _model(settings: Settings, run: OutlineRun, *, steps: int) -> keras.Model:
    """The model to go on with: the last epoch's, or a new one that learns for so many steps."""
    if run.epochs():
        return keras.models.load_model(run.latest())
    keras.utils.set_random_seed(settings.seed)
    model = build(settings)
    warm = max(1, min(steps // 10, 500))
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 20, steps - warm, warmup_target=settings.learning_rate, warmup_steps=warm
    )
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=settings.weight_decay, use_ema=True, ema_momentum=settings.weight_averaging, clipnorm=1.0
    )
    model.compile(optimizer, loss=overlap_loss)
    optimizer.build(model.trainable_variables)
    return model


def _batches(train_set: MaskedImages, settings: Settings, *, epoch: int) -> tf.data.Dataset:
    """The images that an epoch shows, each changed at random. Every image comes once before any comes again."""
    side, count = settings.side, settings.images_per_epoch
    rounds = -(-count * settings.epochs // len(train_set.rows))
    random = np.random.default_rng(settings.seed)
    order = np.concatenate([random.permutation(train_set.rows) for _ in range(rounds)])
    rows = order[epoch * count : (epoch + 1) * count]

    def taken(step: np.int64, places: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        places = np.sort(places)  # read from disk in its order
        images, masks = train_set.images[places], train_set.masks[places]
        return changed(images, masks, np.random.default_rng((settings.seed, epoch, int(step))))

    def batch(step: tf.Tensor, places: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        images, wanted = tf.numpy_function(taken, [step, places], (tf.uint8, tf.float32))
        wanted = tf.ensure_shape(wanted, (None, side // STRIDE, side // STRIDE, 1))
        return tf.cast(tf.ensure_shape(images, (None, side, side, 3)), tf.float32), wanted

    return tf.data.Dataset.from_tensor_slices(rows).batch(settings.batch_size).enumerate().map(batch).prefetch(4)


def changed(
    images: NDArray[np.uint8], masks: NDArray[np.uint8], random: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Images (n, side, side, 3) and masks (n, side, side, 1) changed at random, the masks as `wanted` gives them."""
    both = augment(np.concatenate([images, masks], axis=3), GEOMETRIC, random)
    both[..., :3] = augment(np.ascontiguousarray(both[..., :3]), PHOTOMETRIC, random)
    both = augment(both, VIGNETTE, random)
    return both[..., :3], wanted(both[..., 3:])


def mean_dice(model: keras.Model, val_set: MaskedImages, settings: Settings) -> float:
    """The mean over the images of the Dice of the network's map, at its own size."""
    values = []
    forward = tf.function(lambda images: model(images, training=False), reduce_retracing=True)
    for start in range(0, len(val_set.rows), settings.batch_size):
        rows = val_set.rows[start : start + settings.batch_size]
        logits = forward(tf.constant(val_set.images[rows], tf.float32)).numpy()
        values += [dice(a > 0, b >= 0.5) for a, b in zip(logits, wanted(val_set.masks[rows]), strict=True)]
    return float(np.mean(values))
