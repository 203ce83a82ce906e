"""Several devices or machines for one training, by TensorFlow's own means."""

from __future__ import annotations

import os

import tensorflow as tf

from training.errors import StrategyError


def create(name: str) -> tf.distribute.Strategy:
    """`one` device; `mirrored` over all GPUs of this machine; or `multi-worker`, over machines.

    For the last, each machine calls the same command with the environment variable `TF_CONFIG` saying who takes
    part and which one it is (TensorFlow, 'Multi-worker training'). To be called before anything else is computed.
    Raises `StrategyError`.
    """
    try:
        if name == "multi-worker":
            if not os.environ.get("TF_CONFIG"):
                raise StrategyError("The environment variable TF_CONFIG, which says who takes part, is not set.")
            return tf.distribute.MultiWorkerMirroredStrategy()
        return tf.distribute.MirroredStrategy() if name == "mirrored" else tf.distribute.get_strategy()
    except (RuntimeError, ValueError) as error:
        raise StrategyError(f"The strategy {name!r} can't be used here: {error}") from error
