"""A folder's way, from file to database, against the network alone and against the thesis's way.

    python tests/benchmarks/batch_speed.py [--data ../shared/dermoscopy] [--files 5000]

Prints, from one run: images a second of a batch over different files (decode, network, thumbnail, history) and of the
network alone on all cores with arrays in memory, taking turns; of the thesis's way (Pillow, Keras
Inception-ResNet-v2 by `predict`, one image at a time, random weights, which cost the same time); what a full-size
photograph costs to decode; and the batch's peak of memory for all files against a tenth of them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does

import numpy as np
from PIL import Image

from app.core.history.batches import BatchRepository
from app.core.history.repository import EntryRepository
from app.core.imaging.decode import decode
from app.core.imaging.preprocess import model_input
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from app.core.model.network import Network
from app.core.screening.batch_runner import CHUNK_SIZE, run_batch
from app.core.system import paths

CORES = os.cpu_count() or 1
IN_MEMORY = 300
PARTS = 10
THESIS_IMAGES = 40
THESIS_SIDE = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/dermoscopy"))
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--memory-of", type=int, help=argparse.SUPPRESS)  # the process that is measured
    options = parser.parse_args()
    files = sorted((options.data / "images").iterdir())[: options.memory_of or options.files]
    if options.memory_of:
        batch_speed(files)
        print(own_peak())
        return
    parts = [files[part::PARTS] for part in range(PARTS)]
    seconds = [(*seconds_of_network(part), len(part) / batch_speed(part)) for part in parts]  # a machine's speed varies
    single, network, batch = (len(files) / sum(times) for times in zip(*seconds, strict=True))
    thesis = thesis_speed(files[:THESIS_IMAGES])
    print(f"network alone, {CORES} cores: {single:.1f} images/s one by one, {network:.1f} by {CHUNK_SIZE} at once")
    print(f"batch of {len(files)}, decode to database: {batch:.1f} images/s")
    print(f"of the network alone: {batch / single:.2f} of one by one, {batch / network:.2f} of {CHUNK_SIZE} at once")
    print(f"the thesis's way: {thesis:.2f} images/s; the batch is {batch / thesis:.1f} times as fast")
    full_size(sorted((options.data / "fullsize").glob("*.jpg")))
    few, many = (peak_memory(options.data, count) for count in (len(files) // 10, len(files)))
    print(f"peak memory, {len(files)} files against {len(files) // 10}: {many / few:.2f} times ({many / 1024:.0f} MiB)")


def seconds_of_network(files: list[Path]) -> list[float]:
    """For as many pictures as files: a network of one thread on each core, asked one by one, and as a batch asks."""
    bundle = load_bundle(paths.bundled_model())
    side = bundle.card.network.side
    pictures = np.stack([model_input(decode(file.read_bytes()).rgb, side) for file in files[:IN_MEMORY]])
    networks = [Network(bundle.network, bundle.card.network.outputs, side=side, threads=1) for _ in range(CORES)]

    def all_cores(together: int) -> None:
        def work(core: int) -> None:
            own = pictures[core::CORES]
            for start in range(0, len(own), together):
                networks[core].outputs_of_several(own[start : start + together])

        with ThreadPoolExecutor(CORES) as pool:
            list(pool.map(work, range(CORES)))

    all_cores(1)  # the first run fills caches
    return [len(files) / per_second(partial(all_cores, together), len(pictures)) for together in (1, CHUNK_SIZE)]


def batch_speed(files: list[Path]) -> float:
    bundle = load_bundle(paths.bundled_model())
    with tempfile.TemporaryDirectory() as folder:
        batches = BatchRepository(EntryRepository(Path(folder) / "history.sqlite3").database)
        batch = batches.create(files, [])
        return per_second(lambda: exhaust(run_batch(batches, batch, lambda: Classifier(bundle, threads=1))), len(files))


def thesis_speed(files: list[Path]) -> float:
    import msgspec

    from training.networks import classifier
    from training.recipe import load_recipe

    model = classifier.build(msgspec.structs.replace(load_recipe("thesis").network, weights="none"))

    def work() -> None:
        for file in files:
            picture = Image.open(file).convert("RGB").resize((THESIS_SIDE, THESIS_SIDE), Image.Resampling.LANCZOS)
            model.predict(np.asarray(picture, np.float32)[np.newaxis], verbose=0)

    work()
    return per_second(work, len(files))


def full_size(files: list[Path]) -> None:
    """What decoding costs, in full and as a batch does it, beside the network."""
    if not files:
        return
    contents = [file.read_bytes() for file in files]
    classifier = Classifier(load_bundle(paths.bundled_model()), threads=1)
    pictures = [decode(content).rgb for content in contents]
    whole = 1000 / per_second(lambda: [decode(content, at_least=10**6) for content in contents], len(files))
    reduced = 1000 / per_second(lambda: [decode(content) for content in contents], len(files))
    network = 1000 / per_second(lambda: [classifier.predict(picture) for picture in pictures], len(files))
    pixels = np.median([np.prod(Image.open(file).size) for file in files]) / 1e6
    print(f"full-size photographs ({len(files)}, median {pixels:.1f} megapixels), one core: to decode them takes")
    print(f"{whole / network:.2f} times what the classification does; reduced while decoding, {reduced / network:.2f}")


def peak_memory(data: Path, count: int) -> float:
    """In KiB, of a process that does nothing but a batch."""
    command = [sys.executable, __file__, "--data", str(data), "--memory-of", str(count)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def own_peak() -> int:
    """In KiB. Linux's own count: `getrusage` also has what the process was begun from."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def per_second(work: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def exhaust(results: Iterable[object]) -> None:
    for _ in results:
        pass


if __name__ == "__main__":
    main()
