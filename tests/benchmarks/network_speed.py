"""One image, the network alone: the shipped one as the program runs it, against the thesis's as it was served.

    python -m tests.benchmarks.network_speed [--bundle BUNDLE] [--quick]

Prints each one's median time and their ratio, from one run, the two taking turns; default threads for both. The
thesis's network is Inception-ResNet-v2 at 256×256 by Keras's `predict`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from app.core.imaging.preprocess import model_input
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import load_bundle
from app.core.model.network import Network
from app.core.system import paths
from tests.benchmarks.common import THESIS_SIDE, thesis_network

TURNS, QUICK_TURNS = 30, 3
WARM_UP = 3
"""Turns that are not counted: the first ones compile and fill caches."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", type=Path, default=paths.bundled_model())
    parser.add_argument("--quick", action="store_true", help="a few turns, against a small network")
    options = parser.parse_args()
    bundle = load_bundle(options.bundle)
    network = Network(bundle.network, bundle.card.network.outputs, side=bundle.card.network.side)
    image = model_input(reference_image(), bundle.card.network.side)
    keras_model = thesis_network(quick=options.quick)
    batch = model_input(reference_image(), THESIS_SIDE)[np.newaxis].astype(np.float32)
    turns = QUICK_TURNS if options.quick else TURNS
    times: dict[str, list[float]] = {"ours": [], "thesis": []}
    for turn in range(WARM_UP + turns):
        ours = seconds(lambda: network.outputs(image))
        theirs = seconds(lambda: keras_model.predict(batch, verbose=0))
        if turn >= WARM_UP:
            times["ours"].append(ours)
            times["thesis"].append(theirs)
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, title in (("ours", f"{bundle.card.model_id}, LiteRT"), ("thesis", f"{keras_model.name}, Keras predict")):
        print(f"{title}: {medians[name] * 1000:.1f} ms (median of {turns})")
    print(f"ratio: {medians['thesis'] / medians['ours']:.1f}")


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
