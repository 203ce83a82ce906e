"""Training of the gate network, which tells dermoscopy from close-up photographs and from other pictures.

The encoder is EfficientNet-Lite0 with ImageNet weights, cut where its features are a sixteenth of the image's side. The
classifier's own features tell optics worse (docs/experiments.md), for they were trained to be blind to them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from app.core.model.card import Calibration
from app.core.model.gate import DERMOSCOPY, KINDS, LOGITS, GateNetwork
from training import metrics
from training.data.examples import Example, of_split
from training.data.photographs import Photograph
from training.data.prepare import Prepared
from training.errors import TrainingError
from training.gate.images import GateImages, dermoscopy_images, drawn_images, photograph_images
from training.gate.network import Settings, build
from training.networks.classifier import load_averaged
from training.networks.convert import as_litert, check
from training.softmax_fit import fit_softmax
from training.trainer.run import RunFolder

log = logging.getLogger(__name__)

MONITOR = "auroc"
"""The figure on `val` by which the best weights are kept."""
_CHECKED_IMAGES = 64
_MAX_DIFFERENCE = 0.02
"""Of a probability, between Keras and LiteRT with weights of half the precision."""


@dataclass(frozen=True)
class Epoch:
    """An epoch of the gate network. `val_auroc` is dermoscopy against everything else, on `val`."""

    epoch: int
    seconds: float
    train_loss: float
    val_auroc: float

    @property
    def phase(self) -> str:
        return ""

    @property
    def checkpoint(self) -> str:
        return f"{self.epoch:03d}.keras"

    def score(self, monitor: str) -> float:
        return float(getattr(self, f"val_{monitor}"))


@dataclass(frozen=True)
class GateRun(RunFolder[Epoch]):
    """The folder of a gate network's training."""

    epoch_type = Epoch


@dataclass(frozen=True)
class GateData:
    """The images of `train` and of `val`."""

    train: GateImages
    val: GateImages

    @classmethod
    def load(
        cls, examples: Sequence[Example], prepared: Prepared, photographs: Sequence[Photograph], side: int
    ) -> GateData:
        """Prepared dermoscopy images and photographs by their splits; the drawn images belong to `train`."""
        train, val = (cls._parts(examples, prepared, photographs, side, split) for split in ("train", "val"))
        return cls(GateImages.joined([*train, drawn_images(side)]), GateImages.joined(val))

    @staticmethod
    def of_split(
        examples: Sequence[Example], prepared: Prepared, photographs: Sequence[Photograph], side: int, split: str
    ) -> GateImages:
        """Those of one split, without the drawn ones."""
        return GateImages.joined(GateData._parts(examples, prepared, photographs, side, split))

    @staticmethod
    def _parts(
        examples: Sequence[Example], prepared: Prepared, photographs: Sequence[Photograph], side: int, split: str
    ) -> list[GateImages]:
        own = [one for one in photographs if one.split == split]
        return [dermoscopy_images(prepared, of_split(examples, split), side), photograph_images(own, side)]


def train(settings: Settings, data: GateData, run: GateRun) -> None:
    """Train the epochs that the run's log does not list yet; a kill loses only the epoch under way.

    Raises `RecipeError` where the folder was begun with other settings, `WeightsError` or `TrainingError`.
    """
    run.note_settings("settings.json", settings, differing="other settings")
    model = _model(settings, run)
    for epoch in range(len(run.epochs()), settings.epochs):
        start = time.monotonic()
        history = model.fit(_batches(data.train, settings, epoch=epoch), shuffle=False, verbose=0)
        loss = float(history.history["loss"][0])
        if not np.isfinite(loss):
            raise TrainingError(f"The training came to nothing: its loss is {loss}. Try a lower rate.")
        path = run.new_checkpoint(f"{epoch:03d}.keras")
        model.save(path)
        logits = predict(load_averaged(path), data.val.pictures, settings.batch_size)
        auroc = metrics.auroc((data.val.kinds == DERMOSCOPY).astype(np.int64), dermoscopy_margins(logits))
        row = Epoch(epoch, round(time.monotonic() - start, 1), loss, auroc)
        run.add_epoch(row, MONITOR)
        log.info("%d/%d: loss %.4f, val AUROC %.5f, %.0f s", epoch + 1, settings.epochs, loss, auroc, row.seconds)


def dermoscopy_margins(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log odds (n,) of dermoscopy against the other kinds."""
    others = np.delete(logits, DERMOSCOPY, axis=1)
    return np.asarray(logits[:, DERMOSCOPY] - np.logaddexp.reduce(others, axis=1))


def predict(model: keras.Model, pictures: NDArray[np.uint8], batch_size: int) -> NDArray[np.float64]:
    """Logits (n, kinds) of images (n, side, side, 3)."""
    forward = tf.function(lambda images: model(images, training=False), reduce_retracing=True)
    parts = [
        forward(tf.constant(pictures[start : start + batch_size], tf.float32)).numpy()
        for start in range(0, len(pictures), batch_size)
    ]
    return np.concatenate(parts).astype(np.float64)


def export(run: GateRun, val: GateImages) -> tuple[bytes, Calibration]:
    """The best network as a LiteRT file with weights of 16 bits, checked against Keras, and its calibration.

    The calibration is fitted on `val`, where the kinds count the same. Raises `RecipeError` or `ExportError`.
    """
    model = load_averaged(run.best(MONITOR))
    side = model.input_shape[1]
    inputs = keras.Input((side, side, 3), name="image")
    named = keras.Model(inputs, {LOGITS: model(inputs)}, name="gate")
    content = as_litert(named, float16=True)
    calibration = calibrate(predict(model, val.pictures, 32), val.kinds)
    network = GateNetwork(content, calibration, side=side)

    def by_keras(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        return calibration.probabilities(predict(model, images, 32))

    chosen = np.random.default_rng(0).permutation(len(val.kinds))[:_CHECKED_IMAGES]
    check(by_keras, network.probabilities, val.pictures[chosen], limit=_MAX_DIFFERENCE)
    return content, calibration


def calibrate(logits: NDArray[np.float64], kinds: NDArray[np.int64]) -> Calibration:
    """The calibration of logits (n, kinds) by the true kinds (n,), which count the same."""
    temperature, bias = fit_softmax(logits, kinds, 1 / np.bincount(kinds, minlength=len(KINDS))[kinds])
    return Calibration(temperature, tuple(bias.tolist()), f"val, {len(kinds)} images, each kind counting the same")


def _model(settings: Settings, run: GateRun) -> keras.Model:
    """The model to go on with: the last epoch's, or a new one."""
    if run.epochs():
        return keras.models.load_model(run.latest())
    keras.utils.set_random_seed(settings.seed)
    model = build(settings)
    steps = settings.epochs * settings.images_per_epoch // settings.batch_size
    warm = max(1, steps // 20)
    rate = keras.optimizers.schedules.CosineDecay(
        settings.learning_rate / 20, max(1, steps - warm), warmup_target=settings.learning_rate, warmup_steps=warm
    )
    optimizer = keras.optimizers.AdamW(
        rate, weight_decay=settings.weight_decay, use_ema=True, ema_momentum=settings.weight_averaging, clipnorm=1.0
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=settings.label_smoothing)
    model.compile(optimizer, loss=loss)
    optimizer.build(model.trainable_variables)
    return model


def _batches(images: GateImages, settings: Settings, *, epoch: int) -> tf.data.Dataset:
    """The images that an epoch shows, each changed at random."""
    places = images.draws(settings.images_per_epoch, settings.shares, np.random.default_rng((settings.seed, epoch)))
    truth = np.eye(len(KINDS), dtype=np.float32)

    def taken(step: np.int64, chosen: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        random = np.random.default_rng((settings.seed, epoch, int(step)))
        return images.changed(chosen, random), truth[images.kinds[chosen]]

    def batch(step: tf.Tensor, chosen: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        pictures, wanted = tf.numpy_function(taken, [step, chosen], (tf.uint8, tf.float32))
        shape = (None, settings.side, settings.side, 3)
        return tf.cast(tf.ensure_shape(pictures, shape), tf.float32), tf.ensure_shape(wanted, (None, len(KINDS)))

    return tf.data.Dataset.from_tensor_slices(places).batch(settings.batch_size).enumerate().map(batch).prefetch(4)
