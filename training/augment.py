"""Random changes to training images: one map of the coordinates and one of the colours for each image.

The thesis's changes are those of Keras's layers of the same names, put together so that the pixels are
interpolated once and not once a change.
"""

from __future__ import annotations

import math

import tensorflow as tf

from training.config import Augmentation

_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_TO_YIQ = ((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))  # NTSC, 1953
_SMALLEST_FIELD, _LARGEST_FIELD = 0.42, 0.7
"""Radius of a drawn field of view, in sides: from one that leaves a broad frame to one that cuts the corners."""


def augment(pictures: tf.Tensor, augmentation: Augmentation, *, seed: tf.Tensor) -> tf.Tensor:
    """Change a batch (n, side, side, 3), float32, 0..255, each image differently.

    `seed` is two integers: the same seed gives the same changes. What a turn or a shift lets in from outside
    is filled by reflection. The result stays in 0..255.
    """
    a, random = augmentation, _Random(tf.shape(pictures)[0], seed)
    if any((a.flip, a.rotation, a.translation, a.zoom, a.stretch)):
        pictures = _moved(pictures, a, random)
    if any((a.contrast, a.brightness, a.saturation, a.hue, a.white_balance)):
        pictures = _coloured(pictures, a, random)
    if a.sharpness:
        blurred = tf.nn.avg_pool2d(pictures, 3, 1, "SAME")
        pictures += random.around(0.0, a.sharpness)[:, None, None, None] * (pictures - blurred)
    if a.frame:
        pictures = _framed(pictures, a.frame, random)
    return tf.clip_by_value(pictures, 0.0, 255.0)


class _Random:
    """Numbers for each of `n` images; each call gives others."""

    def __init__(self, n: tf.Tensor, seed: tf.Tensor) -> None:
        self._n = n
        self._seed = tf.cast(seed, tf.int32)

    def between(self, low: float, high: float, count: int = 1) -> tf.Tensor:
        """Uniform, shape (n,), or (n, count)."""
        self._seed = tf.random.experimental.stateless_fold_in(self._seed, 1)
        shape = (self._n,) if count == 1 else (self._n, count)
        return tf.random.stateless_uniform(shape, self._seed, low, high)

    def around(self, centre: float, reach: float, count: int = 1) -> tf.Tensor:
        return self.between(centre - reach, centre + reach, count)

    def sign(self) -> tf.Tensor:
        return tf.sign(self.between(-1.0, 1.0))


def _moved(pictures: tf.Tensor, augmentation: Augmentation, random: _Random) -> tf.Tensor:
    """Flip, turn, zoom, stretch and shift, by one interpolation."""
    angle = random.around(0.0, augmentation.rotation) * 2 * math.pi
    zoom = random.around(1.0, augmentation.zoom)
    stretch = tf.exp(random.around(0.0, math.log1p(augmentation.stretch)) / 2)
    flip_x, flip_y = (random.sign(), random.sign()) if augmentation.flip else (1.0, 1.0)
    side = tf.cast(tf.shape(pictures)[1], tf.float32)
    shift_x, shift_y = (random.around(0.0, augmentation.translation) * side for _ in range(2))
    across, down = zoom * stretch * flip_x, zoom / stretch * flip_y
    # from where in the original each pixel of the result is taken: x = a0 x' + a1 y' + a2, y = b0 x' + b1 y' + b2
    a0, a1 = tf.cos(angle) * across, -tf.sin(angle) * down
    b0, b1 = tf.sin(angle) * across, tf.cos(angle) * down
    centre = (side - 1) / 2
    a2 = centre - (a0 + a1) * centre + shift_x
    b2 = centre - (b0 + b1) * centre + shift_y
    none = tf.zeros_like(a0)
    return tf.raw_ops.ImageProjectiveTransformV3(
        images=pictures,
        transforms=tf.stack([a0, a1, a2, b0, b1, b2, none, none], axis=1),
        output_shape=tf.shape(pictures)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )


def _coloured(pictures: tf.Tensor, augmentation: Augmentation, random: _Random) -> tf.Tensor:
    """Contrast around the mean, then saturation, hue, white balance and brightness, as one 3×3 matrix."""
    identity = tf.eye(3, batch_shape=[1])
    saturation = random.around(1.0, augmentation.saturation)[:, None, None]
    grey = tf.ones((1, 3, 1)) * tf.constant(_LUMA)[None, None, :]
    matrix = saturation * identity + (1 - saturation) * grey
    angle = random.around(0.0, augmentation.hue) * 2 * math.pi
    cos, sin, one, none = tf.cos(angle), tf.sin(angle), tf.ones_like(angle), tf.zeros_like(angle)
    turn = tf.reshape(tf.stack([one, none, none, none, cos, -sin, none, sin, cos], axis=1), (-1, 3, 3))
    to_yiq = tf.constant(_TO_YIQ)
    matrix = tf.linalg.inv(to_yiq) @ turn @ to_yiq @ matrix
    gains = random.around(1.0, augmentation.white_balance, 3) * random.around(1.0, augmentation.brightness)[:, None]
    matrix = gains[:, :, None] * matrix
    contrast = random.around(1.0, augmentation.contrast)[:, None, None, None]
    mean = tf.reduce_mean(pictures, axis=(1, 2), keepdims=True)
    pictures = mean + contrast * (pictures - mean)
    shape = tf.shape(pictures)
    flat = tf.reshape(pictures, (shape[0], -1, 3))
    return tf.reshape(tf.matmul(flat, matrix, transpose_b=True), shape)


def _framed(pictures: tf.Tensor, share: float, random: _Random) -> tf.Tensor:
    """Give some images a round field of view with a soft black edge."""
    side = tf.shape(pictures)[1]
    place = tf.linspace(-0.5, 0.5, side)
    centre_x, centre_y = (random.around(0.0, 0.05)[:, None] for _ in range(2))
    squares = tf.square(place[None, :] - centre_y)[:, :, None] + tf.square(place[None, :] - centre_x)[:, None, :]
    radius = random.between(_SMALLEST_FIELD, _LARGEST_FIELD)[:, None, None]
    softness = random.between(0.005, 0.08)[:, None, None]
    lit = tf.sigmoid((radius - tf.sqrt(squares)) / softness)
    unframed = random.between(0.0, 1.0)[:, None, None] >= share
    return pictures * tf.where(unframed, 1.0, lit)[..., None]
