"""How bundles hold on images as another clinic might take them: the same images, changed by code.

    python -m tests.benchmarks.changed_pictures --data PATH [--split val] BUNDLE… | --quick

Prints, for each kind of change and each bundle, AUROC and what the screening threshold gives; the changes are drawn
at random, the same for all bundles. A stand-in for images from elsewhere, and no substitute for them.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from app.core.system import paths
from tests.benchmarks.common import draw_images
from training import metrics
from training.data.augment import augment
from training.data.examples import SPLITS, load_source, of_split
from training.data.images import read_prepared
from training.recipe import Augmentation

CHANGES = {
    "as they are": Augmentation(),
    "colour": Augmentation(contrast=0.2, brightness=0.25, saturation=0.3, hue=0.05, white_balance=0.15),
    "sharpness": Augmentation(sharpness=1.0),
    "place and shape": Augmentation(flip=True, rotation=0.5, zoom=0.3, stretch=0.25),
    "black frame": Augmentation(frame=1.0),
}
SEED = 5
QUICK_IMAGES = 6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--split", choices=SPLITS, default="val")
    parser.add_argument("--quick", action="store_true", help="a few drawn images and the shipped bundle")
    parser.add_argument("bundles", type=Path, nargs="*", metavar="BUNDLE")
    options = parser.parse_args()
    if options.quick:
        with tempfile.TemporaryDirectory() as folder:
            compare(draw_source(Path(folder), options.split), options.split, [paths.bundled_model()])
    elif options.data and options.bundles:
        compare(options.data, options.split, options.bundles)
    else:
        parser.error("give --data and a BUNDLE, or --quick")


def compare(data: Path, split: str, bundles: Sequence[Path]) -> None:
    examples = of_split(load_source(data), split)
    labels = np.array([example.melanoma for example in examples])
    lesions = np.array([example.lesion_id for example in examples])
    files = tqdm([Path(example.path) for example in examples], desc="decode", unit="image")
    images = np.stack([read_prepared(file).standard for file in files])
    classifiers = [Classifier(load_bundle(bundle)) for bundle in bundles]
    print(f"{data}, {split}: {labels.size} images, {labels.sum()} melanomas")
    for name, change in CHANGES.items():
        changed = augment(images, change, np.random.default_rng(SEED))
        for classifier in classifiers:
            given = np.array([classifier.predict(image).melanoma_probability for image in changed])
            threshold = classifier.card.operating_point.threshold
            print(
                f"{name:<16} {classifier.model_id}: AUROC {metrics.auroc_estimate(labels, given, lesions)}, "
                f"sensitivity {metrics.sensitivity(labels, given, threshold).percent()}, "
                f"specificity {metrics.specificity(labels, given, threshold).percent()}"
            )


def draw_source(folder: Path, split: str) -> Path:
    """A table of drawn images, every second one called a melanoma."""
    rows = [
        f"{file.stem},{number % 2},{split}" for number, file in enumerate(draw_images(folder / "images", QUICK_IMAGES))
    ]
    (folder / "metadata.csv").write_text("\n".join(["image,melanoma,split", *rows, ""]), encoding="utf-8")
    return folder


if __name__ == "__main__":
    main()
