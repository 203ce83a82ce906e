"""What all the checks and explanations cost: a single image with everything on, against its probability alone.

    python -m tests.benchmarks.single_image [FOLDER] [--quick]

Both ways in turn over each image of the folder (default: the full-size images of ../shared/dermoscopy, or drawn ones),
then over the same reduced to 256×256, where decoding costs least and the rest most. With everything on: quality, frame,
hair, ink and ruler, out-of-distribution check, saliency map, diagnoses, and test-time augmentation. The outline is
apart: it is found when asked for.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

from app.core.imaging.decode import decode
from app.core.imaging.find import find_images
from app.core.imaging.preprocess import model_input
from app.core.model.bundle import ModelBundle, load_bundle
from app.core.model.card import LOGITS
from app.core.model.classifier import Classifier
from app.core.model.network import Network
from app.core.model.segmentation import OutlineNetwork
from app.core.screening.pipeline import screen_content
from app.core.system import paths
from tests.benchmarks.common import SHARED, draw_images, model_for_drawn_images

DRAWN, DRAWN_SIZE = 20, (1536, 1024)
ROUNDS = 5
ALONE = "probability alone"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=SHARED / "fullsize", metavar="FOLDER")
    parser.add_argument("--quick", action="store_true", help="two drawn images, once")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        if options.quick or not options.folder.is_dir():
            files = draw_images(Path(temporary), 2 if options.quick else DRAWN, size=DRAWN_SIZE)
            ways = ways_of(load_bundle(model_for_drawn_images(Path(temporary))))
        else:
            files = list(find_images([options.folder], recursive=False))
            ways = ways_of(load_bundle(paths.bundled_model()))
        contents = [file.read_bytes() for file in files]
    for name, images in (
        ("as the camera delivers them", contents),
        ("256×256", [reduced(content) for content in contents]),
    ):
        took = mean_times(ways, images, rounds=1 if options.quick else ROUNDS)
        print(f"{len(images)} images, {name}; ratio to the probability alone:", flush=True)
        for way, seconds in took.items():
            print(f"  {way:<20} {seconds / took[ALONE]:.2f}  ({1000 * seconds:.0f} ms)", flush=True)


def ways_of(bundle: ModelBundle) -> dict[str, Callable[[bytes], object]]:
    """What is done with a file's content, by name."""
    network = Network(bundle.network, bundle.card.network.outputs, side=bundle.card.network.side)
    classifier, name = Classifier(bundle), Path("image")

    def probability_alone(data: bytes) -> object:
        image = model_input(decode(data).rgb, bundle.card.network.side)
        return bundle.card.calibration.probabilities(network.outputs(image)[LOGITS].astype(float))

    ways: dict[str, Callable[[bytes], object]] = {
        ALONE: probability_alone,
        "without stability": lambda data: screen_content(data, name, classifier),
        "everything": lambda data: screen_content(data, name, classifier, consistency=True),
    }
    if bundle.outline is not None and bundle.card.outline is not None:
        outliner = OutlineNetwork(bundle.outline, side=bundle.card.outline.side)
        ways["outline alone"] = lambda data: outliner.find(decode(data).rgb)
    return ways


def mean_times(ways: dict[str, Callable[[bytes], object]], images: Sequence[bytes], *, rounds: int) -> dict[str, float]:
    """Seconds an image for each way: the mean over the images of each one's median over the rounds."""
    totals = dict.fromkeys(ways, 0.0)
    for data in images:
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, way in ways.items():
                start = time.perf_counter()
                way(data)
                taken[name].append(time.perf_counter() - start)
        for name, each in taken.items():
            totals[name] += statistics.median(each)
    return {name: total / len(images) for name, total in totals.items()}


def reduced(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB").resize((256, 256), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


if __name__ == "__main__":
    main()
