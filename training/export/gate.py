"""The gate of a bundle: trained beside the classifier's run, its limit chosen on `val` by the program's own way."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from app.core.model.card import GateFile
from app.core.model.gate import GateNetwork
from training.data.examples import Example, of_split
from training.data.images import read_input
from training.data.photographs import Photograph, load_photographs
from training.errors import DataError, RecipeError
from training.evaluation.printing import Table
from training.gate import fit
from training.gate.fit import GateData, GateRun
from training.gate.network import Settings
from training.metrics import proportion
from training.recipe import Recipe
from training.trainer.run import Run

GATE_FILE = "gate.tflite"
REFUSED_OF_VAL = 0.01
"""Largest share of the dermoscopy images of `val`, each source counting the same, that the limit refuses."""
HIGHEST_LIMIT = 0.5
"""The limit is no higher than this, however sure the gate is of all of `val`."""


@dataclass(frozen=True)
class Gate:
    """A trained gate with what the card says of it, and the file's content."""

    file: GateFile
    content: bytes

    def refuses(self, pictures: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Which of the pictures (n, side, side, 3) it refuses, (n,)."""
        network = GateNetwork(self.content, self.file.calibration, side=self.file.side)
        return network.dermoscopy_probabilities(pictures) < self.file.limit


def train(recipe: Recipe, run: Run, examples: Sequence[Example]) -> None:
    """Train the gate of a run's recipe on the prepared examples and the recipe's photographs, as far as it is not."""
    _train(run.folder / "gate", run, examples, photographs_of(recipe))


def trained(recipe: Recipe, run: Run, examples: Sequence[Example]) -> Gate | None:
    """The gate that `train` made; `None` for a recipe without photographs. Raises `RecipeError` before it is made."""
    if not recipe.photographs:
        return None
    origin = f"melascreen-train gate --recipe {recipe.name}"
    return _exported(run.folder / "gate", run, examples, photographs_of(recipe), recipe.network.side, origin=origin)


def train_and_export(recipe: Recipe, run: Run, examples: Sequence[Example], *, without: Sequence[str]) -> Gate:
    """A gate for some prepared examples and the recipe's photographs of other sources than those left out."""
    photographs = photographs_of(recipe, without=without)
    folder = run.folder / "gate"
    _train(folder, run, examples, photographs)
    origin = f"melascreen-train gate --recipe {recipe.name}, without {', '.join(without) or 'nothing'}"
    return _exported(folder, run, examples, photographs, recipe.network.side, origin=origin)


def photographs_of(recipe: Recipe, *, without: Sequence[str] = ()) -> list[Photograph]:
    """The recipe's photographs, but for those of some sources. Raises `RecipeError` for a recipe that has none."""
    if not recipe.photographs:
        raise RecipeError(f"The recipe {recipe.name} names no photographs to teach a gate with.")
    found = [one for source in recipe.photographs for one in load_photographs(Path(source))]
    return [one for one in found if one.source not in without]


@dataclass(frozen=True)
class LeftOut:
    """Images of one kind and source that a gate has not seen, and how many of them it refuses."""

    kind: str
    source: str
    images: int
    refused: int


def left_out(recipe: Recipe, run: Run, examples: Sequence[Example], without: Sequence[str]) -> list[LeftOut]:
    """Refusals of some sources' dermoscopy images and photographs by a gate that was trained without them.

    Left out with them are images that share a group with theirs; measured on is no image of `test`, but all
    photographs. Raises `DataError` for a source that there is not.
    """
    photographs = photographs_of(recipe)
    known = {example.source for example in examples} | {one.source for one in photographs}
    for source in without:
        if source not in known:
            raise DataError(f"There is no source {source}; there are {', '.join(sorted(known))}.")
    groups = {example.group for example in examples if example.source in without}
    rest = [example for example in examples if example.group not in groups]
    others = [one for one in photographs if one.source not in without]
    folder = run.folder / ("gate-without-" + "-".join(name.replace(" ", "_").replace("/", "_") for name in without))
    _train(folder, run, rest, others)
    side = recipe.network.side
    gate = _exported(folder, run, rest, others, side, origin="to measure it on what it has not seen")
    own = [("dermoscopy", one.source, Path(one.path)) for one in examples if one.split != "test"]
    own += [(one.kind, one.source, one.path) for one in photographs]
    own = [each for each in own if each[1] in without]
    return [
        _refused(gate, kind, source, [path for k, s, path in own if (k, s) == (kind, source)], side)
        for kind, source in sorted({(kind, source) for kind, source, _ in own})
    ]


def _refused(gate: Gate, kind: str, source: str, paths: Sequence[Path], side: int) -> LeftOut:
    """Counts what the program can't read as refused."""
    refused = 0
    for path in tqdm(paths, desc=f"{kind}, {source}", unit="image"):
        try:
            refused += int(gate.refuses(read_input(path, side)[np.newaxis])[0])
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
    names = np.array(sources)
    weights = np.zeros(names.size)
    for name in np.unique(names):
        weights[names == name] = 1 / (names == name).sum()
    order = np.argsort(probabilities)
    counted = np.cumsum(weights[order]) / weights.sum()
    return min(HIGHEST_LIMIT, float(probabilities[order[int(np.searchsorted(counted, REFUSED_OF_VAL, side="right"))]]))


def _train(folder: Path, run: Run, examples: Sequence[Example], photographs: Sequence[Photograph]) -> None:
    settings = Settings()
    gate_run = GateRun(folder)
    if len(gate_run.epochs()) < settings.epochs:
        data = GateData.load(examples, run.prepared, photographs, settings.side)
        fit.train(settings, data, gate_run)


def _exported(
    folder: Path,
    run: Run,
    examples: Sequence[Example],
    photographs: Sequence[Photograph],
    side: int,
    *,
    origin: str,
) -> Gate:
    """The gate with its calibration and limit from `val`; `side` is that of the pictures that the program gives it."""
    settings = Settings()
    gate_run = GateRun(folder)
    if len(gate_run.epochs()) < settings.epochs:
        raise RecipeError(f"{folder}: the gate is not trained yet; run `melascreen-train gate` first.")
    val = of_split(examples, "val")
    data = GateData.of_split(examples, run.prepared, photographs, settings.side, "val")
    content, calibration = fit.export(gate_run, data)
    taught = sum(photograph.split == "train" for photograph in photographs)
    file = GateFile(
        file=GATE_FILE,
        sha256=hashlib.sha256(content).hexdigest(),
        format="LiteRT, float16 weights",
        architecture="the first stages of efficientnet-lite0",
        side=settings.side,
        calibration=calibration,
        limit=0.0,
        chosen=f"{REFUSED_OF_VAL:.1%} of val lie below it, each source counting the same, or it is {HIGHEST_LIMIT}; "
        f"{len(val)} images; taught with {taught} photographs and drawn images",
        origin=origin,
    )
    network = GateNetwork(content, calibration, side=settings.side)
    probabilities = [
        network.dermoscopy_probabilities(read_input(Path(example.path), side)[np.newaxis])[0]
        for example in tqdm(val, desc="gate", unit="image")
    ]
    limit = gate_limit(np.array(probabilities), [example.source for example in val])
    return Gate(msgspec.structs.replace(file, limit=round(limit, 6)), content)
