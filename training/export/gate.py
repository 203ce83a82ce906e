"""The gate of a bundle: trained on its network's features, its limit chosen on `val` by the program's own way."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.model.bundle import ModelBundle
from app.core.model.card import INTERMEDIATE_FEATURES, Calibration, GateFile
from app.core.model.gate import Gate
from app.core.model.network import Network
from training.data.examples import Example, main_or_all, of_split
from training.data.images import read_input
from training.data.photographs import Photograph, divided, load_photographs
from training.errors import DataError, RecipeError
from training.evaluation.printing import Table
from training.gate.fit import GateData, Settings, calibration_of, fit, train_features
from training.metrics import equal_weights, proportion
from training.recipe import Recipe
from training.trainer.run import Run

GATE_FILE = "gate.npz"
SETTINGS = Settings()
REFUSED_OF_VAL = 0.0075
"""Largest share of the dermoscopy images of `val`, each source counting the same, that the limit refuses."""
HIGHEST_LIMIT = 0.2
"""The limit is no higher than this, however sure the gate is of all of `val`: a higher one refuses more than a few per
cent of a source left out, and this one 98 % of the close-ups of `val` (docs/experiments.md)."""


@dataclass(frozen=True)
class Judge:
    """A gate on a bundle's network, as the program asks it."""

    network: Network
    side: int
    gate: Gate
    calibration: Calibration

    @classmethod
    def of(cls, bundle: ModelBundle, gate: Gate, calibration: Calibration) -> Judge:
        described = bundle.card.network
        return cls(Network(bundle.network, described.outputs, side=described.side), described.side, gate, calibration)

    def dermoscopy_probability(self, path: Path) -> float:
        """What the program finds for a file. Raises `DataError` where it can't be read."""
        picture = read_input(path, self.side)
        outputs = self.network.outputs_of_several(picture[np.newaxis])
        return float(self.gate.dermoscopy_probabilities(outputs[INTERMEDIATE_FEATURES], self.calibration)[0])


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

    def added_to(self, bundle: ModelBundle) -> ModelBundle:
        """The bundle with a gate on its network's features, calibrated and with its limit from `val`.

        A kill costs a part of the features, which lie in a folder of their own for each network and set of images.
        """
        folder = self.folder / self._checksum(bundle)
        data = GateData.load(self.examples, self.run.prepared, self.photographs, bundle.card.network.side)
        fitted = fit(SETTINGS, train_features(SETTINGS, data, bundle, folder))
        content = fitted.write()
        gate = Gate.read(content, features=len(fitted.hidden))  # as rounded in its file
        calibration = calibration_of(gate, data, bundle)
        judge = Judge.of(bundle, gate, calibration)
        val = of_split(self.examples, "val")
        found = [judge.dermoscopy_probability(Path(one.path)) for one in tqdm(val, desc="gate's limit", unit="image")]
        taught = sum(photograph.split == "train" for photograph in self.photographs)
        file = GateFile(
            file=GATE_FILE,
            sha256=hashlib.sha256(content).hexdigest(),
            calibration=calibration,
            limit=round(gate_limit(np.array(found), [example.source for example in val]), 6),
            chosen=f"{REFUSED_OF_VAL:.2%} of val lie below it, each source counting the same, or it is {HIGHEST_LIMIT};"
            f" {len(val)} images; taught with {taught} photographs and drawn images",
            origin=f"the gate of the recipe {self.recipe.name}, by the command that made this bundle",
        )
        return replace(bundle, card=msgspec.structs.replace(bundle.card, gate=file), gate=content)

    def _checksum(self, bundle: ModelBundle) -> str:
        """Of all that the features come from."""
        used = [(example.image, example.source, example.split) for example in self.examples]
        used += [(str(one.path), f"{one.kind}, {one.source}", one.split) for one in self.photographs]
        told_by = (bundle.card.network.sha256, SETTINGS, sorted(used))
        return hashlib.sha256(repr(told_by).encode()).hexdigest()[:12]


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


def left_out(
    recipe: Recipe, run: Run, examples: Sequence[Example], without: Sequence[str], bundle: ModelBundle
) -> list[LeftOut]:
    """Refusals of some sources' dermoscopy images and photographs by a gate that was trained without them.

    The gate is one on the features of the bundle's network, which may have seen them. Left out with them are images
    that share a group with theirs. Measured on are the sources' images of the collection `main`, where there is one,
    but for those of `test`, and all their photographs. Raises `DataError` for a source that there is not.
    """
    photographs = photographs_of(recipe)
    known = {example.source for example in examples} | {one.source for one in photographs}
    for source in without:
        if source not in known:
            raise DataError(f"There is no source {source}; there are {', '.join(sorted(known))}.")
    groups = {example.group for example in examples if example.source in without}
    rest = [example for example in examples if example.group not in groups]
    folder = "gate-without-" + "-".join(re.sub(r"\W", "_", name) for name in without)
    with_gate = GateTraining.of(recipe, run, rest, without=without, folder=folder).added_to(bundle)
    paths: dict[tuple[str, str], list[Path]] = {}
    for source in without:
        own = [one for one in examples if one.split != "test" and one.source == source]
        if own:
            paths["dermoscopy", source] = [Path(one.path) for one in main_or_all(own)]
    for one in photographs:
        if one.source in without:
            paths.setdefault((one.kind, one.source), []).append(one.path)
    return [_refused(with_gate, kind, source, paths[kind, source]) for kind, source in sorted(paths)]


def _refused(bundle: ModelBundle, kind: str, source: str, paths: Sequence[Path]) -> LeftOut:
    """Counts what the program can't read as refused."""
    assert bundle.card.gate is not None
    assert bundle.gate is not None
    limit, calibration = bundle.card.gate.limit, bundle.card.gate.calibration
    features = bundle.card.network.outputs[INTERMEDIATE_FEATURES][1]
    judge = Judge.of(bundle, Gate.read(bundle.gate, features=features), calibration)
    refused = 0
    for path in tqdm(paths, desc=f"{kind}, {source}", unit="image"):
        try:
            refused += judge.dermoscopy_probability(path) < limit
        except DataError:
            refused += 1
    return LeftOut(kind, source, len(paths), refused)


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
