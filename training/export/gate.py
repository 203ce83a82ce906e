"""The gate of a bundle: trained beside the classifier's run, its limit chosen on `val` by the program's own way."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.model.card import GateFile
from app.core.model.gate import GateNetwork
from training.data.examples import Example, main_or_all, of_split
from training.data.images import read_input
from training.data.photographs import Photograph, divided, load_photographs
from training.errors import DataError, RecipeError
from training.evaluation.printing import Table
from training.gate import fit
from training.gate.fit import GateData, GateRun
from training.gate.network import Settings
from training.metrics import equal_weights, proportion
from training.recipe import Recipe
from training.trainer.run import Run

GATE_FILE = "gate.tflite"
SETTINGS = Settings()
REFUSED_OF_VAL = 0.005
"""Largest share of the dermoscopy images of `val`, each source counting the same, that the limit refuses."""
HIGHEST_LIMIT = 0.5
"""The limit is no higher than this, however sure the gate is of all of `val`."""


@dataclass(frozen=True)
class Gate:
    """A trained gate: what the card says of it, and its file's content."""

    file: GateFile
    content: bytes

    @property
    def network(self) -> GateNetwork:
        return GateNetwork(self.content, self.file.calibration, side=self.file.side)


@dataclass(frozen=True)
class GateTraining:
    """The training of a recipe's gate in a folder of a run, on prepared examples and photographs."""

    recipe: Recipe
    run: Run
    examples: Sequence[Example]
    photographs: Sequence[Photograph]
    folder: Path

    @classmethod
    def of(
        cls, recipe: Recipe, run: Run, examples: Sequence[Example], *, without: Sequence[str] = (), folder: str = "gate"
    ) -> GateTraining:
        """That of the recipe's photographs, but for those of some sources."""
        photographs = [one for one in photographs_of(recipe) if one.source not in without]
        return cls(recipe, run, examples, photographs, run.folder / folder)

    def train(self) -> None:
        """Train the epochs that are not done yet.

        Raises `RecipeError` where the folder was begun with other images, and as `training.gate.fit.train` does.
        """
        self._check_images()
        if not self._is_done:
            data = GateData.load(self.examples, self.run.prepared, self.photographs, SETTINGS.side)
            fit.train(SETTINGS, data, GateRun(self.folder))

    def check_trained(self) -> None:
        """Raises `RecipeError` before the gate is trained, or where it was trained on other images."""
        if not self._is_done:
            raise RecipeError(f"{self.folder}: the gate is not trained yet; run `melascreen-train gate` first.")
        self._check_images()

    def export(self) -> Gate:
        """The gate with its calibration and limit from `val`. Raises as `check_trained`."""
        self.check_trained()
        val = of_split(self.examples, "val")
        images = GateData.of_split(self.examples, self.run.prepared, self.photographs, SETTINGS.side, "val")
        content, calibration = fit.export(GateRun(self.folder), images)
        taught = sum(photograph.split == "train" for photograph in self.photographs)
        network = GateNetwork(content, calibration, side=SETTINGS.side)
        probabilities = [
            _dermoscopy_probability(network, Path(example.path), self.recipe.network.side)
            for example in tqdm(val, desc="gate", unit="image")
        ]
        file = GateFile(
            file=GATE_FILE,
            sha256=hashlib.sha256(content).hexdigest(),
            format="LiteRT, float16 weights",
            architecture="the first stages of efficientnet-lite0",
            side=SETTINGS.side,
            calibration=calibration,
            limit=round(gate_limit(np.array(probabilities), [example.source for example in val]), 6),
            chosen=f"{REFUSED_OF_VAL:.1%} of val lie below it, each source counting the same, or it is {HIGHEST_LIMIT};"
            f" {len(val)} images; taught with {taught} photographs and drawn images",
            origin=f"melascreen-train gate --recipe {self.recipe.name}",
        )
        return Gate(file, content)

    def _check_images(self) -> None:
        """Notes which images the gate is taught with. Raises `RecipeError` where it was begun with others."""
        used = [(example.image, example.source, example.split) for example in self.examples]
        used += [(str(one.path), f"{one.kind}, {one.source}", one.split) for one in self.photographs]
        noted = hashlib.sha256(repr(sorted(used)).encode()).hexdigest()
        GateRun(self.folder).note_settings("images.json", {"sha256": noted}, differing="other images")

    @property
    def _is_done(self) -> bool:
        return len(GateRun(self.folder).epochs()) == SETTINGS.epochs


def photographs_of(recipe: Recipe) -> list[Photograph]:
    """The recipe's photographs, divided where they are not. Raises `RecipeError` for a recipe that has none."""
    if not recipe.photographs:
        raise RecipeError(f"The recipe {recipe.name} names no photographs to teach a gate with.")
    found = [one for source in recipe.photographs for one in load_photographs(Path(source))]
    return divided(found, seed=recipe.seed)


@dataclass(frozen=True)
class LeftOut:
    """Images of one kind and source that a gate has not seen, and how many of them it refuses."""

    kind: str
    source: str
    images: int
    refused: int


def left_out(recipe: Recipe, run: Run, examples: Sequence[Example], without: Sequence[str]) -> list[LeftOut]:
    """Refusals of some sources' dermoscopy images and photographs by a gate that was trained without them.

    Left out with them are images that share a group with theirs. Measured on are the sources' images of the collection
    `main`, where there is one, but for those of `test`, and all their photographs. Raises `DataError` for a source that
    there is not.
    """
    photographs = photographs_of(recipe)
    known = {example.source for example in examples} | {one.source for one in photographs}
    for source in without:
        if source not in known:
            raise DataError(f"There is no source {source}; there are {', '.join(sorted(known))}.")
    groups = {example.group for example in examples if example.source in without}
    rest = [example for example in examples if example.group not in groups]
    folder = "gate-without-" + "-".join(re.sub(r"\W", "_", name) for name in without)
    training = GateTraining.of(recipe, run, rest, without=without, folder=folder)
    training.train()
    gate = training.export()
    paths: dict[tuple[str, str], list[Path]] = {}
    for source in without:
        own = [one for one in examples if one.split != "test" and one.source == source]
        if own:
            paths["dermoscopy", source] = [Path(one.path) for one in main_or_all(own)]
    for one in photographs:
        if one.source in without:
            paths.setdefault((one.kind, one.source), []).append(one.path)
    return [_refused(gate, kind, source, paths[kind, source], recipe.network.side) for kind, source in sorted(paths)]


def _refused(gate: Gate, kind: str, source: str, paths: Sequence[Path], side: int) -> LeftOut:
    """Counts what the program can't read as refused."""
    network, refused = gate.network, 0
    for path in tqdm(paths, desc=f"{kind}, {source}", unit="image"):
        try:
            refused += _dermoscopy_probability(network, path, side) < gate.file.limit
        except DataError:
            refused += 1
    return LeftOut(kind, source, len(paths), refused)


def _dermoscopy_probability(network: GateNetwork, path: Path, side: int) -> float:
    """What the program finds for a file whose picture it brings to `side` pixels. Raises `DataError`."""
    return float(network.dermoscopy_probabilities(read_input(path, side)[np.newaxis])[0])


def table(found: Sequence[LeftOut]) -> Table:
    """A row a kind and source."""
    rows = ((one.kind, one.source, str(one.images), proportion(one.refused, one.images).percent()) for one in found)
    return Table(("kind", "source left out", "images", "refused (95 % CI)"), tuple(rows))


def gate_limit(probabilities: NDArray[np.float64], sources: Sequence[str]) -> float:
    """The probability of dermoscopy below which `REFUSED_OF_VAL` of the dermoscopy images lie.

    Takes the images' probabilities (n,) and sources, each of which counts the same.
    """
    weights = equal_weights(sources)
    order = np.argsort(probabilities)
    counted = np.cumsum(weights[order]) / weights.sum()
    return min(HIGHEST_LIMIT, float(probabilities[order[int(np.searchsorted(counted, REFUSED_OF_VAL, side="right"))]]))
