"""Distribution of one training over several devices or machines, by TensorFlow's strategies."""

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


def check_workers_agree(epochs: int, strategy: tf.distribute.Strategy) -> None:
    """Raises `StrategyError` where another worker's run has not the same number of epochs done.

    A kill may come between two workers' logs; resuming from different weights would give wrong ones.
    """
    if strategy.num_replicas_in_sync == 1:
        return
    done = strategy.run(lambda: tf.distribute.get_replica_context().all_gather(tf.constant([epochs]), axis=0))
    of_workers = strategy.experimental_local_results(done)[0].numpy().tolist()
    if len(set(of_workers)) > 1:
        raise StrategyError(
            f"The workers' runs have not the same number of epochs done: {of_workers}. Copy one's folder to the others."
        )
