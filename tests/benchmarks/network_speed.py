"""One picture, the network alone: the shipped one as the program runs it, against the thesis's as it was served.

    python tests/benchmarks/network_speed.py [BUNDLE]

Prints each one's median time and their ratio, from one run, the two taking turns; default threads for both. The
thesis's network (Inception-ResNet-v2, 256×256, by Keras's `predict`) has random weights: they cost the same time.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import msgspec
import numpy as np

from app.core.imaging.preprocess import model_input
from app.core.imaging.reference_image import reference_image
from app.core.model.bundle import load_bundle
from app.core.model.network import Network
from app.core.system import paths
from training.networks import classifier
from training.recipe import load_recipe

TURNS = 30


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    bundle = load_bundle(Path(sys.argv[1]) if len(sys.argv) > 1 else paths.bundled_model())
    network = Network(bundle.network, bundle.card.network.outputs, side=bundle.card.network.side)
    picture = model_input(reference_image(), bundle.card.network.side)
    thesis = load_recipe("thesis").network
    keras_model = classifier.build(msgspec.structs.replace(thesis, weights="none"))
    batch = model_input(reference_image(), thesis.side)[np.newaxis].astype(np.float32)
    times: dict[str, list[float]] = {"ours": [], "thesis": []}
    for turn in range(TURNS + 3):
        ours = seconds(lambda: network.logits(picture))
        theirs = seconds(lambda: keras_model.predict(batch, verbose=0))
        if turn >= 3:  # the first ones compile and fill caches
            times["ours"].append(ours)
            times["thesis"].append(theirs)
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, title in (("ours", f"{bundle.card.model_id}, LiteRT"), ("thesis", "Inception-ResNet-v2, Keras predict")):
        print(f"{title}: {medians[name] * 1000:.1f} ms (median of {TURNS})")
    print(f"ratio: {medians['thesis'] / medians['ours']:.1f}")


if __name__ == "__main__":
    main()
