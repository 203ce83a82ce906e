"""Soft targets: what trained models, the teachers, answer to the training images (Hinton et al., arXiv:1503.02531)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from tqdm import tqdm

from app.core.model.bundle import ModelBundle, load_bundle
from app.core.model.card import DIAGNOSIS_LOGITS, LOGITS
from app.core.model.network import Network
from app.core.system.files import write_atomically
from training.data.images import load_images
from training.errors import RecipeError
from training.networks.classifier import DIAGNOSIS_OUTPUT, MELANOMA_OUTPUT
from training.recipe import Recipe
from training.trainer.input_pipeline import ImageDataset, Targets
from training.trainer.run import Run

ANSWERS_FILE = "teachers.npz"
CHUNK_SIZE = 16
"""Images that a teacher is asked about at once."""
NAMES = {MELANOMA_OUTPUT: LOGITS, DIAGNOSIS_OUTPUT: DIAGNOSIS_LOGITS}
"""The teachers' name for each output of the network in training."""


@dataclass(frozen=True)
class Teachers:
    """Bundles whose mean answer another network learns. Their calibration takes no part."""

    bundles: tuple[ModelBundle, ...] = ()

    @classmethod
    def load(cls, folders: Sequence[Path]) -> Teachers:
        """The bundles in some folders. Raises `BundleError` for one that can't be used."""
        return cls(tuple(map(load_bundle, folders)))

    def check(self, recipe: Recipe) -> None:
        """Raises `RecipeError` where a phase of the recipe needs teachers and there are none, or one has other
        diagnoses."""
        taught = any(phase.taught for phase in recipe.phases)
        if taught and not self.bundles:
            raise RecipeError(f"The recipe {recipe.name} learns from other models; name their bundles with --teacher.")
        own = tuple(names[0] for names in recipe.network.diagnoses)
        for bundle in self.bundles:
            if taught and own and bundle.card.diagnoses != own:
                raise RecipeError(
                    f"The teacher {bundle.card.model_id} has other diagnoses than the recipe {recipe.name}."
                )

    def softened(self, images: ImageDataset, share: float, run: Run) -> ImageDataset:
        """The images with targets of which `share` is the teachers' answer, the rest what they were.

        A row that was zero, of a diagnosis that is not known, has the answer's share alone. The answers to all images
        of the set are computed once, and kept in the run's folder.
        """
        if not share:
            return images
        answers = self._answers(images, run)
        targets = {
            name: ((1 - share) * values + share * answers[name]).astype(np.float32)
            for name, values in images.targets.items()
        }
        return images.with_targets(targets)

    def _answers(self, images: ImageDataset, run: Run) -> Targets:
        """The teachers' mean probabilities, (n, classes) an output, read where they were computed before."""
        asked = [bundle.card.network.sha256 for bundle in self.bundles] + [one.image for one in images.examples]
        run.note_settings(
            "teachers.json",
            hashlib.sha256("\n".join(asked).encode()).hexdigest(),
            differing="other teachers or other images",
        )
        file = run.folder / ANSWERS_FILE
        if not file.is_file():
            each = [_answers_of(bundle, images, run) for bundle in self.bundles]
            content = io.BytesIO()
            np.savez(content, **{name: np.mean([one[name] for one in each], axis=0) for name in images.targets})
            write_atomically(file, content.getvalue())
        with np.load(file) as kept:
            return {name: kept[name] for name in images.targets}


def _answers_of(bundle: ModelBundle, images: ImageDataset, run: Run) -> Targets:
    description = bundle.card.network
    network = Network(bundle.network, description.outputs, side=description.side)
    pictures = load_images(run.prepared, side=description.side)
    given: dict[str, list[NDArray[np.float32]]] = {name: [] for name in images.targets}
    places = range(0, len(images.rows), CHUNK_SIZE)
    for start in tqdm(places, desc=str(bundle.card.model_id), unit=f"{CHUNK_SIZE} images", mininterval=5):
        outputs = network.outputs_of_several(pictures[images.rows[start : start + CHUNK_SIZE]])
        for name, values in given.items():
            values.append(softmax(outputs[NAMES[name]], axis=1))
    return {name: np.concatenate(values) for name, values in given.items()}
