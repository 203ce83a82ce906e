"""How bundles hold on pictures as another clinic might take them: the same images, changed by code.

    python tests/benchmarks/changed_pictures.py --data PATH [--split val] BUNDLE…

Prints, for each kind of change and each bundle, AUROC and what the screening threshold gives; the changes are drawn
at random, the same for all bundles. A stand-in for images from elsewhere, and no substitute for them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from tqdm import tqdm

from app.core.imaging.preprocess import standard_image
from app.core.model.bundle import load_bundle
from app.core.model.classifier import Classifier
from training import metrics
from training.data import examples, pictures
from training.data.augment import augment
from training.recipe import Augmentation

CHANGES = {
    "as they are": Augmentation(),
    "colour": Augmentation(contrast=0.2, brightness=0.25, saturation=0.3, hue=0.05, white_balance=0.15),
    "sharpness": Augmentation(sharpness=1.0),
    "place and shape": Augmentation(flip=True, rotation=0.5, zoom=0.3, stretch=0.25),
    "black frame": Augmentation(frame=1.0),
}
SEED = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=examples.SPLITS, default="val")
    parser.add_argument("bundles", type=Path, nargs="+", metavar="BUNDLE")
    options = parser.parse_args()
    images = examples.of_split(examples.load_source(options.data), options.split)
    labels = np.array([example.melanoma for example in images])
    lesions = np.array([example.lesion_id for example in images])
    pictures = np.stack(
        [
            standard_image(pictures.read_picture(Path(example.path)))
            for example in tqdm(images, desc="decode", unit="image")
        ]
    )
    classifiers = [Classifier(load_bundle(bundle)) for bundle in options.bundles]
    print(f"{options.data}, {options.split}: {labels.size} images, {labels.sum()} melanomas")
    for name, change in CHANGES.items():
        changed = augment(pictures, change, np.random.default_rng(SEED))
        for classifier in classifiers:
            given = np.array([classifier.predict(picture).melanoma_probability for picture in changed])
            threshold = classifier.card.operating_point.threshold
            print(
                f"{name:<16} {classifier.model_id}: AUROC {metrics.auroc_estimate(labels, given, lesions)}, "
                f"sensitivity {metrics.sensitivity(labels, given, threshold).as_percent()}, "
                f"specificity {metrics.specificity(labels, given, threshold).as_percent()}"
            )


if __name__ == "__main__":
    main()
