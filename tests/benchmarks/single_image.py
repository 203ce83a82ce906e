"""What all the checks and reasons cost: a single image with everything on, against its probability alone.

    python tests/benchmarks/single_image.py [FOLDER]

Both ways in turn over each image of the folder (default: the full-size images of ../shared/dermoscopy), then over the
same reduced to 256×256, where decoding costs least and the rest most. With everything on: quality, frame, hair, ink and
ruler, familiarity, heat map, diagnoses, and the answer's stability. The outline is apart: it is found when asked for.
"""

from __future__ import annotations

import io
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image

from app.core.imaging.decode import decode
from app.core.imaging.find import find_images
from app.core.imaging.preprocess import model_input
from app.core.model.bundle import load_bundle
from app.core.model.card import LOGITS
from app.core.model.classifier import Classifier
from app.core.model.network import Network
from app.core.model.segmentation import OutlineNetwork
from app.core.screening.pipeline import screen_content
from app.core.system import paths

FULL_SIZE = Path(__file__).parents[3] / "shared" / "dermoscopy" / "fullsize"
ROUNDS = 5


def main(arguments: Sequence[str]) -> None:
    files = list(find_images([Path(arguments[0]) if arguments else FULL_SIZE], recursive=False))
    bundle = load_bundle(paths.bundled_model())
    network = Network(bundle.network, bundle.card.network.outputs, side=bundle.card.network.side)
    classifier = Classifier(bundle)

    def probability_alone(data: bytes) -> None:
        picture = model_input(decode(data).rgb, bundle.card.network.side)
        bundle.card.calibration.probabilities(network.outputs(picture)[LOGITS].astype(float))

    def without_stability(data: bytes) -> None:
        screen_content(data, Path("image"), classifier)

    def everything(data: bytes) -> None:
        screen_content(data, Path("image"), classifier, consistency=True)

    ways: dict[str, Callable[[bytes], None]] = {
        "probability alone": probability_alone,
        "without stability": without_stability,
        "everything": everything,
    }
    if bundle.outline is not None and bundle.card.outline is not None:
        outliner = OutlineNetwork(bundle.outline, side=bundle.card.outline.side)
        ways["outline alone"] = lambda data: outliner.find(decode(data).rgb) and None
    contents = [file.read_bytes() for file in files]
    for name, images in (("as the camera delivers them", contents), ("256×256", [_reduced(one) for one in contents])):
        took = _times(ways, images)
        say(f"{len(images)} images, {name}; against the probability alone:")
        for way, seconds in took.items():
            say(f"  {way:<20} {seconds / took['probability alone']:.2f}  ({1000 * seconds:.0f} ms)")


def _times(ways: dict[str, Callable[[bytes], None]], images: Sequence[bytes]) -> dict[str, float]:
    """The sum over the images of each one's median."""
    totals = dict.fromkeys(ways, 0.0)
    for data in images:
        taken: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                start = time.perf_counter()
                way(data)
                taken[name].append(time.perf_counter() - start)
        for name, each in taken.items():
            totals[name] += statistics.median(each)
    return {name: total / len(images) for name, total in totals.items()}


def _reduced(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB").resize((256, 256), Image.Resampling.LANCZOS).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
