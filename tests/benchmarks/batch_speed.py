"""A folder's way, from file to database, against the network alone and against the thesis's way.

    python -m tests.benchmarks.batch_speed [--data ../shared/dermoscopy_v2] [--files 5000]
        [--full-size ../shared/dermoscopy/fullsize] [--before NETWORK] [--quick]

Prints, from one run: images a second of a batch over different files (decode, network, thumbnail, history), which are
written as JPEG of quality 95 first; of the network alone on all cores with arrays in memory, taking turns, and of an
older one; of the thesis's way (Pillow, Keras Inception-ResNet-v2 by `predict`, one image at a time); of a batch of
full-size photographs against decoding them alone; and, on Linux, the batch's peak of memory for all files against a
tenth of them. Without the folder `data`, or with `--quick`, it draws its images.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from app.core.history.batches import BatchRepository
from app.core.history.repository import EntryRepository
from app.core.imaging.decode import decode
from app.core.imaging.preprocess import model_input
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from app.core.model.network import INPUT, Network
from app.core.screening.batch_runner import CHUNK_SIZE, run_batch
from app.core.system import paths
from tests.benchmarks.common import SHARED, THESIS_SIDE, draw_images, model_for_drawn_images, thesis_network

CORES = os.cpu_count() or 1
IN_MEMORY = 300
PARTS, TURNS = 2, 5
THESIS_IMAGES, QUICK_THESIS_IMAGES = 40, 2
QUICK_FILES = 20
FULL_SIZE = (1536, 1024)
DRAWN_FULL_SIZE, QUICK_FULL_SIZE = 20, 2
FULL_SIZE_TIMES = 13
"""How often a photograph comes: a batch of the 40 is then done by processes."""


@dataclass(frozen=True)
class Images:
    """What is classified and by which bundle: files of 256×256, and full-size photographs."""

    files: list[Path]
    full_size: list[Path]
    model: Path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/dermoscopy_v2"))
    parser.add_argument("--full-size", type=Path, default=SHARED / "fullsize")
    parser.add_argument("--before", type=Path, metavar="NETWORK", help="an older network, a LiteRT file")
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--quick", action="store_true", help="a few drawn images, against a small network")
    parser.add_argument("--memory-of", type=int, help=argparse.SUPPRESS)  # the process that is measured
    parser.add_argument("--model", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        batch_speed(sorted(options.data.iterdir())[: options.memory_of], options.model)
        print(own_peak())
        return
    with tempfile.TemporaryDirectory() as folder:
        if options.quick or not options.data.is_dir():
            images = drawn(Path(folder), options.files, quick=options.quick)
        else:
            files = as_jpegs(sorted((options.data / "images").iterdir())[: options.files], Path(folder) / "images")
            full_size = repeated(sorted(options.full_size.glob("*.jpg")), Path(folder) / "fullsize")
            images = Images(files, full_size, paths.bundled_model())
        measure(images, quick=options.quick)
        if options.before:
            print_before(images, options.before)


def drawn(folder: Path, count: int, *, quick: bool) -> Images:
    count, full_size = (QUICK_FILES, QUICK_FULL_SIZE) if quick else (count, DRAWN_FULL_SIZE)
    return Images(
        draw_images(folder / "images", count),
        draw_images(folder / "fullsize", full_size, size=FULL_SIZE),
        model_for_drawn_images(folder),
    )


def as_jpegs(files: list[Path], folder: Path) -> list[Path]:
    """The images as JPEG of quality 95."""
    folder.mkdir()
    written = [folder / f"{file.stem}.jpg" for file in files]
    for file, jpeg in zip(files, written, strict=True):
        Image.open(file).save(jpeg, quality=95)
    return written


def repeated(files: list[Path], folder: Path) -> list[Path]:
    """The JPEGs several times, each with another comment, so that their contents differ."""
    folder.mkdir()
    written = []
    for number, file in itertools.product(range(FULL_SIZE_TIMES), files):
        content, comment = file.read_bytes(), str(number).encode()
        written.append(folder / f"{number}-{file.name}")
        written[-1].write_bytes(content[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2) + comment + content[2:])
    return written


def measure(images: Images, *, quick: bool) -> None:
    files = images.files
    parts = [files[part::PARTS] for part in range(PARTS)]
    seconds = [  # taking turns, since a machine's speed varies
        (*seconds_of_network(part, images.model), len(part) / batch_speed(part, images.model)) for part in parts
    ]
    single, network, batch = (len(files) / sum(times) for times in zip(*seconds, strict=True))
    thesis = thesis_speed(files[: QUICK_THESIS_IMAGES if quick else THESIS_IMAGES], quick=quick)
    print(f"network alone, {CORES} cores: {single:.1f} images/s one by one, {network:.1f} by {CHUNK_SIZE} at once")
    print(f"batch of {len(files)}, decode to database: {batch:.1f} images/s")
    print(f"of the network alone: {batch / single:.2f} of one by one, {batch / network:.2f} of {CHUNK_SIZE} at once")
    print(f"the thesis's way: {thesis:.2f} images/s; the batch is {batch / thesis:.1f} times as fast")
    full_size(images.full_size, images.model)
    if sys.platform.startswith("linux"):
        fewer = len(files) // 10
        few, many = (peak_memory(files[0].parent, count, images.model) for count in (fewer, len(files)))
        print(f"peak memory, {len(files)} files against {fewer}: {many / few:.2f} times ({many / 1024:.0f} MiB)")


def seconds_of_network(files: list[Path], model: Path) -> list[float]:
    """For as many images as files: a network of one thread on each core, asked one by one, and as a batch asks.

    `model` is a bundle, or a LiteRT file."""
    content = model.read_bytes() if model.is_file() else load_bundle(model).network
    signature = Interpreter(model_content=content).get_signature_runner()
    shapes = {name: tuple(detail["shape"].tolist()) for name, detail in signature.get_output_details().items()}
    side = int(signature.get_input_details()[INPUT]["shape"][1])
    images = np.stack([model_input(decode(file.read_bytes()).rgb, side) for file in files[:IN_MEMORY]])
    networks = [Network(content, shapes, side=side, threads=1) for _ in range(CORES)]

    def all_cores(together: int) -> None:
        def work(core: int) -> None:
            own = images[core::CORES]
            for start in range(0, len(own), together):
                networks[core].outputs_of_several(own[start : start + together])

        with ThreadPoolExecutor(CORES) as pool:
            list(pool.map(work, range(CORES)))

    all_cores(1)  # the first run fills caches
    return [len(files) / per_second(partial(all_cores, together), len(images)) for together in (1, CHUNK_SIZE)]


def batch_speed(files: list[Path], model: Path) -> float:
    """Images a second, from files to the history."""
    bundle = load_bundle(model)
    with tempfile.TemporaryDirectory() as folder:
        batches = BatchRepository(EntryRepository(Path(folder) / "history.sqlite3").database)
        batch = batches.create(files, [])
        groups = run_batch(batches, batch, lambda: Classifier(bundle, threads=1), bundle=bundle)
        return per_second(lambda: exhaust(groups), len(files))


def thesis_speed(files: list[Path], *, quick: bool) -> float:
    """Images a second, one at a time."""
    model = thesis_network(quick=quick)

    def work() -> None:
        for file in files:
            image = Image.open(file).convert("RGB").resize((THESIS_SIDE, THESIS_SIDE), Image.Resampling.LANCZOS)
            model.predict(np.asarray(image, np.float32)[np.newaxis], verbose=0)

    work()  # the first run compiles and fills caches
    return per_second(work, len(files))


def full_size(files: list[Path], model: Path) -> None:
    """Print what a batch of full-size photographs takes against decoding them alone, as a batch does and in full."""
    if not files:
        return
    decoding, in_full = (decoding_speed(files, pixels) for pixels in (None, 10**6))
    batch = batch_speed(files, model)
    pixels = np.median([np.prod(Image.open(file).size) for file in files]) / 1e6
    print(f"full-size photographs ({len(files)}, median {pixels:.1f} megapixels), {CORES} cores:")
    print(f"a batch takes {decoding / batch:.2f} times what decoding alone does,")
    print(f"{in_full / batch:.2f} times what decoding in full does")


def decoding_speed(files: list[Path], at_least: int | None) -> float:
    """Images a second that are read and decoded on all cores, at the best scale or with so many pixels a side."""

    def work(file: Path) -> None:
        content = file.read_bytes()
        decode(content) if at_least is None else decode(content, at_least=at_least)

    with ThreadPoolExecutor(CORES) as pool:
        return per_second(lambda: list(pool.map(work, files)), len(files))


def print_before(images: Images, network: Path) -> None:
    """Print the network's speed against an older one's, by several at once on all cores, taking turns."""
    ratios = []
    for _ in range(TURNS):
        (_, own), (_, older) = (seconds_of_network(images.files, one) for one in (images.model, network))
        ratios.append(older / own)
    print(f"the network alone against {network.name}: {statistics.median(ratios):.2f} times as fast")


def peak_memory(data: Path, count: int, model: Path) -> float:
    """In KiB, of a process that does nothing but a batch."""
    command = [sys.executable, "-m", "tests.benchmarks.batch_speed", "--data", data, "--memory-of", count]
    done = subprocess.run([*map(str, command), "--model", str(model)], check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.split()[-1])


def own_peak() -> int:
    """In KiB, with as many of the largest worker as there are cores: at most what all took at once.

    Linux's own count for this process: `getrusage` also has what it was begun from."""
    import resource  # which Windows lacks

    status = Path("/proc/self/status").read_text(encoding="ascii")
    own = int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
    return own + CORES * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def per_second(work: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    work()
    return count / (time.perf_counter() - start)


def exhaust(results: Iterable[object]) -> None:
    for _ in results:
        pass


if __name__ == "__main__":
    main()
